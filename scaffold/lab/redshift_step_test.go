package lab

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// sqlStep is the machine of constructs/querystep, with two statements and ten minutes.
func sqlStep(t testing.TB) parts {
	t.Helper()
	text, err := os.ReadFile("../../constructs/querystep/querystep.asl.json")
	if err != nil {
		t.Fatal(err)
	}
	filled := strings.NewReplacer(`"${Sql}"`, `"DELETE FROM t", "INSERT INTO t VALUES (1)"`, "${SqlWorkgroup}", "group", "${SqlDatabase}", "dev",
		"${SqlName}", "nightly", "${SqlMinutes}", "10", "${Partition}", "aws").Replace(string(text))
	p := house()
	p["MachineRole"], p["Machine"] = p["Caller"], machineOf(filled)
	delete(p, "Caller")
	return p
}

// The shipped step asks for the status until there is a final one, repeats what was throttled, and cancels what takes too long.
func TestTheShippedStepRunsSQL(t *testing.T) {
	for _, test := range []struct {
		name   string
		sql    *scriptedSQL
		faults []string
		ended  string // status and error
		cause  string
		asked  []string
	}{
		{"all goes well", &scriptedSQL{}, nil, "SUCCEEDED", "", []string{"DELETE", "INSERT", "COMMIT"}},
		{
			"the SQL fails", &scriptedSQL{results: map[string]sqlResult{"INSERT": {Rows: -1, Error: "ERROR: no"}}}, nil,
			"FAILED SqlFailed", "FAILED: ERROR: no",
			[]string{"DELETE", "INSERT", "ROLLBACK"},
		},
		{"it takes too long", &scriptedSQL{}, []string{"timeout:nightly"}, "FAILED SqlTimedOut", "was still STARTED after 10 minutes", []string{"ROLLBACK"}},
		{"it takes long, and comes to its end", &scriptedSQL{}, []string{"slow:nightly:9m"}, "SUCCEEDED", "", []string{"DELETE", "INSERT", "COMMIT"}},
		{"the request is throttled once", &scriptedSQL{}, []string{"throttle:redshift-data:BatchExecuteStatement#1"}, "SUCCEEDED", "", []string{"DELETE", "INSERT", "COMMIT"}},
		{"the look is throttled twice", &scriptedSQL{}, []string{"throttle:redshift-data:DescribeStatement#1", "throttle:redshift-data:DescribeStatement#2"}, "SUCCEEDED", "", []string{"DELETE", "INSERT", "COMMIT"}},
		{"it may not", &scriptedSQL{}, []string{"deny:redshift-data:BatchExecuteStatement"}, "FAILED RedshiftData.RedshiftDataException", "not authorized", nil},
		{"it may not come in", &scriptedSQL{}, []string{"deny:redshift-serverless:GetCredentials"}, "FAILED RedshiftData.RedshiftDataException", "GetCredentials", nil},
		{"it may not cancel", &scriptedSQL{}, []string{"timeout:nightly", "deny:redshift-data:CancelStatement"}, "FAILED SqlTimedOut", "after 10 minutes", []string{"ROLLBACK"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := buildSQL(t, sqlStep(t), test.sql, test.faults...)
			r.begin(`{"day": "2026-03-02"}`).run()
			ended := r.details("ExecutionEnded")[0]
			got := strings.TrimSpace(strings.Join([]string{text(ended, "status"), text(ended, "error")}, " "))
			if got != test.ended || !strings.Contains(text(ended, "cause"), test.cause) {
				t.Errorf("got %s: %s, want %s: %s", got, text(ended, "cause"), test.ended, test.cause)
			}
			same(t, "asked of the database", test.sql.asked, test.asked)
			same(t, "faults that met nothing", r.Outcome().Unmatched, nil)
		})
	}
}

func TestAStatementOfAMachineIsHandedOn(t *testing.T) {
	r := buildSQL(t, sqlStep(t), &scriptedSQL{})
	r.begin(`{"day": "2026-03-02"}`).run()
	output, err := json.Marshal(r.output())
	if err != nil {
		t.Fatal(err)
	}
	id := text(r.details("StatementSubmitted")[0], "id")
	same(t, "output", string(output), `{"day":"2026-03-02","redshift_sql":{"statement":"`+id+`","status":"FINISHED"}}`)
	same(t, "seconds, with one wait", r.happened("ExecutionEnded"), []string{"10s ExecutionEnded Machine"})
}
