package cfn_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/pipewright/scaffold/cfn"
)

// around is a template around a value, which it evaluates: the resources that the functions refer to are there.
func around(value string) string {
	return `{
		"Parameters": {
			"Size": {"Type": "Number", "Default": 4}, "Zones": {"Type": "CommaDelimitedList", "Default": "a, b"}, "Asked": {"Type": "String"},
			"Stage": {"Type": "String", "Default": "lab", "AllowedValues": ["lab", "kept"]}, "Looked": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a"}
		},
		"Mappings": {"Limits": {"us-east-1": {"jobs": 7}}},
		"Conditions": {
			"Lab": {"Fn::Equals": [{"Ref": "Stage"}, "lab"]}, "Kept": {"Fn::Not": [{"Condition": "Lab"}]},
			"Both": {"Fn::And": [{"Condition": "Lab"}, {"Condition": "Kept"}]}, "One": {"Fn::Or": [{"Condition": "Lab"}, {"Condition": "Kept"}]},
			"Round": {"Fn::Not": [{"Condition": "Turn"}]}, "Turn": {"Condition": "Round"}, "Odd": {"Fn::Xor": []}
		},
		"Resources": {
			"It": {"Type": "X::Y::Z", "Properties": {"Value": ` + value + `}},
			"Landing": {"Type": "AWS::S3::Bucket"},
			"Named": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "orders-${AWS::Region}"}}},
			"Files": {"Type": "Custom::Files"}, "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "loader", "Path": "/service/"}},
			"Job": {"Type": "AWS::Glue::Job"}, "Topic": {"Type": "AWS::SNS::Topic"}, "Queue": {"Type": "AWS::SQS::Queue"},
			"Never": {"Type": "AWS::SQS::Queue", "Condition": "Kept"},
			"Loop": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "${Loop.QueueName}"}}}
		}
	}`
}

var orders = cfn.Place{Stack: "orders", Imports: map[string]string{"vpc": "vpc-1"}}

// deployed is the value of the property Value. The resource Loop, which cannot be deployed, is there only for who refers to it.
func deployed(t *testing.T, value string) (any, error) {
	t.Helper()
	template := parsed(t, value)
	if strings.Contains(value, "Loop") {
		template.Resources["Loop"] = cfn.Resource{Type: "AWS::SQS::Queue", Properties: map[string]any{"QueueName": map[string]any{"Fn::Sub": "${Loop.QueueName}"}}}
	}
	result, err := template.Deploy(orders)
	return result.Resources["It"].Get("Value"), err
}

func parsed(t *testing.T, value string) *cfn.Template {
	t.Helper()
	template, err := cfn.Parse([]byte(around(value)))
	if err != nil {
		t.Fatal(err)
	}
	delete(template.Resources, "Loop")
	return template
}

