package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// scripted programs answer as a test says, instead of running.
type scripted struct {
	job      func(run *jobRun) outcome
	function func(f *function, payload json.RawMessage) (json.RawMessage, *functionError)
}

func (s scripted) Job(_ *Lab, run *jobRun) outcome { return s.job(run) }

func (s scripted) Function(_ *Lab, f *function, payload json.RawMessage) (json.RawMessage, *functionError) {
	return s.function(f, payload)
}

func TestTry(t *testing.T) {
	template, err := cfn.Read(os.Getenv("T"))
	if err != nil {
		t.Skip()
	}
	stack, err := template.Deploy(cfn.Place{Stack: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	l, err := New(context.Background(), Options{Stack: stack, For: 48 * time.Hour, Programs: scripted{
		job: func(*jobRun) outcome { return outcome{duration: 90 * time.Second} },
		function: func(f *function, payload json.RawMessage) (json.RawMessage, *functionError) {
			var in map[string]any
			_ = json.Unmarshal(payload, &in)
			in["valid"] = true
			out, _ := json.Marshal(in)
			return out, nil
		},
	}, Report: func(e Event) {
		text, _ := json.Marshal(e.Detail)
		fmt.Printf("%s %-10s %-22s %-28s %.160s\n", e.Time.Format("02 15:04:05.0"), e.Service, e.Type, e.Resource, text)
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range l.store.buckets {
		if b.sendsEvents {
			if err := l.store.write(name, "raw/year=2012/month=01/weather.csv", []byte("date\n"), "PutObject", "x"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := l.Run(); err != nil {
		t.Fatal(err)
	}
	fmt.Println(l.failures, l.Ignored())
	for _, d := range l.denials.all {
		fmt.Println(d)
	}
}
