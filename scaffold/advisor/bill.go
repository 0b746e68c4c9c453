package advisor

import (
	"fmt"
	"strings"

	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/cost"
)

// Bill compares what the choice and the runner-up would cost, in the Region whose prices are the most complete.
type Bill struct {
	Region   string    `json:"region"`
	Choice   *Amount   `json:"choice"`
	RunnerUp *Amount   `json:"runner_up"` // null where nothing else can do it
	Crossing *Crossing `json:"crossing"`  // null where the cheaper one stays the cheaper one, however many runs there are
}

// Amount is a service's bill, in USD, before the account's free tier.
type Amount struct {
	Example string       `json:"example"`
	Month   cost.Decimal `json:"usd_per_month"`
	Idle    cost.Decimal `json:"usd_idle_per_month"`
	Run     cost.Decimal `json:"usd_per_run"`
}

// Crossing is the number of runs from which on another service has the lower bill.
type Crossing struct {
	Answer  string       `json:"answer"`
	Value   cost.Decimal `json:"value"`
	Example string       `json:"example"` // which is the cheaper one from there on
	Chosen  string       `json:"chosen"`  // which is chosen there
}

// runsAnswer is where the number of runs stands.
const runsAnswer = "volume.runs_per_month"

// newBill compares the first two of a ranking.
func newBill(a *answers.Answers, f *facts, ranking []Rank) *Bill {
	bill := &Bill{Region: cost.DefaultRegion, Choice: amount(f.bill(ranking[0].Example))}
	if len(ranking) < 2 || !ranking[1].Possible {
		return bill
	}
	bill.RunnerUp = amount(f.bill(ranking[1].Example))
	if value, example, ok := cost.CheaperFrom(ranking[0].Example, ranking[1].Example, a, cost.Options{}); ok && runsUpTo(value) {
		there := a.Clone()
		there.Volume.RunsPerMonth = value.Float64()
		bill.Crossing = &Crossing{Answer: runsAnswer, Value: value, Example: example, Chosen: Choose(there)}
	}
	return bill
}

// runsUpTo says whether answers can say so many runs.
func runsUpTo(value cost.Decimal) bool { return value.Cmp(cost.Whole(answers.MaxRunsPerMonth)) <= 0 }

func amount(e *cost.Estimate) *Amount {
	return &Amount{Example: e.Example, Month: e.PerMonth, Idle: e.PerIdle, Run: e.PerRun}
}

// bill is the estimate of an example, made once.
func (f *facts) bill(example string) *cost.Estimate {
	if f.bills[example] == nil {
		f.bills[example] = cost.Of(example, f.Answers, cost.Options{})
	}
	return f.bills[example]
}

// machineIsDearer says that the state machine's bill is above that of an Airflow environment: its transitions have outgrown the
// environment's hours. For Glue components alone a Glue workflow is the measure, which has no such bill.
func (f *facts) machineIsDearer() bool {
	// Hours that are billed anyway are hundreds of USD, and a transition a fortieth of a thousandth of one: fewer runs need no bill.
	const fewest = 100_000
	return f.Volume.RunsPerMonth > fewest && !f.glueOnly && !f.has(answers.SQLServer) &&
		f.bill(Airflow).PerMonth.Cmp(f.bill(StateMachine).PerMonth) < 0
}

// figures are what rules that are a matter of cost add to their text: the bill behind them.
var figures = map[string]func(*facts) string{
	"airflow-idle-cost":       (*facts).idleFigures,
	"airflow-serverless":      (*facts).idleFigures,
	"states-paid-transitions": (*facts).transitionFigures,
	"states-nothing-between":  (*facts).transitionFigures,
	"states-bill":             (*facts).machineFigures,
}

func (f *facts) idleFigures() string {
	bill := f.bill(Airflow)
	return fmt.Sprintf(" Here: %s USD of %s a month.", bill.PerIdle.Short(), bill.PerMonth.Short())
}

func (f *facts) transitionFigures() string {
	for _, line := range f.bill(StateMachine).Month {
		if line.Item == cost.StateTransition {
			return fmt.Sprintf(" Here: %s USD a month for %s transitions.", line.Amount.Short(), line.Quantity.Plain())
		}
	}
	return ""
}

func (f *facts) machineFigures() string {
	return fmt.Sprintf(" Here: %s USD a month instead of %s.", f.bill(StateMachine).PerMonth.Short(), f.bill(Airflow).PerMonth.Short())
}

// write says the bills of the choice and of the runner-up.
func (b *Bill) write(out *strings.Builder, a Recommendation) {
	fmt.Fprintf(out, "\nWhat it costs in %s, before the free tier; scaffold cost has each line\n", b.Region)
	for _, amount := range []*Amount{b.Choice, b.RunnerUp} {
		if amount != nil {
			fmt.Fprintf(out, "  %s: %s USD a month, %s of it while idle, and %s for each run\n",
				Service(amount.Example), amount.Month.Short(), amount.Idle.Short(), amount.Run.Short())
		}
	}
	switch c := b.Crossing; {
	case b.RunnerUp == nil:
	case c == nil && b.Choice.Month.Cmp(b.RunnerUp.Month) > 0:
		fmt.Fprintf(out, "  %s stays the cheaper one, however many runs there are.\n", Service(b.RunnerUp.Example))
	case c == nil:
		fmt.Fprintf(out, "  %s stays the cheaper one, however many runs there are.\n", Service(b.Choice.Example))
	case c.Chosen == a.Example:
		fmt.Fprintf(out, "  From %s runs a month on %s would be the cheaper one, which alone would not change the choice.\n", c.Value.Plain(), Service(c.Example))
	default:
		fmt.Fprintf(out, "  From %s runs a month on %s would be the cheaper one, and %s the choice.\n", c.Value.Plain(), Service(c.Example), Service(c.Chosen))
	}
}
