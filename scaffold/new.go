package main

import (
	"bytes"
	"cmp"
	"embed"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/pipewright/constructs"
	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/generate"
	"example.com/pipewright/stacks"
)

//go:embed all:base
var base embed.FS

//go:embed examples
var examples embed.FS

// modulePath is this module, as the generated source knows it before it is re-rooted.
const modulePath = "example.com/pipewright"

var newCommand = command{
	name:    "new",
	args:    "DIR [--answers FILE | --example NAME | --yes] [--module PATH] [--force] [--accessible]",
	summary: "Asks for the answers, or reads them from FILE, and writes the project that fits into DIR, a new folder below this one.",
	example: "scaffold new orders --answers scaffold/examples/glueworkflow.yaml --module example.com/orders",
	run:     runNew,
}

type newOptions struct {
	dir, answers, example, module string
	yes, force, accessible        bool
	asked                         bool // the answers were asked for on the terminal
}

func runNew(s *shell, flags *flag.FlagSet, args []string) error {
	var options newOptions
	flags.StringVar(&options.answers, "answers", "", "read the answers from `FILE` and ask nothing")
	flags.StringVar(&options.example, "example", "", "write the example `NAME` with its own answers: "+strings.Join(written(), ", "))
	flags.StringVar(&options.module, "module", "", "Go module `PATH` of the project (default: its name)")
	flags.BoolVar(&options.yes, "yes", false, "take the default of every answer and ask nothing")
	flags.BoolVar(&options.accessible, "accessible", false, "ask in plain lines, without colors and boxes, as a screen reader wants them; ACCESSIBLE=1 and TERM=dumb do the same")
	flags.BoolVar(&options.force, "force", false, "update a project that is already there: replace what was generated and not edited, keep everything else")
	rest, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return usage("new", "got no folder, expected DIR, the name of a new one")
	}
	options.dir = rest[0]
	check := generate.CheckFree
	if options.force {
		check = generate.CheckTarget
	}
	if err = check(options.dir); err != nil {
		return err
	}
	given, err := s.answersFor(&options)
	if err != nil {
		return err
	}
	err = s.writeProject(&options, given)
	switch kept := draftOf(options.dir); {
	case !options.asked:
		return err
	case err != nil:
		return fmt.Errorf("%w\n  your answers are kept in %s: scaffold new %s goes on from there", err, kept, options.dir)
	default:
		return kept.remove()
	}
}

// answersFor reads the answers from where the options say, or asks for them on a terminal. It never waits without one.
func (s *shell) answersFor(options *newOptions) (*answers.Answers, error) {
	sources := 0
	for _, given := range []bool{options.answers != "", options.example != "", options.yes} {
		if given {
			sources++
		}
	}
	if sources > 1 {
		return nil, usage("new", "got more than one of --answers, --example and --yes, expected one")
	}
	var given *answers.Answers
	var err error
	switch {
	case options.answers != "":
		given, err = s.readAnswers(options.answers)
	case options.example != "":
		given, err = s.exampleAnswers(options.example)
	case options.yes:
		defaults := answers.Default()
		given = &defaults
	case !s.terminal():
		return nil, usage("new", "there is no terminal to ask on, expected --answers FILE, --example NAME or --yes")
	default:
		options.asked = true
		given, err = s.ask(options)
	}
	if err != nil {
		return nil, err
	}
	if given.Name == "" {
		given.Name = path.Base(filepath.ToSlash(options.dir))
		if err := answers.Check("name", given.Name, s.now()); err != nil {
			return nil, fmt.Errorf("the answers have no name, so the folder's becomes the project's; give them one, or choose another folder:\n%w", err)
		}
	}
	return given, nil
}

func (s *shell) exampleAnswers(name string) (*answers.Answers, error) {
	file := "examples/" + name + ".yaml"
	data, err := examples.ReadFile(file)
	if err != nil {
		if slices.Contains(advisor.Examples(), name) {
			return nil, notYet(name)
		}
		return nil, usage("new", "there is no example %q, expected one of %s", name, strings.Join(written(), ", "))
	}
	return answers.Parse(file, data, s.now())
}

