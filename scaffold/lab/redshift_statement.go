package lab

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// statement is what ExecuteStatement or BatchExecuteStatement has submitted: one SQL statement or several, which are one transaction.
type statement struct {
	id, name, token, database string
	workgroup                 *workgroup
	by                        caller
	batch, withEvent          bool
	parameters                map[string]string

	parts                     []*part
	current                   int // of the parts
	state, message            string
	submittedAt, began, ended time.Time
	timeout                   time.Duration // statement_timeout; 0: none
	faults                    statementFaults
	folder                    string // for the files of COPY and UNLOAD
	because                   *cause
}

// part is one SQL statement of a batch, or the only one.
type part struct {
	number         int
	sql            string
	plan           sqlPlan
	result         sqlResult
	files          int    // of S3 that it read or wrote
	bytes          int64  // in them
	fault, tooLong string // why it fails, when its time is over
	state, message string
	queryID        int
	changed        time.Time // of its state
	took           time.Duration
}

// statementFaults are what shall go wrong with a statement.
type statementFaults struct {
	fails, hangs bool
	slow         time.Duration
}

// The states of a statement. Source: Amazon Redshift Data API Reference, DescribeStatement, Status, read 2026-11.
const (
	stateSubmitted = "SUBMITTED"
	statePicked    = "PICKED"
	stateStarted   = "STARTED"
	stateFinished  = "FINISHED"
	stateFailed    = "FAILED"
	stateAborted   = "ABORTED"
)

// How long a statement would take on AWS, which gives no figures: assumptions, which follow from what it reads and writes alone.
const (
	pickTime     = 500 * time.Millisecond // until the Data API has taken it
	connectTime  = 2 * time.Second        // until the workgroup has resumed and the connection is there
	sqlTime      = 500 * time.Millisecond // to compile and run what touches little
	rowTime      = time.Microsecond       // of a row that is returned or changed
	bytesPerUnit = 2 << 20                // that a Redshift Processing Unit loads or unloads in a second
)

func (s *statement) over() bool {
	return s.state == stateFinished || s.state == stateFailed || s.state == stateAborted
}

func (s *statement) label() string {
	if s.name != "" {
		return s.name
	}
	return s.id
}

// submitted is the answer of both actions.
func (s *statement) submitted() map[string]any {
	return map[string]any{
		"Id": s.id, "CreatedAt": s.submittedAt.UTC().Format(time.RFC3339Nano), "Database": s.database, "WorkgroupName": s.workgroup.name,
	}
}

// accept lets a statement wait for its turn. Those of a workgroup run one after the other: Redshift runs them at once, but makes those that
// write the same table wait for each other, and no more than that can be seen of it.
// Source: Amazon Redshift Database Developer Guide, "Write and read/write operations", read 2026-11.
func (l *Lab) accept(s *statement) {
	s.id, s.state, s.submittedAt, s.because = l.clock.UUID(), stateSubmitted, l.clock.Now(), l.cause.Load()
	for _, p := range s.parts {
		p.changed = s.submittedAt
	}
	l.warehouse.statements[s.id] = s
	l.active++
	l.tell("redshift-data", "StatementSubmitted", s.workgroup.id, map[string]any{"statement": s.label(), "id": s.id, "sqls": len(s.parts), "database": s.database})
	l.after(pickTime, func() {
		if s.over() {
			return
		}
		s.state = statePicked
		s.workgroup.waiting = append(s.workgroup.waiting, s)
		l.runNext(s.workgroup)
	})
}

// runNext connects for the statement that has waited longest, if there is none under way.
func (l *Lab) runNext(w *workgroup) {
	w.waiting = slices.DeleteFunc(w.waiting, (*statement).over)
	if w.running != nil || len(w.waiting) == 0 {
		return
	}
	s := w.waiting[0]
	w.running, w.waiting = s, w.waiting[1:]
	l.after(connectTime, func() {
		if !s.over() {
			l.beginStatement(s)
		}
	})
}

// beginStatement opens the transaction.
func (l *Lab) beginStatement(s *statement) {
	s.state, s.began = stateStarted, l.clock.Now()
	l.cause.Store(s.because) // it is another statement that let this one go
	for _, where := range []string{s.name, s.workgroup.id} {
		if where == "" {
			continue
		}
		s.faults.fails = s.faults.fails || l.faults.find("fail", where) != nil
		s.faults.hangs = s.faults.hangs || l.faults.find("timeout", where) != nil
		if slow := l.faults.find("slow", where); slow != nil {
			s.faults.slow = max(s.faults.slow, slow.Delay)
		}
	}
	if known := s.workgroup.database; known != "" && s.database != known {
		l.endStatement(s, stateFailed, fmt.Sprintf(`FATAL: database "%s" does not exist`, s.database))
		return
	}
	if !l.openWarehouse(s.database) {
		return
	}
	var err error
	if s.folder, err = os.MkdirTemp(l.warehouse.scratch, "statement-"); err != nil {
		l.broken(fmt.Errorf("make a folder for the statement %s: %w", s.label(), err))
		return
	}
	l.beginPart(s)
}

