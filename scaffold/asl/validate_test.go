package asl

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestConformanceDefinitions compares what the service answers to a definition.
func TestConformanceDefinitions(t *testing.T) {
	cases := readRecordings(t, filepath.Join(conformanceFolder(t), "definitions"))
	passed := 0
	for _, r := range cases {
		t.Run(r.name, func(t *testing.T) {
			got := answerDefinition(r)
			if why := r.comparer().match(r.at("expected"), got, "", ""); why != "" {
				t.Error(why)
				return
			}
			passed++
		})
	}
	fmt.Printf("definitions: %d passed, %d total\n", passed, len(cases))
}

var recordedArn = regexp.MustCompile(`arn:aws:states:[^']+`)

func answerDefinition(r recording) any {
	request := r.at("request").(*Object).Clone()
	if definition, _ := request.Get("definition"); definition != "" {
		request.Set("definition", EncodeString(definition))
	}
	api := r.text("api")
	if api == "validate_state_machine_definition" {
		answer, err := Diagnose(request)
		if err != nil {
			return err.Error()
		}
		return answer
	}
	catalog := &Catalog{Partition: "aws", Region: "us-east-1", Account: "111111111111"}
	var answer *Object
	var err *APIError
	if api == "create_state_machine" {
		if strings.Contains(r.text("expected", "Error", "Code"), "AlreadyExists") { // the case is the second request
			first := request.Clone()
			first.Set("definition", textOf(request, "definition")+" ")
			catalog.Create(first)
		}
		answer, err = catalog.Create(request)
	} else {
		if arn := recordedArn.FindString(r.text("expected", "message")); arn != "" { // the request lost it
			request.Set("stateMachineArn", arn)
		}
		answer, err = catalog.Update(request)
	}
	if err == nil {
		return answer
	}
	if has(r.at("expected").(*Object), "exception_typename") {
		operation := map[string]string{"create_state_machine": "CreateStateMachine", "update_state_machine": "UpdateStateMachine"}[api]
		return ObjectOf("exception_typename", err.Code, "exception_value",
			fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", err.Code, operation, err.Message))
	}
	return ObjectOf("Error", ObjectOf("Code", err.Code, "Message", err.Message), "message", err.Message)
}

// TestValidateAccepts protects against refusing what AWS accepts: every definition that was recorded running.
func TestValidateAccepts(t *testing.T) {
	folder := conformanceFolder(t)
	for _, part := range []string{"executions", "express"} {
		for _, r := range readRecordings(t, filepath.Join(folder, part)) {
			for _, f := range Validate(Encode(r.at("definition")), r.text("state_machine_type")) {
				if f.Severity == severityError {
					t.Errorf("%s: %s: %s [%s]", r.name, f.Location, f.Message, f.Rule)
				}
			}
		}
	}
}

// in puts states into a machine whose first state is A.
func in(states string) string { return `{"StartAt":"A","States":{` + states + `}}` }

func jsonata(states string) string {
	return `{"QueryLanguage":"JSONata","StartAt":"A","States":{` + states + `}}`
}

const (
	processor   = `"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`
	distributed = `"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`
	lambdaTask  = `"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true`
)

// TestValidate protects each rule: a definition that breaks it, and what is reported.
func TestValidate(t *testing.T) {
	for _, test := range []struct{ rule, definition, want string }{
		{"description", ` `, `MISSING_DESCRIPTION The definition is empty @`},
		{"json", `{`, `INVALID_JSON_DESCRIPTION invalid JSON at byte 1: expected a key in double quotes @`},
		{"type", `[]`, `SCHEMA_VALIDATION_FAILED Expected value of type [OBJECT] @/`},
		{"required-field", `{}`, `SCHEMA_VALIDATION_FAILED These fields are required: [StartAt, States] @/`},
		{"required-field", in(`"A":{"End":true}`), `SCHEMA_VALIDATION_FAILED These fields are required: [Type] @/States/A`},
		{"required-field", in(`"A":{"Type":"Task","End":true}`), `SCHEMA_VALIDATION_FAILED These fields are required: [Resource] @/States/A`},
		{"required-field", in(`"A":{"Type":"Parallel","End":true}`), `SCHEMA_VALIDATION_FAILED These fields are required: [Branches] @/States/A`},
		{"empty", `{"StartAt":"A","States":{}}`, `SCHEMA_VALIDATION_FAILED Value cannot be empty @/States`},
		{"type", `{"StartAt":1,"States":[]}`, `SCHEMA_VALIDATION_FAILED Expected value of type [STRING] @/StartAt
SCHEMA_VALIDATION_FAILED Expected value of type [OBJECT] @/States`},
		{"type", in(`"A":1`), `SCHEMA_VALIDATION_FAILED Expected value of type [OBJECT] @/States/A
MISSING_END_STATE Workflow has no terminal state @`},
		{"enum", in(`"A":{"Type":"Job","End":true}`), `SCHEMA_VALIDATION_FAILED Value should be one of the following: [Task, Pass, Wait, Choice, Parallel, Map, Succeed, Fail] @/States/A/Type`},
		{"enum", `{"Version":"2.0","StartAt":"A","States":{"A":{"Type":"Succeed"}}}`, `SCHEMA_VALIDATION_FAILED Value should be one of the following: [1.0] @/Version`},
		{"unsupported-field", `{"Coment":"x","StartAt":"A","States":{"A":{"Type":"Succeed"}}}`, `SCHEMA_VALIDATION_FAILED Field 'Coment' is not supported @/`},
		{"unsupported-field", in(`"A":{"Type":"Pass","TimeoutSeconds":5,"Retry":[],"End":true}`), `SCHEMA_VALIDATION_FAILED Field 'TimeoutSeconds' is not supported @/States/A
SCHEMA_VALIDATION_FAILED Field 'Retry' is not supported @/States/A`},
		{"unsupported-field", in(`"A":{"Type":"Parallel","Branches":[{"QueryLanguage":"JSONata","StartAt":"B","States":{"B":{"Type":"Pass","End":true}}}],"End":true}`), `SCHEMA_VALIDATION_FAILED Field 'QueryLanguage' is not supported @/States/A/Branches[0]`},
		{"unsupported-field", in(`"A":{"Type":"Map","ItemProcessor":{"QueryLanguage":"JSONata","StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}`), `SCHEMA_VALIDATION_FAILED Field 'QueryLanguage' is not supported @/States/A/ItemProcessor`},
		{"one-of-fields", in(`"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass"}`), `SCHEMA_VALIDATION_FAILED This object should have only one of the following fields: [Next, End] @/States/B
MISSING_END_STATE Workflow has no terminal state @`},
		{"exclusive-fields", in(`"A":{"Type":"Pass","Next":"B","End":true},"B":{"Type":"Succeed"}`), `SCHEMA_VALIDATION_FAILED There should only be one of the following fields: [Next, End] @/States/A`},
		{"exclusive-fields", in(`"A":{"Type":"Wait","Seconds":1,"Timestamp":"2030-01-01T00:00:00Z","End":true}`), `SCHEMA_VALIDATION_FAILED There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] @/States/A`},
		{"exclusive-fields", in(`"A":{"TimeoutSeconds":1,"TimeoutSecondsPath":"$.t",` + lambdaTask + `}`), `SCHEMA_VALIDATION_FAILED There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath] @/States/A`},
		{"exclusive-fields", in(`"A":{"Type":"Fail","Error":"e","ErrorPath":"$.e"}`), `SCHEMA_VALIDATION_FAILED There should only be one of the following fields: [Error, ErrorPath] @/States/A`},
		{"one-of-fields", in(`"A":{"Type":"Map","End":true}`), `SCHEMA_VALIDATION_FAILED This object should have only one of the following fields: [ItemProcessor, Iterator] @/States/A`},
		{"transition-target", in(`"A":{"Type":"Pass","Next":"C"},"B":{"Type":"Pass","End":true}`), `MISSING_TRANSITION_TARGET Missing 'Next' target: C @/States/A/Next
MISSING_TRANSITION_TARGET State "B" is not reachable. @/States/B`},
		{
			"transition-target", in(`"A":{"Type":"Choice","Choices":[{"Variable":"$.x","IsNull":true,"Next":"C"}],"Default":"D"},"B/C":{"Type":"Succeed"}`),
			`MISSING_TRANSITION_TARGET Missing 'Next' target: D @/States/A/Default
MISSING_TRANSITION_TARGET Missing 'Next' target: C @/States/A/Choices[0]/Next
MISSING_TRANSITION_TARGET State "B/C" is not reachable. @/States/B/C`,
		},
		{"transition-target", in(`"A":{"Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}],` + lambdaTask + `}`), `MISSING_TRANSITION_TARGET Missing 'Next' target: C @/States/A/Catch[0]/Next`},
		{"transition-target", `{"StartAt":"N","States":{"A":{"Type":"Succeed"}}}`, `MISSING_TRANSITION_TARGET Missing 'Next' target: N @/StartAt
MISSING_TRANSITION_TARGET State "A" is not reachable. @/States/A`},
		{"terminal-state", in(`"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"},"C":{"Type":"Pass","Next":"A"}`), `MISSING_END_STATE Workflow has no terminal state @`},
		{"terminal-state", in(`"A":{"Type":"Pass","Next":"B"}`), `MISSING_TRANSITION_TARGET Missing 'Next' target: B @/States/A/Next
MISSING_END_STATE Workflow has no terminal state @`},
		{"reachable", in(`"A":{"Type":"Pass","Next":"A"},"C":{"Type":"Pass","End":true}`), `MISSING_TRANSITION_TARGET State "C" is not reachable. @/States/C`},
		{"reference-path", in(`"A":{"Type":"Pass","ResultPath":"$v","End":true}`), `SCHEMA_VALIDATION_FAILED Value is not a Reference Path @/States/A/ResultPath`},
		{"reference-path", in(`"A":{"Type":"Map","MaxConcurrencyPath":"$$.Execution.Input.n",` + distributed + `,"End":true}`), `SCHEMA_VALIDATION_FAILED Value is not a Reference Path @/States/A/MaxConcurrencyPath`},
		{"duplicate-state", in(`"A":{"Type":"Parallel","Branches":[{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}],"End":true}`), `DUPLICATE_STATE_NAME Duplicate State name: A @/States/A/Branches[0]/States/A`},
		{"state-name", `{"StartAt":"","States":{"":{"Type":"Succeed"}}}`, `INVALID_STATE_NAME State name cannot be empty @/States/`},
		{"state-name", strings.ReplaceAll(in(`"A":{"Type":"Succeed"}`), `"A"`, `"`+strings.Repeat("a", 81)+`"`), `INVALID_STATE_NAME State name '` + strings.Repeat("a", 81) + `' exceeds the 80-character limit allowed by the service @/States/` + strings.Repeat("a", 81)},
		{"type", in(`"A":{"Type":"Pass","End":"yes","Comment":1}`), `SCHEMA_VALIDATION_FAILED Expected value of type [BOOLEAN] @/States/A/End
SCHEMA_VALIDATION_FAILED Expected value of type [STRING] @/States/A/Comment
MISSING_END_STATE Workflow has no terminal state @`},
		{"json-path", in(`"A":{"Type":"Pass","InputPath":"a","OutputPath":"$.","End":true}`), `SCHEMA_VALIDATION_FAILED Value must be a valid JSONPath. @/States/A/InputPath
SCHEMA_VALIDATION_FAILED Value must be a valid JSONPath. @/States/A/OutputPath`},
		{"json-path", in(`"A":{"Type":"Fail","CausePath":"States.Nope()"}`), `SCHEMA_VALIDATION_FAILED Value must be a valid JSONPath. @/States/A/CausePath`},
		{"reference-path", in(`"A":{"Type":"Pass","ResultPath":"a","End":true}`), `SCHEMA_VALIDATION_FAILED Value is not a Reference Path: Reference path didn't start with '$' @/States/A/ResultPath`},
		{"reference-path", in(`"A":{"Type":"Pass","ResultPath":"$.a[*]","End":true}`), `SCHEMA_VALIDATION_FAILED Value is not a Reference Path @/States/A/ResultPath`},
		{"minimum", in(`"A":{"Type":"Wait","Seconds":-1,"End":true}`), `SCHEMA_VALIDATION_FAILED Minimum value is 0 @/States/A/Seconds`},
		{"maximum", in(`"A":{"Type":"Wait","Seconds":100000000,"End":true}`), `SCHEMA_VALIDATION_FAILED Maximum value is 99999999 @/States/A/Seconds`},
		{"type", in(`"A":{"Type":"Wait","Seconds":1.5,"End":true}`), `SCHEMA_VALIDATION_FAILED Expected value of type [INTEGER] @/States/A/Seconds`},
		{"type", jsonata(`"A":{"Type":"Wait","Seconds":"5","End":true}`), `SCHEMA_VALIDATION_FAILED Expected value of type [NUMBER] @/States/A/Seconds`},
		{"timestamp", in(`"A":{"Type":"Wait","Timestamp":"2030-01-01","End":true}`), `SCHEMA_VALIDATION_FAILED String does not match RFC3339 timestamp @/States/A/Timestamp`},
		{"type", in(`"A":{"Type":"Wait","Timestamp":1,"End":true}`), `SCHEMA_VALIDATION_FAILED Expected value of type [STRING] @/States/A/Timestamp`},
		{"payload-template", in(`"A":{"Type":"Pass","Parameters":{"a":[{"b.$":"x"}],"c.$":1},"End":true}`), `SCHEMA_VALIDATION_FAILED The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call @/States/A/Parameters
SCHEMA_VALIDATION_FAILED The value for the field 'c.$' must be a valid JSONPath or a valid intrinsic function call @/States/A/Parameters`},
		{"no-dollar", in(`"A":{"Type":"Pass","Parameters":{"a":"$.b"},"End":true}`), `NO_DOLLAR The value of the field 'a' looks like a path or a call: name the field 'a.$' to have it evaluated @/States/A/Parameters/a`},
		{"no-path", in(`"A":{"Type":"Fail","Error":"$.e"}`), `NO_PATH The value of the field 'Error' looks like a path: name the field 'ErrorPath' to have it read @/States/A/Error`},
		{"static-result", in(`"A":{"Type":"Pass","Result":{"a.$":"$.b"},"End":true}`), `PASS_RESULT_IS_STATIC The Result of a Pass state is taken as it is: move the field 'a.$' to Parameters to have it evaluated @/States/A/Result/a.$`},
		{"reserved-variable", in(`"A":{"Type":"Pass","Assign":{"states":1},"End":true}`), `RESERVED_VARIABLE_NAME Cannot assign to reserved variable '$states'. @/States/A/Assign`},
		{"variable-name", in(`"A":{"Type":"Pass","Assign":{"a b":1,"c.$":"$.c"},"End":true}`), `INVALID_VARIABLE_NAME Invalid variable name 'a b': the variable name contains invalid characters. @/States/A/Assign`},
		{"variable-name", in(`"A":{"Type":"Pass","Assign":{"` + strings.Repeat("a", 81) + `":1},"End":true}`), `INVALID_VARIABLE_NAME Invalid variable name '` + strings.Repeat("a", 81) + `': the variable name exceeds the 80-character limit. @/States/A/Assign`},
		{"type", in(`"A":{"Type":"Pass","Assign":1,"End":true}`), `SCHEMA_VALIDATION_FAILED Expected value of type [OBJECT] @/States/A/Assign`},
		{"required-field", in(`"A":{"Retry":[{}],"Catch":[{}],` + lambdaTask + `}`), `SCHEMA_VALIDATION_FAILED These fields are required: [ErrorEquals] @/States/A/Retry[0]
SCHEMA_VALIDATION_FAILED These fields are required: [ErrorEquals, Next] @/States/A/Catch[0]`},
		{"states-all", in(`"A":{"Retry":[{"ErrorEquals":["States.ALL","E"]},{"ErrorEquals":["States.ALL"]},{"ErrorEquals":["E"]}],` + lambdaTask + `}`), `SCHEMA_VALIDATION_FAILED States.ALL must appear alone and at end of list @/States/A/Retry[0]/ErrorEquals
SCHEMA_VALIDATION_FAILED States.ALL must appear alone and at end of list @/States/A/Retry[1]/ErrorEquals`},
		{"empty", in(`"A":{"Retry":[{"ErrorEquals":[]}],` + lambdaTask + `}`), `SCHEMA_VALIDATION_FAILED Value cannot be empty @/States/A/Retry[0]/ErrorEquals`},
		{"type", in(`"A":{"Retry":[{"ErrorEquals":"E"},{"ErrorEquals":[1]},2],"Catch":{},` + lambdaTask + `}`), `SCHEMA_VALIDATION_FAILED Expected value of type [ARRAY] @/States/A/Retry[0]/ErrorEquals
SCHEMA_VALIDATION_FAILED Expected value of type [STRING] @/States/A/Retry[1]/ErrorEquals[0]
SCHEMA_VALIDATION_FAILED Expected value of type [OBJECT] @/States/A/Retry[2]
SCHEMA_VALIDATION_FAILED Expected value of type [ARRAY] @/States/A/Catch`},
		{"minimum", in(`"A":{"Retry":[{"ErrorEquals":["E"],"IntervalSeconds":0,"MaxAttempts":-1,"BackoffRate":0.5,"MaxDelaySeconds":0}],` + lambdaTask + `}`), `SCHEMA_VALIDATION_FAILED Minimum value is 1 @/States/A/Retry[0]/IntervalSeconds
SCHEMA_VALIDATION_FAILED Minimum value is 0 @/States/A/Retry[0]/MaxAttempts
SCHEMA_VALIDATION_FAILED Minimum value is 1.0 @/States/A/Retry[0]/BackoffRate
SCHEMA_VALIDATION_FAILED Minimum value is 1 @/States/A/Retry[0]/MaxDelaySeconds`},
		{"max-delay", in(`"A":{"Retry":[{"ErrorEquals":["E"],"IntervalSeconds":5,"MaxDelaySeconds":5}],` + lambdaTask + `}`), `SCHEMA_VALIDATION_FAILED MaxDelaySeconds must be greater than IntervalSeconds @/States/A/Retry[0]/MaxDelaySeconds`},
		{"enum", in(`"A":{"Retry":[{"ErrorEquals":["E"],"JitterStrategy":"HALF","BackoffRate":"2","Wait":1}],` + lambdaTask + `}`), `SCHEMA_VALIDATION_FAILED Value should be one of the following: [NONE, FULL] @/States/A/Retry[0]/JitterStrategy
SCHEMA_VALIDATION_FAILED Expected value of type [NUMBER] @/States/A/Retry[0]/BackoffRate
SCHEMA_VALIDATION_FAILED Field 'Wait' is not supported @/States/A/Retry[0]`},
		{"unsupported-field", in(`"A":{"Catch":[{"ErrorEquals":["E"],"Next":"B","Delay":1,"Output":{}}],` + lambdaTask + `},"B":{"Type":"Succeed"}`), `SCHEMA_VALIDATION_FAILED Field 'Delay' is not supported @/States/A/Catch[0]
SCHEMA_VALIDATION_FAILED The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage @/States/A/Catch[0]`},
		{"query-language", in(`"A":{"Type":"Pass","Output":{},"End":true}`), `SCHEMA_VALIDATION_FAILED The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage @/States/A`},
		{"query-language", jsonata(`"A":{"Type":"Pass","InputPath":"$.a","Result":1,"End":true}`), `SCHEMA_VALIDATION_FAILED The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage @/States/A
SCHEMA_VALIDATION_FAILED The QueryLanguage is set to 'JSONata', but field 'Result' is only supported for the 'JSONPath' QueryLanguage @/States/A`},
		{"query-language", jsonata(`"A":{"Type":"Pass","QueryLanguage":"JSONPath","Output":{},"End":true}`), `SCHEMA_VALIDATION_FAILED 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine @/States/A`},
		{"enum", in(`"A":{"Type":"Pass","QueryLanguage":"jsonata","InputPath":"$.a","End":true}`), `SCHEMA_VALIDATION_FAILED The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage @/States/A
SCHEMA_VALIDATION_FAILED Value should be one of the following: [JSONPath, JSONata] @/States/A/QueryLanguage`},
		{"type", `{"QueryLanguage":5,"StartAt":"A","States":{"A":{"Type":"Succeed"}}}`, `SCHEMA_VALIDATION_FAILED Expected value of type [STRING] @/QueryLanguage`},
		{"query-language", in(`"A":{"Type":"Map","QueryLanguage":"JSONata","Items":[1],"ItemProcessor":{"StartAt":"P","States":{"P":{"Type":"Pass","Output":1,"End":true}}},"End":true}`), `SCHEMA_VALIDATION_FAILED The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage @/States/A/ItemProcessor/States/P`},
		{"jsonata-delimiters", jsonata(`"A":{"Type":"Pass","Output":{"a":["{% 1"]},"End":true}`), `SCHEMA_VALIDATION_FAILED JSONata string must start with {% and end with %} @/States/A/Output/a[0]`},
		{"jsonata-reference", jsonata(`"A":{"Type":"Pass","Output":"{% phone & $sum(phone) & $.x %}","End":true}`), `UNSUPPORTED_JSONATA_EXPRESSION Reference to 'phone' at the top level is not supported. @/States/A/Output
UNSUPPORTED_JSONATA_EXPRESSION Reference to '$' at the top level is not supported. @/States/A/Output`},
		{"choice-rule", in(`"A":{"Type":"Choice","Choices":[{"Next":"B"}],"Default":"B"},"B":{"Type":"Succeed"}`), `SCHEMA_VALIDATION_FAILED The object must have only one of the following fields, [And, Or, Not, Variable, Condition] @/States/A/Choices[0]`},
		{"empty", in(`"A":{"Type":"Choice","Choices":[]}`), `SCHEMA_VALIDATION_FAILED Value cannot be empty @/States/A/Choices
MISSING_END_STATE Workflow has no terminal state @`},
		{"choice-operator", in(`"A":{"Type":"Choice","Choices":[{"Variable":"$.x","StringEquals":"a","IsNull":true,"Next":"B"}]},"B":{"Type":"Succeed"}`), `SCHEMA_VALIDATION_FAILED There should only be one of the following fields: [StringEquals, IsNull] @/States/A/Choices[0]`},
		{"type", in(`"A":{"Type":"Choice","Choices":[{"And":[{"Variable":"x","NumericEquals":"1"},{"Not":1},{"Or":[]}],"Next":"B"}]},"B":{"Type":"Succeed"}`), `SCHEMA_VALIDATION_FAILED Value is not a Reference Path: Reference path didn't start with '$' @/States/A/Choices[0]/And[0]/Variable
SCHEMA_VALIDATION_FAILED Expected value of type [NUMBER] @/States/A/Choices[0]/And[0]/NumericEquals
SCHEMA_VALIDATION_FAILED Expected value of type [OBJECT] @/States/A/Choices[0]/And[1]/Not
SCHEMA_VALIDATION_FAILED Value cannot be empty @/States/A/Choices[0]/And[2]/Or`},
		{"type", in(`"A":{"Type":"Choice","Choices":[{"Or":[{"Variable":1,"IsNull":1},{"Variable":"$.a[","StringEqualsPath":"$.b","Next":"B"},{"Variable":"$.a","TimestampEquals":"x"},{"Not":{"Variable":"$.a","StringEquals":1}}],"Next":"B"}]},"B":{"Type":"Succeed"}`), `SCHEMA_VALIDATION_FAILED Expected value of type [STRING] @/States/A/Choices[0]/Or[0]/Variable
SCHEMA_VALIDATION_FAILED Expected value of type [BOOLEAN] @/States/A/Choices[0]/Or[0]/IsNull
SCHEMA_VALIDATION_FAILED Value is not a Reference Path @/States/A/Choices[0]/Or[1]/Variable
SCHEMA_VALIDATION_FAILED Field 'Next' is not supported @/States/A/Choices[0]/Or[1]
SCHEMA_VALIDATION_FAILED String does not match RFC3339 timestamp @/States/A/Choices[0]/Or[2]/TimestampEquals
SCHEMA_VALIDATION_FAILED Expected value of type [STRING] @/States/A/Choices[0]/Or[3]/Not/StringEquals`},
		{"query-language", jsonata(`"A":{"Type":"Choice","Choices":[{"Variable":"$.x","IsNull":true,"Next":"B"}]},"B":{"Type":"Succeed"}`), `SCHEMA_VALIDATION_FAILED The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the 'JSONPath' QueryLanguage @/States/A/Choices[0]`},
		{"resource-arn", in(`"A":{"Type":"Task","Resource":"job","End":true}`), `SCHEMA_VALIDATION_FAILED Value is not a valid resource ARN @/States/A/Resource`},
		{"type", in(`"A":{"Type":"Task","Resource":1,"End":true}`), `SCHEMA_VALIDATION_FAILED Expected value of type [STRING] @/States/A/Resource`},
		{"credentials", in(`"A":{"Credentials":{},` + lambdaTask + `}`), `SCHEMA_VALIDATION_FAILED The field 'RoleArn' is required but was missing @/States/A/Credentials`},
		{"credentials", in(`"A":{"Type":"Task","Resource":"arn:aws:states:us-east-1:111111111111:activity:a","Credentials":{"RoleArn.$":"$.r"},"End":true}`), `SCHEMA_VALIDATION_FAILED The field 'Credentials' is not supported for activities @/States/A/Credentials`},
		{"label", in(`"A":{"Type":"Map","Label":"a b",` + distributed + `,"Next":"B"},"B":{"Type":"Map","Label":"` + strings.Repeat("l", 41) + `",` + strings.ReplaceAll(distributed, `"P"`, `"Q"`) + `,"End":true}`), `INVALID_LABEL_NAME Label 'a b' contains invalid characters @/States/A/Label
INVALID_LABEL_NAME Label '` + strings.Repeat("l", 41) + `' exceeds the 40-character limit allowed by the service @/States/B/Label`},
		{"duplicate-label", in(`"A":{"Type":"Map","Label":"l",` + distributed + `,"Next":"B"},"B":{"Type":"Map","Label":"l",` + strings.ReplaceAll(distributed, `"P"`, `"Q"`) + `,"End":true}`), `DUPLICATE_LABEL_NAME Duplicate Label name: l @/States/B/Label`},
		{"required-field", in(`"A":{"Type":"Map","ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}`), `SCHEMA_VALIDATION_FAILED These fields are required: [ExecutionType] @/States/A/ItemProcessor/ProcessorConfig`},
		{"unsupported-field", in(`"A":{"Type":"Map","ItemProcessor":{"ProcessorConfig":{"Mode":"INLINE","ExecutionType":"STANDARD"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}`), `SCHEMA_VALIDATION_FAILED Field 'ExecutionType' is not supported @/States/A/ItemProcessor/ProcessorConfig`},
		{"type", in(`"A":{"Type":"Map","ItemProcessor":{"ProcessorConfig":1,"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}`), `SCHEMA_VALIDATION_FAILED Expected value of type [OBJECT] @/States/A/ItemProcessor/ProcessorConfig`},
		{"type", in(`"A":{"Type":"Map","ItemProcessor":1,"ItemReader":1,"End":true}`), `SCHEMA_VALIDATION_FAILED Expected value of type [OBJECT] @/States/A/ItemProcessor
SCHEMA_VALIDATION_FAILED Expected value of type [OBJECT] @/States/A/ItemReader`},
		{"minimum", in(`"A":{"Type":"Map","MaxConcurrency":-1,"ToleratedFailurePercentage":-1,` + distributed + `,"End":true}`), `SCHEMA_VALIDATION_FAILED Minimum value is 0 @/States/A/MaxConcurrency
SCHEMA_VALIDATION_FAILED Minimum value is 0.0 @/States/A/ToleratedFailurePercentage`},
		{"maximum", in(`"A":{"Type":"Map","ToleratedFailurePercentage":101,` + distributed + `,"End":true}`), `SCHEMA_VALIDATION_FAILED Maximum value is 100.0 @/States/A/ToleratedFailurePercentage`},
		{"type", in(`"A":{"Type":"Map","ToleratedFailurePercentage":"1",` + distributed + `,"End":true}`), `SCHEMA_VALIDATION_FAILED Expected value of type [NUMBER] @/States/A/ToleratedFailurePercentage`},
		{"type", jsonata(`"A":{"Type":"Map","Items":5,"ToleratedFailurePercentage":"{% 5 %}",` + distributed + `,"End":true}`), `SCHEMA_VALIDATION_FAILED Expected value of type [ARRAY] @/States/A/Items`},
		{"item-reader", in(`"A":{"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:putObject","ReaderConfig":{"InputType":"XML","MaxItems":1,"MaxItemsPath":"$.m","Rows":1}},` + distributed + `,"End":true}`), `SCHEMA_VALIDATION_FAILED The field 'Resource' does not match any of the allowed values @/States/A/ItemReader/Resource
SCHEMA_VALIDATION_FAILED Value should be one of the following: [CSV, JSON, JSONL, MANIFEST, PARQUET] @/States/A/ItemReader/ReaderConfig/InputType
SCHEMA_VALIDATION_FAILED Field 'Rows' is not supported @/States/A/ItemReader/ReaderConfig
SCHEMA_VALIDATION_FAILED There should only be one of the following fields: [MaxItems, MaxItemsPath] @/States/A/ItemReader/ReaderConfig`},
		{"csv-header", in(`"A":{"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"CSV","CSVDelimiter":"DOT"},"Where":1,"Arguments":{}},` + distributed + `,"End":true}`), `SCHEMA_VALIDATION_FAILED Field 'Where' is not supported @/States/A/ItemReader
SCHEMA_VALIDATION_FAILED The QueryLanguage is set to 'JSONPath', but field 'Arguments' is only supported for the 'JSONata' QueryLanguage @/States/A/ItemReader
SCHEMA_VALIDATION_FAILED Value should be one of the following: [COMMA, PIPE, SEMICOLON, SPACE, TAB] @/States/A/ItemReader/ReaderConfig/CSVDelimiter
SCHEMA_VALIDATION_FAILED The field 'CSVHeaderLocation' is required @/States/A/ItemReader/ReaderConfig`},
		{"required-field", in(`"A":{"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"GIVEN"}},` + distributed + `,"End":true}`), `SCHEMA_VALIDATION_FAILED These fields are required: [CSVHeaders] @/States/A/ItemReader/ReaderConfig`},
		{"type", in(`"A":{"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"a.$":"x"},"ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":[1],"ManifestType":"X","Transformation":"X"}},` + distributed + `,"End":true}`), `SCHEMA_VALIDATION_FAILED The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call @/States/A/ItemReader/Parameters
SCHEMA_VALIDATION_FAILED Expected value of type [STRING] @/States/A/ItemReader/ReaderConfig/CSVHeaders[0]
SCHEMA_VALIDATION_FAILED Value should be one of the following: [ATHENA_DATA, S3_INVENTORY] @/States/A/ItemReader/ReaderConfig/ManifestType
SCHEMA_VALIDATION_FAILED Value should be one of the following: [NONE, LOAD_AND_FLATTEN] @/States/A/ItemReader/ReaderConfig/Transformation`},
		{"unsupported-field", in(`"A":{"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"JSON","CSVHeaderLocation":"FIRST_ROW"}},` + distributed + `,"End":true}`), `SCHEMA_VALIDATION_FAILED Field 'CSVHeaderLocation' is not supported @/States/A/ItemReader/ReaderConfig`},
		{"type", in(`"A":{"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":1}},` + distributed + `,"End":true}`), `SCHEMA_VALIDATION_FAILED Expected value of type [ARRAY] @/States/A/ItemReader/ReaderConfig/CSVHeaders`},
		{"unsupported-field", in(`"A":{"Type":"Map","ItemBatcher":{"Size":1,"BatchInput":{"a.$":"$.a"},"MaxItemsPerBatch":-1,"MaxInputBytesPerBatchPath":"x"},` + distributed + `,"End":true}`), `SCHEMA_VALIDATION_FAILED Field 'Size' is not supported @/States/A/ItemBatcher
SCHEMA_VALIDATION_FAILED Minimum value is 0 @/States/A/ItemBatcher/MaxItemsPerBatch
SCHEMA_VALIDATION_FAILED Value is not a Reference Path: Reference path didn't start with '$' @/States/A/ItemBatcher/MaxInputBytesPerBatchPath`},
		{"query-language", jsonata(`"A":{"Type":"Map","ItemBatcher":{"MaxItemsPerBatchPath":"$.a"},` + distributed + `,"End":true}`), `SCHEMA_VALIDATION_FAILED The QueryLanguage is set to 'JSONata', but field 'MaxItemsPerBatchPath' is only supported for the 'JSONPath' QueryLanguage @/States/A/ItemBatcher`},
		{"result-writer", in(`"A":{"Type":"Map","ResultWriter":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{},"Arguments":{},"WriterConfig":{"OutputType":"CSV","Transformation":"X","Y":1},"Z":1},` + distributed + `,"End":true}`), `SCHEMA_VALIDATION_FAILED The field 'Resource' does not match any of the allowed values @/States/A/ResultWriter/Resource
SCHEMA_VALIDATION_FAILED The QueryLanguage is set to 'JSONPath', but field 'Arguments' is only supported for the 'JSONata' QueryLanguage @/States/A/ResultWriter
SCHEMA_VALIDATION_FAILED Value should be one of the following: [JSON, JSONL] @/States/A/ResultWriter/WriterConfig/OutputType
SCHEMA_VALIDATION_FAILED Value should be one of the following: [NONE, COMPACT, FLATTEN] @/States/A/ResultWriter/WriterConfig/Transformation
SCHEMA_VALIDATION_FAILED Field 'Y' is not supported @/States/A/ResultWriter/WriterConfig
SCHEMA_VALIDATION_FAILED Field 'Z' is not supported @/States/A/ResultWriter`},
		{"nesting", strings.Repeat(`{"StartAt":"A","States":{"A":{"Type":"Parallel","Branches":[`, 101), `INVALID_JSON_DESCRIPTION`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			var got []string
			rules := map[string]bool{}
			for _, f := range Validate([]byte(test.definition), "STANDARD") {
				got = append(got, fmt.Sprintf("%s %s @%s", f.Code, f.Message, f.Location))
				rules[f.Rule] = true
			}
			if text := strings.Join(got, "\n"); text != test.want && (test.rule != "nesting" || !strings.HasPrefix(text, test.want)) {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", test.definition, text, test.want)
			}
			if !rules[test.rule] && test.rule != "nesting" {
				t.Errorf("no fault has the rule %s: %v", test.rule, rules)
			}
		})
	}
}

