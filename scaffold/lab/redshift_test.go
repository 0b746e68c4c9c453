package lab

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAStatementPassesThroughItsStates(t *testing.T) {
	r := buildSQL(t, house(), &scriptedSQL{}).batch("DELETE FROM t", "INSERT INTO t VALUES (1)")
	seen := []string{strings.Join(r.states(r.ids[0]), " ")}
	for after := 100 * time.Millisecond; after < 5*time.Second; after += 100 * time.Millisecond {
		r.at(after, func() {
			if state := strings.Join(r.states(r.ids[0]), " "); seen[len(seen)-1] != state {
				seen = append(seen, state)
			}
		})
	}
	r.play()
	same(t, "states", seen, []string{
		"SUBMITTED SUBMITTED SUBMITTED", "PICKED SUBMITTED SUBMITTED", "STARTED STARTED SUBMITTED", "STARTED FINISHED STARTED", "FINISHED FINISHED FINISHED",
	})
	same(t, "asked of the database", r.sql.asked, []string{"DELETE", "INSERT", "COMMIT"})
	same(t, "timeline", r.happened("StatementSubmitted", "SqlEnded", "StatementEnded"), []string{
		"0s StatementSubmitted Workgroup", "3.000003s SqlEnded Workgroup", "3.500006s SqlEnded Workgroup", "3.500006s StatementEnded Workgroup",
	})
	same(t, "summary", r.Outcome().Statements, []StatementOutcome{
		{Statement: "nightly", Number: 1, SQL: "DELETE t", Rows: 3, Times: 1}, {Statement: "nightly", Number: 2, SQL: "INSERT t", Rows: 3, Times: 1},
	})
	same(t, "failures", r.failures, nil)
}

func TestTheEventSaysHowAStatementEnded(t *testing.T) {
	r := buildSQL(t, house(), &scriptedSQL{}).batch("DELETE FROM t").play()
	var event Envelope
	if err := json.Unmarshal([]byte(r.messages()[0].Body), &event); err != nil {
		t.Fatal(err)
	}
	same(t, "detail-type", event.DetailType, "Redshift Data Statement Status Change")
	same(t, "resources", event.Resources, []string{"arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/group"})
	var detail map[string]any
	if err := json.Unmarshal(event.Detail, &detail); err != nil {
		t.Fatal(err)
	}
	same(t, "detail", detail, map[string]any{
		"principal": r.caller().Role, "statementName": "nightly", "statementId": r.ids[0], "redshiftQueryId": 0, "state": "FINISHED", "rows": -1,
		"expireAt": start.Add(24*time.Hour + 3*time.Second).Unix(),
	})
	silent := buildSQL(t, house(), &scriptedSQL{}).submitWith(map[string]any{"WithEvent": false}, "DELETE FROM t").play()
	same(t, "events without WithEvent", silent.sent(), nil)
}

func TestABatchThatFailsIsRolledBack(t *testing.T) {
	sql := &scriptedSQL{results: map[string]sqlResult{"UPDATE": {Rows: -1, Error: `ERROR: column "x" does not exist`}}}
	r := buildSQL(t, house(), sql).batch("DELETE FROM t", "UPDATE t SET x = 1", "INSERT INTO t VALUES (1)").play()
	same(t, "asked of the database", sql.asked, []string{"DELETE", "UPDATE", "ROLLBACK"})
	same(t, "states", r.states(r.ids[0]), []string{"FAILED", "FINISHED", "FAILED", "ABORTED"})
	same(t, "error", r.describe(r.ids[0])["Error"], any(`ERROR: column "x" does not exist`))
	same(t, "event", r.sent(), []string{"FAILED"})
	same(t, "failures", r.failures, []string{`statement nightly: FAILED: ERROR: column "x" does not exist`})
	same(t, "summary", r.Outcome().Statements, nil)
}

func TestStatementsOfAWorkgroupWaitForEachOther(t *testing.T) {
	r := buildSQL(t, house(), &scriptedSQL{}, "slow:nightly:1m#1").batch("DELETE FROM t").batch("INSERT INTO t VALUES (1)").batch("UPDATE t SET x = 1")
	r.at(30*time.Second, func() {
		same(t, "the second", r.states(r.ids[1]), []string{"PICKED", "SUBMITTED"})
		if _, err := r.ask("cancelStatement", map[string]any{"Id": r.ids[1]}); err != nil {
			t.Error(err)
		}
	})
	r.play()
	same(t, "asked of the database", r.sql.asked, []string{"DELETE", "COMMIT", "UPDATE", "COMMIT"})
	same(t, "the canceled one", r.states(r.ids[1]), []string{"ABORTED", "ABORTED"})
}