func TestFunctionsAreEvaluatedAsCloudFormationDoes(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"what is no function stays", `{"a": [1, true, "x", null]}`, `{"a": [1, true, "x", null]}`},
		{"Ref of a parameter with its default", `{"Ref": "Stage"}`, `"lab"`},
		{"Ref of a number is a text", `{"Ref": "Size"}`, `"4"`},
		{"Ref of a list parameter", `{"Ref": "Zones"}`, `["a", "b"]`},
		{"Ref of a bucket that is named by a function", `{"Ref": "Named"}`, `"orders-us-east-1"`},
		{"Ref of a queue is its URL", `{"Fn::Select": [3, {"Fn::Split": ["/", {"Ref": "Queue"}]}]}`, `"123456789012"`},
		{"Ref of a topic is its ARN", `{"Fn::Select": ["2", {"Fn::Split": [":", {"Ref": "Topic"}]}]}`, `"sns"`},
		{"Fn::GetAtt as a list", `{"Fn::GetAtt": ["Named", "Arn"]}`, `"arn:aws:s3:::orders-us-east-1"`},
		{"Fn::GetAtt as a text", `{"Fn::GetAtt": "Named.Arn"}`, `"arn:aws:s3:::orders-us-east-1"`},
		{
			"pseudo parameters",
			`{"Fn::Join": [",", [{"Ref": "AWS::Partition"}, {"Ref": "AWS::Region"}, {"Ref": "AWS::AccountId"}, {"Ref": "AWS::StackName"}, {"Ref": "AWS::URLSuffix"}]]}`,
			`"aws,us-east-1,123456789012,orders,amazonaws.com"`,
		},
		{"no value in an object", `{"a": {"Ref": "AWS::NoValue"}, "b": 1}`, `{"b": 1}`},
		{"no value in a list", `[1, {"Ref": "AWS::NoValue"}, 2]`, `[1, 2]`},
		{"Fn::Join with numbers", `{"Fn::Join": ["-", ["a", 1, 0.5, true]]}`, `"a-1-0.5-true"`},
		{"Fn::Join of a list that a function gives", `{"Fn::Join": ["+", {"Ref": "Zones"}]}`, `"a+b"`},
		{"Fn::Split", `{"Fn::Split": ["/", "raw/2012/"]}`, `["raw", "2012", ""]`},
		{"Fn::Sub of a parameter, an attribute, a literal", `{"Fn::Sub": "${Stage} ${Named.Arn} ${!Stage} $"}`, `"lab arn:aws:s3:::orders-us-east-1 ${Stage} $"`},
		{"Fn::Sub with a variable", `{"Fn::Sub": ["${Name}/${Stage}", {"Name": {"Ref": "Named"}}]}`, `"orders-us-east-1/lab"`},
		{"Fn::If takes the first when true", `{"Fn::If": ["Lab", "yes", {"Ref": "Missing"}]}`, `"yes"`},
		{"Fn::If takes the second when false", `{"Fn::If": ["Both", {"Ref": "Missing"}, "no"]}`, `"no"`},
		{"Fn::Or", `{"Fn::If": ["One", 1, 2]}`, `1`},
		{"Fn::FindInMap with a function as a key", `{"Fn::FindInMap": ["Limits", {"Ref": "AWS::Region"}, "jobs"]}`, `7`},
		{"Fn::ImportValue", `{"Fn::ImportValue": {"Fn::Sub": "vpc"}}`, `"vpc-1"`},
		{"Fn::GetAZs of this Region", `{"Fn::GetAZs": ""}`, `["us-east-1a", "us-east-1b", "us-east-1c"]`},
		{"Fn::Base64", `{"Fn::Base64": "Wetter"}`, `"V2V0dGVy"`},
		{"an attribute that only a custom resource's program knows", `{"Fn::GetAtt": ["Files", "Version"]}`, `"{Files.Version}"`},
		{"a role below a path", `{"Fn::Select": [5, {"Fn::Split": [":", {"Fn::GetAtt": ["Role", "Arn"]}]}]}`, `"role/service/loader"`},
		{"Fn::Cidr", `{"Fn::Cidr": ["10.20.0.0/16", 3, 8]}`, `["10.20.0.0/24", "10.20.1.0/24", "10.20.2.0/24"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := deployed(t, test.value)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(value(t, test.want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.value, diff)
			}
		})
	}
}

func TestWhatCannotBeEvaluatedIsNamedWithItsResourceAndPlace(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"an unknown function", `{"a": [{"Fn::Transform": {}}]}`, "resource It (X::Y::Z): Value.a.0.Fn::Transform: this function is not known here, expected one of Ref, Fn::GetAtt"},
		{"a function beside keys", `{"Ref": "Stage", "a": 1}`, "Value: got Ref beside other keys, expected it alone"},
		{"an unknown resource", `{"Ref": "Landig"}`, "Value.Ref: the template has neither a parameter nor a resource Landig"},
		{"an unknown attribute", `{"Fn::GetAtt": ["Job", "Color"]}`, "Value.Fn::GetAtt: the attribute Color of Job (AWS::Glue::Job) is not known here, expected one of [Arn]"},
		{"an attribute of an unknown type", `{"Fn::GetAtt": ["It", "Arn"]}`, "the attribute Arn of It (X::Y::Z) is not known here, expected one of []"},
		{"a resource that is not made", `{"Ref": "Never"}`, "the resource Never is not made, because its condition Kept is false"},
		{"a resource named after itself", `{"Ref": "Loop"}`, "the resource Loop depends on itself"},
		{"a parameter without a value", `{"Ref": "Asked"}`, "the parameter Asked has no default, expected a value for it"},
		{"a parameter in Systems Manager", `{"Ref": "Looked"}`, "the parameter Looked is looked up in Systems Manager, expected a value for it here"},
		{"an unknown pseudo parameter", `{"Ref": "AWS::Planet"}`, "there is no pseudo parameter AWS::Planet"},
		{"a secret", `"{{resolve:secretsmanager:db}}"`, `got the dynamic reference "{{resolve:secretsmanager:db}}", which only CloudFormation can look up`},
		{"an index out of range", `{"Fn::Select": [2, ["a", "b"]]}`, "Value.Fn::Select: got the index 2 of a list of 2, expected 0 to 1"},
		{"a placeholder that is not closed", `{"Fn::Sub": "a ${Stage"}`, "got ${Stage, which nothing closes, expected }"},
		{"a placeholder for nothing", `{"Fn::Sub": "${Stagge}"}`, "${Stagge}: Ref: the template has neither a parameter nor a resource Stagge"},
		{"a map without the key", `{"Fn::FindInMap": ["Limits", "eu-west-1", "jobs"]}`, "the template's Mappings have no Limits.eu-west-1.jobs"},
		{"an export of no stack", `{"Fn::ImportValue": "subnet"}`, "no other stack exports subnet here"},
		{"zones of another Region", `{"Fn::GetAZs": "eu-west-1"}`, "got the Region eu-west-1, whose zones are not known here"},
		{"an unknown condition", `{"Fn::If": ["Maybe", 1, 2]}`, "the template has no condition Maybe"},
		{"a condition that depends on itself", `{"Fn::If": ["Round", 1, 2]}`, "condition Round: condition Turn: the condition Round depends on itself"},
		{"an unknown function of conditions", `{"Fn::If": ["Odd", 1, 2]}`, "condition Odd: got the function Fn::Xor, expected one of Condition, Fn::And"},
		{"an object where a text belongs", `{"Fn::Join": ["", [{"a": 1}]]}`, `got {"a":1}, expected a text`},
		{"too few arguments", `{"Fn::Join": [""]}`, `got [""], expected [delimiter, list]`},
		{"ranges that do not fit", `{"Fn::Cidr": ["10.0.0.0/24", 3, 7]}`, "got 3 ranges of 7 bits from 10.0.0.0/24, which do not fit"},
		{"no value where a text belongs", `{"Fn::Join": ["", [{"Fn::Sub": "${AWS::NoValue}"}]]}`, "got AWS::NoValue, expected a text"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := deployed(t, test.value)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: got the error %v, expected %q in it", test.value, err, test.want)
			}
		})
	}
}

func TestParametersTakeGivenValuesThatAreAllowed(t *testing.T) {
	template := parsed(t, `{"Ref": "Stage"}`)
	place := orders
	place.Parameters = map[string]string{"Stage": "kept"}
	result, err := template.Deploy(place)
	if err != nil {
		t.Fatal(err)
	}
	if got := result.Resources["It"].Get("Value"); got != "kept" {
		t.Errorf("got %v, expected the given value", got)
	}
	if _, made := result.Resources["Never"]; !made {
		t.Error("the resource whose condition is true now is not made")
	}
	place.Parameters["Stage"] = "prod"
	if _, err = template.Deploy(place); err == nil || !strings.Contains(err.Error(), `the parameter Stage is "prod", expected one of ["lab","kept"]`) {
		t.Errorf("got %v, expected the value to be refused", err)
	}
}

func TestNamesAreThoseOfTheirServiceAndStayTheSame(t *testing.T) {
	template := parsed(t, `1`)
	first, err := template.Deploy(cfn.Place{Stack: "Orders"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := template.Deploy(cfn.Place{Stack: "Orders"})
	if err != nil {
		t.Fatal(err)
	}
	for id := range first.Resources {
		if first.Ref(id) != again.Ref(id) {
			t.Errorf("%s is called %s and %s", id, first.Ref(id), again.Ref(id))
		}
	}
	if bucket := first.Ref("Landing"); !strings.HasPrefix(bucket, "orders-landing-") || strings.ToLower(bucket) != bucket {
		t.Errorf("the bucket is called %s, expected a name without capitals", bucket)
	}
	if first.Attribute("Job", "Arn") != "arn:aws:glue:us-east-1:123456789012:job/"+first.Ref("Job") {
		t.Errorf("got the ARN %s of the job %s", first.Attribute("Job", "Arn"), first.Ref("Job"))
	}
}

// The examples are what has to deploy.
func TestTheGoldenTemplatesDeploy(t *testing.T) {
	files, err := filepath.Glob("../../stacks/*/testdata/template*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("found no golden template: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(filepath.Dir(file)))+" "+filepath.Base(file), func(t *testing.T) {
			template, err := cfn.Read(file)
			if err != nil {
				t.Fatal(err)
			}
			result, err := template.Deploy(cfn.Place{Stack: "orders"})
			if err != nil {
				t.Fatal(err)
			}
			if text := cfn.Text(result.Resources); strings.Contains(text, `"Fn::`) || strings.Contains(text, `"Ref"`) {
				t.Error("a function was left")
			}
			if len(result.Outputs) != len(template.Outputs) {
				t.Errorf("got %d outputs, expected %d", len(result.Outputs), len(template.Outputs))
			}
		})
	}
}

func FuzzDeploy(f *testing.F) {
	for _, seed := range []string{
		`{"Ref": "Landing"}`, `{"Fn::Sub": ["${A}${!B}", {"A": 1}]}`, `{"Fn::Select": [0, {"Fn::Split": [",", "a,b"]}]}`,
		`{"Fn::Cidr": ["10.0.0.0/8", 256, 1]}`, `{"Fn::If": ["Lab", 1, 2]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		template, err := cfn.Parse([]byte(around(value)))
		if err != nil {
			return
		}
		delete(template.Resources, "Loop")
		if result, err := template.Deploy(orders); err == nil && strings.Contains(cfn.Text(result.Resources["It"].Get("Value")), `{"Ref":`) {
			t.Errorf("%s: a function was left", value)
		}
	})
}
