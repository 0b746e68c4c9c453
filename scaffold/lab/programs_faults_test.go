//go:build programs

package lab

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// outcomes are those that the converter logged, in order.
func (b *bench) outcomes(t testing.TB) []string {
	t.Helper()
	var all []string
	for line := range strings.Lines(b.log(t, "ConvertFunction1CDD2A32", 1)) {
		var said struct{ Outcome string }
		if json.Unmarshal([]byte(line), &said) == nil && said.Outcome != "" {
			all = append(all, said.Outcome)
		}
	}
	return all
}

func newFaulty(t testing.TB, example string, faults ...Fault) *bench {
	t.Helper()
	b := newBench(t, example, ProgramOptions{})
	b.faults = newFaults(faults)
	return b
}

// EventBridge delivers at least once, and promises no order. The example takes both.
func TestADuplicateOrLateEventOfAnObjectHasNoSecondEffect(t *testing.T) {
	const key = "raw/year=2012/month=02/weather.csv"
	const first = "date,precipitation,temp_max,temp_min,wind,weather\n2012-02-01,13.5,8.9,3.3,2.7,rain\n"
	second := strings.Replace(first, "13.5", "0.0", 1)
	for _, test := range []struct {
		name   string
		fault  Fault
		land   []string
		want   []string // outcomes, in the order of the calls
		final  string   // in the data
		copies int      // how often the data were written
	}{
		{"the same event twice", Fault{Kind: "duplicate", Where: "ObjectLanded"}, []string{first}, []string{"converted", "repeated"}, "13.5", 1},
		{"the older event comes later", Fault{Kind: "late", Where: "ObjectLanded", Delay: 10 * time.Minute, Attempt: 1}, []string{first, second}, []string{"converted", "superseded"}, `"precipitation":0`, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newFaulty(t, "eventfunction", test.fault)
			for _, data := range test.land {
				b.land(t, key, []byte(data))
			}
			b.run(t)
			b.programs.Close() // the log is whole then
			same(t, "outcomes", b.outcomes(t), test.want)
			written := 0
			for _, event := range b.events {
				detail, _ := event.Detail.(map[string]any)
				if name, _ := detail["key"].(string); event.Type == "ObjectCreated" && strings.HasPrefix(name, "data/") {
					written++
					data, err := b.store.read(b.stack.Ref("CuratedF137945A"), name)
					if err != nil || !strings.Contains(string(data), test.final) {
						t.Errorf("got %s (%v), expected %s in it", data, err, test.final)
					}
				}
			}
			same(t, "written", written, test.copies)
			same(t, "failures", b.failures, nil)
		})
	}
}

// The filter reads what the converter really logs.
func TestARefusedFileOfTheConverterRaisesItsAlarm(t *testing.T) {
	b := newFaulty(t, "eventfunction")
	b.land(t, "raw/year=2012/month=02/weather.csv", sampleFile(t, "bad/missing-header.csv"))
	b.run(t)
	b.programs.Close()
	same(t, "outcomes", b.outcomes(t), []string{"refused"})
	if !slices.ContainsFunc(b.events, func(e Event) bool { return e.Type == "EmailSent" }) {
		t.Errorf("nobody was told:\n%s", b.timeline(t))
	}
}

func TestTheFailureOfAJobNamesWhatItLacksWhicheverEngineRunsIt(t *testing.T) {
	for _, engine := range []string{EngineSail, EngineSpark} {
		for _, missing := range []string{"s3:PutObject", "kms:Decrypt"} {
			t.Run(fmt.Sprint(engine, " without ", missing), func(t *testing.T) {
				b := newBench(t, "statemachine", ProgramOptions{Engine: engine}, without("EtlRolePolicyFB3D68FB", missing))
				b.land(t, "raw/year=2012/month=02/weather.csv", sampleFile(t, "weather/year=2012/month=02/weather.csv"))
				b.run(t)
				message := b.jobRuns[0].message
				for _, want := range []string{"EtlRole378F0859 may not " + missing + " on arn:aws:", `hint: add to the policies of EtlRole378F0859: {"Effect":"Allow","Action":"` + missing + `"`} {
					if !strings.Contains(message, want) {
						t.Errorf("got %q, expected %q in it", message, want)
					}
				}
			})
		}
	}
}
