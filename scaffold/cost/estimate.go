package cost

import (
	"fmt"
	"slices"

	"example.com/pipewright/scaffold/answers"
)

// Line is one line of a bill.
type Line struct {
	Item      Item    `json:"item"`
	What      string  `json:"what"`
	Quantity  Decimal `json:"quantity"`
	Unit      string  `json:"unit"`
	UnitPrice string  `json:"unit_price"` // as the page writes it, "0.025 per 1,000"
	Amount    Decimal `json:"amount"`     // USD
	Source    string  `json:"source"`
	Read      string  `json:"read"`
	Note      string  `json:"note,omitempty"`
}

// Estimate is the bill of a month with one example, and of one run.
type Estimate struct {
	Example string       `json:"example"`
	Region  string       `json:"region"`
	Runs    Decimal      `json:"runs_per_month"`
	GB      Decimal      `json:"gb_per_run"`
	Run     []Line       `json:"run"`   // what one run uses, its price without tiers
	Month   []Line       `json:"month"` // what all runs of a month use
	Idle    []Line       `json:"idle"`  // what is paid for while nothing runs
	Free    []Line       `json:"free"`  // what the account's free tier would take off at most, if nothing else used it
	Missing []string     `json:"missing"`
	Assumed []Assumption `json:"assumptions"`

	PerRun   Decimal `json:"usd_per_run"`
	PerIdle  Decimal `json:"usd_idle_per_month"`
	PerMonth Decimal `json:"usd_per_month"` // runs and idle, before the free tier
	OffFree  Decimal `json:"usd_free_tier"`
}

// Complete says whether every line has a price.
func (e *Estimate) Complete() bool { return len(e.Missing) == 0 }

// Of estimates an example for answers that have been checked.
func Of(example string, a *answers.Answers, options Options) *Estimate {
	m := newModel(a, options)
	e := &Estimate{
		Example: example, Region: m.options.Region, Runs: Float(a.Volume.RunsPerMonth), GB: Float(a.Volume.GBPerRun),
		Missing: []string{}, Free: []Line{},
	}
	worker := classes[m.class()[len("mw1."):]].worker
	run := m.run(example)
	e.Run, e.PerRun = m.bill(run.quantities(worker), false, e)
	e.Month, e.PerMonth = m.bill(m.month(example, run).quantities(worker), true, e)
	e.Idle, e.PerIdle = m.bill(Created(example, a).idle(m), true, e)
	e.PerMonth = e.PerMonth.Add(e.PerIdle)
	for _, line := range slices.Concat(e.Month, e.Idle) {
		if free, ok := m.freeOf(line); ok {
			e.Free, e.OffFree = append(e.Free, free), e.OffFree.Add(free.Amount)
		}
	}
	for _, a := range m.options.Assumed.all() {
		if m.used[a.Name] {
			e.Assumed = append(e.Assumed, a)
		}
	}
	return e
}

// month is the usage of all runs of a month. The first worker of an environment is paid with it: only what is busy beyond it costs more.
func (m *model) month(example string, run Usage) Usage {
	all := run.times(Float(m.answers.Volume.RunsPerMonth))
	if example == airflow {
		included := m.assumed("hours_per_month").Mul(Whole(max(m.answers.Airflow.MinWorkers, 1)))
		all.WorkerHours = larger(Decimal{}, all.WorkerHours.Sub(included))
	}
	return all
}

// OfRun is the bill of what was used once: it has no month, and nothing idle.
func OfRun(used Usage, options Options) *Estimate {
	m := newModel(&answers.Answers{}, options)
	e := &Estimate{Region: m.options.Region, Runs: Whole(1), Month: []Line{}, Idle: []Line{}, Free: []Line{}, Missing: []string{}, Assumed: []Assumption{}}
	e.Run, e.PerRun = m.bill(used.quantities(MWAASmallWorker), false, e)
	return e
}

