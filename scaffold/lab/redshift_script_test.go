package lab

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// scriptedSQL answers like a database, without one: it knows what a statement names, and writes down what it is asked.
type scriptedSQL struct {
	folder  string
	results map[string]sqlResult // by the first word; default: three rows were changed
	refused string               // the first word of what it cannot do
	asked   []string
}

func (s scripted) warehouse(*Lab) (database, string, error) { return s.sql, s.sql.folder, nil }

var (
	inQuotes  = regexp.MustCompile(`'(s3://[^']*)'`)
	roleGiven = regexp.MustCompile(`IAM_ROLE (default|'[^']*')`)
	keyGiven  = regexp.MustCompile(`KMS_KEY_ID '([^']*)'`)
)

func firstWord(sql string) string { return strings.ToUpper(strings.Fields(sql)[0]) }

func (d *scriptedSQL) plan(sql string) (sqlPlan, error) {
	plan := sqlPlan{Kind: firstWord(sql), About: "t", Clean: strings.Contains(sql, "CLEANPATH"), Overwrite: strings.Contains(sql, "ALLOWOVERWRITE"), Partitioned: strings.Contains(sql, "PARTITION")}
	if plan.Kind == d.refused {
		plan.Refused = "line 1, column 1: the lab's DuckDB has no " + d.refused
	}
	if found := inQuotes.FindStringSubmatch(sql); found != nil {
		plan.S3 = found[1]
	}
	if found := roleGiven.FindStringSubmatch(sql); found != nil {
		plan.Role = strings.Trim(found[1], "'")
	}
	if found := keyGiven.FindStringSubmatch(sql); found != nil {
		plan.Key = found[1]
	}
	var timeout int
	if n, _ := fmt.Sscanf(sql, "SET statement_timeout TO %d", &timeout); n == 1 {
		plan.Timeout = &timeout
	}
	return plan, nil
}

func (d *scriptedSQL) run(q sqlQuery) (sqlResult, error) {
	word := firstWord(q.SQL)
	note := word
	for _, file := range q.Files {
		text, err := os.ReadFile(file.File)
		if err != nil {
			return sqlResult{}, err
		}
		note += fmt.Sprintf(" %s=%s", file.Object, text)
	}
	d.asked = append(d.asked, note)
	result, ok := d.results[word]
	if !ok {
		result = sqlResult{Rows: 3}
	}
	for i, file := range result.Written {
		path := filepath.Join(q.Folder, fmt.Sprint(i))
		if err := os.WriteFile(path, []byte("rows"), 0o600); err != nil {
			return sqlResult{}, err
		}
		result.Written = slices.Clone(result.Written)
		result.Written[i] = sqlFile{File: path, Name: file.Name}
	}
	return result, nil
}

func (d *scriptedSQL) end(_ string, commit bool) (sqlResult, error) {
	d.asked = append(d.asked, map[bool]string{true: "COMMIT", false: "ROLLBACK"}[commit])
	return sqlResult{}, nil
}

