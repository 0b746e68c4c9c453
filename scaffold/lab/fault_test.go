package lab

import (
	"strings"
	"testing"
	"time"
)

func TestAFaultIsReadAsItIsWritten(t *testing.T) {
	for written, want := range map[string]Fault{
		"fail:EtlJob":               {Kind: "fail", Where: "EtlJob"},
		"fail:EtlJob#2":             {Kind: "fail", Where: "EtlJob", Attempt: 2},
		"deny:s3:GetObject":         {Kind: "deny", Where: "s3:GetObject"},
		"deny:s3:GetObject#1":       {Kind: "deny", Where: "s3:GetObject", Attempt: 1},
		"late:ObjectLanded:10m":     {Kind: "late", Where: "ObjectLanded", Delay: 10 * time.Minute},
		"slow:EtlJob:1h#3":          {Kind: "slow", Where: "EtlJob", Delay: time.Hour, Attempt: 3},
		"throttle:glue:StartJobRun": {Kind: "throttle", Where: "glue:StartJobRun"},
	} {
		got, err := ParseFault(written)
		if err != nil || got != want {
			t.Errorf("%s: got %+v, %v, expected %+v", written, got, err, want)
		}
		if again, err := ParseFault(got.String()); err != nil || again != got {
			t.Errorf("%s is written %s, which reads %+v, %v", written, got, again, err)
		}
	}
	for _, written := range []string{"", "fail", "fail:", "break:EtlJob", "late:ObjectLanded", "late:ObjectLanded:soon", "slow:EtlJob:-1m", "fail:EtlJob#0", "fail:EtlJob#x", ":x"} {
		if got, err := ParseFault(written); err == nil || !strings.Contains(err.Error(), "expected") {
			t.Errorf("%q: got %+v, %v, expected an error", written, got, err)
		}
	}
}

func TestADeliveryGoesWrongAsAskedFor(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault Fault
		want  []string
	}{
		{"lost", Fault{Kind: "lose", Where: "Rule"}, nil},
		{"the first is lost", Fault{Kind: "lose", Where: "Rule", Attempt: 1}, []string{"1m0.5s MessageSent Queue"}},
		{"twice", Fault{Kind: "duplicate", Where: "Rule"}, []string{"500ms MessageSent Queue", "500ms MessageSent Queue", "1m0.5s MessageSent Queue", "1m0.5s MessageSent Queue"}},
		{"the second twice", Fault{Kind: "duplicate", Where: "Rule", Attempt: 2}, []string{"500ms MessageSent Queue", "1m0.5s MessageSent Queue", "1m0.5s MessageSent Queue"}},
		{"late", Fault{Kind: "late", Where: "Rule", Delay: time.Hour}, []string{"1h0m0.5s MessageSent Queue", "1h1m0.5s MessageSent Queue"}},
		{"the first is late", Fault{Kind: "late", Where: "Rule", Delay: time.Hour, Attempt: 1}, []string{"1m0.5s MessageSent Queue", "1h0m0.5s MessageSent Queue"}},
		{"without permission, once", Fault{Kind: "deny", Where: "sqs:SendMessage", Attempt: 1}, []string{"1m0.5s MessageSent Queue"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := build(t, toQueue(""), Options{Faults: []Fault{test.fault}}).send("a", "x", `{}`)
			r.later(time.Minute, func() { r.send("a", "x", `{}`) })
			same(t, "messages", r.run().happened("MessageSent"), test.want)
			same(t, "unmatched", r.Outcome().Unmatched, nil)
		})
	}
}

func TestAStartOfAScheduleGoesWrongAsAskedFor(t *testing.T) {
	for kind, want := range map[string]int{"lose": 0, "duplicate": 2, "late": 1} {
		r := build(t, scheduleOf("at(2026-03-02T09:00:00)", "", ""), Options{For: 3 * time.Hour, Faults: []Fault{{Kind: kind, Where: "Schedule", Delay: time.Hour}}}).run()
		same(t, "messages with "+kind, len(r.messages()), want)
	}
}

func TestACrawlerFails(t *testing.T) {
	p := parts{
		"Database": `{"Type": "AWS::Glue::Database", "Properties": {"CatalogId": "123456789012", "DatabaseInput": {"Name": "weather"}}}`, "Landing": landing,
		"Role": role("glue.amazonaws.com", "s3:*", "glue:*"), "Caller": role("states.amazonaws.com", "glue:StartCrawler", "glue:GetCrawler"),
		"Crawler": `{"Type": "AWS::Glue::Crawler", "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}, "DatabaseName": "weather", "Targets": {"S3Targets": [{"Path": {"Fn::Sub": "s3://${Landing}/raw/"}}]}}}`,
	}
	r := build(t, p, Options{Faults: []Fault{{Kind: "fail", Where: "Crawler"}}})
	by, name := caller{Role: r.stack.Attribute("Caller", "Arn")}, map[string]any{"Name": r.stack.Ref("Crawler")}
	if _, err := r.call(by, "glue:StartCrawler", name); err != nil {
		t.Fatal(err)
	}
	r.run()
	output, err := r.call(by, "glue:GetCrawler", name)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "last crawl", output["Crawler"].(map[string]any)["LastCrawl"], any(map[string]any{"Status": "FAILED", "ErrorMessage": "a fault that was asked for"}))
	same(t, "failures", len(r.failures), 1)
}

func TestAFaultThatMeetsNothingIsToldOf(t *testing.T) {
	r := build(t, toQueue(""), Options{Faults: []Fault{
		{Kind: "fail", Where: "NoSuchJob"}, {Kind: "lose", Where: "Rule"}, {Kind: "slow", Where: "Other", Delay: time.Minute}, {Kind: "lose", Where: "Rule", Attempt: 7},
	}}).send("a", "x", `{}`).run()
	same(t, "unmatched", r.Outcome().Unmatched, []string{"fail:NoSuchJob", "slow:Other:1m0s", "lose:Rule#7"})
}
