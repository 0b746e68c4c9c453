package scheduledquery_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/stacks/scheduledquery"
)

func inExisting() scheduledquery.Props {
	props := lab()
	props.Existing.Workgroup, props.Existing.Database = "analytics", "sales"
	return props
}

func TestNothingOfAnExistingWarehouseIsDeployed(t *testing.T) {
	template := *assertions.Template_FromStack(stack(t, inExisting()), nil).ToJSON()
	for id, resource := range template["Resources"].(map[string]any) {
		kind := resource.(map[string]any)["Type"].(string)
		for _, unwanted := range []string{"AWS::RedshiftServerless::", "AWS::EC2::", "AWS::Logs::"} {
			if strings.HasPrefix(kind, unwanted) {
				t.Errorf("got %s of the type %s", id, kind)
			}
		}
	}
}

// A rule's target takes the ARN of a workgroup, which the template cannot know; the Data API takes its name.
func TestTheSchedulerStartsTheQueryInAnExistingWorkgroup(t *testing.T) {
	made := stack(t, inExisting())
	template := assertions.Template_FromStack(made, nil)
	template.ResourcePropertiesCountIs(jsii.String("AWS::Events::Rule"), map[string]any{"ScheduleExpression": assertions.Match_AnyValue()}, jsii.Number(0))
	input := assertions.NewCapture(nil)
	template.HasResourceProperties(jsii.String("AWS::Scheduler::Schedule"), map[string]any{
		"ScheduleExpression": "cron(0 8 ? * MON *)", "ScheduleExpressionTimezone": "America/Los_Angeles", "Target": map[string]any{"Input": input},
	})
	var call struct {
		WorkgroupName, Database string
		Sqls                    []string
	}
	if err := json.Unmarshal([]byte(joined(t, *input.AsObject())), &call); err != nil {
		t.Fatal(err)
	}
	if call.WorkgroupName != "analytics" || call.Database != "sales" {
		t.Errorf("got the call %+v, want the names that were given", call)
	}
	// The workgroup's own limit is another's, so the batch has one of its own: 15 minutes.
	if want := append([]string{"SET statement_timeout TO 900000"}, sqls(t, lab())...); !slices.Equal(call.Sqls, want) {
		t.Errorf("got the statements %q, want %q", call.Sqls, want)
	}
	notes := *assertions.Annotations_FromStack(made).FindInfo(jsii.String("*"), assertions.Match_StringLikeRegexp(jsii.String("EventBridge Scheduler starts the query")))
	if len(notes) != 1 {
		t.Errorf("got %d notes that the console will not show it, want 1", len(notes))
	}
}

func TestTheQueryMayRunInTheTaggedWorkgroupAlone(t *testing.T) {
	assertions.Template_FromStack(stack(t, inExisting()), nil).HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": assertions.Match_ArrayWith(&[]any{map[string]any{
			"Action": []any{"redshift-data:BatchExecuteStatement", "redshift-serverless:GetCredentials"}, "Effect": "Allow",
			"Condition": map[string]any{"StringEquals": map[string]any{"aws:ResourceTag/QS2-scheduledquery": "allowed"}},
			"Resource": map[string]any{"Fn::Join": []any{"", []any{
				"arn:",
				map[string]any{"Ref": "AWS::Partition"},
				":redshift-serverless:",
				map[string]any{"Ref": "AWS::Region"},
				":",
				map[string]any{"Ref": "AWS::AccountId"},
				":workgroup/*",
			}}},
		}})},
	})
}

// The alarm on compute would tell of what others do there; all others stay.
func TestAlarmsOfAnExistingWorkgroup(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, inExisting()), nil)
	got := map[string]int{}
	for _, alarm := range *template.FindResources(jsii.String("AWS::CloudWatch::Alarm"), nil) {
		got[(*alarm)["Properties"].(map[string]any)["MetricName"].(string)]++
	}
	want := map[string]int{
		"ApproximateNumberOfMessagesVisible": 1, "FailedInvocations": 1, "InvocationsFailedToBeSentToDlq": 1, "TriggeredRules": 1,
		"TargetErrorCount": 1, "InvocationDroppedCount": 1, "InvocationsFailedToBeSentToDeadLetterCount": 1, "InvocationAttemptCount": 1,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got alarms on %v, want %v", got, want)
	}
}