func TestACanceledStatementLeavesNothing(t *testing.T) {
	for _, test := range []struct {
		name  string
		after time.Duration
		asked []string
	}{
		{"before it is picked", 100 * time.Millisecond, nil},
		{"while it connects", time.Second, nil},
		{"while it runs", 3200 * time.Millisecond, []string{"DELETE", "INSERT", "ROLLBACK"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := buildSQL(t, house(), &scriptedSQL{}).batch("DELETE FROM t", "INSERT INTO t VALUES (1)")
			r.at(test.after, func() {
				answer, err := r.ask("cancelStatement", map[string]any{"Id": r.ids[0]})
				if err != nil || answer["Status"] != true {
					t.Errorf("got %v, %v", answer, err)
				}
			})
			r.play()
			same(t, "asked of the database", r.sql.asked, test.asked)
			same(t, "state", r.states(r.ids[0])[0], "ABORTED")
			same(t, "event", r.sent(), []string{"ABORTED"})
			_, err := r.ask("cancelStatement", map[string]any{"Id": r.ids[0]})
			if err == nil || err.Code != validation || !strings.Contains(err.Message, "already in ABORTED state") {
				t.Errorf("got %v for what is over, want a ValidationException", err)
			}
			r.batch("UPDATE t SET x = 1").play()
			same(t, "the next one", r.states(r.ids[1])[0], "FINISHED")
		})
	}
}

func TestTheSameTokenIsTheSameStatement(t *testing.T) {
	token := map[string]any{"ClientToken": "once"}
	r := buildSQL(t, house(), &scriptedSQL{}).submitWith(token, "DELETE FROM t").submitWith(token, "DELETE FROM t").submitWith(map[string]any{"ClientToken": "twice"}, "DELETE FROM t")
	r.play().submitWith(token, "DELETE FROM t").play()
	if r.ids[0] != r.ids[1] || r.ids[0] != r.ids[3] || r.ids[0] == r.ids[2] {
		t.Errorf("got the ids %q, want the first, second and fourth alike", r.ids)
	}
	same(t, "asked of the database", r.sql.asked, []string{"DELETE", "COMMIT", "DELETE", "COMMIT"})
}

func TestALongStatementIsStopped(t *testing.T) {
	for _, test := range []struct {
		name, fault string
		sqls        []string
		ended, says string
	}{
		{"by its workgroup's limit", "timeout:nightly", []string{"DELETE FROM t"}, "15m2.5s", "max_query_execution_time"},
		{"when it is slower than the limit", "slow:Workgroup:16m", []string{"DELETE FROM t"}, "15m2.5s", "max_query_execution_time"},
		{"not by a limit that begins after it", "slow:nightly:1s", []string{"SET statement_timeout TO 900", "DELETE FROM t"}, "4.500006s", ""},
		{"not before the limit", "slow:nightly:14m", []string{"DELETE FROM t"}, "14m3.000003s", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := buildSQL(t, house(), &scriptedSQL{}, test.fault).batch(test.sqls...).play()
			message, _ := r.describe(r.ids[0])["Error"].(string)
			if !strings.Contains(message, test.says) || test.says == "" && message != "" {
				t.Errorf("got the error %q, want %q", message, test.says)
			}
			same(t, "ended", r.happened("StatementEnded"), []string{test.ended + " StatementEnded Workgroup"})
			same(t, "faults that met nothing", r.Outcome().Unmatched, nil)
		})
	}
	many := &scriptedSQL{results: map[string]sqlResult{"INSERT": {Rows: 10_000_000}}}
	r := buildSQL(t, house(), many).batch("SET statement_timeout TO 5000", "INSERT INTO t SELECT * FROM u").play()
	same(t, "states", r.states(r.ids[0]), []string{"FAILED", "FINISHED", "FAILED"})
	same(t, "asked of the database", many.asked, []string{"SET", "INSERT", "ROLLBACK"})
}

func TestAStatementGoesWrongAsAskedFor(t *testing.T) {
	r := buildSQL(t, house(), &scriptedSQL{}, "fail:nightly#1").batch("DELETE FROM t", "INSERT INTO t VALUES (1)").batch("DELETE FROM t").play()
	same(t, "asked of the database", r.sql.asked, []string{"DELETE", "ROLLBACK", "DELETE", "COMMIT"})
	same(t, "events", r.sent(), []string{"FAILED", "FINISHED"})
	throttledOnce := buildSQL(t, house(), &scriptedSQL{}, "throttle:redshift-data:BatchExecuteStatement#1")
	_, err := throttledOnce.ask("batchExecuteStatement", map[string]any{})
	if err == nil || err.Code != throttled || !err.Retriable {
		t.Errorf("got %v, want to be throttled", err)
	}
}

