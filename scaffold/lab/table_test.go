package lab

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const runsTable = `{"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "runs", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
	"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}}`

func tableParts(definition string, actions ...string) parts {
	if actions == nil {
		actions = []string{"dynamodb:*"}
	}
	return parts{"MachineRole": role("states.amazonaws.com", actions...), "Runs": runsTable, "Machine": machineOf(definition)}
}

// ask calls an action with parameters in JSON; the answer is JSON, or the error.
func (r *rig) ask(action, parameters string) string {
	r.t.Helper()
	var input map[string]any
	if err := json.Unmarshal([]byte(parameters), &input); err != nil {
		r.t.Fatal(err)
	}
	input["TableName"] = "runs"
	output, refused := r.call(caller{Service: operator}, "dynamodb:"+action, input)
	if refused != nil {
		return refused.Error()
	}
	text, err := json.Marshal(output)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

func TestAGuardLetsAnEventBeProcessedOnce(t *testing.T) {
	guard := task("dynamodb:putItem", `{"TableName": "runs", "Item": {"id": {"S.$": "$.id"}}, "ConditionExpression": "attribute_not_exists(id)"}`, "")
	r := build(t, tableParts(guard), Options{}).begin(`{"id": "a"}`).begin(`{"id": "a"}`).begin(`{"id": "b"}`).run()
	var errors []any
	for _, ended := range r.details("ExecutionEnded") {
		output, _ := ended["output"].(map[string]any)
		errors = append(errors, output["Error"])
	}
	same(t, "errors", errors, []any{nil, "DynamoDB.ConditionalCheckFailedException", nil})
	same(t, "items", r.happened("ItemPut"), []string{"0s ItemPut Runs", "0s ItemPut Runs"})
}

func TestItemsAreKeptWithTheRun(t *testing.T) {
	var kept []string
	r := build(t, tableParts(task("dynamodb:getItem", `{}`, "")), Options{Keep: func(name string, content any) {
		text, err := json.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, name+" "+string(text))
	}})
	r.ask("PutItem", `{"Item": {"id": {"S": "a"}, "n": {"N": "1"}}}`)
	r.ask("DeleteItem", `{"Key": {"id": {"S": "a"}}}`)
	same(t, "kept", kept, []string{`tables/Runs.json [{"id":{"S":"a"},"n":{"N":"1"}}]`, `tables/Runs.json []`})
}

func TestATaskOfDynamoDBFailsWithTheNameThatStepFunctionsGives(t *testing.T) {
	const item = `"Item": {"id": {"S": "a"}}`
	for _, test := range []struct {
		name, definition string
		actions          []string
		options          Options
		want             string
	}{
		// As recorded: see scaffold/asl/testdata.
		{"no such table", task("dynamodb:putItem", `{"TableName": "other", `+item+`}`, ""), nil, Options{}, "DynamoDB.ResourceNotFoundException"},
		{"no such table, by the SDK", task("aws-sdk:dynamodb:putItem", `{"TableName": "other", `+item+`}`, ""), nil, Options{}, "DynamoDb.ResourceNotFoundException"},
		{"no item", task("dynamodb:putItem", `{"TableName": "runs"}`, ""), nil, Options{}, "DynamoDB.AmazonDynamoDBException"},
		{"no item, by the SDK", task("aws-sdk:dynamodb:putItem", `{"TableName": "runs"}`, ""), nil, Options{}, "DynamoDb.DynamoDbException"},
		{"no permission", task("dynamodb:putItem", `{"TableName": "runs", `+item+`}`, ""), []string{"dynamodb:GetItem"}, Options{}, "DynamoDB.AmazonDynamoDBException"},
		{"a busy table", task("dynamodb:putItem", `{"TableName": "runs", `+item+`}`, ""), nil, Options{Faults: []Fault{{Kind: "throttle", Where: "dynamodb:PutItem"}}}, "DynamoDB.ProvisionedThroughputExceededException"},
		{"a condition that is not fulfilled, by the SDK", task("aws-sdk:dynamodb:putItem", `{"TableName": "runs", `+item+`, "ConditionExpression": "attribute_exists(id)"}`, ""), nil, Options{}, "DynamoDb.ConditionalCheckFailedException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, tableParts(test.definition, test.actions...), test.options).begin("{}").run()
			if got := r.output()["Error"]; got != test.want {
				t.Errorf("got %v, want %s", r.output(), test.want)
			}
		})
	}
}

