package main

import (
	"flag"
	"os"
	"path/filepath"
	"slices"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/check"
)

var checkCommand = command{
	name:    "check",
	args:    "[DIR|TEMPLATE] [--json]",
	summary: "Checks reliability and security requirements on a synthesized template; exit 3 when one fails. DIR defaults to this folder.",
	example: "npx cdk synth --quiet && scaffold check",
	run:     runCheck,
}

func runCheck(s *shell, flags *flag.FlagSet, args []string) error {
	asJSON := flags.Bool("json", false, "print every result as JSON, one report for each template")
	rest, err := parse(flags, args, 1)
	if err != nil {
		return err
	}
	where := "."
	if len(rest) == 1 {
		where = rest[0]
	}
	reports, err := checkAll(where)
	if err != nil {
		return err
	}
	if *asJSON {
		err = writeJSON(s.stdout, reports)
	} else {
		for _, report := range reports {
			if err = report.WriteText(s.stdout); err != nil {
				break
			}
		}
	}
	if err == nil && slices.ContainsFunc(reports, check.Report.Failed) {
		return errFound
	}
	return err
}

// checkAll checks each template at a path.
func checkAll(where string) ([]check.Report, error) {
	files, err := cfn.Find(where)
	if err != nil {
		return nil, err
	}
	reports := make([]check.Report, 0, len(files))
	for _, file := range files {
		template, err := cfn.Read(file)
		if err != nil {
			return nil, err
		}
		report := check.Run(template)
		report.Template = shorten(file)
		reports = append(reports, report)
	}
	return reports, nil
}

// shorten names a file as seen from the working folder.
func shorten(file string) string {
	folder, err := os.Getwd()
	if err != nil {
		return file
	}
	if relative, err := filepath.Rel(folder, file); err == nil && filepath.IsLocal(relative) {
		return relative
	}
	return file
}
