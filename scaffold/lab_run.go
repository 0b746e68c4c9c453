package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"example.com/pipewright/constructs"
	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/lab"
	"example.com/pipewright/stacks"
)

var labRunCommand = command{
	name: "lab run",
	args: "[DIR|TEMPLATE|EXAMPLE] [--put LOCAL=KEY] [--event FILE] [--sql FILE] [--start] [--from TIME] [--for DURATION] [--fail FAULT] [--answer ANSWER] [--wait] [--engine sail|spark] [--json]",
	summary: "Runs a synthesized template on this machine, with the programs that it would deploy, and shows what happens. DIR defaults to this folder.\n" +
		"Exit 0 when all went well, 1 when something of the pipeline failed, 2 faulty input.",
	example: "scaffold lab run statemachine --put data.csv=raw/data.csv --fail fail:EtlJob#1",
	run:     runLabRun,
}

// runOptions are the flags of lab run, as written.
type runOptions struct {
	puts, events, faults repeated
	answers              repeated
	wait                 bool
	typed                []string // as the command was given
	scripts              repeated
	from, length, engine string
	start, asJSON        bool
	unused, ignored      bool
	seed                 uint64
	input                string
}

// repeated is a flag that may be repeated.
type repeated []string

func (l *repeated) String() string { return strings.Join(*l, ", ") }

// Set keeps one.
func (l *repeated) Set(text string) error {
	*l = append(*l, text)
	return nil
}

