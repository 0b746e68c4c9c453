package cfn_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/pipewright/scaffold/cfn"
)

func value(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

func TestRefersFollowsEveryIntrinsicFunctionThatNamesAResource(t *testing.T) {
	for _, test := range []struct {
		name, value string
		want        bool
	}{
		{"Ref", `{"Ref": "Landing"}`, true},
		{"Ref of another resource whose name begins so", `{"Ref": "LandingLogs"}`, false},
		{"Fn::GetAtt as a list", `{"Fn::GetAtt": ["Landing", "Arn"]}`, true},
		{"Fn::GetAtt as a text", `{"Fn::GetAtt": "Landing.Arn"}`, true},
		{"Fn::GetAtt of another resource", `{"Fn::GetAtt": ["Other", "Landing"]}`, false},
		{"Fn::GetAtt of nothing", `{"Fn::GetAtt": []}`, false},
		{"Fn::Sub", `{"Fn::Sub": "s3://${Landing}/raw"}`, true},
		{"Fn::Sub of an attribute", `{"Fn::Sub": "${Landing.Arn}/*"}`, true},
		{"Fn::Sub of another resource whose name begins so", `{"Fn::Sub": "${LandingLogs}"}`, false},
		{"Fn::Sub of a literal", `{"Fn::Sub": "${!Landing}"}`, false},
		{"Fn::Sub with a variable that refers", `{"Fn::Sub": ["${Name}", {"Name": {"Ref": "Landing"}}]}`, true},
		{"Fn::Sub with a variable that hides the resource", `{"Fn::Sub": ["${Landing}", {"Landing": "other"}]}`, false},
		{"Fn::Sub of nothing", `{"Fn::Sub": []}`, false},
		{"in Fn::Join", `{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", {"Ref": "Landing"}]]}`, true},
		{"in Fn::If", `{"Fn::If": ["Lab", {"Ref": "Landing"}, {"Ref": "AWS::NoValue"}]}`, true},
		{"in Fn::Select", `{"Fn::Select": [1, {"Fn::Split": [":", {"Fn::GetAtt": ["Landing", "Arn"]}]}]}`, true},
		{"in nested lists and objects", `[{"a": [{"b": {"Ref": "Landing"}}]}]`, true},
		{"a text that equals the id", `"Landing"`, false},
		{"a placeholder outside Fn::Sub", `"${Landing}"`, false},
		{"a key that equals the id", `{"Landing": 1}`, false},
		{"an export of that name", `{"Fn::ImportValue": "Landing"}`, false},
		{"nothing", `null`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := cfn.Refers(value(t, test.value), "Landing"); got != test.want {
				t.Errorf("Refers(%s, Landing) is %v, expected %v", test.value, got, test.want)
			}
		})
	}
}

func TestGetReachesWhatIsThereAndNothingElse(t *testing.T) {
	template, err := cfn.Parse([]byte(`{"Resources": {"B": {"Type": "T", "Properties": {"A": {"B": [1]}, "S": "x", "F": false}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	resource := template.Resources["B"]
	for _, test := range []struct {
		path []string
		want any
	}{
		{[]string{"A", "B"}, []any{1.0}},
		{[]string{"S"}, "x"},
		{[]string{"F"}, false},
		{[]string{"A", "C"}, nil},
		{[]string{"S", "x"}, nil},
		{[]string{"A", "B", "0"}, nil},
		{nil, map[string]any{"A": map[string]any{"B": []any{1.0}}, "S": "x", "F": false}},
	} {
		if diff := cmp.Diff(test.want, resource.Get(test.path...)); diff != "" {
			t.Errorf("Get(%q) (-want +got):\n%s", test.path, diff)
		}
	}
}

func TestListTakesOneValueForAListOfOne(t *testing.T) {
	for _, test := range []struct{ value, want string }{
		{`null`, `null`}, {`[]`, `[]`}, {`"s3:GetObject"`, `["s3:GetObject"]`}, {`["a", "b"]`, `["a","b"]`}, {`{"a": 1}`, `[{"a":1}]`}, {`false`, `[false]`},
	} {
		got := cfn.List(value(t, test.value))
		if text := cfn.Text(got); text != test.want {
			t.Errorf("List(%s) is %s, expected %s", test.value, text, test.want)
		}
	}
}

func TestTextIsTheValueItselfOrItsJSON(t *testing.T) {
	for _, test := range []struct {
		value any
		want  string
	}{
		{"a<b>&c", "a<b>&c"},
		{map[string]any{"b": "<&>", "a": 1.0}, `{"a":1,"b":"<&>"}`},
		{true, "true"},
		{1209600.0, "1209600"},
		{nil, "null"},
		{math.Inf(1), "+Inf"}, // no JSON can hold it
	} {
		if got := cfn.Text(test.value); got != test.want {
			t.Errorf("Text(%v) is %s, expected %s", test.value, got, test.want)
		}
	}
}

func TestByTypeIsSortedWhateverTheOrderInTheFile(t *testing.T) {
	template, err := cfn.Parse([]byte(`{"Resources": {"C": {"Type": "T"}, "A": {"Type": "T"}, "B": {"Type": "U"}, "D": {"Type": "T"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"A", "C", "D"}, template.ByType("T")); diff != "" {
		t.Error(diff)
	}
	if got := template.ByType("V"); got != nil {
		t.Errorf("got %q of a type that is not there", got)
	}
}

func Example() {
	template, err := cfn.Parse([]byte(`{"Resources": {
		"Landing": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Status": "Enabled"}}},
		"OnlyTLS": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Landing"}}}
	}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range template.ByType("AWS::S3::Bucket") {
		fmt.Println(id, template.Resources[id].Get("VersioningConfiguration", "Status"))
		fmt.Println(cfn.Refers(template.Resources["OnlyTLS"].Get("Bucket"), id))
	}
	// Output:
	// Landing Enabled
	// true
}