// limit is how long one SQL statement may take, and what Redshift says when it takes longer. The Data API itself ends it after a day.
// Source: Amazon Redshift Database Developer Guide, "statement_timeout"; Amazon Redshift Management Guide, "Query limits" of Serverless;
// read 2026-11. The words are those of WLM query monitoring rules and of canceled queries, as people report them.
func (s *statement) limit(p *part) (time.Duration, string) {
	limit, message := longestQuery, fmt.Sprintf("Query timed out after %d hours", int(longestQuery.Hours()))
	if w := s.workgroup.limit; w > 0 && w < limit {
		limit = w
		message = fmt.Sprintf("ERROR: Query (%d) cancelled by WLM abort action of Query Monitoring Rule \"max_query_execution_time\".", p.queryID) //nolint:misspell // Redshift writes it so
	}
	if s.timeout > 0 && s.timeout < limit {
		limit, message = s.timeout, fmt.Sprintf("ERROR: Query (%d) cancelled on user's request (statement_timeout)", p.queryID) //nolint:misspell // likewise
	}
	return limit, message
}

// beginPart runs one SQL statement: for real at once, its end when it would have ended on AWS.
func (l *Lab) beginPart(s *statement) {
	p := s.parts[s.current]
	p.state, p.changed = stateStarted, l.clock.Now()
	l.runs++
	p.queryID = l.runs
	limit, message := s.limit(p)
	if !l.planSQL(s, p) {
		return
	}
	slow := s.faults.slow
	if s.current > 0 {
		slow = 0
	}
	if (s.faults.hangs && s.current == 0) || slow >= limit {
		p.tooLong = message
		l.partAfter(s, p, limit)
		return
	}
	if s.faults.fails && s.current == len(s.parts)-1 { // the last one: what the others did is rolled back
		p.fault = "ERROR: a fault that was asked for"
	}
	if p.fault == "" {
		p.fault = l.runSQL(s, p)
	}
	if l.err != nil {
		return
	}
	took := sqlTime + slow + time.Duration(max(p.result.Rows, 0))*rowTime + time.Duration(p.files)*objectTime +
		time.Duration(float64(p.bytes)/(bytesPerUnit*s.workgroup.capacity)*float64(time.Second)).Round(time.Millisecond)
	if took >= limit {
		p.tooLong, took = message, limit
	}
	l.partAfter(s, p, took)
}

func (l *Lab) partAfter(s *statement, p *part, took time.Duration) {
	l.after(took, func() {
		if s.over() {
			return
		}
		p.took, p.changed = took, l.clock.Now()
		switch {
		case p.tooLong != "":
			p.message = p.tooLong
		case p.fault != "":
			p.message = p.fault
		default:
			p.message = l.putUnloaded(s, p)
		}
		l.endPart(s, p)
	})
}

// endPart goes on with the next part, or ends the transaction.
func (l *Lab) endPart(s *statement, p *part) {
	if l.err != nil {
		return
	}
	p.state = stateFinished
	if p.message != "" {
		p.state = stateFailed
	}
	l.tell("redshift-data", "SqlEnded", s.workgroup.id, p.told(s))
	if p.message != "" {
		l.endStatement(s, stateFailed, p.message)
		return
	}
	if s.current++; s.current < len(s.parts) {
		l.beginPart(s)
		return
	}
	if message := l.commit(s, true); message != "" {
		l.endStatement(s, stateFailed, message)
		return
	}
	l.endStatement(s, stateFinished, "")
}

// told is what the timeline shows of a part.
func (p *part) told(s *statement) map[string]any {
	detail := map[string]any{
		"statement": s.label(), "number": p.number, "of": len(s.parts), "sql": p.title(), "state": p.state, "seconds": p.took.Seconds(), "did": p.message,
	}
	if p.message == "" {
		did := p.outcome(s)
		detail["rows"], detail["files"], detail["did"] = did.Rows, did.Files, did.Did()
	}
	return detail
}

// title is the kind of a part, and what it is about; of one that did not run its first word.
func (p *part) title() string {
	if p.plan.Kind == "" {
		return strings.ToUpper(strings.Fields(p.sql + " ?")[0])
	}
	return strings.TrimSpace(p.plan.Kind + " " + p.plan.About)
}

func (p *part) outcome(s *statement) StatementOutcome {
	return StatementOutcome{Statement: s.label(), Number: p.number, SQL: p.title(), Rows: p.result.Rows, Files: p.files, Times: 1}
}