func runLabRun(s *shell, flags *flag.FlagSet, args []string) error {
	o := runOptions{typed: args}
	flags.Var(&o.puts, "put", "let a file, or each file of a folder, land: `LOCAL=KEY`, or LOCAL=s3://BUCKET/KEY with the beginning of a bucket's logical id; may be repeated")
	flags.Var(&o.events, "event", "put the event in `FILE` on the default bus; may be repeated")
	flags.Var(&o.scripts, "sql", "run the SQL in `FILE` in the data warehouse first, for what is there already, such as its tables; may be repeated")
	flags.BoolVar(&o.start, "start", false, "start the workflow or the state machine, as a person would")
	flags.StringVar(&o.input, "input", "{}", "the `JSON` that --start gives to a state machine")
	flags.StringVar(&o.from, "from", "", "start the virtual clock at this `TIME`, such as 2026-03-01 or 2026-03-01T08:00:00Z (default 2026-01-01)")
	flags.StringVar(&o.length, "for", "", "let schedules start as long as this `DURATION`, such as 36h or 30d")
	flags.Var(&o.faults, "fail", "let something go wrong: `FAULT`, such as fail:EtlJob, deny:s3:GetObject, late:ObjectLanded:10m, throttle:glue:StartJobRun#1; may be repeated")
	flags.Var(&o.answers, "answer", "answer a task that waits for a person: `ANSWER`, or STATE=ANSWER, where the answer is approve, \"reject: WHY\", success:JSON, failure:ERROR:CAUSE,\nlater:DURATION, heartbeat:DURATION or nothing; several are for the tasks in turn, the last one for all that follow")
	flags.BoolVar(&o.wait, "wait", false, "let tasks wait for scaffold lab answer from another terminal, also where no person can be asked")
	flags.StringVar(&o.engine, "engine", "sail", "run PySpark jobs on `ENGINE`, sail or spark")
	o.lists(flags)
	flags.Uint64Var(&o.seed, "seed", 0, "the `NUMBER` that made-up ids follow from: the same number, the same run")
	rest, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	where := "."
	if len(rest) == 1 {
		where = rest[0]
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return s.labRun(ctx, where, &o)
}

// lists are the flags of what is shown.
func (o *runOptions) lists(flags *flag.FlagSet) {
	flags.BoolVar(&o.asJSON, "json", false, "print the timeline as JSON, one event a line")
	flags.BoolVar(&o.unused, "unused", false, "list the permissions that nothing needed, and those that the lab does not exercise")
	flags.BoolVar(&o.ignored, "ignored", false, "list what of the template is not part of the lab")
}

func (s *shell) labRun(ctx context.Context, where string, o *runOptions) error {
	subject, err := s.labSubject(where)
	if err == nil && subject.template.ByType("AWS::MWAA::Environment") != nil {
		err = fmt.Errorf("%s: the lab has no Airflow environment\n  hint: in a project, make run-dag runs its DAG with Airflow itself", subject.name)
	}
	if err != nil {
		return &inputError{err}
	}
	options, err := o.options(subject)
	if err != nil {
		return &inputError{err}
	}
	kept, err := newRunFolder(subject.home)
	if err != nil {
		return err
	}
	line := timeline{out: s.stdout, start: options.From, names: namesOf(subject.template)}
	encoder := json.NewEncoder(s.stdout)
	used := newMeter(options.Stack)
	options.Folder, options.Keep = filepath.Join(kept.path, "s3"), func(name string, content any) {
		used.kept(content)
		kept.keep(name, content)
	}
	options.Lineage = kept.reportLineage
	options.Report = func(e lab.Event) {
		kept.report(&e)
		used.event(&e)
		if o.asJSON {
			kept.failed(encoder.Encode(&e))
		} else {
			line.report(&e)
		}
	}
	kept.keep(templateFile, subject.template)
	command, err := newGiven(o.typed)
	if err == nil {
		kept.keep(commandFile, command)
	}
	asks, err := s.approver(ctx, kept.path, subject.home, o)
	if err != nil {
		return errors.Join(err, kept.close(), os.RemoveAll(kept.path))
	}
	defer asks.others.close()
	asks.before = line.flush
	if asks.in != nil || o.wait {
		options.Waiting = asks.ask
	}
	outcome, err := s.play(ctx, options, subject, o)
	line.flush()
	end := finished{Outcome: outcome}
	switch {
	case err == nil:
		end.Cost = used.bill()
		kept.keep(outcomeFile, &end)
	case errors.Is(err, context.Canceled):
		err = &interruptedError{folder: kept.path}
	default:
		kept.keep(brokenFile, &broken{Error: err.Error()})
	}
	closed := kept.close()
	if faulty := (*inputError)(nil); errors.As(err, &faulty) {
		closed = os.RemoveAll(kept.path) // nothing has run
	}
	if err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return s.conclude(&end, kept.path, o)
}

// conclude prints what a run came to.
func (s *shell) conclude(outcome *finished, folder string, o *runOptions) error {
	status := "SUCCEEDED"
	if !outcome.Succeeded() {
		status = "FAILED"
	}
	var events []*lab.Event
	if err := readEvents(filepath.Join(folder, eventsFile), func(e *lab.Event, _ string) { events = append(events, e) }); err != nil {
		return err
	}
	after := whatNext(outcome.Outcome, folder, events)
	if o.asJSON {
		end := lab.Event{Time: outcome.Ended, Service: "lab", Type: "LabFinished", Detail: map[string]any{
			"status": status, "seconds": outcome.Ended.Sub(outcome.Started).Seconds(), "flows": listOf(outcome.Flows), "tables": listOf(outcome.Tables),
			"failures": listOf(outcome.Failures), "denials": listOf(outcome.Denials), "unanswered": listOf(outcome.Unanswered),
			"spent": listOf(spentOf(events)), "next": listOf(after), "cost": outcome.Cost,
		}}
		if err := json.NewEncoder(s.stdout).Encode(&end); err != nil {
			return err
		}
	} else {
		summary(s.stdout, outcome, shorten(folder), events, o)
		writeNext(s.stdout, after)
	}
	if status == "FAILED" {
		return errNegative
	}
	return nil
}

// listOf is a list that JSON writes as [] when there is nothing in it.
func listOf[T any](all []T) []T { return append([]T{}, all...) }

// play makes a lab, gives it what the options say, and lets time pass.
func (s *shell) play(ctx context.Context, options lab.Options, subject *labSubject, o *runOptions) (*lab.Outcome, error) {
	source, err := subject.source(options.Stack)
	if err != nil {
		return nil, err
	}
	progress := s.live()
	called := namesOf(subject.template)
	programs, err := lab.NewPrograms(ctx, lab.ProgramOptions{
		Source: source, Engine: o.engine, Logs: filepath.Join(filepath.Dir(options.Folder), "logs"), Warehouse: filepath.Join(filepath.Dir(options.Folder), "redshift"),
		Progress: progress.note, Working: func(id string) func() { return progress.working(called.of(id)) },
	})
	if err != nil {
		return nil, err
	}
	defer programs.Close()
	options.Programs = programs
	l, err := lab.New(ctx, options)
	if err != nil {
		return nil, &inputError{fmt.Errorf("%s: %w", subject.name, err)}
	}
	if err = s.giveSQL(l, o.scripts); err != nil {
		return nil, err
	}
	if err := s.give(l, subject, o); err != nil {
		return nil, err
	}
	if err := l.Run(); err != nil {
		return nil, err
	}
	return l.Outcome(), nil
}

// give lets land, sends and starts what the options say.
func (s *shell) give(l *lab.Lab, subject *labSubject, o *runOptions) error {
	given, err := subject.files(o, l.Listens())
	if err != nil {
		return &inputError{err}
	}
	for _, put := range given {
		data, err := put.read()
		if err == nil {
			err = l.Put(put.key, data)
		}
		if err != nil {
			return &inputError{fmt.Errorf("--put %s: %w", put.name, err)}
		}
	}
	for _, file := range o.events {
		text, err := s.readFor("EventBridge", file)
		if err == nil {
			err = l.Send(text)
		}
		if err != nil {
			return &inputError{fmt.Errorf("--event %s: %w", inputName(file), err)}
		}
	}
	if o.start {
		if err := l.Start(o.input); err != nil {
			return &inputError{fmt.Errorf("--start: %w", err)}
		}
	}
	if len(o.events) == 0 && !o.start && o.length == "" && !l.Listens() {
		l.AwaitSchedule() // what lands would start nothing
	}
	return nil
}

// labSubject is what a run is about.
type labSubject struct {
	name     string
	home     string // folder below which runs are kept
	template *cfn.Template
	file     string // of the template; empty for an example
	samples  fs.FS  // the weather data of an example or a project; nil without
	prefix   string // under which they land
}

var templateName = regexp.MustCompile(`^[A-Za-z0-9-]+`)

func (s *shell) labSubject(where string) (*labSubject, error) {
	if slices.Contains(written(), where) {
		return s.exampleSubject(where)
	}
	files, err := cfn.Find(where)
	if err != nil {
		return nil, fmt.Errorf("%w\n  hint: or an example: %s", err, list(written()))
	}
	if len(files) > 1 {
		return nil, fmt.Errorf("%s: got %d templates, expected one\n  hint: name one of %s", where, len(files), strings.Join(files, ", "))
	}
	template, err := cfn.Read(files[0])
	if err != nil {
		return nil, err
	}
	subject := &labSubject{name: files[0], file: files[0], template: template, home: "."}
	if info, err := os.Stat(filepath.Join(where, "cdk.json")); err == nil && info.Mode().IsRegular() {
		subject.home = where
		if err := subject.readSamples(where); err != nil {
			return nil, err
		}
	}
	return subject, nil
}

// samplesFolder has the weather data, in a project as in the constructs.
const samplesFolder = "sampledata/weather"

// readSamples finds the project's sample data, and where its answers let data land.
func (subject *labSubject) readSamples(project string) error {
	folder := filepath.Join(project, "constructs", filepath.FromSlash(samplesFolder))
	if _, err := os.Stat(folder); err != nil {
		return nil //nolint:nilerr // a project may be without
	}
	text, err := os.ReadFile(filepath.Join(project, "cdk.json"))
	if err != nil {
		return err
	}
	var settings struct{ Context struct{ Prefix string } }
	if err := json.Unmarshal(text, &settings); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(project, "cdk.json"), err)
	}
	subject.samples, subject.prefix = os.DirFS(folder), cmp.Or(settings.Context.Prefix, answers.DefaultPrefix)
	return nil
}

