// Package settings reads a project's parameters from the CDK context: cdk.json, or -c key=value on the command line.
//
// Answers never become Go source; they arrive here as data. The package deploys nothing.
// Source: AWS CDK v2 Developer Guide, "Context values and the AWS CDK".
package settings

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
)

// Settings are the parameters of one project. The zero value of each field is its documented default.
type Settings struct {
	Name           string         // names the stack and its tags; default: the stack's construct id
	Prefix         string         // key prefix of the objects that start a run; default "raw/"
	Suffix         string         // key suffix of those objects; default: any
	Schedule       string         // cron(), rate() or at(): starts by time instead of by object; default: by object
	Timezone       string         // IANA name of the schedule's time zone; default UTC
	ScheduleUTC    string         // the schedule for whoever knows no time zone, in UTC; default: Schedule, if Timezone is UTC
	KeepLocalTime  bool           // a query starts at its local time all year, unseen by the Redshift console; default: in UTC, and seen
	MissedDays     int            // an alarm tells when the schedule has started nothing for so many days; default: no such alarm
	Flexible       int            // a scheduled start may be so many minutes later, which spreads load; default: at the minute
	Pattern        map[string]any // event pattern, as encoding/json reads it: starts by an event that it matches; default: by object
	Demand         bool           // starts by a command alone; default: by object
	Notify         string         // e-mail address that alarms go to; default: nobody is subscribed
	LongestMinutes int            // a job that runs longer is stopped, in minutes; default 15
	Concurrency    int            // reserved concurrent executions of a function; default: the account's common ones
	Work           []string       // the steps in order, as answers.yaml names them; default: the example's own
	Branches       bool           // what comes next depends on a result
	Approval       bool           // a person approves before the work goes on
	Network        Network        // how what runs in a VPC reaches the rest of the world
	Airflow        Airflow        // size and version of the Airflow environment
	Container      Container      // size of a container job
	Existing       Existing       // a data warehouse that is there already
	Lab            bool           // a sandbox: everything is removed with the stack; default: data is kept
}

// DefaultLongestMinutes is how long a job may run when nobody has said it.
const DefaultLongestMinutes = 15

// maxMinutes is the longest that a Glue job may run. Source: AWS Glue API, Job.Timeout, 7 days, read 2026-11.
const maxMinutes = 10080

// FromContext reads the settings from the context of the scope. A value of the wrong type is an error that names the key.
func FromContext(scope constructs.Construct) (Settings, error) {
	context := reader{node: scope.Node()}
	read := Settings{
		Name:           context.text("name"),
		Prefix:         context.text("prefix"),
		Suffix:         context.text("suffix"),
		Schedule:       context.text("schedule"),
		Timezone:       context.text("timezone"),
		ScheduleUTC:    context.text("scheduleUtc"),
		KeepLocalTime:  context.flag("keepLocalTime"),
		MissedDays:     context.number("missedDays"),
		Flexible:       context.number("flexibleMinutes"),
		Pattern:        context.object("pattern"),
		Demand:         context.flag("demand"),
		Notify:         context.text("notify"),
		LongestMinutes: context.number("longestMinutes"),
		Concurrency:    context.number("concurrency"),
		Work:           context.list("work"),
		Branches:       context.flag("branches"),
		Approval:       context.flag("approval"),
		Network:        context.network(),
		Airflow:        context.airflow(),
		Container:      Container{VCPU: context.text("vcpu"), MemoryMiB: context.number("memoryMib")},
		Existing:       Existing{Workgroup: context.text("workgroup"), Database: context.text("database")},
		Lab:            context.flag("lab"),
	}
	return read.WithDefaults(), context.err
}

// WithDefaults fills in the defaults of empty fields.
func (s Settings) WithDefaults() Settings {
	if s.Prefix == "" {
		s.Prefix = "raw/"
	}
	if s.Schedule != "" && s.Timezone == "" {
		s.Timezone = "UTC"
	}
	if s.LongestMinutes == 0 {
		s.LongestMinutes = DefaultLongestMinutes
	}
	return s
}

