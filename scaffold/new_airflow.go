package main

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/answers"
)

// dagWork is what the DAG of the Airflow example can do.
var dagWork = [][]string{{answers.HTTPAPI, answers.SQLServer}, {answers.HTTPAPI}, {answers.SQLServer}}

// airflowProblems are sound answers that the DAG or its network cannot do with. The stack would refuse them at synth.
func airflowProblems(given *answers.Answers) []string {
	var problems []string
	work := strings.Join(given.Work, ", ")
	if !slices.ContainsFunc(dagWork, func(can []string) bool { return slices.Equal(given.Work, can) }) {
		problems = append(problems, fmt.Sprintf("work: got [%s], this version writes [http-api, sql-server], [http-api] or [sql-server]\n"+
			"    hint: write one of these, and your own tasks into its DAG, constructs/weathersales/dags/weather_sales.py", work))
	}
	if version := given.Airflow.Version; version != "" && !strings.HasPrefix(version, "3.") {
		problems = append(problems, "airflow.version: got "+version+", the DAG is written for Airflow 3\n    hint: leave it out, or write 3.0.6")
	}
	public := slices.Contains(given.Work, answers.HTTPAPI) || !connected(given)
	if given.Network.Outbound == answers.Endpoints && public {
		problems = append(problems, "network.outbound: got endpoints, which lead to AWS alone, and the work ["+work+
			"] reaches the internet\n    hint: leave it out, or write nat")
	}
	if connected(given) && !slices.Contains(given.Work, answers.SQLServer) {
		problems = append(problems, "network.on_premises: got "+given.Network.OnPremises+", and nothing in the work ["+work+
			"] is reached by it\n    hint: write none, or add sql-server to work")
	}
	return problems
}