// TestValidateNesting protects against definitions that would exhaust the stack.
func TestValidateNesting(t *testing.T) {
	var open, end strings.Builder
	for i := range 150 {
		fmt.Fprintf(&open, `{"StartAt":"S%d","States":{"S%d":{"Type":"Parallel","End":true,"Branches":[`, i, i)
		end.WriteString(`]}}}`)
	}
	faults := Validate([]byte(open.String()+`{"StartAt":"E","States":{"E":{"Type":"Pass","End":true}}}`+end.String()), "STANDARD")
	if len(faults) != 1 || faults[0].Code != codeNesting {
		t.Errorf("got %+v, want %s", faults, codeNesting)
	}
	rule := strings.Repeat(`{"Not":`, 200) + `{"Variable":"$.a","IsNull":true}` + strings.Repeat(`}`, 200)
	faults = Validate([]byte(in(`"A":{"Type":"Choice","Choices":[{"Next":"B","Not":`+rule+`}]},"B":{"Type":"Succeed"}`)), "STANDARD")
	if !slices.ContainsFunc(faults, func(f Fault) bool { return f.Code == codeNesting }) {
		t.Errorf("got %+v, want %s", faults, codeNesting)
	}
}

// TestValidateExpress protects what an Express workflow must not have.
func TestValidateExpress(t *testing.T) {
	for states, want := range map[string]string{
		`"A":{"Type":"Task","Resource":"arn:aws:states:::glue:startJobRun.sync","End":true}`:            "Express state machine does not support '.sync' service integration ",
		`"A":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2","End":true}`:     "Express state machine does not support '.sync' service integration ",
		`"A":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","End":true}`: "Express state machine does not support '.waitForTaskToken' service integration ",
		`"A":{"Type":"Task","Resource":"arn:aws:states:us-east-1:1:activity:a","End":true}`:             "Express state machine does not support Activity ARN",
		`"A":{"Type":"Map",` + distributed + `,"End":true}`:                                             "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
	} {
		faults := Validate([]byte(in(states)), "EXPRESS")
		if len(faults) != 1 || faults[0].Message != want {
			t.Errorf("%s: got %+v, want %s", states, faults, want)
		}
		if faults := Validate([]byte(in(states)), "STANDARD"); len(faults) != 0 {
			t.Errorf("%s as STANDARD: got %+v", states, faults)
		}
	}
}

