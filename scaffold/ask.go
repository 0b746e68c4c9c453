package main

import (
	"encoding/json"
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"

	"charm.land/huh/v2"

	"example.com/pipewright/scaffold/answers"
)

// question texts as a person types them, before they become answers.
type replies struct {
	answers.Answers
	pattern, minutes string
}

// ask asks on the terminal only what matters for what was answered so far. Nothing is written before the last answer.
func (s *shell) ask(dir string) (*answers.Answers, error) {
	given := replies{Answers: answers.Default(), pattern: `{"source": ["partner.orders"]}`}
	given.Name = path.Base(filepath.ToSlash(dir))
	if answers.Check("name", given.Name, s.now()) != nil {
		given.Name = ""
	}
	given.minutes = strconv.Itoa(given.Control.LongestMinutes)
	form := huh.NewForm(s.groups(&given)...).
		WithOutput(s.stderr).
		WithInput(s.stdin).
		// TERM=dumb and NO_COLOR ask for plain lines without boxes: a screen reader's or a log's.
		WithAccessible(os.Getenv("TERM") == "dumb" || os.Getenv("ACCESSIBLE") != "" || os.Getenv("NO_COLOR") != "")
	switch err := form.Run(); {
	case errors.Is(err, huh.ErrUserAborted):
		return nil, errCanceled
	case err != nil:
		return nil, err
	}
	return s.settle(&given)
}

// settle drops what was asked and then made irrelevant by a later answer, and checks the whole once more, as a file would be.
func (s *shell) settle(given *replies) (*answers.Answers, error) {
	start := &given.Start
	if start.On != "object" {
		start.Prefix, start.Suffix = "", ""
	}
	if start.On != "schedule" {
		start.Schedule, start.Timezone = "", ""
	}
	if start.On == "event" {
		if err := json.Unmarshal([]byte(given.pattern), &start.Pattern); err != nil {
			return nil, err
		}
	}
	if minutes, err := strconv.Atoi(given.minutes); err == nil {
		given.Control.LongestMinutes = minutes
	}
	return answers.Parse("your answers", given.YAML(), s.now())
}

func (s *shell) groups(given *replies) []*huh.Group {
	return slices.Concat(s.startGroups(given), workGroups(given), s.lastGroups(given))
}

func (s *shell) startGroups(given *replies) []*huh.Group {
	start := &given.Start
	return []*huh.Group{
		huh.NewGroup(s.input("name", "What is the pipeline called?", "It names the project and its stack.", &given.Name)),
		huh.NewGroup(huh.NewSelect[string]().
			Title("What starts a run?").
			Description("A file that lands and a clock need different services.").
			Options(
				huh.NewOption("an object that lands in S3", "object"),
				huh.NewOption("a schedule", "schedule"),
				huh.NewOption("an event on the event bus", "event"),
				huh.NewOption("a person or another program", "demand"),
			).Value(&start.On)),
		huh.NewGroup(
			s.input("start.prefix", "Under which key prefix do objects land?", "Only objects under it start a run.", &start.Prefix),
			s.input("start.suffix", "How do their keys end? (empty: in any way)", "For example .csv", &start.Suffix),
		).WithHideFunc(func() bool { return start.On != "object" }),
		huh.NewGroup(
			s.input("start.schedule", "When? cron(), rate() or at()", "cron(minutes hours day-of-month month day-of-week year)", &start.Schedule),
			s.input("start.timezone", "In which time zone?", "An IANA name, such as America/Los_Angeles: daylight saving follows from it.", &start.Timezone),
		).WithHideFunc(func() bool { return start.On != "schedule" }),
		huh.NewGroup(
			s.input("start.pattern", "Which events? An event pattern, as JSON", "Everything that matches starts a run.", &given.pattern),
		).WithHideFunc(func() bool { return start.On != "event" }),
	}
}

func workGroups(given *replies) []*huh.Group {
	control := &given.Control
	outside := func() bool {
		return slices.Contains(given.Work, "http-api") || slices.Contains(given.Work, "sql-server")
	}
	return []*huh.Group{
		huh.NewGroup(huh.NewMultiSelect[string]().
			Title("What does a run do?").
			Description("Only Glue components are cheapest in a Glue workflow; a mix needs an orchestrator.").
			Options(huh.NewOptions(answers.WorkValues...)...).
			Validate(func(chosen []string) error {
				if len(chosen) == 0 {
					return errors.New("got nothing, expected at least one kind of work")
				}
				return nil
			}).
			Value(&given.Work)),
		huh.NewGroup(confirm("Does what comes next depend on a result?", "A choice between steps, such as load or reject, needs Step Functions.", &control.Branches)).
			WithHideFunc(func() bool { return len(given.Work) < 2 }),
		huh.NewGroup(confirm("Must a person approve before it goes on?", "Step Functions can wait for a person up to a year.", &control.Approval)).
			WithHideFunc(func() bool { return slices.Equal(given.Work, []string{"redshift-sql"}) }),
		huh.NewGroup(confirm("Will past days be run again (backfill)?", "Airflow runs any past interval again; the others need your own loop.", &control.Backfill)).
			WithHideFunc(func() bool { return given.Start.On != "schedule" }),
		huh.NewGroup(confirm("Does your team prefer open source and Python DAGs?", "That is Airflow, on Amazon MWAA. It bills while idle.", &given.Team.Airflow)).
			WithHideFunc(func() bool { return given.Start.On != "schedule" && !outside() }),
		huh.NewGroup(huh.NewSelect[string]().
			Title("How is a network on your premises reached?").
			Description("Only Airflow's workers run inside your VPC.").
			Options(huh.NewOption("not at all", "none"), huh.NewOption("VPC peering", "peering"), huh.NewOption("site-to-site VPN", "vpn")).
			Value(&given.Network.OnPremises)).
			WithHideFunc(func() bool { return !outside() }),
	}
}

func (s *shell) lastGroups(given *replies) []*huh.Group {
	return []*huh.Group{
		huh.NewGroup(s.input("network.cidr", "Which addresses does the VPC take?", "An IPv4 block such as 10.20.0.0/16", &given.Network.Cidr),
			s.input("network.on_premises_cidr", "Which addresses are on your premises?", "They must not overlap.", &given.Network.OnPremisesCidr)).
			WithHideFunc(func() bool { return given.Network.OnPremises == "none" || given.Network.OnPremises == "" }),
		huh.NewGroup(s.input("control.longest_minutes", "How many minutes may a step take?", "It is stopped then; a Lambda function at 15 in any case.", &given.minutes)),
		huh.NewGroup(s.input("notify", "Which e-mail address hears of failures? (empty: nobody)", "Every alarm goes there.", &given.Notify)),
		huh.NewGroup(confirm("Is this a lab?", "In a lab everything, data too, is removed with the stack.", &given.Lab)),
	}
}

func (s *shell) input(key, title, why string, value *string) *huh.Input {
	return huh.NewInput().Title(title).Description(why).Value(value).
		Validate(func(text string) error { return answers.Check(key, text, s.now()) })
}

func confirm(title, why string, value *bool) *huh.Confirm {
	return huh.NewConfirm().Title(title).Description(why).Value(value)
}
