package lab

import (
	"strings"
	"testing"

	"example.com/pipewright/scaffold/cfn"
)

// Golden templates of the examples, below stacks.
const (
	shippedWorkflow  = "glueworkflow/testdata/template.json"
	shippedMachine   = "statemachine/testdata/template.json"
	shippedScheduled = "statemachine/testdata/template-schedule.json"
	shippedFunction  = "eventfunction/testdata/template.json"
	shippedQuery     = "scheduledquery/testdata/template.json"
)

// playShipped deploys a golden template; it is for the test to let something happen.
func playShipped(t testing.TB, file string, options Options, changes ...func(template *cfn.Template)) *rig {
	t.Helper()
	template, err := cfn.Read("../../stacks/" + file)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		change(template)
	}
	r, err := deploy(t, template, options)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// bucketOf is the bucket whose logical id begins so.
func (r *rig) bucketOf(id string) *bucket {
	r.t.Helper()
	for _, b := range r.store.buckets {
		if strings.HasPrefix(b.id, id) {
			return b
		}
	}
	r.t.Fatalf("there is no bucket %s", id)
	return nil
}

// landed puts an object where data lands.
func (r *rig) landed(key, data string) *rig {
	r.t.Helper()
	if err := r.store.write(r.bucketOf(landingID).name, key, []byte(data), "123456789012"); err != nil {
		r.t.Fatal(err)
	}
	return r
}

// content is what an object holds.
func (r *rig) content(bucket, key string) string {
	r.t.Helper()
	data, err := r.store.read(r.bucketOf(bucket).name, key)
	if err != nil {
		r.t.Errorf("%s: %v", key, err)
	}
	return string(data)
}
