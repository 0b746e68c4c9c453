package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/cost"
)

var costCommand = command{
	name: "cost",
	args: "[FILE] [--region R] [--runs N] [--gb N] [--assume NAME=VALUE] [--prices FILE] [--chart FILE] [--sketch] [--json]",
	summary: "Says what each service that can do it would cost for the answers in FILE (default answers.yaml), line by line, and where the bills cross.\n" +
		"FILE - is standard input; a project's folder will do too. scaffold cost refresh reads new prices from the AWS Price List.",
	example: "scaffold cost scaffold/examples/statemachine.yaml --runs 3000 --chart cost.svg",
	run:     runCost,
}

// costOptions are the flags of cost, as written.
type costOptions struct {
	region, prices, chart string
	runs, gb              float64
	assumed               assumptions
	sketch, asJSON        bool
}

// assumptions is a flag that may be repeated.
type assumptions cost.Assumed

func (a assumptions) String() string { return "" }

// Set reads one.
func (a assumptions) Set(text string) error { return cost.Assumed(a).Set(text) }

func runCost(s *shell, flags *flag.FlagSet, args []string) error {
	if len(args) > 0 && args[0] == "refresh" {
		return costRefreshCommand.start(s, args[1:])
	}
	o := costOptions{assumed: assumptions{}}
	flags.StringVar(&o.region, "region", cost.DefaultRegion, "estimate in the AWS Region `R`")
	flags.Float64Var(&o.runs, "runs", 0, "instead of volume.runs_per_month, `N` runs a month")
	flags.Float64Var(&o.gb, "gb", 0, "instead of volume.gb_per_run, `N` GB in each run")
	flags.Var(o.assumed, "assume", "set an assumption of the model, `NAME=VALUE`; the estimate lists them; may be repeated")
	flags.StringVar(&o.prices, "prices", "", "lay the prices in `FILE` over those of this version")
	flags.StringVar(&o.chart, "chart", "", "draw the bills by size into `FILE`, an SVG for light and dark pages")
	flags.BoolVar(&o.sketch, "sketch", false, "draw them on the terminal")
	flags.BoolVar(&o.asJSON, "json", false, "print the estimates as JSON")
	given, err := s.parseAnswers(flags, args)
	if err != nil {
		return err
	}
	if err = o.over(flags, given); err != nil {
		return err
	}
	options, err := o.read(s)
	if err != nil {
		return err
	}
	return s.writeCost(given, options, &o)
}

// over puts what the flags say in the place of the answers.
func (o *costOptions) over(flags *flag.FlagSet, given *answers.Answers) error {
	var err error
	flags.Visit(func(f *flag.Flag) {
		switch f.Name {
		case "runs":
			given.Volume.RunsPerMonth, err = o.runs, errors.Join(err, between(f.Name, o.runs, answers.MaxRunsPerMonth))
		case "gb":
			given.Volume.GBPerRun, err = o.gb, errors.Join(err, between(f.Name, o.gb, answers.MaxGBPerRun))
		}
	})
	if err != nil {
		return usage(flags.Name(), "%v", err)
	}
	return nil
}

// between refuses what the answers would refuse, and what is no number.
func between(name string, value, most float64) error {
	if value >= 0 && value <= most {
		return nil
	}
	return fmt.Errorf("--%s: got %v, expected a number from 0 to %.0f", name, value, most)
}

// read makes the options of an estimate.
func (o *costOptions) read(s *shell) (cost.Options, error) {
	options := cost.Options{Prices: cost.Shipped(), Region: o.region, Assumed: cost.Assumed(o.assumed)}
	if o.prices != "" {
		data, err := s.read(o.prices, cost.MaxPrices)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("--prices %s: there is no such file\n  hint: scaffold cost refresh --output %s writes one", o.prices, o.prices)
		}
		if err == nil && len(data) > cost.MaxPrices {
			err = fmt.Errorf("--prices %s: it is larger than %d bytes, which is more than prices need", o.prices, cost.MaxPrices)
		}
		if err != nil {
			return options, err
		}
		read, err := cost.ParsePrices(inputName(o.prices), data)
		if err != nil {
			return options, err
		}
		options.Prices = options.Prices.Over(read)
	}
	return options, options.Prices.Knows(o.region)
}

// bills are what cost prints.
type bills struct {
	Region    string           `json:"region"`
	Estimates []*cost.Estimate `json:"estimates"` // of the services that can do it, as recommend ranks them
	Cannot    []advisor.Rank   `json:"cannot"`
	Questions []cost.Question  `json:"questions"`
}

func newBills(given *answers.Answers, options cost.Options) *bills {
	all := &bills{Region: options.Region, Questions: cost.Questions(given, options), Cannot: []advisor.Rank{}}
	for _, rank := range advisor.Recommend(given).Ranking {
		if rank.Possible {
			all.Estimates = append(all.Estimates, cost.Of(rank.Example, given, options))
		} else {
			all.Cannot = append(all.Cannot, rank)
		}
	}
	return all
}

func (s *shell) writeCost(given *answers.Answers, options cost.Options, o *costOptions) error {
	all := newBills(given, options)
	if o.chart != "" {
		if err := writeWhole(o.chart, cost.SVG(all.Questions), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(s.stderr, "wrote %s\n", o.chart)
	}
	if o.asJSON {
		return writeJSON(s.stdout, all)
	}
	for _, estimate := range all.Estimates {
		if err := estimate.WriteText(s.stdout, advisor.Service(estimate.Example)); err != nil {
			return err
		}
		fmt.Fprintln(s.stdout)
	}
	for _, rank := range all.Cannot {
		fmt.Fprintf(s.stdout, "%s cannot do it: %s\n", rank.Service, rank.Reasons[0].Text)
	}
	fmt.Fprintln(s.stdout, "\nWhere the bills cross")
	for _, question := range all.Questions {
		if err := question.WriteText(s.stdout); err != nil {
			return err
		}
		if o.sketch {
			fmt.Fprintln(s.stdout)
			if err := question.Sketch(s.stdout); err != nil {
				return err
			}
			fmt.Fprintln(s.stdout)
		}
	}
	return s.writeAssumptions(all)
}

// writeAssumptions lists what the estimates take for granted, each once.
func (s *shell) writeAssumptions(all *bills) error {
	fmt.Fprintln(s.stdout, "\nAssumptions; --assume NAME=VALUE sets another value")
	var named []string
	for _, estimate := range all.Estimates {
		for _, a := range estimate.Assumed {
			if !slices.Contains(named, a.Name) {
				named = append(named, a.Name)
				fmt.Fprintf(s.stdout, "  %s=%s: %s\n", a.Name, a.Value.Plain(), a.Why)
			}
		}
	}
	_, err := fmt.Fprintln(s.stdout, "Not part of it: objects in S3 and requests for them, logs, traces, KMS requests, data transfer, taxes. S3's events to EventBridge are at most 1 USD per million.")
	return err
}

// writeWhole writes a file in one step: it is whole, or what it was before.
func writeWhole(name string, data []byte, mode fs.FileMode) error {
	temporary, err := os.CreateTemp(filepath.Dir(name), ".pipewright-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = temporary.Write(data)
	err = errors.Join(err, temporary.Chmod(mode), temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), name)
	}
	if err != nil {
		_ = os.Remove(temporary.Name())
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
