package main

import (
	"bytes"
	"testing"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/lab"
)

func TestTheTimelineNamesResourcesAsPeopleDo(t *testing.T) {
	template := &cfn.Template{Resources: map[string]cfn.Resource{}}
	for _, id := range []string{"EtlJob3F2A1B0C", "Queue", "Queue0A1B2C3D", "RoleAAAAAAAA", "RoleBBBBBBBB", "DEADBEEF", "Job12345678"} {
		template.Resources[id] = cfn.Resource{}
	}
	for _, test := range []struct{ name, id, want string }{
		{"without the hash", "EtlJob3F2A1B0C", "EtlJob"},
		{"one whose name another one has", "Queue0A1B2C3D", "Queue0A1B2C3D"},
		{"one of two that would be alike", "RoleBBBBBBBB", "RoleBBBBBBBB"},
		{"nothing but what looks like a hash", "DEADBEEF", "DEADBEEF"},
		{"what is in no template", "weather0A1B2C3D", "weather0A1B2C3D"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			line := timeline{out: &out, names: namesOf(template)}
			line.report(&lab.Event{Service: "glue", Type: "JobRunStarted", Resource: test.id})
			line.flush()
			if want := " +00:00:00  glue       job " + test.want + " started\n"; out.String() != want {
				t.Errorf("got %q, expected %q", out.String(), want)
			}
		})
	}
}
