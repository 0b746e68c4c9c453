package cost

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/answers"
)

// Question is one that everybody asks, with its curves and where they cross.
type Question struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Axis     string   `json:"axis"` // what the quantity is
	Unit     string   `json:"unit"` // of the quantity, in a sentence
	Of       string   `json:"of"`   // what the amount is of: a month, a run
	Choices  []Choice `json:"choices"`
	Breaks   []Break  `json:"breaks"`
	Answer   string   `json:"answer"`
	Limits   []string `json:"limits"` // what the bill does not see
	Missing  []string `json:"missing"`
	from, to Decimal  // what a picture shows
}

// Choice is one of the services that are compared.
type Choice struct {
	Name  string `json:"name"`
	Curve Curve  `json:"-"`
}

// Break is where the cheapest choice changes.
type Break struct {
	At     Decimal `json:"at"`
	Before string  `json:"cheaper_below"`
	After  string  `json:"cheaper_from"`
	Amount Decimal `json:"usd_there"` // what both cost
}

// Questions answers them for a pipeline.
func Questions(a *answers.Answers, options Options) []Question {
	m := newModel(a, options)
	return []Question{m.airflowOrMachine(), m.emrOrGlue(), m.standardOrExpress(), m.glueKinds()}
}

// answered finds the breaks among the choices, and says them.
func (m *model) answered(q Question, missing []string) Question {
	slices.Sort(missing)
	q.Missing, q.Breaks = slices.Compact(missing), []Break{}
	if len(missing) > 0 {
		var names []string
		for _, one := range q.Missing {
			names = append(names, strings.TrimSuffix(one, ": no confirmed price in "+m.options.Region))
		}
		q.Choices, q.Answer = nil, "Not answered: "+m.options.Region+" has no confirmed price of "+strings.Join(names, "; ")+"."
		return q
	}
	q.Breaks = breaks(q.Choices)
	if len(q.Breaks) == 0 {
		q.Answer = fmt.Sprintf("%s is always the cheapest.", cheapestAt(q.Choices, Decimal{}))
		return q
	}
	q.Answer = "Cheapest: " + q.Breaks[0].Before
	for _, b := range q.Breaks {
		q.Answer += fmt.Sprintf(" below %s, then %s", q.said(b.At), b.After)
	}
	q.Answer += "."
	return q
}

// said is a quantity in a sentence. Runs are whole.
func (q Question) said(at Decimal) string {
	if q.Of == "month" {
		at = at.Ceil()
	}
	return at.Plain() + " " + q.Unit
}

// breaks are where the cheapest of the choices changes, in order: of all crossings of two, those at which nothing else is cheaper.
func breaks(choices []Choice) []Break {
	var at []Decimal
	for i, one := range choices {
		for _, other := range choices[i+1:] {
			at = append(at, one.Curve.Crossings(other.Curve)...)
		}
	}
	slices.SortFunc(at, Decimal.Cmp)
	at = slices.CompactFunc(at, func(one, other Decimal) bool { return one.Cmp(other) == 0 })
	found := []Break{}
	before := cheapestAt(choices, Decimal{})
	for i, x := range at {
		beyond := x.Add(Whole(1))
		if i+1 < len(at) {
			beyond = x.Add(at[i+1]).Div(Whole(2))
		}
		if after := cheapestAt(choices, beyond); after != before {
			found = append(found, Break{At: x, Before: before, After: after, Amount: lowest(choices, x)})
			before = after
		}
	}
	return found
}

func cheapestAt(choices []Choice, x Decimal) string {
	best := slices.MinFunc(choices, func(one, other Choice) int { return one.Curve.at(x).Cmp(other.Curve.at(x)) })
	return best.Name
}

func lowest(choices []Choice, x Decimal) Decimal {
	best := choices[0].Curve.at(x)
	for _, choice := range choices[1:] {
		best = smaller(best, choice.Curve.at(x))
	}
	return best
}

// priced is the price of one item, or says what is missing.
func (m *model) priced(item Item, missing *[]string) Decimal {
	_, price, _, err := m.price(item)
	if err != nil {
		*missing = append(*missing, Units[item].What+": "+err.Error())
		return Decimal{}
	}
	return price.one()
}

// monthly is the bill of a month by the number of runs, without what is shared: work that costs the same whichever service starts it.
func (m *model) monthly(example string, shared Usage, missing *[]string) Curve {
	worker := classes[m.class()[len("mw1."):]].worker
	sum := line(Decimal{}, Decimal{})
	for _, q := range Created(example, m.answers).idle(m) {
		if q.count.Sign() > 0 {
			sum = sum.add(line(m.priced(q.item, missing).Mul(q.count), Decimal{}))
		}
	}
	for _, q := range m.run(example).less(shared).quantities(worker) {
		if q.count.Sign() == 0 {
			continue
		}
		_, price, _, err := m.price(q.item)
		if err != nil {
			m.priced(q.item, missing)
			continue
		}
		bill := price.curve(q.count)
		if q.item == worker {
			// The environment's first workers are paid while idle: only what is busy beyond them costs more.
			included := m.assumed("hours_per_month").Mul(Whole(max(m.answers.Airflow.MinWorkers, 1))).Mul(price.one())
			bill = bill.add(line(Decimal{}.Sub(included), Decimal{})).max(line(Decimal{}, Decimal{}))
		}
		sum = sum.add(bill)
	}
	return sum
}

