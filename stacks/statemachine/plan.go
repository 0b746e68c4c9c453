package statemachine

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/pipewright/constructs/fileconverter"
	"example.com/pipewright/constructs/settings"
	"example.com/pipewright/constructs/warehouse"
	"example.com/pipewright/constructs/weatherexport"
)

// What a lambda does follows from its place in the work.
const (
	lambda   = "lambda"
	validate = "validate" // the first of several steps
	convert  = "convert"  // as long as nothing has been written
	publish  = "publish"  // the last step, when something has been written
)

// defaultWork is what is done without an answer.
var defaultWork = []string{lambda, glueJob}

// plan names what each step of the work does. It refuses what this example does not do, and answers that contradict each other.
func plan(use settings.Settings) ([]string, error) {
	work := use.Work
	if len(work) == 0 {
		work = defaultWork
	}
	var kinds []string
	written := false
	for i, name := range work {
		kind, err := kindOf(name, i == 0 && len(work) > 1, i == len(work)-1, written)
		if err == nil && slices.Contains(kinds, kind) {
			err = fmt.Errorf("got %s twice, expected each step once", name)
		}
		if err != nil {
			return nil, fmt.Errorf("context work: [%s]: %w", strings.Join(work, ", "), err)
		}
		kinds = append(kinds, kind)
		written = written || workers[kind].writes
	}
	return kinds, cmp.Or(contradiction(use, kinds), unusable(use, kinds))
}

func kindOf(name string, firstOfSeveral, last bool, written bool) (string, error) {
	switch {
	case name != lambda && workers[name].step == nil:
		return "", fmt.Errorf("got %s, this example runs %s", name, strings.Join(names(), ", "))
	case name != lambda:
		return name, nil
	case firstOfSeveral:
		return validate, nil
	case !written:
		return convert, nil
	case last:
		return publish, nil
	}
	return "", errors.New("got a lambda between other steps, expected one first (it validates), one before anything is written (it converts), or one last (it publishes)")
}

// names are the values of work that this example has a step for.
func names() []string {
	all := slices.DeleteFunc(slices.Collect(maps.Keys(workers)), func(kind string) bool { return kind == convert || kind == publish })
	return slices.Sorted(slices.Values(append(all, lambda)))
}

// delivers tells whether anything can be left undelivered: a start by an event or by time, or a call of a function.
func delivers(use settings.Settings, kinds []string) bool {
	calls := func(kind string) bool { return slices.Contains([]string{validate, convert, publish}, kind) }
	return use.Start() != settings.OnDemand || slices.ContainsFunc(kinds, calls)
}

// contradiction reports answers that cannot both be meant.
func contradiction(use settings.Settings, kinds []string) error {
	decides := kinds[0] == validate
	switch {
	case use.Approval && use.Notify == "":
		return errors.New("context approval: got true and no notify, so nobody would be asked; expected an e-mail address in notify")
	case use.Branches && !decides:
		return fmt.Errorf("context branches: got true, but nothing in [%s] decides anything; expected a lambda first of several steps, which validates, or false", strings.Join(use.Work, ", "))
	case !use.Branches && decides && use.Start() != settings.OnObject:
		// Source: AWS Step Functions Developer Guide, "Using Map state in Distributed mode".
		return errors.New("context branches: got false, but without an object to start by, the first lambda validates every landed file and goes on with the valid ones; expected true, or a work without it")
	}
	return nil
}

// existing says whether SQL runs in a workgroup that somebody else made.
func existing(use settings.Settings) bool { return use.Existing != settings.Existing{} }

// named is what namespace and workgroup can be named. Source: Amazon Redshift Serverless API, CreateWorkgroup, read 2026-11.
var named = regexp.MustCompile(`^[A-Za-z0-9-]{3,64}$`)

// unusable reports a setting that the step it is about cannot use.
func unusable(use settings.Settings, kinds []string) error {
	switch {
	case slices.Contains(kinds, convert) && use.LongestMinutes > fileconverter.MaxTimeoutMinutes:
		return fmt.Errorf("context longestMinutes: got %d, a Lambda function runs for at most %d", use.LongestMinutes, fileconverter.MaxTimeoutMinutes)
	case use.Container != (settings.Container{}) && !slices.Contains(kinds, batchJob):
		return fmt.Errorf("context vcpu, memoryMib: got %v, but the work has no %s, which alone runs a container", use.Container, batchJob)
	case existing(use) && !slices.Contains(kinds, redshiftSQL):
		return fmt.Errorf("context workgroup, database: got %v, but the work has no %s, which alone asks a data warehouse", use.Existing, redshiftSQL)
	case warehouse.CheckExisting(use.Existing.Workgroup, use.Existing.Database) != nil:
		return warehouse.CheckExisting(use.Existing.Workgroup, use.Existing.Database)
	case slices.Contains(kinds, redshiftSQL) && weatherexport.CheckPrefix(use.Prefix) != nil:
		return weatherexport.CheckPrefix(use.Prefix)
	case slices.Contains(kinds, redshiftSQL) && !existing(use) && !named.MatchString(use.Name):
		return fmt.Errorf("context name: got %q, a warehouse is named with 3 to 64 letters, digits and hyphens", use.Name)
	}
	return nil
}