// written lists the examples that exist.
func written() []string {
	entries, err := fs.ReadDir(examples, "examples")
	if err != nil {
		return nil
	}
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".yaml"); ok {
			names = append(names, name)
		}
	}
	return names
}

// notYet refuses an example that is known and ranked, but not written yet.
func notYet(example string) error {
	return fmt.Errorf("this version cannot write the example %s (%s) yet; nothing was written\n  hint: it writes %s; "+
		"scaffold recommend shows which answer would lead there", example, advisor.Service(example), list(written()))
}

// writable says why this version cannot write the example with these answers, if it cannot.
func writable(example string, given *answers.Answers) error {
	if !slices.Contains(written(), example) {
		return notYet(example)
	}
	return supported(example, given)
}

// list is how a sentence names several things.
func list(items []string) string {
	last := len(items) - 1
	if last < 1 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:last], ", ") + " and " + items[last]
}

func (s *shell) writeProject(options *newOptions, given *answers.Answers) error {
	recommendation := advisor.Recommend(given)
	example := recommendation.Example
	if options.example != "" {
		example = options.example
	}
	if options.example == "" {
		s.announce(&recommendation, given)
	}
	if err := writable(example, given); err != nil {
		return err
	}
	if err := given.Ready(cmp.Or(options.answers, "your answers")); err != nil {
		return fmt.Errorf("a recommendation needs no more, a project does; nothing was written\n%w", err)
	}
	if options.module == "" {
		options.module = moduleFor(given.Name)
	}
	tree, err := renderProject(example, options.module, given)
	if err != nil {
		return err
	}
	result, err := tree.Write(options.dir, generate.WriteOptions{Force: options.force})
	s.report(result)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, "%s: a project with the %s example, %d files\n", options.dir, example, len(tree.Files))
	if example == advisor.ScheduledQuery {
		if err := explainUTC(s.stderr, given); err != nil {
			return err
		}
	}
	if err := explainMissed(s.stderr, example, given); err != nil {
		return err
	}
	fmt.Fprintf(s.stderr, "next: cd %s && make test synth\n", options.dir)
	return nil
}

// announce says what was chosen and the weightiest reason, before anything is written.
func (s *shell) announce(chosen *advisor.Recommendation, given *answers.Answers) {
	fmt.Fprintf(s.stderr, "%s (example %s)\n", chosen.Service, chosen.Example)
	for _, reason := range chosen.Ranking[0].Reasons {
		if reason.Effect == advisor.Prefers {
			fmt.Fprintf(s.stderr, "  %s\n", reason.Text)
			break
		}
	}
	writeNextRuns(s.stderr, given, s.now())
}

// moduleFor is the module path of a project that was given none: its name, below example.com where Go keeps the name for itself.
func moduleFor(name string) string {
	if generate.CheckModule(name) != nil {
		return "example.com/" + name
	}
	return name
}

func renderProject(example, module string, given *answers.Answers) (*generate.Tree, error) {
	skeleton, err := fs.Sub(base, "base")
	if err != nil {
		return nil, err
	}
	settings, err := cdkJSON(example, given)
	if err != nil {
		return nil, err
	}
	about, err := examples.ReadFile("examples/" + example + ".md")
	if err != nil {
		return nil, err
	}
	guide, err := base.ReadFile("base/README.md")
	if err != nil {
		return nil, err
	}
	text, drawing, err := withPlan(about, example, given)
	if err != nil {
		return nil, err
	}
	source := generate.Source{Module: modulePath, Stacks: stacks.Source, Constructs: constructs.Source, Base: skeleton}
	return generate.Render(source, generate.Project{Example: example, Module: module, Files: map[string][]byte{
		answersFile: given.YAML(),
		"cdk.json":  settings,
		"README.md": slices.Concat([]byte("# "+given.Name+"\n\n"+text+"\n"), guide),
		planFile:    drawing,
	}})
}

// capabilities is what this version writes of an example.
type capabilities struct {
	problems func(*answers.Answers) []string // what the example cannot do with the work, and what goes with it
	starts   []string                        // values of start.on
}

