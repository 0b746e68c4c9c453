package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/cost"
	"example.com/pipewright/scaffold/schedule"
)

// outlook is what the answers so far lead to.
type outlook struct {
	service string
	reason  string // the weightiest
	bill    *cost.Estimate
	others  []other  // the services that were not chosen, the best one first
	changes []string // single answers that would lead elsewhere
	hurdle  error    // why no project can be written of it, as things are
}

// other is a service that was not chosen.
type other struct {
	service string
	bill    *cost.Estimate // nil if it cannot do the work
	against string         // what speaks most against it
}

// outlooks remembers them by the answers: each key draws the screen anew, and most change no answer.
var outlooks sync.Map

func (t *interview) outlook() (*outlook, error) {
	given := t.given()
	key, err := json.Marshal(given)
	if err != nil {
		return nil, err
	}
	known, _ := outlooks.Load(string(key))
	if look, ok := known.(*outlook); ok {
		return look, nil
	}
	look, err := newOutlook(given)
	if err == nil {
		outlooks.Store(string(key), look)
	}
	return look, err
}

func newOutlook(given *answers.Answers) (*outlook, error) {
	recommendation := advisor.Recommend(given)
	changes, err := recommendation.Changes()
	if err != nil {
		return nil, err
	}
	look := &outlook{
		service: recommendation.Service, reason: first(&recommendation.Ranking[0], advisor.Prefers), bill: bill(recommendation.Example, given),
		changes: changes, hurdle: writable(recommendation.Example, given),
	}
	for _, rank := range recommendation.Ranking[1:] {
		one := other{service: rank.Service, against: first(&rank, advisor.Cannot)}
		if rank.Possible {
			one.bill, one.against = bill(rank.Example, given), first(&rank, advisor.Avoids)
		}
		look.others = append(look.others, one)
	}
	return look, nil
}

// first is the first reason of that effect, or "" without one.
func first(rank *advisor.Rank, effect advisor.Effect) string {
	for _, reason := range rank.Reasons {
		if reason.Effect == effect {
			return reason.Text
		}
	}
	return ""
}

// bill is the estimate that recommend and cost show for the same answers.
func bill(example string, given *answers.Answers) *cost.Estimate {
	return cost.Of(example, given, cost.Options{})
}

// line is the outlook in few words.
func (o *outlook) line() string {
	return fmt.Sprintf("%s, %s, %s of it while idle", o.service, monthly(o.bill), o.bill.PerIdle.Short())
}

// amount is a line of the bill: so many USD, and what for.
type amount struct{ usd, what string }

// costs says what the leading service costs: a month, of it while idle, and a run. The amounts stand below each other.
func (o *outlook) costs() []amount {
	month := "USD a month"
	if !o.bill.Complete() {
		month += " at least"
	}
	usd := aligned(o.bill.PerMonth.Short(), o.bill.PerIdle.Short(), o.bill.PerRun.Short())
	return []amount{{usd[0], month}, {usd[1], "USD of it while idle"}, {usd[2], "USD for each run"}}
}

// basis says what the bill is of, and what it leaves out.
func (o *outlook) basis() []string {
	runs := "runs"
	if o.bill.Runs.Cmp(cost.Whole(1)) == 0 {
		runs = "run"
	}
	lines := []string{fmt.Sprintf("%s %s of %s GB, in %s, before the free tier", o.bill.Runs.Plain(), runs, o.bill.GB.Plain(), o.bill.Region)}
	for _, missing := range o.bill.Missing {
		lines = append(lines, "left out: "+missing)
	}
	return lines
}

// monthly is the bill of a month in few words. A sum in which something has no price says so.
func monthly(e *cost.Estimate) string {
	if !e.Complete() {
		return "at least " + e.PerMonth.Short() + " USD a month"
	}
	return e.PerMonth.Short() + " USD a month"
}

// aligned pads amounts so that their points stand below each other.
func aligned(amounts ...string) []string {
	whole, fraction := 0, 0
	for _, amount := range amounts {
		before, after, _ := strings.Cut(amount, ".")
		whole, fraction = max(whole, len(before)), max(fraction, len(after))
	}
	lines := make([]string, len(amounts))
	for i, amount := range amounts {
		before, after, _ := strings.Cut(amount, ".")
		lines[i] = fmt.Sprintf("%*s.%-*s", whole, before, fraction, after)
	}
	return lines
}

// summary is every answer that was asked for: its key, padded, and the reply as it would stand in answers.yaml.
func (t *interview) summary() []option {
	var rows []option
	for _, i := range t.asked() {
		rows = append(rows, option{questions[i].path, cmp.Or(strings.TrimSpace(t.replies[i]), "(none)")})
	}
	return table(rows)
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
