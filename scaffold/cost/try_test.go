package cost

import (
	"example.com/pipewright/scaffold/answers"
	"fmt"
	"os"
	"testing"
	"time"
)

func TestTry(t *testing.T) {
	for _, f := range []string{"statemachine", "glueworkflow", "airflow", "eventfunction", "scheduledquery"} {
		d, _ := os.ReadFile("../examples/" + f + ".yaml")
		a, err := answers.Parse(f, d, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		e := Of(f, a, Options{})
		fmt.Println(f, e.PerRun.Short(), e.PerIdle.Short(), e.PerMonth.Short(), e.OffFree.Short(), e.Missing)
		for _, l := range e.Run {
			fmt.Println("  run", l.What, l.Quantity.Short(), l.Unit, l.UnitPrice, l.Amount.Short())
		}
		for _, l := range e.Idle {
			fmt.Println("  idle", l.What, l.Quantity.Short(), l.Unit, l.UnitPrice, l.Amount.Short())
		}
		for _, q := range Questions(a, Options{}) {
			fmt.Println(q.Name, q.Answer, q.Limits)
		}
	}
}
func TestChart(t *testing.T) {
	d, _ := os.ReadFile("../examples/statemachine.yaml")
	a, _ := answers.Parse("x", d, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	q := Questions(a, Options{})
	os.WriteFile("/tmp/chart-cost.svg", SVG(q), 0o644)
	for _, x := range q {
		x.Sketch(os.Stdout)
		fmt.Println()
	}
}
