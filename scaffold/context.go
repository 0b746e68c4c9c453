package main

import (
	"maps"
	"slices"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
)

// special are answers that not every example has a use for. They reach the stacks of those that have as context, and are
// refused for the others, whose stacks would refuse them at synth.
type special struct {
	users   []string                      // examples that have a use for them
	given   func(*answers.Answers) string // the answer that was given, or ""
	lack    string                        // what the other examples have not
	context func(*answers.Answers) map[string]any
}

var specials = []special{
	{
		users: []string{advisor.StateMachine, advisor.Airflow, advisor.GlueWorkflow}, given: func(*answers.Answers) string { return "" },
		context: func(a *answers.Answers) map[string]any { return map[string]any{"work": a.Work} },
	},
	{
		users: []string{advisor.StateMachine}, lack: "has no choice between steps",
		given:   func(a *answers.Answers) string { return named("control.branches", a.Control.Branches) },
		context: func(a *answers.Answers) map[string]any { return map[string]any{"branches": a.Control.Branches} },
	},
	{
		users: []string{advisor.StateMachine}, lack: "waits for nobody",
		given:   func(a *answers.Answers) string { return named("control.approval", a.Control.Approval) },
		context: func(a *answers.Answers) map[string]any { return map[string]any{"approval": a.Control.Approval} },
	},
	{
		users: []string{advisor.Airflow}, lack: "knows no past intervals",
		given: func(a *answers.Answers) string { return named("control.backfill", a.Control.Backfill) },
	},
	{users: []string{advisor.Airflow}, lack: "reaches no network on your premises", given: connectionGiven, context: connectionContext},
	{users: []string{advisor.Airflow}, lack: "has no network that these could shape", given: networkGiven, context: networkContext},
	{users: []string{advisor.Airflow}, lack: "has no Airflow environment", given: airflowGiven, context: airflowContext},
	{
		users: []string{advisor.StateMachine}, lack: "runs no container",
		given: func(a *answers.Answers) string { return named("batch.vcpu", a.Batch.VCPU != "") },
		context: func(a *answers.Answers) map[string]any {
			return said(map[string]any{"vcpu": a.Batch.VCPU, "memoryMib": a.Batch.MemoryMiB})
		},
	},
	{
		users: []string{advisor.StateMachine, advisor.ScheduledQuery}, lack: "asks no data warehouse",
		given: func(a *answers.Answers) string { return named("redshift.workgroup", a.Redshift.Workgroup != "") },
		context: func(a *answers.Answers) map[string]any {
			return said(map[string]any{"workgroup": a.Redshift.Workgroup, "database": a.Redshift.Database})
		},
	},
}

// ignored are the answers that the example's stack has no use for, each with the reason.
func ignored(example string, given *answers.Answers) []string {
	var problems []string
	for _, special := range specials {
		if answer := special.given(given); answer != "" && !slices.Contains(special.users, example) {
			problems = append(problems, answer+": the example "+example+" "+special.lack)
		}
	}
	return problems
}

// specialContext is what the example's stack reads besides what every stack does.
func specialContext(example string, given *answers.Answers) map[string]any {
	context := map[string]any{}
	for _, special := range specials {
		if special.context != nil && slices.Contains(special.users, example) {
			maps.Copy(context, special.context(given))
		}
	}
	return context
}

func named(answer string, given bool) string {
	if given {
		return answer
	}
	return ""
}

// said leaves out what was not said: the stack has its own default.
func said(context map[string]any) map[string]any {
	maps.DeleteFunc(context, func(_ string, value any) bool {
		tables, list := value.([]string)
		return value == "" || value == 0 || list && len(tables) == 0
	})
	return context
}

// connectionGiven names the key that all others about the connection need.
func connectionGiven(a *answers.Answers) string { return named("network.on_premises", connected(a)) }

func connectionContext(a *answers.Answers) map[string]any {
	if !connected(a) {
		return nil
	}
	network := &a.Network
	return said(map[string]any{
		"onPremises": network.OnPremises, "onPremisesCidr": network.OnPremisesCidr,
		"peerVpcId": network.PeerVPC, "peerAccount": network.PeerAccount, "peerRegion": network.PeerRegion, "peerRouteTables": network.PeerRouteTables,
		"customerGatewayIp": network.CustomerGatewayIP, "bgpAsn": network.BgpASN,
	})
}

func networkGiven(a *answers.Answers) string {
	switch {
	case connected(a):
		return "" // refused with the connection
	case a.Network.Cidr != "":
		return "network.cidr"
	}
	return named("network.outbound", a.Network.Outbound != "")
}

func networkContext(a *answers.Answers) map[string]any {
	return said(map[string]any{"cidr": a.Network.Cidr, "outbound": a.Network.Outbound})
}

func airflowGiven(a *answers.Answers) string {
	for _, answer := range []struct {
		path  string
		given bool
	}{
		{"airflow.version", a.Airflow.Version != ""},
		{"airflow.class", a.Airflow.Class != ""},
		{"airflow.min_workers", a.Airflow.MinWorkers != 0},
		{"airflow.max_workers", a.Airflow.MaxWorkers != 0},
	} {
		if answer.given {
			return answer.path
		}
	}
	return ""
}

func airflowContext(a *answers.Answers) map[string]any {
	airflow := &a.Airflow
	return said(map[string]any{
		"airflowVersion": airflow.Version, "environmentClass": airflow.Class, "minWorkers": airflow.MinWorkers, "maxWorkers": airflow.MaxWorkers,
	})
}
