package lab

import (
	"strconv"
	"strings"
	"time"
)

// describeStatement is DescribeStatement. Source: Amazon Redshift Data API Reference, DescribeStatement, SubStatementData, read 2026-11.
func (l *Lab) describeStatement(by caller, input map[string]any) (map[string]any, *apiError) {
	s, err := l.statementOf(by, "DescribeStatement", input)
	if err != nil {
		return nil, err
	}
	p, err := s.partOf(text(input, "Id"))
	if err != nil {
		return nil, err
	}
	out := s.submitted()
	out["Status"], out["UpdatedAt"], out["RedshiftPid"] = s.state, stamp(s.changedAt()), 0
	if s.message != "" {
		out["Error"] = s.message
	}
	switch {
	case p != nil: // of a batch
		out = p.describe(s)
	case s.batch:
		hasResult, took, subs := false, time.Duration(0), []any{}
		for _, p := range s.parts {
			hasResult, took = hasResult || p.result.Columns != nil, took+p.took
			subs = append(subs, p.describe(s))
		}
		out["HasResultSet"], out["Duration"], out["SubStatements"] = hasResult, took.Nanoseconds(), subs
		out["RedshiftQueryId"], out["ResultRows"], out["ResultSize"] = 0, -1, -1
	default:
		p = s.parts[0]
		out["HasResultSet"], out["Duration"], out["QueryString"] = p.result.Columns != nil, p.took.Nanoseconds(), p.sql
		out["RedshiftQueryId"], out["ResultRows"], out["ResultSize"] = p.queryID, p.result.Rows, p.size()
		if s.parameters != nil {
			out["QueryParameters"] = s.given()
		}
	}
	return out, nil
}

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }

// changedAt is when the state of a statement changed last.
func (s *statement) changedAt() time.Time {
	changed := s.submittedAt
	for _, at := range append([]time.Time{s.began, s.ended}, s.parts[min(s.current, len(s.parts)-1)].changed) {
		if at.After(changed) {
			changed = at
		}
	}
	return changed
}

func (s *statement) given() []any {
	var all []any
	for name, value := range s.parameters {
		all = append(all, map[string]any{"Name": name, "Value": value})
	}
	return all
}

// partOf is the part of a batch that an id such as ID:2 names; nil for the whole.
func (s *statement) partOf(id string) (*part, *apiError) {
	_, written, named := strings.Cut(id, ":")
	if !named {
		return nil, nil
	}
	number, err := strconv.Atoi(written)
	if err != nil || !s.batch || number < 1 || number > len(s.parts) {
		return nil, failed(notFound, "Query does not exist.")
	}
	return s.parts[number-1], nil
}

// size is that of a result in bytes: 0 without one.
func (p *part) size() int {
	size := 0
	for _, record := range p.result.Records {
		fields, _ := record.([]any)
		for _, field := range fields {
			values, _ := field.(map[string]any)
			for _, value := range values {
				if written, ok := value.(string); ok {
					size += len(written)
				} else {
					size += 8
				}
			}
		}
	}
	return size
}

func (p *part) describe(s *statement) map[string]any {
	out := map[string]any{
		"Id": s.id + ":" + strconv.Itoa(p.number), "Status": p.state, "QueryString": p.sql, "CreatedAt": stamp(s.submittedAt), "UpdatedAt": stamp(p.changed),
		"Duration": p.took.Nanoseconds(), "HasResultSet": p.result.Columns != nil, "RedshiftQueryId": p.queryID, "ResultRows": p.result.Rows, "ResultSize": p.size(),
	}
	if p.message != "" {
		out["Error"] = p.message
	}
	return out
}

// getStatementResult is GetStatementResult. Source: Amazon Redshift Data API Reference, GetStatementResult, read 2026-11.
func (l *Lab) getStatementResult(by caller, input map[string]any) (map[string]any, *apiError) {
	s, err := l.statementOf(by, "GetStatementResult", input)
	if err != nil {
		return nil, err
	}
	p, err := s.partOf(text(input, "Id"))
	switch {
	case err != nil:
		return nil, err
	case s.state != stateFinished:
		return nil, failed(notFound, "Query does not have result. Please check query status with DescribeStatement.")
	case p == nil && s.batch:
		return nil, invalid("got the id of a batch, expected that of one of its statements, such as %s:1", s.id)
	case p == nil:
		p = s.parts[0]
	}
	if p.result.Columns == nil {
		return nil, failed(notFound, "Query does not have result. Please check query status with DescribeStatement.")
	}
	from := 0
	if token := text(input, "NextToken"); token != "" {
		var faulty error
		if from, faulty = strconv.Atoi(token); faulty != nil || from < 0 || from >= len(p.result.Records) {
			return nil, invalid("got the NextToken %q, expected one of an answer", token)
		}
	}
	until := min(from+maxResultRows, len(p.result.Records))
	out := map[string]any{"ColumnMetadata": p.result.Columns, "Records": p.result.Records[from:until], "TotalNumRows": len(p.result.Records)}
	if until < len(p.result.Records) {
		out["NextToken"] = strconv.Itoa(until)
	}
	return out, nil
}
