package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/cost"
	"example.com/pipewright/scaffold/schedule"
)

// outlook is what the answers so far lead to.
type outlook struct {
	service string
	reason  string   // the weightiest
	bill    []string // lines about what it would cost
	against []string // the other services, each with what speaks most against it
	changes []string // single answers that would lead elsewhere
	hurdle  error    // why no project can be written of it, as things are
}

func (t *interview) outlook() (*outlook, error) {
	given := t.given()
	recommendation := advisor.Recommend(given)
	changes, err := recommendation.Changes()
	if err != nil {
		return nil, err
	}
	look := &outlook{
		service: recommendation.Service, bill: bill(recommendation.Example, given), changes: changes,
		hurdle: writable(recommendation.Example, given),
	}
	for i, rank := range recommendation.Ranking {
		effect := advisor.Avoids
		switch {
		case i == 0:
			effect = advisor.Prefers
		case !rank.Possible:
			effect = advisor.Cannot
		}
		for _, reason := range rank.Reasons {
			if reason.Effect != effect {
				continue
			}
			if i == 0 {
				look.reason = reason.Text
			} else {
				look.against = append(look.against, against(&rank, given)+": "+reason.Text)
			}
			break
		}
	}
	return look, nil
}

// against names a service that was not chosen, with its bill if it could do the work.
func against(rank *advisor.Rank, given *answers.Answers) string {
	if !rank.Possible {
		return rank.Service + " cannot"
	}
	return fmt.Sprintf("%s, %s USD", rank.Service, cost.Of(rank.Example, given, cost.Options{}).PerMonth.Short())
}

// line is the outlook in few words.
func (o *outlook) line() string {
	return "So far this leads to " + o.service + ", " + o.bill[0] + "."
}

// summary is every answer that was asked for, as it would stand in answers.yaml.
func (t *interview) summary() []string {
	widest := 0
	asked := t.asked()
	for _, i := range asked {
		widest = max(widest, len(questions[i].path))
	}
	var lines []string
	for _, i := range asked {
		reply := t.replies[i]
		if reply == "" {
			reply = "(none)"
		}
		lines = append(lines, fmt.Sprintf("%-*s  %s", widest, questions[i].path, strings.TrimSpace(reply)))
	}
	return lines
}

// bill is what an example would cost for the answers, the most important line first.
func bill(example string, given *answers.Answers) []string {
	estimate := cost.Of(example, given, cost.Options{})
	least := ""
	if !estimate.Complete() {
		least = "at least "
	}
	return []string{
		fmt.Sprintf("%s%s USD a month in %s, for %s", least, estimate.PerMonth.Short(), estimate.Region, load(estimate)),
		fmt.Sprintf("%s USD a run, %s USD a month while idle", estimate.PerRun.Short(), estimate.PerIdle.Short()),
	}
}

func load(estimate *cost.Estimate) string {
	runs := "runs"
	if estimate.Runs.Cmp(cost.Whole(1)) == 0 {
		runs = "run"
	}
	return fmt.Sprintf("%s %s of %s GB", estimate.Runs.Plain(), runs, estimate.GB.Plain())
}

// month is what the advisor and the estimate count runs by.
const month = 30 * 24 * time.Hour

// runsPerMonth counts the times of a schedule, in a year from now or as far as is enough to tell.
func runsPerMonth(given *answers.Answers, now time.Time) (float64, bool) {
	const enough = 500
	parsed, err := schedule.Parse(given.Start.Schedule)
	if err != nil {
		return 0, false
	}
	zone, err := schedule.LoadZone(given.Start.Timezone)
	if err != nil {
		return 0, false
	}
	n, last := 0, now
	for n < enough && last.Before(now.AddDate(1, 0, 0)) {
		next, more := parsed.Next(last, zone)
		if !more {
			return 1, true // a single time, or the last ones
		}
		n, last = n+1, next
	}
	return max(1, math.Round(float64(n)*float64(month)/float64(last.Sub(now)))), true
}