// Check reports the first setting that the stacks cannot use.
func (s Settings) Check() error {
	switch {
	case strings.ContainsAny(s.Prefix+s.Suffix, "*\\"):
		return fmt.Errorf("context prefix %q, suffix %q: got a * or \\, expected a literal start and end of an object key", s.Prefix, s.Suffix)
	case s.LongestMinutes < 1 || s.LongestMinutes > maxMinutes:
		return fmt.Errorf("context longestMinutes: got %d, expected 1 to %d", s.LongestMinutes, maxMinutes)
	case s.ScheduleUTC != "" && !rule.MatchString(s.ScheduleUTC):
		return fmt.Errorf("context scheduleUtc: got %q, expected cron(...) or rate(...)", s.ScheduleUTC)
	case s.MissedDays < 0 || s.MissedDays > 7:
		// Source: Amazon CloudWatch API, PutMetricAlarm: an alarm looks back for seven days at most.
		return fmt.Errorf("context missedDays: got %d, expected 0 (no alarm) to 7", s.MissedDays)
	case s.Concurrency < 0:
		return fmt.Errorf("context concurrency: got %d, expected 0 (none reserved) or more", s.Concurrency)
	}
	return s.checkStart()
}

var (
	expression = regexp.MustCompile(`^(cron|rate|at)\([^()]+\)$`)
	rule       = regexp.MustCompile(`^(cron|rate)\([^()]+\)$`)
)

type reader struct {
	node constructs.Node
	err  error
}

func (r *reader) fail(key string, got any, want string) {
	if r.err == nil {
		r.err = fmt.Errorf("context %s: got %v, expected %s\n  hint: mend it in cdk.json, or with -c %s=VALUE", key, got, want, key)
	}
}

func (r *reader) text(key string) string {
	switch value := r.node.TryGetContext(&key).(type) {
	case nil:
		return ""
	case string:
		return value
	default:
		r.fail(key, value, "a text")
		return ""
	}
}

// number accepts a text besides a number, because -c key=value on the command line always gives a text.
func (r *reader) number(key string) int {
	switch value := r.node.TryGetContext(&key).(type) {
	case nil:
		return 0
	case float64:
		if value != math.Trunc(value) {
			r.fail(key, value, "a whole number")
		}
		return int(value)
	case string:
		parsed, err := strconv.Atoi(value)
		if err != nil {
			r.fail(key, strconv.Quote(value), "a whole number")
		}
		return parsed
	default:
		r.fail(key, value, "a whole number")
		return 0
	}
}

// object accepts a text in JSON besides an object, because -c key=value on the command line always gives a text.
func (r *reader) object(key string) map[string]any {
	switch value := r.node.TryGetContext(&key).(type) {
	case nil:
		return nil
	case map[string]any:
		return value
	case string:
		var parsed map[string]any
		if err := json.Unmarshal([]byte(value), &parsed); err != nil || parsed == nil {
			r.fail(key, strconv.Quote(value), "an object in JSON")
		}
		return parsed
	default:
		r.fail(key, value, "an object")
		return nil
	}
}

// list accepts a text with commas besides a list, because -c key=value on the command line always gives a text.
func (r *reader) list(key string) []string {
	switch value := r.node.TryGetContext(&key).(type) {
	case nil:
		return nil
	case string:
		var items []string
		for item := range strings.SplitSeq(value, ",") {
			items = append(items, strings.TrimSpace(item))
		}
		return items
	case []any:
		var items []string
		for _, item := range value {
			text, ok := item.(string)
			if !ok {
				r.fail(key, value, "a list of texts")
			}
			items = append(items, text)
		}
		return items
	default:
		r.fail(key, value, "a list of texts")
		return nil
	}
}

func (r *reader) flag(key string) bool {
	switch value := r.node.TryGetContext(&key).(type) {
	case nil:
		return false
	case bool:
		return value
	case string:
		if value == "true" || value == "false" {
			return value == "true"
		}
		r.fail(key, strconv.Quote(value), "true or false")
		return false
	default:
		r.fail(key, value, "true or false")
		return false
	}
}
