package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"example.com/pipewright/scaffold/asl"
	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/cost"
	"example.com/pipewright/scaffold/lab"
)

// finished is what is kept of a run that has ended: what it came to, and what it would have cost.
type finished struct {
	*lab.Outcome
	Cost *cost.Estimate `json:"cost,omitempty"`
}

// meter reads from the events of a run, in virtual time, what AWS would bill for it.
type meter struct {
	stack    *cfn.Deployed
	used     cost.Usage
	started  map[string]time.Time   // crawlers and job runs under way
	calls    map[string][]time.Time // of each function, under way
	children int64                  // states of executions that a distributed Map started
}

func newMeter(stack *cfn.Deployed) *meter {
	return &meter{stack: stack, started: map[string]time.Time{}, calls: map[string][]time.Time{}}
}

// add is what the use of a service adds.
func (m *meter) add(used cost.Usage) { m.used = m.used.Add(used) }

func seconds(of time.Duration) cost.Decimal {
	return cost.Whole(of.Microseconds()).Div(cost.Whole(time.Second.Microseconds()))
}

// event is called for each event.
func (m *meter) event(e *lab.Event) {
	detail, _ := e.Detail.(map[string]any)
	one := cost.Whole(1)
	switch e.Type {
	case "FunctionInvoked":
		m.calls[e.Resource] = append(m.calls[e.Resource], e.Time)
	case "FunctionEnded":
		m.call(e)
	case "JobRunStarted":
		m.started[fmt.Sprint(detail["run"])] = e.Time
	case "JobRunEnded":
		m.job(e.Resource, e.Time.Sub(m.started[fmt.Sprint(detail["run"])]))
	case "CrawlerStarted":
		m.started[e.Resource] = e.Time
	case "CrawlerEnded":
		m.add(cost.Usage{CrawlerDPUHours: cost.Crawl(one, seconds(e.Time.Sub(m.started[e.Resource])))})
	case "EventSent":
		if source := fmt.Sprint(detail["source"]); !strings.HasPrefix(source, "aws.") {
			m.add(cost.Usage{Events: one})
		}
	case "ScheduleStarted":
		if m.stack.Resources[e.Resource].Type == "AWS::Scheduler::Schedule" { // a rule's schedule is free
			m.add(cost.Usage{ScheduledStarts: one})
		}
	case "MessagePublished":
		m.add(cost.Usage{Publishes: one})
	case "EmailSent":
		m.add(cost.Usage{Emails: one})
	case "MessageSent":
		m.add(cost.Usage{Messages: one})
	}
}

// call adds a call that has ended. Which of several under way it was does not matter: their times together are the same.
func (m *meter) call(e *lab.Event) {
	begun := m.calls[e.Resource]
	if len(begun) == 0 {
		return
	}
	m.calls[e.Resource] = begun[1:]
	m.add(cost.Usage{FunctionCalls: cost.Whole(1), FunctionGBSeconds: cost.Call(m.memory(e.Resource), seconds(e.Time.Sub(begun[0])))})
}

// memory is a function's, in MB. Source: AWS CloudFormation, AWS::Lambda::Function, MemorySize (128 by default), read 2026-11.
func (m *meter) memory(id string) cost.Decimal {
	const least = 128
	if given, ok := m.stack.Resources[id].Get("MemorySize").(float64); ok {
		return cost.Float(given)
	}
	return cost.Whole(least)
}

// job adds a run of a Glue job. The time until its workers are there is not billed.
func (m *meter) job(id string, took time.Duration) {
	dpu, start, shell := lab.JobSize(m.stack.Resources[id])
	used := cost.GlueJob(cost.Float(dpu), seconds(max(took-start, 0)))
	switch {
	case shell:
		m.add(cost.Usage{ShellDPUHours: used})
	case m.stack.Resources[id].Get("ExecutionClass") == "FLEX":
		m.add(cost.Usage{FlexDPUHours: used})
	default:
		m.add(cost.Usage{GlueDPUHours: used})
	}
}

// kept is called for each result that the run keeps, among them those of executions.
func (m *meter) kept(content any) {
	result, ok := content.(*asl.Result)
	if !ok {
		return
	}
	if strings.Contains(result.Identity.Arn, ":express:") {
		took := seconds(result.Stopped.Sub(result.Started)).Mul(cost.Whole(10)).Ceil().Div(cost.Whole(10))
		m.add(cost.Usage{ExpressRequests: cost.Whole(1), ExpressGBHours: cost.Call(cost.Whole(expressMB), took).Div(cost.Whole(3600))})
		return
	}
	var entered, tasks, calls int64
	for i := range result.Events {
		switch kind := result.Events[i].Type; {
		case strings.HasSuffix(kind, "StateEntered"):
			entered++
			if kind == "TaskStateEntered" {
				tasks++
			}
		case kind == "TaskScheduled", kind == "LambdaFunctionScheduled", kind == "ActivityScheduled":
			calls++
		}
	}
	// A retry is billed as a transition, too. Source: AWS Step Functions pricing, "State transitions", read 2026-11.
	m.add(cost.Usage{Transitions: cost.Whole(entered + max(calls-tasks, 0))})
	m.children += max(result.Steps-entered, 0)
}

// expressMB is the least memory that an Express execution is billed, in MB. Source: AWS Step Functions pricing, read 2026-11.
const expressMB = 64

// bill is what the run would have cost.
func (m *meter) bill() *cost.Estimate {
	estimate := cost.OfRun(m.used, cost.Options{Region: m.stack.Place().Region})
	if m.children > 0 {
		estimate.Missing = append(estimate.Missing, fmt.Sprintf("Step Functions: executions of a distributed Map, which entered %d states: the lab does not tell them apart", m.children))
	}
	return estimate
}

// writeRunCost says what the run would have cost, with its own figures.
func writeRunCost(out io.Writer, bill *cost.Estimate) {
	if bill == nil {
		return // of a run that an older version has kept
	}
	fmt.Fprintf(out, "\nWhat it would cost on AWS: %s USD in %s, before any free tier\n", bill.PerRun.Short(), bill.Region)
	for _, line := range bill.Run {
		fmt.Fprintf(out, "  %s USD  %s, %s %s at %s\n", line.Amount.Short(), line.What, line.Quantity.Plain(), line.Unit, line.UnitPrice)
	}
	for _, missing := range bill.Missing {
		fmt.Fprintf(out, "  left out: %s\n", missing)
	}
}
