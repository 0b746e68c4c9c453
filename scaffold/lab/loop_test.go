package lab

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// writer is a machine that writes an object for each that lands, under a key made from the first, and the rule that starts it.
func writer(key, pattern string) parts {
	return pipeline(fmt.Sprintf(`{"QueryLanguage": "JSONata", "StartAt": "Write", "States": {"Write": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
		"Arguments": {"Bucket": "landing", "Key": "{%% %s %%}", "Body": "rows"}, "End": true}}}`, key), onStorage).with(parts{
		"StartRole": role("events.amazonaws.com", "states:StartExecution"),
		"Rule": fmt.Sprintf(`{"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["aws.s3"], "detail": {"object": {"key": [%s]}}},
			"Targets": [{"Id": "t", "Arn": {"Ref": "Machine"}, "RoleArn": {"Fn::GetAtt": ["StartRole", "Arn"]}}]}}`, pattern),
	})
}

const underRaw = `{"prefix": "raw/"}`

func TestAPipelineThatFeedsItselfIsStopped(t *testing.T) {
	r := build(t, writer("'raw/out/' & $states.input.detail.object.key", underRaw), Options{}).put("raw/a").run()
	same(t, "objects", len(r.happened("ObjectCreated")), 2+mostTurns)
	same(t, "stopped", r.details("LoopStopped"), []map[string]any{{"turns": 5, "way": "raw/a -> raw/out/raw/a -> raw/out/raw/out/raw/a -> raw/out/raw/out/raw/out/raw/a -> " +
		"raw/out/raw/out/raw/out/raw/out/raw/a -> raw/out/raw/out/raw/out/raw/out/raw/out/raw/a"}})
	if len(r.failures) != 1 || !strings.Contains(r.failures[0], "rule Rule is fed by its own targets") || !strings.Contains(r.failures[0], "hint:") {
		t.Errorf("got the failures %q, expected one of the rule, with a hint", r.failures)
	}
	if r.Outcome().Succeeded() {
		t.Error("the run succeeded, expected that a loop is a failure")
	}
}

// An object that replaces itself is a loop as well, and so is one in a batch of a Glue workflow whose job writes where it is triggered.
func TestALoopIsSeenThroughEachKindOfTarget(t *testing.T) {
	t.Run("the same key", func(t *testing.T) {
		r := build(t, writer("$states.input.detail.object.key", underRaw), Options{}).put("raw/a").run()
		same(t, "stopped", len(r.happened("LoopStopped")), 1)
	})
	t.Run("a workflow", func(t *testing.T) {
		p := graph(`"Type": "EVENT", "EventBatchingCondition": {"BatchSize": 2, "BatchWindow": 60}`, "", parts{
			"Landing": `{"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "landing", "NotificationConfiguration": {"EventBridgeConfiguration": {}}}}`,
			"Rule": ruleFor("aws.s3", `{"Arn": {"Fn::Join": ["", ["arn:aws:glue:us-east-1:123456789012:workflow/", {"Ref": "Workflow"}]]}, "Id": "t",
				"RoleArn": {"Fn::GetAtt": ["EventsRole", "Arn"]}}`),
		})
		var r *rig
		runs := 0
		r = build(t, p, Options{Programs: scripted{job: func(*jobRun) outcome {
			if runs++; runs > 10*mostTurns {
				t.Fatal("the loop goes on")
			}
			if err := r.store.write("landing", fmt.Sprint("out/", runs), nil, "job"); err != nil {
				t.Fatal(err)
			}
			return outcome{duration: failedAfter}
		}}})
		r.later(failedAfter/2, func() { r.put("a") }) // a user's object in the same batch hides nothing
		r.put("b").run()
		same(t, "stopped", len(r.happened("LoopStopped")), 1)
		same(t, "runs", runs, 1+mostTurns)
	})
	t.Run("events of its own", func(t *testing.T) {
		p := writer("'quiet'", underRaw).with(parts{"Rule": `{"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["aws.states"]},
			"Targets": [{"Id": "t", "Arn": {"Ref": "Machine"}, "RoleArn": {"Fn::GetAtt": ["StartRole", "Arn"]}}]}}`})
		r := build(t, p, Options{}).begin(`{}`).run()
		same(t, "stopped", len(r.happened("LoopStopped")), 1)
	})
	t.Run("a function", func(t *testing.T) {
		p := writer("'quiet'", underRaw).with(parts{"Rule": ruleFor("aws.s3", `{"Id": "t", "Arn": {"Fn::GetAtt": ["Function", "Arn"]}}`), "Permission": permission})
		var r *rig
		r = build(t, p, Options{Programs: scripted{function: func(_ *function, payload json.RawMessage) (json.RawMessage, *functionError) {
			if err := r.store.write("landing", "again", payload, "function"); err != nil {
				t.Fatal(err)
			}
			return payload, nil
		}}})
		r.put("raw/a").run()
		same(t, "stopped", len(r.happened("LoopStopped")), 1)
	})
}

func TestWhatOnlyLooksLikeALoopIsNotStopped(t *testing.T) {
	stages := `$lookup({'raw/a': 'silver/a', 'silver/a': 'gold/a', 'gold/a': 'done'}, $states.input.detail.object.key)`
	for _, test := range []struct {
		name, key, pattern string
		keys               int
		want               int // objects in the end
	}{
		{"another prefix", "'out/' & $states.input.detail.object.key", underRaw, 1, 2},
		{"stages that share a rule", stages, `{"prefix": "raw/"}, {"prefix": "silver/"}, {"prefix": "gold/"}`, 1, 4},
		{"many objects at once", "'out/' & $states.input.detail.object.key", underRaw, 200, 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, writer(test.key, test.pattern), Options{})
			for i := range test.keys {
				r.put("raw/" + string(rune('a'+i)))
			}
			same(t, "objects", len(r.run().happened("ObjectCreated")), test.want)
			same(t, "failures", r.failures, nil)
		})
	}
}
