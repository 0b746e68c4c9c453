//go:build programs

package lab

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.com/pipewright/scaffold/lineage"
)

// The lineage of the examples as their own programs make it, with sizes and rows: testdata/lineage/real-*.
func TestLineageOfTheExamples(t *testing.T) {
	for _, test := range []struct {
		name, example, file string // that lands; empty: all of the weather
	}{
		{"real-glueworkflow", "glueworkflow", ""},
		{"real-statemachine", "statemachine", "weather/year=2012/month=01/weather.csv"},
		{"real-statemachine-bad", "statemachine", "bad/missing-header.csv"},
		{"real-scheduledquery", "scheduledquery", ""},
		{"real-eventfunction", "eventfunction", "bad/bad-rows.csv"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var told []*lineage.Event
			b := newBench(t, test.example, ProgramOptions{})
			b.options.Lineage = func(e *lineage.Event) { told = append(told, e) }
			b.lineage = newLineage(b.Lab)
			if test.example == "scheduledquery" {
				b.options.For = 5 * 24 * time.Hour // until the first Monday
				b.landQuietly(t)
			} else if test.file == "" {
				b.landWeather(t)
			} else {
				data, err := os.ReadFile(filepath.Join(root(t), "constructs/sampledata", test.file))
				if err != nil {
					t.Fatal(err)
				}
				b.land(t, "raw/year=2012/month=01/"+filepath.Base(test.file), data)
			}
			b.run(t)
			goldenLineage(t, test.name, told)
		})
	}
}
