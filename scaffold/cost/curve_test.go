package cost

import (
	"fmt"
	"strings"
	"testing"
)

func points(all []Decimal) string {
	var text []string
	for _, x := range all {
		text = append(text, x.value().RatString())
	}
	return strings.Join(text, " ")
}

func curve(numbers ...int64) Curve { // from, value, slope, ...
	var c Curve
	for i := 0; i < len(numbers); i += 3 {
		c = append(c, piece{Whole(numbers[i]), Whole(numbers[i+1]), Whole(numbers[i+2])})
	}
	return c
}

func TestCrossings(t *testing.T) {
	for _, test := range []struct {
		name       string
		one, other Curve
		want       string
	}{
		{"lines cross once", curve(0, 0, 3), curve(0, 10, 1), "5"},
		{"where no number of digits would do", curve(0, 0, 3), curve(0, 1, 0), "1/3"},
		{"parallel lines never cross", curve(0, 0, 1), curve(0, 5, 1), ""},
		{"equal lines never cross", curve(0, 4, 1), curve(0, 4, 1), ""},
		{"before 0 does not count", curve(0, 5, 1), curve(0, 2, 0), ""},
		{"both begin at one point and part", curve(0, 5, 1), curve(0, 5, 2), ""},
		{"a minimum is crossed twice", curve(0, 10, 0, 10, 10, 2), curve(0, 6, 1), "4 16"},
		{"they touch at a corner and do not cross", curve(0, 10, -1, 10, 0, 1), curve(0, 0, 0), ""},
		{"they cross in a corner", curve(0, -10, 1, 10, 0, 3), curve(0, 0, 0), "10"},
		{"they run on each other and part to the other side", curve(0, -5, 1, 5, 0, 0, 9, 0, 1), curve(0, 0, 0), "9"},
		{"they run on each other and part to the same side", curve(0, 5, -1, 5, 0, 0, 9, 0, 1), curve(0, 0, 0), ""},
		{"in the last piece", curve(0, 100, 0), curve(0, 1, 0, 50, 1, 9), "61"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := points(test.one.Crossings(test.other)); got != test.want {
				t.Errorf("got %q, expected %q", got, test.want)
			}
			if got := points(test.other.Crossings(test.one)); got != test.want {
				t.Errorf("the other way round got %q, expected %q", got, test.want)
			}
		})
	}
}

func TestTheLargerOfTwoCurvesHasACornerWhereTheyCross(t *testing.T) {
	top := curve(0, 2, 3).max(curve(0, 8, 0))
	for x, want := range map[int64]string{0: "8", 1: "8", 2: "8", 3: "11", 10: "32"} {
		if got := top.at(Whole(x)).String(); got != want {
			t.Errorf("at %d got %s, expected %s", x, got, want)
		}
	}
	if len(top) != 2 {
		t.Errorf("got %d pieces, expected 2", len(top))
	}
}

func TestATieredPriceIsACurve(t *testing.T) {
	price := Price{Per: Whole(1), Tiers: []Tier{{Whole(1000), exact("0.06")}, {Whole(5000), exact("0.03")}, {Decimal{}, exact("0.01")}}}
	c := price.curve(exact("0.5")) // half a unit for each run
	for _, runs := range []int64{0, 1, 1999, 2000, 2001, 9999, 10_000, 50_000} {
		if got, want := c.at(Whole(runs)), price.Of(Whole(runs).Mul(exact("0.5"))); !got.Equal(want) {
			t.Errorf("%d runs: the curve says %s, the bill %s", runs, got, want)
		}
	}
}

// Each break is evaluated on both sides: below it the one is cheaper, above it the other, and nothing else is.
func TestEachBreakHoldsOnBothSides(t *testing.T) {
	broken := 0
	for _, text := range []string{
		object + "work: [lambda, glue-job]\ncontrol: {branches: true}\nvolume: {gb_per_run: 0.1}",
		object + "work: [crawler, glue-job]",
		demand + "work: [emr-job]",
		monday + "work: [http-api, sql-server]",
		event + "work: [lambda]\nvolume: {gb_per_run: 0.01}",
		object + "work: [lambda, crawler, emr-job, batch-job, redshift-sql, lambda]\nairflow: {class: mw1.large}",
	} {
		for _, q := range Questions(parsed(t, text), Options{}) {
			near := exact("0.0000001")
			for _, b := range q.Breaks {
				broken++
				for _, side := range []struct {
					x    Decimal
					want string
				}{{b.At.Sub(near), b.Before}, {b.At.Add(near), b.After}} {
					for _, choice := range q.Choices {
						cheapest := choice.Curve.at(side.x).Cmp(lowest(q.Choices, side.x)) == 0
						if cheapest != (choice.Name == side.want) {
							t.Errorf("%s: %s: at %s %s is the cheapest: %t, expected %s", text, q.Name, side.x, choice.Name, cheapest, side.want)
						}
					}
				}
			}
		}
	}
	if broken < 15 {
		t.Errorf("only %d breaks were tried", broken)
	}
}

// The curve of a month is the bill of a month: what the estimate says for a number of runs, less the work that both services start.
func TestTheCurveIsTheEstimate(t *testing.T) {
	given := parsed(t, object+"work: [lambda, glue-job]\ncontrol: {branches: true}\nvolume: {gb_per_run: 0.1}")
	q := Questions(given, Options{})[0]
	for _, runs := range []int64{0, 300, 100_000, 5_000_000} {
		given.Volume.RunsPerMonth = float64(runs)
		machine, environment := Of("statemachine", given, Options{}), Of("airflow", given, Options{})
		got := q.Choices[1].Curve.at(Whole(runs)).Sub(q.Choices[0].Curve.at(Whole(runs)))
		if want := environment.PerMonth.Sub(machine.PerMonth); !got.Equal(want) {
			t.Errorf("%d runs: the curves are %s apart, the estimates %s", runs, got, want)
		}
	}
}

func ExampleQuestion() {
	given := answersFor("start: {on: object}\nwork: [lambda, glue-job]\ncontrol: {branches: true}\nlab: true\nvolume: {gb_per_run: 0.1}")
	for _, q := range Questions(given, Options{}) {
		fmt.Println(q.Title + ": " + q.Answer)
	}
	// Output:
	// Step Functions or MWAA, without the work that both start: Cheapest: Step Functions below 3,837,315 runs a month, then MWAA mw1.small.
	// Glue or EMR Serverless: Cheapest: EMR Serverless below 0.58 GB a run, then Glue Spark job, Flex below 13.69 GB a run, then EMR Serverless.
	// Standard or Express, 5 states: Cheapest: Express below 119.02 seconds, then Standard.
	// Glue: Spark, Flex or Python shell: Cheapest: Python shell below 1.53 GB a run, then Spark Flex.
}