// TestValidateResource protects which service integrations exist.
func TestValidateResource(t *testing.T) {
	for arn, known := range map[string]bool{
		"arn:aws:states:::lambda:invoke": true, "arn:aws:states:::lambda:invoke.waitForTaskToken": true, "arn:aws:states:::lambda:invoke.sync": false,
		"arn:aws:states:::glue:startJobRun": true, "arn:aws:states:::glue:startJobRun.sync": true, "arn:aws:states:::glue:startJobRun.sync:2": false,
		"arn:aws:states:::glue:startJobRun.waitForTaskToken": false, "arn:aws:states:::states:startExecution.sync:2": true,
		"arn:aws:states:::dynamodb:query": false, "arn:aws:states:::dynamodb:getItem": true, "arn:aws:states:::nobody:do": false,
		"arn:aws:states:::aws-sdk:s3:getObject": true, "arn:aws:states:::aws-sdk:s3:getObject.waitForTaskToken": true, "arn:aws:states:::aws-sdk:s3:getObject.sync": false,
		"arn:aws:states:::eks:call.sync": true, "arn:aws:states:::ecs:runTask.waitForTaskToken": true, "arn:aws:states:::eks:runJob.waitForTaskToken": true,
		"arn:aws:lambda:us-east-1:111111111111:function:f": true, "arn:aws:states:us-east-1:111111111111:activity:a": true, "arn:aws:sns:us-east-1:1:topic": false,
	} {
		faults := Validate([]byte(in(`"A":{"Type":"Task","Resource":"`+arn+`","End":true}`)), "STANDARD")
		if known != (len(faults) == 0) {
			t.Errorf("%s: got %+v, want known %v", arn, faults, known)
		}
	}
}

func FuzzValidate(f *testing.F) {
	f.Add(in(`"A":{"Type":"Choice","Choices":[{"And":[{"Variable":"$.x","IsNull":true}],"Next":"B"}]},"B":{"Type":"Succeed"}`))
	f.Add(in(`"A":{"Type":"Map","ItemReader":{"Resource":"arn:aws:states:::s3:getObject"},` + distributed + `,"Catch":[{"ErrorEquals":["E"],"Next":"A"}]}`))
	f.Add(jsonata(`"A":{"Type":"Pass","Output":"{% phone.a[b](c) %}","Assign":{"x":"{% $x %}"},"End":true}`))
	f.Add(in(`"A":{"Retry":[{"ErrorEquals":["E"],"MaxDelaySeconds":2}],` + lambdaTask + `}`))
	f.Add(in(`"A":{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Wait","Timestamp":"2030-01-01T00:00:00Z","End":true}}}],"End":true}`))
	f.Fuzz(func(t *testing.T, definition string) {
		for _, fault := range Validate([]byte(definition), "EXPRESS") {
			if fault.Code == "" || fault.Rule == "" || fault.Message == "" || fault.Severity == "" {
				t.Fatalf("an incomplete fault: %+v", fault)
			}
		}
	})
}