func TestWhoRunsSQLNeedsBothPermissions(t *testing.T) {
	const batch, credentials, secret = "redshift-data:BatchExecuteStatement", "redshift-serverless:GetCredentials", "secretsmanager:GetSecretValue"
	for _, test := range []struct {
		name   string
		may    []string
		secret any
		denied string
	}{
		{"both", []string{batch, credentials}, nil, ""},
		{"no credentials", []string{batch}, nil, credentials},
		{"no statement", []string{credentials}, nil, batch},
		{"a secret", []string{batch, secret}, "arn:aws:secretsmanager:us-east-1:123456789012:secret:a", ""},
		{"a secret that is not to be read", []string{batch, credentials}, "arn:aws:secretsmanager:us-east-1:123456789012:secret:a", secret},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := buildSQL(t, house(test.may...), &scriptedSQL{})
			_, err := r.ask("batchExecuteStatement", map[string]any{"WorkgroupName": "group", "Database": "dev", "Sqls": []any{"DELETE FROM t"}, "SecretArn": test.secret})
			if test.denied == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || err.Code != accessDenied || !strings.Contains(err.Message, test.denied) {
				t.Errorf("got %v, want a denial of %s", err, test.denied)
			}
		})
	}
	r := buildSQL(t, house(batch, credentials), &scriptedSQL{}).batch("DELETE FROM t").play()
	for _, action := range []string{"describeStatement", "cancelStatement", "getStatementResult"} {
		if _, err := r.ask(action, map[string]any{"Id": r.ids[0]}); err == nil || err.Code != accessDenied {
			t.Errorf("%s: got %v, want a denial", action, err)
		}
	}
}

// An existing workgroup is known by its name; a policy asks for a tag that its owner sets.
func TestAnExistingWorkgroupHasTheTagThatItsOwnerWasAskedFor(t *testing.T) {
	for value, want := range map[string]bool{"allowed": true, "no": false} {
		p := house()
		p["Caller"] = `{"Type": "AWS::IAM::Role", "Properties": {
			"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
			"Policies": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
				{"Effect": "Allow", "Action": ["redshift-data:*", "redshift-serverless:*"], "Resource": "arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/*",
				"Condition": {"StringEquals": {"aws:ResourceTag/mine": "allowed"}}}]}}]}}`
		p["Workgroup"] = strings.Replace(p["Workgroup"], `"BaseCapacity"`, `"Tags": [{"Key": "mine", "Value": "`+value+`"}], "BaseCapacity"`, 1)
		r := buildSQL(t, p, &scriptedSQL{})
		for name, allowed := range map[string]bool{"group": want, "analytics": true} {
			_, err := r.ask("batchExecuteStatement", map[string]any{"WorkgroupName": name, "Database": "sales", "Sqls": []any{"SELECT 1"}})
			if (err == nil) != allowed {
				t.Errorf("the workgroup %s, and one of the template with the value %s: got %v", name, value, err)
			}
		}
		r.run()
		if !slices.ContainsFunc(r.Ignored(), func(line string) bool {
			return strings.HasPrefix(line, "analytics: the workgroup is not in the template")
		}) {
			t.Errorf("got %q, want to be told what is taken for granted", r.Ignored())
		}
	}
}

func TestAnotherDatabaseThanTheNamespacesFails(t *testing.T) {
	r := buildSQL(t, house(), &scriptedSQL{}).submitWith(map[string]any{"Database": "sales"}, "DELETE FROM t").play()
	same(t, "error", r.describe(r.ids[0])["Error"], any(`FATAL: database "sales" does not exist`))
	same(t, "asked of the database", r.sql.asked, nil)
}

func TestRequestsThatTheDataAPIRefuses(t *testing.T) {
	many := make([]any, 41)
	for i := range many {
		many[i] = "SELECT 1"
	}
	for name, change := range map[string]map[string]any{
		"no workgroup": {"WorkgroupName": nil}, "no database": {"Database": nil}, "no SQL": {"Sqls": []any{}}, "more than 40": {"Sqls": many},
		"SQL of more than 100 KB": {"Sqls": []any{strings.Repeat("x", maxSQL+1)}}, "a long name": {"StatementName": strings.Repeat("n", 501)}, "a long token": {"ClientToken": strings.Repeat("n", 65)},
	} {
		t.Run(name, func(t *testing.T) {
			input := map[string]any{"WorkgroupName": "group", "Database": "dev", "Sqls": []any{"SELECT 1"}}
			maps.Copy(input, change)
			r := buildSQL(t, house(), &scriptedSQL{})
			if _, err := r.ask("batchExecuteStatement", input); err == nil || err.Code != validation {
				t.Errorf("got %v, want a ValidationException", err)
			}
		})
	}
}