func TestConditionsAreEvaluatedByTheDocumentedGrammar(t *testing.T) {
	const (
		yes = `{}`
		no  = "ConditionalCheckFailedException"
	)
	for _, test := range []struct{ condition, values, want string }{
		{"attribute_exists(n)", "", yes},
		{"attribute_exists(absent)", "", no},
		{"attribute_not_exists(absent) AND n = :v", `":v": {"N": "1.50"}`, yes},
		{"n < :v", `":v": {"N": "10"}`, yes},
		{"n < :v", `":v": {"S": "10"}`, no},
		{"n BETWEEN :v AND :w", `":v": {"N": "1"}, ":w": {"N": "2"}`, yes},
		{"#s IN (:v, :w)", `":v": {"S": "old"}, ":w": {"S": "done"}`, yes},
		{"NOT #s = :v", `":v": {"S": "done"}`, no},
		{"#s <> :v OR absent = :v", `":v": {"S": "done"}`, no},
		{"absent <> :v", `":v": {"S": "done"}`, yes},
		{"not absent = :v and (n = :v or n > :v)", `":v": {"N": "1"}`, yes},
		{"attribute_type(n, :v)", `":v": {"S": "N"}`, yes},
		{"begins_with(#s, :v)", `":v": {"S": "do"}`, yes},
		{"contains(tags, :v)", `":v": {"S": "b"}`, yes},
		{"contains(#s, :v)", `":v": {"S": "x"}`, no},
		{"size(parts2) = :v", `":v": {"N": "2"}`, yes},
		{"parts2[1].name2 = :v", `":v": {"S": "x"}`, yes},
		{"tags = :v", `":v": {"SS": ["b", "a"]}`, yes},
		{"n = :v AND", `":v": {"N": "1"}`, `Syntax error; token: "<EOF>"`},
		{"n == :v", `":v": {"N": "1"}`, "Syntax error"},
		{"n = :v)", `":v": {"N": "1"}`, `Syntax error; token: ")"`},
		{"sizeof(n) = :v", `":v": {"N": "1"}`, "Invalid function name; function: sizeof"},
		{"status = :v", `":v": {"N": "1"}`, "Attribute name is a reserved keyword; reserved keyword: status"},
		{"n = :other", `":v": {"N": "1"}`, "attribute value: :other"},
		{"attribute_exists(n)", `":v": {"N": "1"}`, "ExpressionAttributeValues unused in expressions: keys: {:v}"},
		{"attribute_exists(#other)", "", "attribute name: #other"},
	} {
		t.Run(test.condition, func(t *testing.T) {
			r := build(t, tableParts(task("dynamodb:getItem", `{}`, "")), Options{})
			r.ask("PutItem", `{"Item": {"id": {"S": "a"}, "n": {"N": "1.5"}, "status": {"S": "done"}, "tags": {"SS": ["a", "b"]},
				"parts2": {"L": [{"N": "1"}, {"M": {"name2": {"S": "x"}}}]}}}`)
			parameters := fmt.Sprintf(`{"Item": {"id": {"S": "a"}}, "ConditionExpression": %q`, test.condition)
			if test.values != "" {
				parameters += `, "ExpressionAttributeValues": {` + test.values + `}`
			}
			if strings.Contains(test.condition, "#s") {
				parameters += `, "ExpressionAttributeNames": {"#s": "status"}`
			}
			if got := r.ask("PutItem", parameters+"}"); !strings.Contains(got, test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestUpdatesAreMadeAsTheirExpressionSays(t *testing.T) {
	for _, test := range []struct{ name, expression, values, want string }{
		{"a value", "SET data2 = :v", `":v": {"S": "new"}`, `{"Attributes":{"data2":{"S":"new"},"id":{"S":"a"},"l":{"L":[{"N":"1"}]},"m":{"M":{"k":{"N":"1"}}},"n":{"N":"1.5"},"tags":{"SS":["a","b"]}}}`},
		{"a counter", "SET n = n + :v", `":v": {"N": "2"}`, `"n":{"N":"3.5"}`},
		{"a difference", "set n = n - :v", `":v": {"N": "1.5"}`, `"n":{"N":"0"}`},
		{"a default", "SET fresh = if_not_exists(fresh, :v) + :v", `":v": {"N": "2"}`, `"fresh":{"N":"4"}`},
		{"an element of a list", "SET l = list_append(l, :v), m.k = :w", `":v": {"L": [{"N": "2"}]}, ":w": {"N": "5"}`, `"l":{"L":[{"N":"1"},{"N":"2"}]},"m":{"M":{"k":{"N":"5"}}}`},
		{"an attribute and an element less", "REMOVE n, l[0]", "", `{"Attributes":{"id":{"S":"a"},"l":{"L":[]},"m":{"M":{"k":{"N":"1"}}},"tags":{"SS":["a","b"]}}}`},
		{"two elements less, by their places before", "REMOVE l[0], l[1]", "", `"l":{"L":[]}`},
		{"an addition to a number and to a set", "ADD n :v, tags :w", `":v": {"N": "1"}, ":w": {"SS": ["b", "c"]}`, `"n":{"N":"2.5"},"tags":{"SS":["a","b","c"]}`},
		{"elements of a set less", "DELETE tags :v", `":v": {"SS": ["a", "b"]}`, `{"Attributes":{"id":{"S":"a"},"l":{"L":[{"N":"1"}]},"m":{"M":{"k":{"N":"1"}}},"n":{"N":"1.5"}}}`},
		{"each sees the item as it was", "SET n = :v, copy2 = n", `":v": {"N": "9"}`, `"copy2":{"N":"1.5"}`},
		{"the key", "SET id = :v", `":v": {"S": "b"}`, "Cannot update attribute id. This attribute is part of the key"},
		{"what is not there", "SET n = absent + :v", `":v": {"N": "1"}`, "refers to an attribute that does not exist in the item"},
		{"a text in a sum", "SET n = n + :v", `":v": {"S": "1"}`, "incorrect data type"},
		{"a path into nothing", "SET absent.k = :v", `":v": {"N": "1"}`, "document path provided in the update expression is invalid"},
		{"two paths that overlap", "SET m = :v, m.k = :v", `":v": {"N": "1"}`, "Two document paths overlap"},
		{"a clause twice", "SET n = :v SET l = :v", `":v": {"N": "1"}`, "can only be used once"},
		{"a clause that is none", "PUT n = :v", `":v": {"N": "1"}`, `Syntax error; token: "PUT"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, tableParts(task("dynamodb:getItem", `{}`, "")), Options{})
			r.ask("PutItem", `{"Item": {"id": {"S": "a"}, "n": {"N": "1.5"}, "tags": {"SS": ["a", "b"]}, "l": {"L": [{"N": "1"}]}, "m": {"M": {"k": {"N": "1"}}}}}`)
			if strings.Contains(test.expression, "l[1]") {
				r.ask("UpdateItem", `{"Key": {"id": {"S": "a"}}, "UpdateExpression": "SET l[1] = n"}`)
			}
			parameters := fmt.Sprintf(`{"Key": {"id": {"S": "a"}}, "ReturnValues": "ALL_NEW", "UpdateExpression": %q`, test.expression)
			if test.values != "" {
				parameters += `, "ExpressionAttributeValues": {` + test.values + `}`
			}
			if got := r.ask("UpdateItem", parameters+"}"); !strings.Contains(got, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestAnItemIsWrittenAndReadAsTheTablesKeySays(t *testing.T) {
	for _, test := range []struct{ name, action, parameters, want string }{
		{"an item that is there", "GetItem", `{"Key": {"id": {"S": "a"}}, "ConsistentRead": true}`, `{"Item":{"id":{"S":"a"},"m":{"M":{"k":{"N":"1"},"other":{"N":"2"}}},"n":{"N":"1"}}}`},
		{"one that is not", "GetItem", `{"Key": {"id": {"S": "b"}}}`, `{}`},
		{"some of it", "GetItem", `{"Key": {"id": {"S": "a"}}, "ProjectionExpression": "m.k, #n", "ExpressionAttributeNames": {"#n": "n"}}`, `{"Item":{"m":{"M":{"k":{"N":"1"}}},"n":{"N":"1"}}}`},
		{"what it takes of the capacity", "GetItem", `{"Key": {"id": {"S": "a"}}, "ReturnConsumedCapacity": "TOTAL"}`, `"ConsumedCapacity":{"CapacityUnits":0.5,"TableName":"runs"}`},
		{"the item before", "PutItem", `{"Item": {"id": {"S": "a"}}, "ReturnValues": "ALL_OLD"}`, `"Attributes":{"id":{"S":"a"},"m"`},
		{"the item that is removed", "DeleteItem", `{"Key": {"id": {"S": "a"}}, "ReturnValues": "ALL_OLD"}`, `"Attributes":{"id":{"S":"a"},"m"`},
		{"a value that an action does not return", "PutItem", `{"Item": {"id": {"S": "a"}}, "ReturnValues": "ALL_NEW"}`, "ReturnValues can only be NONE or one of [ALL_OLD]"},
		{"an item without its key", "PutItem", `{"Item": {"n": {"N": "1"}}}`, "Missing the key id in the item"},
		{"a key of another type", "PutItem", `{"Item": {"id": {"N": "1"}}}`, "Type mismatch for key id expected: S actual: N"},
		{"an empty key", "PutItem", `{"Item": {"id": {"S": ""}}}`, "cannot contain an empty string value. Key: id"},
		{"more than the key", "GetItem", `{"Key": {"id": {"S": "a"}, "n": {"N": "1"}}}`, "The provided key element does not match the schema"},
		{"a number that is none", "PutItem", `{"Item": {"id": {"S": "a"}, "n": {"N": "one"}}}`, "cannot be converted to a numeric value: one"},
		{"a number that is not written as a text", "PutItem", `{"Item": {"id": {"S": "a"}, "n": {"N": 1}}}`, "SerializationException"},
		{"a value without a type", "PutItem", `{"Item": {"id": {"S": "a"}, "n": {}}}`, "must contain exactly one of the supported datatypes"},
		{"an empty set", "PutItem", `{"Item": {"id": {"S": "a"}, "n": {"SS": []}}}`, "An string set may not be empty"},
		{"an item that is too large", "PutItem", `{"Item": {"id": {"S": "a"}, "n": {"S": "` + strings.Repeat("x", maxItem) + `"}}}`, "Item size has exceeded"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, tableParts(task("dynamodb:getItem", `{}`, "")), Options{})
			r.ask("PutItem", `{"Item": {"id": {"S": "a"}, "n": {"N": "1"}, "m": {"M": {"k": {"N": "1"}, "other": {"N": "2"}}}}}`)
			if got := r.ask(test.action, test.parameters); !strings.Contains(got, test.want) {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestAnOlderWayOfAskingDynamoDBIsRefused(t *testing.T) {
	p := tableParts(task("dynamodb:putItem", `{"TableName": "runs", "Item": {"id": {"S": "a"}}, "Expected": {"id": {"Exists": false}}}`, ""))
	if err := build(t, p, Options{}).begin("{}").Run(); err == nil || !strings.Contains(err.Error(), "does not know Expected of dynamodb:PutItem") {
		t.Errorf("got %v, want that the lab does not know Expected", err)
	}
}