// exampleSubject is an example as its golden template has it.
func (s *shell) exampleSubject(name string) (*labSubject, error) {
	text, err := fs.ReadFile(stacks.Source, path.Join(name, "testdata", "template.json"))
	if err != nil {
		return nil, err
	}
	template, err := cfn.Parse(text)
	if err != nil {
		return nil, err
	}
	samples, err := fs.Sub(constructs.Source, samplesFolder)
	return &labSubject{name: name, template: template, home: ".", samples: samples, prefix: answers.DefaultPrefix}, err
}

// sourceFunc finds the programs when the first of them is needed: a template without any has no assets either.
type sourceFunc func() (lab.Project, error)

// Project finds them.
func (f sourceFunc) Project(context.Context) (lab.Project, error) { return f() }

// source is where the programs lie: in the project of the template, or in one that is written for the example.
func (subject *labSubject) source(stack *cfn.Deployed) (lab.Source, error) {
	if subject.file != "" {
		return sourceFunc(func() (lab.Project, error) { return lab.ProjectOf(stack, subject.file) }), nil
	}
	cache, err := lab.Cache()
	return lab.Generated{Cache: cache, Files: subject.projectFiles}, err
}

// projectFiles are those of a project with the example's own answers.
func (subject *labSubject) projectFiles() (map[string][]byte, error) {
	file := "examples/" + subject.name + ".yaml"
	text, err := examples.ReadFile(file)
	if err != nil {
		return nil, err
	}
	given, err := answers.Parse(file, text, time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return nil, err
	}
	tree, err := renderProject(subject.name, moduleFor(given.Name), given)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, file := range tree.Files {
		files[file.Path] = file.Data
	}
	return files, nil
}

