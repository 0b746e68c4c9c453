package main

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/answers"
)

// glueWork are the lists of work that the example glueworkflow runs; works in stacks/glueworkflow/work.go says what each does.
var glueWork = [][]string{
	{answers.Crawler, answers.GlueJob},
	{answers.GlueJob},
	{answers.Crawler},
	{answers.GlueJob, answers.Crawler},
	{answers.Crawler, answers.GlueJob, answers.Crawler},
}

// glueProblems are the reasons for which the example glueworkflow cannot be written with these answers.
func glueProblems(given *answers.Answers) []string {
	var problems []string
	if !slices.ContainsFunc(glueWork, func(can []string) bool { return slices.Equal(given.Work, can) }) {
		lists := make([]string, 0, len(glueWork))
		for _, can := range glueWork {
			lists = append(lists, "["+strings.Join(can, ", ")+"]")
		}
		problems = append(problems, fmt.Sprintf("work: got [%s], this version writes %s\n"+
			"    hint: a crawler before the job looks at what landed, one after it at what the job wrote", strings.Join(given.Work, ", "), strings.Join(lists, ", ")))
	}
	// Source: AWS Glue API, CreateCrawler, which has no timeout, read 2026-11.
	if got := given.Control.LongestMinutes; got != answers.DefaultLongestMinutes && !slices.Contains(given.Work, answers.GlueJob) {
		problems = append(problems, fmt.Sprintf("control.longest_minutes: got %d, and a crawler has no timeout in Glue\n    hint: leave it out", got))
	}
	return problems
}
