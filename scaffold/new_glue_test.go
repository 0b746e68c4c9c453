package main

import (
	"strings"
	"testing"
)

func TestWhatAGlueWorkflowCannotDoIsRefusedByName(t *testing.T) {
	const lists = "this version writes [crawler, glue-job], [glue-job], [crawler], [glue-job, crawler], [crawler, glue-job, crawler]\n" +
		"    hint: a crawler before the job looks at what landed, one after it at what the job wrote"
	for _, test := range []struct{ name, answers, want string }{
		{"the job sees what was crawled", "work: [crawler, glue-job]\n", ""},
		{"a job alone", "work: [glue-job]\ncontrol: {longest_minutes: 60}\n", ""},
		{"a crawler alone", "work: [crawler]\n", ""},
		{"what the job wrote is crawled", "work: [glue-job, crawler]\n", ""},
		{"both are crawled", "work: [crawler, glue-job, crawler]\n", ""},
		{"two jobs", "work: [glue-job, glue-job]\n", "work: got [glue-job, glue-job], " + lists},
		{"two crawlers in a row", "work: [crawler, crawler, glue-job]\n", "work: got [crawler, crawler, glue-job], " + lists},
		{
			"a timeout that a crawler has not", "work: [crawler]\ncontrol: {longest_minutes: 60}\n",
			"control.longest_minutes: got 60, and a crawler has no timeout in Glue\n    hint: leave it out",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.Join(glueProblems(answersOf(t, test.answers)), "; "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
