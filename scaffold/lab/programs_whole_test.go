//go:build programs

package lab

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/parquet-go/parquet-go"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/lineage"
)

// remembering lets a machine note each of its executions in a table of DynamoDB, and begin only when that was done.
func remembering(t testing.TB, template *cfn.Template) {
	t.Helper()
	var table, policy cfn.Resource
	for text, into := range map[string]*cfn.Resource{
		`{"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "runs", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
			"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}}`: &table,
		`{"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "remember", "Roles": [], "PolicyDocument": {"Statement": [
			{"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": {"Fn::GetAtt": ["Runs", "Arn"]}}]}}}`: &policy,
	} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range template.ByType("AWS::StepFunctions::StateMachine") {
		properties := template.Resources[id].Properties
		role, _ := properties["RoleArn"].(map[string]any)
		name := cfn.List(role["Fn::GetAtt"])[0]
		policy.Properties["Roles"] = append(cfn.List(policy.Properties["Roles"]), map[string]any{"Ref": name})
		var definition map[string]any
		if err := json.Unmarshal([]byte(cfn.Text(properties["DefinitionString"])), &definition); err != nil {
			t.Fatal(err)
		}
		definition["States"].(map[string]any)["Remember"] = map[string]any{
			"Type": "Task", "QueryLanguage": "JSONata", "Resource": "arn:aws:states:::dynamodb:putItem", "Next": definition["StartAt"], "Output": "{% $states.input %}",
			"Arguments": map[string]any{"TableName": "runs", "Item": map[string]any{"id": map[string]any{"S": "{% $states.context.Execution.Name %}"}}, "ConditionExpression": "attribute_not_exists(id)"},
		}
		definition["StartAt"] = "Remember"
		text, err := json.Marshal(definition)
		if err != nil {
			t.Fatal(err)
		}
		properties["DefinitionString"] = string(text)
	}
	template.Resources["Runs"], template.Resources["Remember"] = table, policy
}

// A file goes the whole way: Lambda judges it, Spark cleans it, a crawler finds the table, a container profiles it, Redshift exports it,
// and Lambda publishes what there is.
func TestAFileGoesThroughTheWorkersOfAllServices(t *testing.T) {
	template, err := cfn.Read(withWorkers)
	if err != nil {
		t.Fatal(err)
	}
	b := benchOf(t, template, ProgramOptions{Warehouse: filepath.Join(t.TempDir(), "redshift")}, remembering)
	var told []*lineage.Event
	b.options.Lineage = func(e *lineage.Event) { told = append(told, e) }
	b.lineage = newLineage(b.Lab)
	b.landFebruary(t)
	b.run(t)
	if len(b.failures) > 0 || len(b.denials.all) > 0 {
		t.Fatalf("got the failures %q and the denials %v\n%.4000s", b.failures, b.denials.all, b.timeline(t))
	}
	ended := map[string]int{}
	for _, e := range b.events {
		ended[e.Type]++
	}
	for _, one := range []string{"ItemPut", "CrawlerEnded", "SparkRunEnded", "BatchJobEnded", "StatementEnded", "ExecutionEnded"} {
		if ended[one] != 1 {
			t.Errorf("%s happened %d times, expected once", one, ended[one])
		}
	}
	if ended["FunctionEnded"] != 2 {
		t.Errorf("got %d calls of functions, expected that of the validator and that of the publisher", ended["FunctionEnded"])
	}
	same(t, "statements", b.statements(), []string{
		"CREATE TABLE weather_daily ", "DELETE weather_daily 0 rows", "COPY weather_daily 29 rows from 1 object", "UNLOAD to monthly/ 1 row to 1 object",
	})
	result, err := b.warehouse.database.run(sqlQuery{Database: "warehouse", SQL: "SELECT COUNT(*), MIN(day), MAX(day) FROM weather_daily", Now: b.sqlNow()})
	if err != nil || result.Error+result.Refused != "" {
		t.Fatal(err, result.Error, result.Refused)
	}
	text, err := json.Marshal(result.Records)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "rows of the table", string(text), `[[{"LongValue":29},{"StringValue":"2012-02-01"},{"StringValue":"2012-02-29"}]]`)
	want := byHand(t, "year=2012/month=02")
	if rows := b.rows(t, "CuratedF137945A", "monthly")["year=2012/month=02"]; len(rows) != len(want) {
		t.Errorf("got %d rows that Spark wrote, expected %d", len(rows), len(want))
	}
	b.exported(t, exportedMonth{Days: 29, WetDays: 19})
	goldenLineage(t, "real-statemachine-workers", told)
}

// exportedMonth is what is compared of a row of the export.
type exportedMonth struct {
	Days    int64 `parquet:"days"`
	WetDays int64 `parquet:"wet_days"`
}

// exported wants the only row of the export.
func (b *bench) exported(t testing.TB, want exportedMonth) {
	t.Helper()
	for name, bucket := range b.store.buckets {
		if bucket.id != "Exports25637AFB" {
			continue
		}
		data, err := b.store.read(name, "monthly/0000_part_00.parquet")
		if err != nil {
			t.Fatal(err)
		}
		rows, err := parquet.Read[exportedMonth](bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "exported", rows, []exportedMonth{want})
		return
	}
	t.Error("there is no bucket for exports")
}
