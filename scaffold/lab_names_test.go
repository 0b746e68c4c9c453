package main

import (
	"slices"
	"testing"

	"example.com/pipewright/scaffold/cfn"
)

func TestResourcesAreCalledByTheirIDsWithoutTheHash(t *testing.T) {
	template, err := cfn.Parse([]byte(`{"Resources": {
		"EtlJobC608A315": {"Type": "AWS::Glue::Job"}, "Plain": {"Type": "AWS::SNS::Topic"},
		"TwinAAAAAAAA": {"Type": "AWS::SNS::Topic"}, "TwinBBBBBBBB": {"Type": "AWS::SNS::Topic"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	got := namesOf(template).in([]string{
		"job EtlJobC608A315: FAILED", "EtlJobC608A315 of TwinAAAAAAAA", "Plain (EtlJobC608A315)", "s3://stack-EtlJobC608A315/x",
	})
	want := []string{"job EtlJob: FAILED", "EtlJob of TwinAAAAAAAA", "Plain (EtlJob)", "s3://stack-EtlJobC608A315/x"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
