package eventfunction_test

import (
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/golden"
	"example.com/pipewright/stacks/eventfunction"
)

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

func stack(t *testing.T, props eventfunction.Props) awscdk.Stack {
	t.Helper()
	outdir := t.TempDir()
	return eventfunction.New(awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir}), "EventFunction", &props)
}

func lab() eventfunction.Props {
	return eventfunction.Props{Prefix: "raw/", Suffix: ".csv", Notify: "data-team@example.com", Lab: true}
}

func kept() eventfunction.Props {
	props := lab()
	props.Lab = false
	return props
}

func TestTemplatesAreTheReviewedOnes(t *testing.T) {
	golden.Check(t, stack(t, lab()), "testdata/template.json")
	golden.Check(t, stack(t, kept()), "testdata/template-kept.json")
	golden.Check(t, stack(t, scheduled()), "testdata/template-scheduled.json")
	golden.Check(t, stack(t, byEvent()), "testdata/template-event.json")
	golden.Check(t, stack(t, onDemand()), "testdata/template-demand.json")
}

func TestWhatFailsIsTriedAgainAndThenKept(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, lab()), nil)
	queue := assertions.NewCapture(nil)
	template.HasResourceProperties(jsii.String("AWS::Lambda::EventInvokeConfig"), map[string]any{
		"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 21600, "Qualifier": "$LATEST",
		"DestinationConfig": map[string]any{"OnFailure": map[string]any{"Destination": map[string]any{"Fn::GetAtt": []any{queue, "Arn"}}}},
	})
	template.HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&map[string]any{
			"Action": "sqs:SendMessage", "Resource": map[string]any{"Fn::GetAtt": []any{*queue.AsString(), "Arn"}},
		})})},
	})
	template.HasResourceProperties(jsii.String("AWS::Lambda::Function"), map[string]any{
		"Runtime": "provided.al2023", "Architectures": []any{"arm64"}, "Timeout": 900,
		"Environment": map[string]any{"Variables": map[string]any{"PREFIX": "raw/", "SUFFIX": ".csv"}},
	})
}

// The function may not write what starts it.
func TestTheFunctionWritesToTheCuratedBucketAlone(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, lab()), nil)
	folder := func(name string) map[string]any {
		return map[string]any{"Fn::Join": []any{"", []any{map[string]any{"Fn::GetAtt": []any{assertions.Match_StringLikeRegexp(jsii.String("^Curated")), "Arn"}}, name}}}
	}
	template.HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&map[string]any{
			"Action":   []any{"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"},
			"Resource": []any{folder("/data/*"), folder("/quarantine/*"), folder("/reports/*")},
		})})},
	})
	for id, policy := range *template.FindResources(jsii.String("AWS::IAM::ManagedPolicy"), nil) {
		properties := (*policy)["Properties"].(map[string]any)
		for _, statement := range properties["PolicyDocument"].(map[string]any)["Statement"].([]any) {
			if mentions(statement, "s3:PutObject") && mentions(statement, "Landing") {
				t.Errorf("%s lets the function write where it reads: %v", id, statement)
			}
		}
	}
}

// mentions says whether a word occurs anywhere in a part of a template.
func mentions(part any, word string) bool {
	switch part := part.(type) {
	case string:
		return strings.Contains(part, word)
	case []any:
		for _, item := range part {
			if mentions(item, word) {
				return true
			}
		}
	case map[string]any:
		for _, item := range part {
			if mentions(item, word) {
				return true
			}
		}
	}
	return false
}

func TestOnlyALabDeletesData(t *testing.T) {
	for name, want := range map[string]struct {
		props  eventfunction.Props
		policy string
	}{
		"a lab is removed with its stack": {lab(), "Delete"},
		"otherwise the data stays":        {kept(), "Retain"},
	} {
		t.Run(name, func(t *testing.T) {
			template := assertions.Template_FromStack(stack(t, want.props), nil)
			for _, kind := range []string{"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup"} {
				template.AllResources(&kind, map[string]any{"DeletionPolicy": want.policy})
			}
		})
	}
}

func TestSettingsThatTheFunctionCannotHaveFailTheStack(t *testing.T) {
	for _, test := range []struct {
		name  string
		props eventfunction.Props
		want  string
	}{
		{"longer than Lambda allows", eventfunction.Props{LongestMinutes: 16}, "context longestMinutes: got 16, a Lambda function runs for at most 15"},
		{"not a schedule", eventfunction.Props{Schedule: "0 8 * * *"}, `context schedule: got "0 8 * * *", expected cron(...), rate(...) or at(...)`},
		{"a zone without a schedule", eventfunction.Props{Timezone: "Europe/Berlin"}, `context timezone: got "Europe/Berlin" and no schedule`},
		{"a window of more than a day", eventfunction.Props{Schedule: "rate(1 day)", Flexible: 1441}, "context flexibleMinutes: got 1441"},
		{"two starts", eventfunction.Props{Schedule: "rate(1 day)", Demand: true}, "context schedule, pattern, demand: got 2 of them, expected one start"},
		{"a pattern of nothing", eventfunction.Props{Pattern: map[string]any{}}, "context pattern: got {}, expected at least one field to match"},
		{"a look back without a schedule", eventfunction.Props{MissedDays: 2}, "context missedDays: got 2 and no schedule"},
		{"negative concurrency", eventfunction.Props{Concurrency: -1}, "context concurrency: got -1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			annotations := assertions.Annotations_FromStack(stack(t, test.props))
			found := *annotations.FindError(jsii.String("*"), assertions.Match_AnyValue())
			if len(found) != 1 {
				t.Fatalf("got %d errors, want 1", len(found))
			}
			if text, _ := found[0].Entry.Data.(string); !strings.Contains(text, test.want) { //nolint:staticcheck // the assertions module returns this type
				t.Errorf("got %q, want %q", text, test.want)
			}
		})
	}
}