// options are the lab's.
func (o *runOptions) options(subject *labSubject) (lab.Options, error) {
	options := lab.Options{From: time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC), Seed: o.seed}
	var err error
	if o.from != "" {
		if options.From, err = parseTime(o.from); err != nil {
			return options, err
		}
	}
	if o.length != "" {
		if options.For, err = parseSpan(o.length); err != nil {
			return options, err
		}
	}
	for _, written := range o.faults {
		fault, faulty := lab.ParseFault(written)
		if faulty != nil {
			return options, faulty
		}
		options.Faults = append(options.Faults, fault)
	}
	for _, written := range o.answers {
		answer, faulty := lab.ParsePrepared(written)
		if faulty != nil {
			return options, faulty
		}
		options.Answers = append(options.Answers, answer)
	}
	if o.engine != "sail" && o.engine != "spark" {
		return options, fmt.Errorf("--engine %q: expected sail or spark", o.engine)
	}
	stack := templateName.FindString(filepath.Base(subject.name))
	options.Stack, err = subject.template.Deploy(cfn.Place{Stack: stack})
	if err != nil {
		return options, fmt.Errorf("%s: %w", subject.name, err)
	}
	return options, nil
}

func parseTime(written string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if parsed, err := time.Parse(layout, written); err == nil {
			return parsed, nil
		}
	}
	return time.Time{}, fmt.Errorf("--from %q: expected a time such as 2026-03-01 or 2026-03-01T08:00:00Z", written)
}

// parseSpan reads a duration, in which a day is d.
func parseSpan(written string) (time.Duration, error) {
	days, rest, ok := strings.Cut(written, "d")
	if !ok {
		days, rest = "0", written
	}
	number, err := strconv.Atoi(days)
	span := time.Duration(number) * 24 * time.Hour
	if err == nil && rest != "" {
		var more time.Duration
		more, err = time.ParseDuration(rest)
		span += more
	}
	if err != nil || span <= 0 {
		return 0, fmt.Errorf("--for %q: expected a duration such as 36h or 30d", written)
	}
	return span, nil
}

// put is a file that lands.
type put struct {
	name, key string
	read      func() ([]byte, error)
}

// files are those that --put names, in the order of their keys. Without any it is the sample data, where it starts the run, or starts nothing
// and is there for whatever does.
func (subject *labSubject) files(o *runOptions, starts bool) ([]put, error) {
	var all []put
	for _, written := range o.puts {
		local, key, info, err := splitPut(written)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			all = append(all, put{written, key, func() ([]byte, error) { return os.ReadFile(local) }})
			continue
		}
		found, err := below(os.DirFS(local), key)
		if err != nil {
			return nil, fmt.Errorf("--put %s: %w", written, err)
		}
		all = append(all, found...)
	}
	begins := len(o.events) > 0 || o.start || o.length != ""
	if len(o.puts) > 0 || begins && starts || subject.samples == nil {
		return all, nil
	}
	return below(subject.samples, subject.prefix)
}

// splitPut splits LOCAL=KEY where LOCAL is a file: both may have more of that sign, as in year=2012.
func splitPut(written string) (local, key string, info fs.FileInfo, err error) {
	for at := range len(written) {
		if written[at] != '=' {
			continue
		}
		local, key = written[:at], written[at+1:]
		if info, err = os.Stat(local); err == nil && key != "" {
			return local, key, info, nil
		}
	}
	if err == nil {
		return "", "", nil, fmt.Errorf("--put %q: expected LOCAL=KEY, for example data.csv=raw/data.csv", written)
	}
	return "", "", nil, fmt.Errorf("--put %s: %w", written, err)
}

// below lists the files of a folder, each under the key.
func below(folder fs.FS, key string) ([]put, error) {
	var all []put
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		all = append(all, put{name, strings.TrimSuffix(key, "/") + "/" + name, func() ([]byte, error) { return fs.ReadFile(folder, name) }})
		return nil
	})
	return all, err
}
