//go:build programs

package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// The timeline of a run follows from the template, the input and the seed alone: neither how many processors there are nor where the machine
// stands changes a byte of it, also where programs answer at their own pace.
func TestTheTimelineIsTheSameOnEveryMachine(t *testing.T) {
	bad, err := os.ReadFile(filepath.Join(root(t), "constructs/sampledata/bad/bad-rows.csv"))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Pacific/Apia")
	if err != nil {
		t.Fatal(err)
	}
	here, processors := time.Local, runtime.GOMAXPROCS(0)
	t.Cleanup(func() { time.Local = here; runtime.GOMAXPROCS(processors) })
	for _, example := range []string{"glueworkflow", "statemachine"} {
		t.Run(example, func(t *testing.T) {
			timeline := func() []byte {
				b := newBench(t, example, ProgramOptions{})
				for month := 1; month <= 4; month++ {
					b.land(t, fmt.Sprintf("raw/year=2012/month=%02d/bad.csv", month), bad)
				}
				b.run(t)
				b.programs.Close()
				var lines bytes.Buffer
				encoder := json.NewEncoder(&lines)
				for i := range b.events {
					if err := encoder.Encode(&b.events[i]); err != nil {
						t.Fatal(err)
					}
				}
				return lines.Bytes()
			}
			time.Local = here
			runtime.GOMAXPROCS(1)
			first := timeline()
			if n := bytes.Count(first, []byte("\n")); n < 20 {
				t.Fatalf("got %d events, want those of four objects and what comes of them", n)
			}
			time.Local = zone
			runtime.GOMAXPROCS(8)
			t.Setenv("TZ", "Pacific/Apia")
			t.Setenv("LANG", "tr_TR.UTF-8")
			t.Setenv("LC_ALL", "tr_TR.UTF-8")
			if difference := gocmp.Diff(lines(first), lines(timeline())); difference != "" {
				t.Errorf("one processor and eight in Apia (-, +):\n%s", difference)
			}
		})
	}
}

func lines(text []byte) (all []string) {
	for line := range bytes.Lines(text) {
		all = append(all, string(line))
	}
	return all
}
