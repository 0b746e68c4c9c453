package main

import (
	"fmt"

	"example.com/pipewright/scaffold/lab"
)

// giveSQL lets the files of --sql make what the pipeline finds in its data warehouse.
func (s *shell) giveSQL(l *lab.Lab, files []string) error {
	for _, file := range files {
		text, err := s.readFor("the data warehouse", file)
		if err == nil {
			err = l.SQL(inputName(file), string(text))
		}
		if err != nil {
			return &inputError{fmt.Errorf("--sql: %w", err)}
		}
	}
	return nil
}

// sqlLines say what each SQL statement did in the last of its runs.
func sqlLines(all []lab.StatementOutcome) []string {
	var lines []string
	for _, s := range all {
		line := fmt.Sprintf("%s, SQL %d, %s", s.Statement, s.Number, s.SQL)
		if did := s.Did(); did != "" {
			line += ": " + did
		}
		if s.Times > 1 {
			line += fmt.Sprintf(" in the last of %d runs", s.Times)
		}
		lines = append(lines, line)
	}
	return lines
}
