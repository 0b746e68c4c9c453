package main

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/answers"
)

// airflowProblems are the answers that the DAG or its network could not do. Its stack would refuse them at synth.
func airflowProblems(given *answers.Answers) []string {
	var problems []string
	sql := slices.Contains(given.Work, answers.SQLServer)
	api := slices.Contains(given.Work, answers.HTTPAPI)
	work := strings.Join(given.Work, ", ")
	if !slices.ContainsFunc([][]string{{answers.HTTPAPI, answers.SQLServer}, {answers.HTTPAPI}, {answers.SQLServer}}, func(can []string) bool {
		return slices.Equal(given.Work, can)
	}) {
		problems = append(problems, fmt.Sprintf("work: got [%s], this version writes [http-api, sql-server], [http-api] or [sql-server]", work))
	}
	if version := given.Airflow.Version; version != "" && !strings.HasPrefix(version, "3.") {
		problems = append(problems, fmt.Sprintf("airflow.version: got %s, the DAG is written for Airflow 3", version))
	}
	if connected(given) && !sql {
		problems = append(problems, fmt.Sprintf("network.on_premises: got %s, nothing in the work [%s] is reached by it", given.Network.OnPremises, work))
	}
	if given.Network.Outbound == answers.Endpoints && (api || !connected(given)) {
		problems = append(problems, fmt.Sprintf("network.outbound: got endpoints, which lead to AWS alone, and the work [%s] reaches the Internet", work))
	}
	return problems
}

// dagContext says after how many days without a successful run an alarm tells. What runs once is never missed.
func dagContext(context map[string]any, given *answers.Answers) error {
	if given.Start.On != answers.OnSchedule || strings.HasPrefix(given.Start.Schedule, "at(") {
		return nil
	}
	days, err := missedDays(given.Start.Schedule)
	if err != nil {
		return err
	}
	context["missedDays"] = days
	return nil
}
