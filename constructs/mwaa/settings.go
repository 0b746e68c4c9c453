package mwaa

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Versions are the Apache Airflow versions that MWAA offers.
// Source: Amazon MWAA API Reference, CreateEnvironment, AirflowVersion, read 2026-11.
var Versions = []string{"2.7.2", "2.8.1", "2.9.2", "2.10.1", "2.10.3", "2.11.0", "3.0.6"}

// The smallest class does not scale: it has one worker and one web server.
// Source: Amazon MWAA User Guide, "Configuring the Amazon MWAA environment class", read 2026-11.
const (
	micro        = "mw1.micro"
	defaultClass = "mw1.small"
)

// Classes are the sizes of an environment.
// Source: Amazon MWAA API, CreateEnvironment, EnvironmentClass, read 2026-11.
var Classes = []string{micro, defaultClass, "mw1.medium", "mw1.large", "mw1.xlarge", "mw1.2xlarge"}

// Workers of an environment. Source: Amazon MWAA User Guide, "Amazon MWAA service quotas" (workers per environment), read 2026-11.
const (
	defaultMin = 1
	defaultMax = 2
	maxWorkers = 25
)

// Parts of an environment that are always there. Source: Amazon MWAA API, CreateEnvironment, Schedulers and MinWebservers, read 2026-11.
const (
	schedulers = 2
	webServers = 2
)

// ownAddresses is what MWAA itself takes in each subnet: its endpoints for the database and the web server.
// Source: Amazon MWAA User Guide, "Managing access to VPC endpoints on Amazon MWAA", read 2026-11.
const ownAddresses = 2

// Size is version, class and number of workers. The zero value of each field is its documented default.
type Size struct {
	Version    string // default: the newest of Versions
	Class      string // default mw1.small
	MinWorkers int    // default 1
	MaxWorkers int    // default 2, or 1 of a class that does not scale
}

// WithDefaults fills in the defaults of empty fields.
func (s Size) WithDefaults() Size {
	if s.Version == "" {
		s.Version = Versions[len(Versions)-1]
	}
	if s.Class == "" {
		s.Class = defaultClass
	}
	if s.MinWorkers == 0 {
		s.MinWorkers = defaultMin
	}
	if s.MaxWorkers == 0 {
		s.MaxWorkers = max(defaultMax, s.MinWorkers)
		if s.Class == micro {
			s.MaxWorkers = 1
		}
	}
	return s
}

// Check reports the first setting that MWAA would refuse, by its key in the context.
func (s Size) Check() error {
	switch {
	case !slices.Contains(Versions, s.Version):
		return fmt.Errorf("context airflowVersion: got %q, MWAA offers %s", s.Version, strings.Join(Versions, ", "))
	case !slices.Contains(Classes, s.Class):
		return fmt.Errorf("context environmentClass: got %q, MWAA offers %s", s.Class, strings.Join(Classes, ", "))
	case s.MinWorkers < 1 || s.MaxWorkers > maxWorkers || s.MinWorkers > s.MaxWorkers:
		return fmt.Errorf("context minWorkers, maxWorkers: got %d to %d, expected 1 to %d, and no more at least than at most", s.MinWorkers, s.MaxWorkers, maxWorkers)
	case s.Class == micro && s.MaxWorkers > 1:
		return fmt.Errorf("context maxWorkers: got %d, %s has one worker and does not scale\n  hint: environmentClass=%s", s.MaxWorkers, micro, defaultClass)
	}
	return nil
}

// Addresses is what a private subnet must have room for: while the other zone is down, everything runs in this one.
func (s Size) Addresses() int { return ownAddresses + schedulers + s.MaxWorkers }

// named is what an environment can be called. Source: Amazon MWAA API, CreateEnvironment, Name, read 2026-11.
var named = regexp.MustCompile(`^[a-zA-Z][0-9a-zA-Z_-]{0,79}$`)

// CheckName refuses a name that MWAA would refuse.
func CheckName(name string) error {
	if !named.MatchString(name) {
		return fmt.Errorf("context name: got %q, an environment is named with at most 80 letters, digits, hyphens and underscores, a letter first", name)
	}
	return nil
}