// house is a workgroup with what it needs, two buckets, and roles: Caller runs SQL, Loader is the one of COPY and UNLOAD.
func house(callerMay ...string) parts {
	if callerMay == nil {
		callerMay = []string{"redshift-data:*", "redshift-serverless:GetCredentials"}
	}
	return parts{
		"Namespace": `{"Type": "AWS::RedshiftServerless::Namespace", "Properties": {"NamespaceName": "space", "DbName": "dev", "IamRoles": [{"Fn::GetAtt": ["Loader", "Arn"]}]}}`,
		"Workgroup": `{"Type": "AWS::RedshiftServerless::Workgroup", "Properties": {"WorkgroupName": "group", "NamespaceName": {"Ref": "Namespace"}, "BaseCapacity": 8,
			"ConfigParameters": [{"ParameterKey": "max_query_execution_time", "ParameterValue": "900"}]}}`,
		"Loader": role("redshift-serverless.amazonaws.com", "s3:*"), "Stranger": role("redshift-serverless.amazonaws.com", "s3:*"), "Caller": role("states.amazonaws.com", callerMay...),
		"In": `{"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "in"}}`, "Out": `{"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "out"}}`,
		"Failed": `{"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "failed"}}`, "Open": openQueue("Failed", "events.amazonaws.com"),
		"Told":   `{"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["aws.redshift-data"]}, "Targets": [{"Id": "t", "Arn": {"Fn::GetAtt": ["Failed", "Arn"]}}]}}`,
		"Marker": `{"Type": "AWS::Events::Rule", "Properties": {"State": "DISABLED", "ScheduleExpression": "rate(1 day)", "Targets": [{"Id": "t", "Arn": {"Fn::GetAtt": ["Workgroup", "Workgroup.WorkgroupArn"]}, "RedshiftDataParameters": {"Database": "dev", "Sql": "x"}}]}}`,
	}
}

// sqlRig is a lab whose database is scripted.
type sqlRig struct {
	*rig
	sql *scriptedSQL
	ids []string // of what was submitted
}

func buildSQL(t testing.TB, p parts, sql *scriptedSQL, faults ...string) *sqlRig {
	t.Helper()
	sql.folder = t.TempDir()
	options := Options{Programs: scripted{sql: sql}}
	for _, written := range faults {
		fault, err := ParseFault(written)
		if err != nil {
			t.Fatal(err)
		}
		options.Faults = append(options.Faults, fault)
	}
	return &sqlRig{rig: build(t, p, options), sql: sql}
}

func (r *sqlRig) caller() caller { return caller{Role: r.stack.Attribute("Caller", "Arn")} }

// ask calls an action of the Data API as Caller.
func (r *sqlRig) ask(action string, input map[string]any) (map[string]any, *apiError) {
	return r.call(r.caller(), "redshift-data:"+action, input)
}

// batch submits SQL in a batch, with its name and event.
func (r *sqlRig) batch(sqls ...string) *sqlRig { return r.submitWith(nil, sqls...) }

func (r *sqlRig) submitWith(more map[string]any, sqls ...string) *sqlRig {
	r.t.Helper()
	all := []any{}
	for _, sql := range sqls {
		all = append(all, sql)
	}
	input := map[string]any{"WorkgroupName": "group", "Database": "dev", "Sqls": all, "StatementName": "nightly", "WithEvent": true}
	maps.Copy(input, more)
	answer, err := r.ask("batchExecuteStatement", input)
	if err != nil {
		r.t.Fatal(err)
	}
	r.ids = append(r.ids, text(answer, "Id"))
	return r
}

func (r *sqlRig) play() *sqlRig {
	r.t.Helper()
	r.run()
	return r
}

// at looks at the last statement when so much time has passed.
func (r *sqlRig) at(after time.Duration, look func()) { r.background(after, look) }

func (r *sqlRig) describe(id string) map[string]any {
	r.t.Helper()
	answer, err := r.ask("describeStatement", map[string]any{"Id": id})
	if err != nil {
		r.t.Fatal(err)
	}
	return answer
}

// states are those of a statement and of its parts.
func (r *sqlRig) states(id string) []string {
	r.t.Helper()
	answer := r.describe(id)
	all := []string{text(answer, "Status")}
	subs, _ := answer["SubStatements"].([]any)
	for _, sub := range subs {
		one, _ := sub.(map[string]any)
		all = append(all, text(one, "Status"))
	}
	return all
}

// sent are the states in the events that the statements have sent.
func (r *sqlRig) sent() []string {
	var all []string
	for _, m := range r.messages() {
		if _, rest, ok := strings.Cut(m.Body, `"state":"`); ok {
			state, _, _ := strings.Cut(rest, `"`)
			all = append(all, state)
		}
	}
	return all
}