var supports = map[string]capabilities{
	"airflow":        {problems: airflowProblems, starts: answers.StartValues},
	"glueworkflow":   {problems: glueProblems, starts: answers.StartValues},
	"statemachine":   {problems: machineProblems, starts: answers.StartValues},
	"scheduledquery": {problems: exactly("put every statement into its SQL", answers.RedshiftSQL), starts: []string{answers.OnSchedule}},
	"eventfunction":  {problems: exactly("write lambda in its place: its program may call an API", answers.Lambda), starts: answers.StartValues},
}

// exactly is for an example that does one thing.
func exactly(hint string, work ...string) func(*answers.Answers) []string {
	return func(given *answers.Answers) []string {
		if slices.Equal(given.Work, work) {
			return nil
		}
		return []string{fmt.Sprintf("work: got [%s], this version writes [%s]\n    hint: %s", strings.Join(given.Work, ", "), strings.Join(work, ", "), hint)}
	}
}

// supported refuses answers that the example's stack would silently ignore.
func supported(example string, given *answers.Answers) error {
	can := supports[example]
	problems := can.problems(given)
	if !slices.Contains(can.starts, given.Start.On) {
		problems = append(problems, fmt.Sprintf("start.on: got %s, this version writes %s", given.Start.On, strings.Join(can.starts, " or ")))
	}
	if example == advisor.ScheduledQuery && given.Start.On == answers.OnSchedule && ownWarehouse(given) {
		if _, err := inUTC(given); err != nil {
			problems = append(problems, err.Error())
		}
	}
	problems = append(problems, patternProblems(given.Start.Pattern)...)
	for _, problem := range ignored(example, given) {
		problems = append(problems, problem+"\n    hint: leave it out")
	}
	if problems == nil {
		return nil
	}
	return fmt.Errorf("this version cannot write the example %s (%s) with these answers yet; nothing was written\n  %s",
		example, advisor.Service(example), strings.Join(problems, "\n  "))
}

// cdkJSON is the app's cdk.json. The answers arrive in the stack as context, never as source.
func cdkJSON(example string, given *answers.Answers) ([]byte, error) {
	context := map[string]any{
		"name":           given.Name,
		"prefix":         given.Start.Prefix,
		"suffix":         given.Start.Suffix,
		"notify":         given.Notify,
		"longestMinutes": given.Control.LongestMinutes,
		"lab":            given.Lab,
	}
	if given.Start.On != answers.OnObject {
		// The answers have a prefix for objects alone; what starts otherwise looks for its files under the default one.
		context["prefix"] = answers.DefaultPrefix
	}
	switch given.Start.On {
	case answers.OnSchedule:
		context["schedule"], context["timezone"] = given.Start.Schedule, given.Start.Timezone
	case answers.OnEvent:
		context["pattern"] = given.Start.Pattern
	case answers.OnDemand:
		context["demand"] = true
	}
	if err := addFeatureFlags(context); err != nil {
		return nil, err
	}
	if err := missedContext(context, example, given); err != nil {
		return nil, err
	}
	if example == advisor.ScheduledQuery {
		if err := queryContext(context, given); err != nil {
			return nil, err
		}
	}
	maps.Copy(context, specialContext(example, given))
	var text bytes.Buffer
	err := writeJSON(&text, struct {
		App              string         `json:"app"`
		VersionReporting bool           `json:"versionReporting"`
		PathMetadata     bool           `json:"pathMetadata"`
		AssetMetadata    bool           `json:"assetMetadata"`
		Context          map[string]any `json:"context"`
	}{App: "go build -ldflags=-w -o bin/app . && ./bin/app", Context: context})
	return text.Bytes(), err
}

func (s *shell) report(result generate.Result) {
	for _, line := range []struct {
		what  string
		files []string
	}{
		{"removed what a killed run had left", result.Recovered},
		{"replaced", result.Replaced},
		{"removed", result.Removed},
		{"kept, because you edited it", result.Kept},
	} {
		const most = 10
		for i, file := range line.files {
			if i == most {
				fmt.Fprintf(s.stderr, "%s: %d more\n", line.what, len(line.files)-most)
				break
			}
			fmt.Fprintf(s.stderr, "%s: %s\n", line.what, file)
		}
	}
}