// Did says how many rows and objects it was about; empty: neither.
func (o *StatementOutcome) Did() string {
	switch {
	case o.Rows < 0:
		return ""
	case o.Files > 0 && strings.HasPrefix(o.SQL, "COPY"):
		return counted(o.Rows, "row") + " from " + counted(int64(o.Files), "object")
	case o.Files > 0:
		return counted(o.Rows, "row") + " to " + counted(int64(o.Files), "object")
	}
	return counted(o.Rows, "row")
}

func counted(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// endStatement ends a statement, tells whoever asked for it, and lets the next one begin. What did not succeed is rolled back.
// Source: Amazon Redshift Management Guide, "Monitoring events for the Amazon Redshift Data API in Amazon EventBridge", read 2026-11.
func (l *Lab) endStatement(s *statement, state, message string) {
	if s.over() || l.err != nil {
		return
	}
	if state != stateFinished && s.folder != "" {
		l.commit(s, false)
	}
	for _, p := range s.parts {
		if p.state == stateSubmitted || p.state == stateStarted {
			p.state, p.changed = stateAborted, l.clock.Now()
		}
	}
	s.state, s.message, s.ended = state, message, l.clock.Now()
	_ = os.RemoveAll(s.folder) // the whole scratch folder goes with the run
	l.tell("redshift-data", "StatementEnded", s.workgroup.id, map[string]any{
		"statement": s.label(), "id": s.id, "state": state, "message": message, "seconds": s.ended.Sub(s.submittedAt).Seconds(),
	})
	l.usedCompute(s)
	if state == stateFinished {
		l.remember(s)
	} else {
		l.fail("statement %s: %s", s.label(), strings.TrimSuffix(state+": "+message, ": "))
	}
	if s.withEvent {
		l.emit("aws.redshift-data", "Redshift Data Statement Status Change", []string{s.workgroup.arn}, map[string]any{
			"principal": s.by.name(), "statementName": s.name, "statementId": s.id, "redshiftQueryId": s.lastQuery(), "state": state, "rows": s.rows(),
			"expireAt": s.ended.Add(keptFor).Unix(),
		})
	}
	l.active--
	if s.workgroup.running == s {
		s.workgroup.running = nil
	}
	l.runNext(s.workgroup)
}

// usedCompute counts what the workgroup is billed for: its base capacity from the start on, for a minute at least.
// Source: Amazon Redshift Management Guide, "Billing for Amazon Redshift Serverless", "Amazon Redshift Serverless compute metrics", read 2026-11.
func (l *Lab) usedCompute(s *statement) {
	if s.began.IsZero() {
		return
	}
	seconds := max(time.Minute, s.ended.Sub(s.began)).Seconds() * s.workgroup.capacity
	l.measure("AWS/Redshift-Serverless", "ComputeSeconds", seconds, dimension{"Workgroup", s.workgroup.name})
}

func (s *statement) rows() int64 {
	if s.batch {
		return -1
	}
	return s.parts[0].result.Rows
}

func (s *statement) lastQuery() int {
	if s.batch {
		return 0
	}
	return s.parts[0].queryID
}

// remember adds what a statement did to the summary.
func (l *Lab) remember(s *statement) {
	for _, p := range s.parts {
		did := p.outcome(s)
		i := slices.IndexFunc(l.warehouse.done, func(o StatementOutcome) bool {
			return o.Statement == did.Statement && o.Number == did.Number && o.SQL == did.SQL
		})
		if i < 0 {
			l.warehouse.done = append(l.warehouse.done, did)
			continue
		}
		did.Times += l.warehouse.done[i].Times
		l.warehouse.done[i] = did
	}
}

// cancelStatement is CancelStatement: what the statement did is rolled back.
// Source: Amazon Redshift Data API Reference, CancelStatement, read 2026-11.
func (l *Lab) cancelStatement(by caller, input map[string]any) (map[string]any, *apiError) {
	s, err := l.statementOf(by, "CancelStatement", input)
	if err != nil {
		return nil, err
	}
	if s.over() {
		return nil, invalid("Could not cancel a query that is already in %s state with ID: %s", s.state, s.id)
	}
	l.endStatement(s, stateAborted, "")
	return map[string]any{"Status": true}, nil
}

// statementOf is the statement that a call names by its id, if the caller may ask.
// Source: Service Authorization Reference, Amazon Redshift Data API: these actions take no resource; read 2026-11.
func (l *Lab) statementOf(by caller, action string, input map[string]any) (*statement, *apiError) {
	if err := l.authorize(by, "redshift-data:"+action, "*", nil); err != nil {
		return nil, err
	}
	id, _, _ := strings.Cut(text(input, "Id"), ":")
	s := l.warehouse.statements[id]
	if s == nil || s.over() && l.clock.Now().Sub(s.ended) > keptFor {
		return nil, failed(notFound, "Query does not exist.")
	}
	return s, nil
}