// fakeCLI answers like the AWS CLI, and writes what it was asked to change.
const fakeCLI = `#!/bin/sh
case "$2" in
get-workgroup) [ "$6" = workgroup.namespaceName ] && echo warehouse || echo arn:aws:redshift-serverless:us-east-1:111122223333:workgroup/0f3c ;;
get-namespace) cat "$(dirname "$0")/roles" ;;
*) echo "$*" > "$(dirname "$0")/changed" ;;
esac
`

const role = "arn:aws:iam::111122223333:role/export"

// What is printed after the deployment is run by hand, on a warehouse that others use: it must keep the roles that are there.
func TestTheCommandsForAnExistingWorkgroupCanBeRun(t *testing.T) {
	const first, second = "arn:aws:iam::111122223333:role/first", "arn:aws:iam::111122223333:role/path/second"
	template := assertions.Template_FromStack(stack(t, inExisting()), nil)
	attach := "redshift-serverless update-namespace --namespace-name warehouse --iam-roles "
	for _, test := range []struct{ name, output, roles, want string }{
		{"no role yet", "AttachRole", "None\n", attach + role},
		{
			"roles that are there stay", "AttachRole", "IamRole(applyStatus=in-sync, iamRoleArn=" + first + ")\tIamRole(applyStatus=in-sync, iamRoleArn=" + second + ")\n",
			attach + first + " " + second + " " + role,
		},
		{"roles as ARNs", "AttachRole", first + "\t" + second + "\n", attach + first + " " + second + " " + role},
		{"roles that cannot be read are not replaced", "AttachRole", "", ""},
		{
			"the tag", "AllowQuery", "",
			"redshift-serverless tag-resource --resource-arn arn:aws:redshift-serverless:us-east-1:111122223333:workgroup/0f3c --tags key=QS2-scheduledquery,value=allowed",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "aws"), []byte(fakeCLI), 0o700); err != nil { //nolint:gosec // it is a program
				t.Fatal(err)
			}
			if test.roles != "" {
				if err := os.WriteFile(filepath.Join(folder, "roles"), []byte(test.roles), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			output := (*template.FindOutputs(&test.output, nil))[test.output]
			shell := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(joined(t, (*output)["Value"]), "<ref>", role))
			shell.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"))
			text, err := shell.CombinedOutput()
			if failed := err != nil; failed != (test.want == "") {
				t.Errorf("got the error %v:\n%s", err, text)
			}
			changed, err := os.ReadFile(filepath.Join(folder, "changed"))
			if err != nil && test.want != "" {
				t.Fatal(err)
			}
			if got := strings.TrimSpace(string(changed)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestNamesThatNoWorkgroupHasFailTheStack(t *testing.T) {
	for _, test := range []struct{ name, workgroup, database, want string }{
		{"no database", "analytics", "", `context workgroup, database: got "analytics" and "", expected both or neither`},
		{"no workgroup", "", "sales", `context workgroup, database: got "" and "sales", expected both or neither`},
		{"a command in the name", "a;$(rm -r x)", "sales", `context workgroup: got "a;$(rm -r x)", expected 3 to 64 lower-case letters`},
		{"an ARN", "arn:aws:redshift-serverless:us-east-1:111122223333:workgroup/0f3c", "sales", "hint: aws redshift-serverless list-workgroups shows the names"},
		{"a database of two words", "analytics", "my sales", `context database: got "my sales", expected a letter, then letters`},
	} {
		t.Run(test.name, func(t *testing.T) {
			props := lab()
			props.Existing.Workgroup, props.Existing.Database = test.workgroup, test.database
			found := *assertions.Annotations_FromStack(stack(t, props)).FindError(jsii.String("*"), assertions.Match_AnyValue())
			if len(found) != 1 {
				t.Fatalf("got %d errors, want 1", len(found))
			}
			if text, _ := found[0].Entry.Data.(string); !strings.Contains(text, test.want) { //nolint:staticcheck // the assertions module returns this type
				t.Errorf("got %q, want %q", text, test.want)
			}
		})
	}
}