// curve is the bill by the number of runs, each of which uses some of the item: each tier is a piece.
func (p Price) curve(each Decimal) Curve {
	var c Curve
	var from, value Decimal
	for _, tier := range p.Tiers {
		slope := tier.USD.Div(p.Per).Mul(each)
		c = append(c, piece{from, value, slope})
		if tier.UpTo.Sign() > 0 {
			next := tier.UpTo.Div(each)
			from, value = next, value.Add(slope.Mul(next.Sub(from)))
		}
	}
	return c
}

// CheaperFrom is the number of runs a month from which on the cheaper one of two examples is another, and which one it then is: the last
// crossing of their bills. False when they do not cross, or a price is missing.
func CheaperFrom(one, other string, a *answers.Answers, options Options) (Decimal, string, bool) {
	m := newModel(a, options)
	var missing []string
	shared := m.shared(one, other)
	found := breaks([]Choice{{one, m.monthly(one, shared, &missing)}, {other, m.monthly(other, shared, &missing)}})
	if len(found) == 0 || len(missing) > 0 {
		return Decimal{}, "", false
	}
	last := found[len(found)-1]
	return last.At.Ceil(), last.After, true
}

// shared is what both examples use of each service.
func (m *model) shared(one, other string) Usage {
	both, others := m.run(one), m.run(other)
	theirs := others.fields()
	for i, field := range both.fields() {
		*field = smaller(*field, *theirs[i])
	}
	return both
}

func (m *model) airflowOrMachine() Question {
	var missing []string
	shared := m.shared(stateMachine, airflow)
	q := Question{
		Name: "airflow-or-machine", Title: "Step Functions or MWAA, without the work that both start", Axis: "runs a month", Unit: "runs a month", Of: "month",
		Choices: []Choice{
			{"Step Functions", m.monthly(stateMachine, shared, &missing)},
			{"MWAA " + m.class(), m.monthly(airflow, shared, &missing)},
		},
		from: Whole(100), to: Whole(10_000_000),
	}
	q = m.answered(q, missing)
	for _, b := range q.Breaks {
		perMinute := b.At.Div(m.assumed("hours_per_month")).Div(Whole(60))
		q.Limits = append(q.Limits, fmt.Sprintf("%s runs a month are %s a minute: more than the scheduler of a small environment keeps up with, and no bill shows that.",
			b.At.Ceil().Plain(), perMinute.Plain()))
	}
	return q
}

func (m *model) emrOrGlue() Question {
	var missing []string
	each := m.priced(EMRVCPUHour, &missing).Mul(Whole(emrVCPU)).Add(m.priced(EMRGBHour, &missing).Mul(Whole(emrGB)))
	q := Question{
		Name: "emr-or-glue", Title: "Glue or EMR Serverless", Axis: "GB a run", Unit: "GB a run", Of: "run",
		Choices: []Choice{
			{"Glue Spark job", m.spark().scale(m.priced(GlueDPUHour, &missing))},
			{"Glue Spark job, Flex", m.spark().scale(m.priced(FlexDPUHour, &missing))},
			{"EMR Serverless", m.emr().scale(each)},
		},
		Limits: []string{"Both are taken to do the same with a vCPU; EMR Serverless needs a state machine or a DAG around it, Glue has its workflow."},
		from:   exact("0.01"), to: Whole(1000),
	}
	if item, _, note, err := m.price(EMRVCPUHour); err == nil && item != EMRVCPUHour {
		q.Limits = append(q.Limits, "EMR Serverless: "+note+".")
	}
	return m.answered(q, missing)
}

func (m *model) standardOrExpress() Question {
	var missing []string
	transitions := m.run(stateMachine).Transitions
	request, hour := m.priced(ExpressRequest, &missing), m.priced(ExpressGBHour, &missing)
	memory := m.assumed("express_mb").Div(Whole(64)).Ceil().Mul(Whole(64)).Div(Whole(1024))
	q := Question{
		Name: "standard-or-express", Title: fmt.Sprintf("Standard or Express, %s states", transitions.Plain()),
		Axis: "seconds an execution", Unit: "seconds", Of: "run",
		Choices: []Choice{
			{"Express", line(request, hour.Mul(memory).Div(secondsOfHour))},
			{"Standard", line(m.priced(StateTransition, &missing).Mul(transitions), Decimal{})},
		},
		Limits: []string{"Express ends after 5 minutes, may run twice, and neither waits for jobs nor for people: this pipeline's steps of Glue, EMR and Batch need Standard."},
		from:   exact("0.1"), to: Whole(1000),
	}
	return m.answered(q, missing)
}

func (m *model) glueKinds() Question {
	var missing []string
	q := Question{
		Name: "glue-kinds", Title: "Glue: Spark, Flex or Python shell", Axis: "GB a run", Unit: "GB a run", Of: "run",
		Choices: []Choice{
			{"Python shell", m.shell().scale(m.priced(ShellDPUHour, &missing))},
			{"Spark Flex", m.spark().scale(m.priced(FlexDPUHour, &missing))},
			{"Spark", m.spark().scale(m.priced(GlueDPUHour, &missing))},
		},
		Limits: []string{
			fmt.Sprintf("A Python shell job of 1/16 DPU has 1 GB of memory: beyond about %s GB it has to read in pieces.", m.assumed("shell_memory_gb").Plain()),
			"Flex starts when there is room, and may lose its workers: not for what others wait for.",
		},
		from: exact("0.01"), to: Whole(100),
	}
	return m.answered(q, missing)
}
