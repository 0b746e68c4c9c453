//go:build programs

package lab

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/pipewright/scaffold/cfn"
)

// root is the repository, which stands for a generated project: it has the same folders.
func root(t testing.TB) string {
	t.Helper()
	folder, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// The programs of the examples run for real in these tests, which need Go, Python and the environments of make .venv/sail/ready,
// .venv/spark/ready and .venv/sql/ready. make test-lab runs them.

// bench is a lab with real programs.
type bench struct {
	*Lab
	programs *Programs
	logs     string
	events   []Event
}

// edit changes a template before it is deployed.
type edit func(t testing.TB, template *cfn.Template)

func newBench(t testing.TB, example string, options ProgramOptions, changes ...edit) *bench {
	t.Helper()
	template, err := cfn.Read(filepath.Join(root(t), "stacks", example, "testdata/template.json"))
	if err != nil {
		t.Fatal(err)
	}
	return benchOf(t, template, options, changes...)
}

func benchOf(t testing.TB, template *cfn.Template, options ProgramOptions, changes ...edit) *bench {
	t.Helper()
	for _, edit := range changes {
		edit(t, template)
	}
	stack, err := template.Deploy(cfn.Place{Stack: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{logs: t.TempDir()}
	if options.Source == nil {
		options.Source = Project{Folder: root(t)}
	}
	if options.Cache == "" {
		options.Cache = t.TempDir()
	}
	if options.Python == nil {
		options.Python = map[string]string{}
		for _, engine := range []string{EngineSail, EngineSpark, EngineSQL} {
			options.Python[engine] = filepath.Join(root(t), ".venv", engine, "bin/python")
		}
	}
	options.Logs = b.logs
	if b.programs, err = NewPrograms(context.Background(), options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.programs.Close)
	b.Lab, err = New(context.Background(), Options{Stack: stack, Programs: b.programs, Folder: t.TempDir(), Report: func(e Event) {
		b.events = append(b.events, e)
		if testing.Verbose() {
			text, _ := json.Marshal(e.Detail)
			fmt.Printf("%s %-10s %-22s %-28s %.200s\n", e.Time.Format("02 15:04:05.0"), e.Service, e.Type, e.Resource, text)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// land puts an object into the only bucket that sends events.
func (b *bench) land(t testing.TB, key string, data []byte) {
	t.Helper()
	for name, bucket := range b.store.buckets {
		if bucket.sendsEvents {
			if err := b.store.write(name, key, data, "x"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (b *bench) landWeather(t testing.TB) {
	t.Helper()
	samples := os.DirFS(filepath.Join(root(t), "constructs/sampledata/weather"))
	err := fs.WalkDir(samples, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(samples, name)
		if err == nil {
			b.land(t, "raw/"+name, data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) run(t testing.TB) {
	t.Helper()
	if err := b.Run(); err != nil {
		t.Fatal(err)
	}
}

// log is what a program printed in its n-th process.
func (b *bench) log(t testing.TB, id string, n int) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(b.logs, id, fmt.Sprintf("%03d.log", n)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// rows are those of the Parquet files below a folder of a bucket, by partition.
func (b *bench) rows(t testing.TB, bucket, below string) map[string][]map[string]any {
	t.Helper()
	folder := filepath.Join(b.options.Folder, b.stack.Ref(bucket), below)
	output, err := exec.Command(filepath.Join(root(t), ".venv/sail/bin/python"), "testdata/rows/rows.py", folder).Output()
	if err != nil {
		t.Fatal(err)
	}
	var rows map[string][]map[string]any
	if err := json.Unmarshal(output, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// timeline is all that happened, as text.
func (b *bench) timeline(t testing.TB) string {
	t.Helper()
	var all strings.Builder
	for _, event := range b.events {
		text, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(append(text, '\n'))
	}
	return all.String()
}

// bad are the files that the job's own tests land besides the good ones, see constructs/etljob/job/test_weather_etl.py.
var bad = map[string]string{
	"year=2012/month=01/weather.csv":  "bad-rows.csv",
	"year=2012/month=02/header.csv":   "missing-header.csv",
	"year=2012/month=03/column.csv":   "wrong-column.csv",
	"year=2012/month=04/empty.csv":    "empty.csv",
	"year=2012/month=05/encoding.csv": "wrong-encoding.csv",
	"year=2016/month=01/bom.csv":      "bom.csv",
}

func sampleFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root(t), "constructs/sampledata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (b *bench) landBad(t testing.TB) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(bad)) {
		b.land(t, "raw/"+key, sampleFile(t, "bad/"+bad[key]))
	}
}

// byHand are the days of each kind of weather and their precipitation, computed from the file of a month.
func byHand(t testing.TB, partition string) map[string][2]float64 {
	t.Helper()
	found := map[string][2]float64{}
	for line := range strings.Lines(string(sampleFile(t, "weather/"+partition+"/weather.csv"))) {
		fields := strings.Split(strings.TrimSpace(line), ",")
		if fields[0] == "date" {
			continue
		}
		fallen, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		sum := found[fields[5]]
		found[fields[5]] = [2]float64{sum[0] + 1, sum[1] + fallen}
	}
	return found
}

func TestTheWorkflowTurnsGoodAndBadFilesIntoTheRowsThatTheJobsOwnTestsExpect(t *testing.T) {
	run := func() *bench {
		b := newBench(t, "glueworkflow", ProgramOptions{})
		b.landWeather(t)
		b.landBad(t)
		b.run(t)
		return b
	}
	b := run()
	if len(b.failures) > 0 || len(b.denials.all) > 0 {
		t.Fatalf("failures %v, denials %v", b.failures, b.denials.all)
	}
	monthly := b.rows(t, "CuratedF137945A", "monthly")
	if len(monthly) != 48 {
		t.Errorf("got %d months, want 48", len(monthly))
	}
	for partition, rows := range monthly {
		if partition == "year=2012/month=01" {
			continue // the file with bad rows took its place
		}
		want := byHand(t, partition)
		if len(rows) != len(want) {
			t.Errorf("%s: got %d rows, want %d", partition, len(rows), len(want))
		}
		for _, row := range rows {
			sum := want[row["weather"].(string)]
			if row["days"] != sum[0] || math.Abs(row["precipitation_mm"].(float64)-sum[1]) > 2e-6 {
				t.Errorf("%s: got %v, want days and precipitation %v", partition, row, sum)
			}
		}
	}
	quarantine := b.rows(t, "CuratedF137945A", "quarantine")
	for partition, want := range map[string]int{
		"year=2012/month=01": 4, "year=2012/month=02": 1, "year=2012/month=03": 1, "year=2012/month=04": 1, "year=2012/month=05": 1, "year=2016/month=01": 31,
	} {
		if got := len(quarantine[partition]); got != want {
			t.Errorf("%s: got %d rows set aside, want %d", partition, got, want)
		}
	}
	if again := run(); again.timeline(t) != b.timeline(t) {
		difference := cmp.Diff(strings.Split(b.timeline(t), "\n"), strings.Split(again.timeline(t), "\n"))
		t.Errorf("two runs of the same input differ:\n%.3000s", difference)
	}
}

func TestSparkAndSailWriteTheSameRows(t *testing.T) {
	rows := map[string]map[string][]map[string]any{}
	for _, engine := range []string{EngineSail, EngineSpark} {
		b := newBench(t, "glueworkflow", ProgramOptions{Engine: engine})
		b.land(t, "raw/year=2012/month=01/weather.csv", sampleFile(t, "bad/bad-rows.csv"))
		b.land(t, "raw/year=2012/month=02/weather.csv", sampleFile(t, "weather/year=2012/month=02/weather.csv"))
		b.run(t)
		if len(b.failures) > 0 || len(b.denials.all) > 0 {
			t.Fatalf("%s: failures %v, denials %v\n%s", engine, b.failures, b.denials.all, b.log(t, "EtlJobC608A315", 1))
		}
		rows[engine] = b.rows(t, "CuratedF137945A", "")
	}
	if len(rows[EngineSail]) != 3 {
		t.Errorf("got %d folders with rows, want two months and the bad rows of one", len(rows[EngineSail]))
	}
	if difference := cmp.Diff(rows[EngineSail], rows[EngineSpark]); difference != "" {
		t.Errorf("Sail (-) and Spark (+) differ:\n%s", difference)
	}
}

func TestTheStateMachineLoadsAValidFile(t *testing.T) {
	b := newBench(t, "statemachine", ProgramOptions{})
	b.land(t, "raw/year=2012/month=02/weather.csv", sampleFile(t, "weather/year=2012/month=02/weather.csv"))
	b.run(t)
	if len(b.failures) > 0 || len(b.denials.all) > 0 {
		t.Fatalf("failures %v, denials %v", b.failures, b.denials.all)
	}
	want := byHand(t, "year=2012/month=02")
	if rows := b.rows(t, "CuratedF137945A", "monthly")["year=2012/month=02"]; len(rows) != len(want) {
		t.Errorf("got %d rows, want %d", len(rows), len(want))
	}
}

// judged is what the validator says of an object.
func judged(t testing.TB, b *bench, key string) (valid bool, problems string) {
	t.Helper()
	f := b.functions[b.stack.Ref("ValidateFunction2E581753")]
	payload, err := json.Marshal(map[string]any{"bucket": b.stack.Ref("LandingF95672E9"), "key": key})
	if err != nil {
		t.Fatal(err)
	}
	answer, failure, _ := b.runFunction(f, payload)
	if b.err != nil || failure != nil {
		t.Fatalf("%s: %v %v", key, b.err, failure)
	}
	var said struct {
		Valid    bool
		Problems []struct{ Code string }
	}
	if err := json.Unmarshal(answer, &said); err != nil {
		t.Fatal(err)
	}
	for _, problem := range said.Problems {
		problems += problem.Code
	}
	return said.Valid, problems
}

const header = "date,precipitation,temp_max,temp_min,wind,weather\n"

// zipped is a file that is much larger than it looks.
func zipped(t testing.TB, begin string, zeros int) string {
	t.Helper()
	var text bytes.Buffer
	w := gzip.NewWriter(&text)
	_, err := w.Write(append([]byte(begin), make([]byte, zeros)...))
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestTheValidatorJudgesEachBadFileInOneProcess(t *testing.T) {
	b := newBench(t, "statemachine", ProgramOptions{})
	for name, want := range map[string]string{
		"bad-rows.csv": "", "bom.csv": "", "missing-header.csv": "MissingHeader", "wrong-column.csv": "WrongHeader", "empty.csv": "Empty",
		"wrong-encoding.csv": "Encoding",
	} {
		key := "raw/year=2012/month=01/" + name
		b.land(t, key, sampleFile(t, "bad/"+name))
		if valid, problems := judged(t, b, key); valid != (want == "") || problems != want {
			t.Errorf("%s: got valid %t with %q, want %q", name, valid, problems, want)
		}
	}
	row := "2012-01-01,0.0,12.8,5.0,4.7,drizzle\n"
	for name, test := range map[string]struct{ text, want string }{
		"header only":           {header, "NoRows"},
		"semicolons":            {strings.ReplaceAll(header+row, ",", ";"), "MissingHeader"},
		"a gzip bomb":           {zipped(t, header, 50_000_000), "Encoding"},
		"binary":                {string(bytes.Repeat([]byte{0, 1, 2, 0xfe}, 1000)), "Encoding"},
		"one bad row of 1,000":  {header + strings.Repeat(row, 50) + "x\n" + strings.Repeat(row, 949), ""},
		"lines without content": {header + "\r\n\r\n", "NoRows"},
	} {
		key := "raw/year=2012/month=01/" + name + ".csv"
		b.land(t, key, []byte(test.text))
		if valid, problems := judged(t, b, key); valid != (test.want == "") || problems != test.want {
			t.Errorf("%s: got valid %t with %q, want %q", name, valid, problems, test.want)
		}
	}
	if _, problems := judged(t, b, "raw/year=2012/month=01/gone.csv"); problems != "ObjectMissing" {
		t.Errorf("an object that is not there: got %q, want ObjectMissing", problems)
	}
	if started := b.functions[b.stack.Ref("ValidateFunction2E581753")].processes; started != 1 {
		t.Errorf("got %d processes for all calls, want a warm one", started)
	}
}

// without takes an action away from a policy of the template.
func without(policy, action string) edit {
	return func(t testing.TB, template *cfn.Template) {
		t.Helper()
		statements := cfn.List(template.Resources[policy].Get("PolicyDocument", "Statement"))
		kept := slices.DeleteFunc(slices.Clone(statements), func(statement any) bool {
			return slices.Contains(cfn.List(cfn.Field(statement, "Action")), any(action))
		})
		if len(kept) == len(statements) {
			t.Fatalf("%s allows no %s", policy, action)
		}
		template.Resources[policy].Properties["PolicyDocument"].(map[string]any)["Statement"] = kept
	}
}

func TestAJobWithoutAPermissionFailsWithTheDenial(t *testing.T) {
	for _, missing := range []string{"s3:ListBucket", "s3:PutObject", "kms:Decrypt"} {
		t.Run(missing, func(t *testing.T) {
			b := newBench(t, "statemachine", ProgramOptions{}, without("EtlRolePolicyFB3D68FB", missing))
			b.land(t, "raw/year=2012/month=02/weather.csv", sampleFile(t, "weather/year=2012/month=02/weather.csv"))
			b.run(t)
			var message string
			for _, run := range b.jobRuns {
				message = run.message
			}
			if !strings.Contains(message, "AccessDenied") && !strings.Contains(message, "lacked the necessary privileges") {
				t.Errorf("got the message %q, want AccessDenied\n%.2000s", message, b.log(t, "EtlJobC608A315", 1))
			}
			if !slices.ContainsFunc(b.denials.all, func(d PolicyDecision) bool { return d.Action == missing }) {
				t.Errorf("got the denials %v, want one of %s", b.denials.all, missing)
			}
		})
	}
}

func TestAFunctionWithoutAPermissionFailsWithTheDenial(t *testing.T) {
	b := newBench(t, "statemachine", ProgramOptions{}, without("ValidateRolePolicy4E0ADF7A", "s3:GetObject"))
	b.land(t, "raw/year=2012/month=02/weather.csv", sampleFile(t, "weather/year=2012/month=02/weather.csv"))
	b.run(t)
	if text := b.timeline(t); !strings.Contains(text, `"error":"S3Denied"`) {
		t.Errorf("the function did not report S3Denied:\n%.3000s", text)
	}
	if !slices.ContainsFunc(b.denials.all, func(d PolicyDecision) bool { return d.Action == "s3:GetObject" }) {
		t.Errorf("got the denials %v, want one of s3:GetObject", b.denials.all)
	}
}