// bill makes lines of quantities, and their sum. What has no price is left out and named. One run pays the first tier.
func (m *model) bill(quantities []quantity, tiers bool, e *Estimate) (lines []Line, sum Decimal) {
	lines = []Line{}
	for _, q := range quantities {
		if q.count.Sign() == 0 {
			continue
		}
		item, price, note, err := m.price(q.item)
		if err != nil {
			if missing := fmt.Sprintf("%s: %v", Units[q.item].What, err); !slices.Contains(e.Missing, missing) {
				e.Missing = append(e.Missing, missing)
			}
			continue
		}
		amount := q.count.Mul(price.one())
		if tiers {
			amount = price.Of(q.count)
		}
		lines = append(lines, Line{
			Item: item, What: Units[item].What, Quantity: q.count, Unit: Units[item].Unit, UnitPrice: price.Unit(), Amount: amount,
			Source: price.Source, Read: price.Read, Note: note,
		})
		sum = sum.Add(amount)
	}
	return lines, sum
}

// stand are the prices that stand in for one that is not confirmed. The line says so.
var stand = map[Item]Item{EMRVCPUHour: EMRX86VCPUHour, EMRGBHour: EMRX86GBHour}

func (m *model) price(item Item) (Item, Price, string, error) {
	price, err := m.options.Prices.In(m.options.Region, item)
	if other, ok := stand[item]; ok && err != nil {
		if instead, failed := m.options.Prices.In(m.options.Region, other); failed == nil {
			return other, instead, err.Error(), nil
		}
	}
	return item, price, price.Note, err
}

// times is the usage of so many runs.
func (u Usage) times(runs Decimal) Usage {
	for _, field := range u.fields() {
		*field = field.Mul(runs)
	}
	return u
}

// less is the usage without another.
func (u Usage) less(other Usage) Usage {
	others := other.fields()
	for i, field := range u.fields() {
		*field = field.Sub(*others[i])
	}
	return u
}

// Add is the usage of both.
func (u Usage) Add(other Usage) Usage {
	others := other.fields()
	for i, field := range u.fields() {
		*field = field.Add(*others[i])
	}
	return u
}

func (u *Usage) fields() []*Decimal {
	return []*Decimal{
		&u.Transitions, &u.ExpressRequests, &u.ExpressGBHours, &u.FunctionCalls, &u.FunctionGBSeconds, &u.FunctionX86GBSeconds,
		&u.GlueDPUHours, &u.FlexDPUHours, &u.ShellDPUHours, &u.CrawlerDPUHours, &u.Events, &u.ScheduledStarts,
		&u.EMRVCPUHours, &u.EMRGBHours, &u.EMRX86VCPUHours, &u.EMRX86GBHours,
		&u.FargateVCPUHours, &u.FargateGBHours, &u.FargateX86VCPUHours, &u.FargateX86GBHours, &u.RPUHours, &u.WorkerHours, &u.NATGB,
		&u.Publishes, &u.Emails, &u.Messages, &u.WriteUnits, &u.ReadUnits,
	}
}

// free is what the free tier has of an item each month, in every account and without an end.
// Sources: the pricing pages of the services, "Free tier", read 2026-11.
var free = map[Item]Decimal{
	StateTransition: Whole(4000), LambdaRequest: Whole(1_000_000), LambdaGBSecond: Whole(400_000), LambdaX86GBSecond: Whole(400_000), ScheduledStart: Whole(14_000_000),
	Alarm: Whole(10), Dashboard: Whole(3), Metric: Whole(10),
	Publish: Whole(1_000_000), Email: Whole(1000), Message: Whole(1_000_000),
}

// freeOf is what the free tier would take off a line.
func (m *model) freeOf(line Line) (Line, bool) {
	most, ok := free[line.Item]
	if !ok {
		return Line{}, false
	}
	taken := smaller(most, line.Quantity)
	line.Amount = line.Amount.Mul(taken).Div(line.Quantity)
	line.Quantity = taken
	return line, true
}