func TestWhatTheLabWouldLeaveOutBreaksTheRun(t *testing.T) {
	for name, more := range map[string]map[string]any{
		"SessionKeepAliveSeconds": {"SessionKeepAliveSeconds": 10}, "ClusterIdentifier": {"ClusterIdentifier": "c"}, "ResultFormat (CSV)": {"ResultFormat": "CSV"}, "DbUser": {"DbUser": "me"},
	} {
		r := buildSQL(t, house(), &scriptedSQL{})
		input := map[string]any{"WorkgroupName": "group", "Database": "dev", "Sqls": []any{"SELECT 1"}}
		maps.Copy(input, more)
		_, _ = r.ask("batchExecuteStatement", input)
		if err := r.Run(); err == nil || !strings.Contains(err.Error(), "the lab does not know "+name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	r := buildSQL(t, house(), &scriptedSQL{refused: "CALL"}).batch("DELETE FROM t", "CALL p()")
	if err := r.Run(); err == nil || err.Error() != "statement nightly, SQL 2 of 2: line 1, column 1: the lab's DuckDB has no CALL" {
		t.Errorf("got %v", err)
	}
}

func TestParametersOfAWorkgroup(t *testing.T) {
	for value, want := range map[string]string{
		`{"ParameterKey": "max_query_execution_time", "ParameterValue": "soon"}`:         `max_query_execution_time: got "soon", expected a number of seconds`,
		`{"ParameterKey": "datestyle", "ParameterValue": "SQL, DMY"}`:                    `the lab does not know the parameter datestyle with the value "SQL, DMY"`,
		`{"ParameterKey": "enable_case_sensitive_identifier", "ParameterValue": "true"}`: "enable_case_sensitive_identifier",
		`{"ParameterKey": "datestyle", "ParameterValue": "ISO, MDY"}`:                    "",
		`{"ParameterKey": "require_ssl", "ParameterValue": "true"}`:                      "",
		`{"ParameterKey": "max_scan_row_count", "ParameterValue": "5"}`:                  "",
	} {
		p := house()
		p["Workgroup"] = `{"Type": "AWS::RedshiftServerless::Workgroup", "Properties": {"WorkgroupName": "group", "NamespaceName": {"Ref": "Namespace"}, "ConfigParameters": [` + value + `]}}`
		_, err := tryBuild(t, p.String(), Options{})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", value, err, want)
		}
	}
}

func TestAResultIsReadPageByPage(t *testing.T) {
	rows := []any{}
	for i := range 2500 {
		rows = append(rows, []any{map[string]any{"LongValue": i}})
	}
	sql := &scriptedSQL{results: map[string]sqlResult{"SELECT": {Rows: 2500, Columns: []any{map[string]any{"Name": "n", "TypeName": "int8"}}, Records: rows}}}
	r := buildSQL(t, house(), sql).batch("DELETE FROM t", "SELECT n FROM t").play()
	answer, err := r.ask("executeStatement", map[string]any{"WorkgroupName": "group", "Database": "dev", "Sql": "SELECT n FROM t", "Parameters": []any{map[string]any{"Name": "a", "Value": "1"}}})
	if err != nil {
		t.Fatal(err)
	}
	r.play()
	same(t, "parameters", r.describe(text(answer, "Id"))["QueryParameters"], any([]any{map[string]any{"Name": "a", "Value": "1"}}))
	for _, id := range []string{text(answer, "Id"), r.ids[0] + ":2"} {
		var sizes []int
		input := map[string]any{"Id": id}
		for {
			page, err := r.ask("getStatementResult", input)
			if err != nil {
				t.Fatal(err)
			}
			records, _ := page["Records"].([]any)
			sizes = append(sizes, len(records))
			if input["NextToken"] = page["NextToken"]; page["NextToken"] == nil {
				break
			}
		}
		same(t, "pages of "+id, sizes, []int{1000, 1000, 500})
	}
	for id, want := range map[string]string{r.ids[0]: validation, r.ids[0] + ":1": notFound, r.ids[0] + ":3": notFound, "none": notFound} {
		if _, err := r.ask("getStatementResult", map[string]any{"Id": id}); err == nil || err.Code != want {
			t.Errorf("%s: got %v, want %s", id, err, want)
		}
	}
}

func TestAStatementIsForgottenAfterADay(t *testing.T) {
	r := buildSQL(t, house(), &scriptedSQL{}).batch("DELETE FROM t").play()
	r.later(25*time.Hour, func() {
		if _, err := r.ask("describeStatement", map[string]any{"Id": r.ids[0]}); err == nil || err.Code != notFound {
			t.Errorf("got %v, want a ResourceNotFoundException", err)
		}
	})
	r.run()
}

// A rule calls ExecuteStatement for Sql and BatchExecuteStatement for Sqls, with the permission for that.
func TestARuleRunsSQLAsItSays(t *testing.T) {
	for parameter, action := range map[string]string{`"Sql": "DELETE FROM t"`: "ExecuteStatement", `"Sqls": ["DELETE FROM t"]`: "BatchExecuteStatement"} {
		for _, allowed := range []string{"ExecuteStatement", "BatchExecuteStatement"} {
			p := house().with(parts{
				"Starter": role("events.amazonaws.com", "redshift-data:"+allowed, "redshift-serverless:GetCredentials"),
				"Rule": ruleFor("a", `{"Id": "t", "Arn": {"Fn::GetAtt": ["Workgroup", "Workgroup.WorkgroupArn"]}, "RoleArn": {"Fn::GetAtt": ["Starter", "Arn"]},
					"RedshiftDataParameters": {"Database": "dev", "StatementName": "QS2-x", "WithEvent": true, `+parameter+`}}`),
			})
			sql := &scriptedSQL{}
			r := buildSQL(t, p, sql)
			r.send("a", "x", `{}`).run()
			if ran := len(sql.asked) > 0; ran != (action == allowed) {
				t.Errorf("%s with the permission for %s: ran %t", parameter, allowed, ran)
			}
		}
	}
}

func TestSQLOfTheUserRunsBeforeTheFirstStatement(t *testing.T) {
	r := buildSQL(t, house(), &scriptedSQL{})
	if err := r.SQL("tables.sql", "CREATE TABLE t (a INT); INSERT INTO t VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	r.batch("DELETE FROM t").play()
	same(t, "asked of the database", r.sql.asked, []string{"CREATE", "DELETE", "COMMIT"})
	same(t, "told", len(r.happened("ScriptRun")), 1)
	faulty := buildSQL(t, house(), &scriptedSQL{results: map[string]sqlResult{"CREATE": {Error: "statement 1: ERROR: no"}}})
	if err := faulty.SQL("tables.sql", "CREATE"); err == nil || err.Error() != "tables.sql: statement 1: ERROR: no" {
		t.Errorf("got %v", err)
	}
	without := build(t, toQueue(""), Options{})
	if err := without.SQL("tables.sql", "CREATE"); err == nil || !strings.Contains(err.Error(), "runs no SQL") {
		t.Errorf("got %v", err)
	}
}

func TestComputeIsCountedForAMinuteAtLeast(t *testing.T) {
	p := house().with(parts{"Alarm": `{"Type": "AWS::CloudWatch::Alarm", "Properties": {"Namespace": "AWS/Redshift-Serverless", "MetricName": "ComputeSeconds", "Statistic": "Sum", "Period": 3600,
		"Dimensions": [{"Name": "Workgroup", "Value": {"Ref": "Workgroup"}}], "EvaluationPeriods": 1, "Threshold": 481, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching"}}`})
	once := buildSQL(t, p, &scriptedSQL{}).batch("DELETE FROM t").play()
	same(t, "a minute of 8 RPU", once.happened("AlarmChanged"), nil)
	twice := buildSQL(t, p, &scriptedSQL{}).batch("DELETE FROM t").batch("DELETE FROM t").play()
	same(t, "two minutes", fmt.Sprint(twice.happened("AlarmChanged")[:1]), "[1h0m0s AlarmChanged Alarm]")
}

// The tests of the example's SQL and the lab run it on the same versions.
func TestTheLabsWarehouseIsThatOfTheTestsOfTheSQL(t *testing.T) {
	ours, err := workerFiles.ReadFile("worker/requirements-sql.txt")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.ReadFile("../../constructs/weatherexport/sql/requirements-sql.txt")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for line := range strings.Lines(string(ours)) {
		if !strings.Contains(line, "==") && !strings.Contains(line, "--hash") {
			continue
		}
		if count++; !strings.Contains(string(theirs), strings.TrimSpace(line)) {
			t.Errorf("got %s, which weatherexport does not have", line)
		}
	}
	if count == 0 {
		t.Error("nothing is pinned")
	}
}
