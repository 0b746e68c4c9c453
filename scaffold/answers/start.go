package answers

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"example.com/pipewright/scaffold/schedule"
)

func checkSchedule(expression string) *fault {
	_, err := schedule.Parse(expression)
	return scheduleFault(expression, err)
}

func checkTimezone(name string) *fault {
	_, err := schedule.LoadZone(name)
	found := scheduleFault(name, err)
	if found == nil {
		return nil
	}
	word := strings.ToLower(strings.NewReplacer(" ", "", "_", "").Replace(name))
	switch {
	case abbreviations[word] != "":
		found.hint = "an abbreviation has no daylight saving; did you mean " + abbreviations[word] + "?"
	case offset.MatchString(name):
		found.hint = "an offset has no daylight saving; name a place, such as Europe/Berlin, or UTC"
	}
	return found
}

// offset is a time zone by its distance from UTC.
var offset = regexp.MustCompile(`^(?i:UTC|GMT|Z)?[+-][0-9]{1,2}(:?[0-9]{2})?$`)

// abbreviations that people write and the IANA database does not hold as zones, some names of Windows among them, with the
// place that they most often mean.
var abbreviations = map[string]string{
	"pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pacificstandardtime": "America/Los_Angeles", "pacific": "America/Los_Angeles",
	"mdt": "America/Denver", "cst": "America/Chicago", "cdt": "America/Chicago", "centralstandardtime": "America/Chicago",
	"edt": "America/New_York", "easternstandardtime": "America/New_York", "eastern": "America/New_York",
	"bst": "Europe/London", "cest": "Europe/Berlin", "mez": "Europe/Berlin", "eest": "Europe/Athens",
	"ist": "Asia/Kolkata", "jst": "Asia/Tokyo", "sgt": "Asia/Singapore", "hkt": "Asia/Hong_Kong", "aest": "Australia/Sydney", "aedt": "Australia/Sydney",
}

func scheduleFault(value string, err error) *fault {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*schedule.Error](err); ok {
		return &fault{quote(value) + ": " + known.Problem, known.Hint}
	}
	return blame(value, "", "%v", err)
}

// settle checks what needs more than one answer, and fills in the defaults that depend on others.
func (r *reader) settle() {
	if _, given := r.seen["work"]; !given {
		r.fail("work", 0, "for example work: [crawler, glue-job]", "is missing, expected the steps of a run")
	}
	r.settleStart()
	r.settleNetwork()
	r.settleServices()
}

func (r *reader) settleStart() {
	start := &r.answers.Start
	if r.bad["start.on"] || r.bad["start"] {
		return
	}
	if start.On == "" {
		start.On = OnObject
	}
	for _, f := range fields {
		if line, given := r.seen[f.path]; given && f.startOn != "" && f.startOn != start.On {
			r.fail(f.path, line, "remove it, or write on: "+f.startOn+" under start", "applies only to start.on: %s, and start.on is %s", f.startOn, start.On)
		}
	}
	switch start.On {
	case OnObject:
		r.settleObject()
	case OnSchedule:
		r.settleSchedule()
	case OnEvent:
		if _, given := r.seen["start.pattern"]; !given {
			r.fail("start.pattern", r.seen["start"], patternHint, "is missing, start.on: event needs an event pattern")
		}
	}
}

func (r *reader) settleObject() {
	start := &r.answers.Start
	if start.Prefix == "" {
		start.Prefix = DefaultPrefix
	}
	if !r.bad["start.prefix"] && !r.bad["start.suffix"] {
		r.keyLength()
	}
}

func (r *reader) keyLength() {
	if total := len(r.answers.Start.Prefix) + len(r.answers.Start.Suffix); total > maxKey {
		r.fail("start.suffix", r.seen["start.suffix"], keyHintS3, "has %d bytes together with start.prefix, an S3 key has at most %d", total, maxKey)
	}
}

func (r *reader) settleSchedule() {
	start := &r.answers.Start
	if start.Timezone == "" {
		start.Timezone = DefaultTimezone
	}
	if _, given := r.seen["start.schedule"]; !given {
		r.fail("start.schedule", r.seen["start"], "for example schedule: cron(0 8 ? * MON *)", "is missing, start.on: schedule needs cron(), rate() or at()")
		return
	}
	if r.bad["start.schedule"] || r.bad["start.timezone"] {
		return
	}
	if zone, err := schedule.LoadZone(start.Timezone); err == nil {
		r.past(start.Schedule, zone)
	}
}

// past refuses an at() whose time has gone, or that daylight saving skips: it would be deployed and never run.
func (r *reader) past(expression string, zone *time.Location) {
	parsed, err := schedule.Parse(expression)
	if err != nil || parsed.Kind() != schedule.At {
		return
	}
	if _, ahead := parsed.Next(r.now, zone); ahead {
		return
	}
	found := blame(expression, "choose a time an hour earlier or later", "daylight saving skips this time in %s", zone)
	if _, gone := parsed.Prev(r.now.Add(time.Nanosecond), zone); gone {
		found = blame(expression, "choose a later time, or start.on: demand", "is in the past, now is %s", r.now.In(zone).Format("2006-01-02T15:04:05 MST"))
	}
	r.add("start.schedule", r.seen["start.schedule"], found)
}

func (r *reader) settleNetwork() {
	network := &r.answers.Network
	if r.bad["network"] || r.bad["network.on_premises"] {
		return
	}
	const path = "network.on_premises_cidr"
	if line, given := r.seen[path]; given && network.OnPremises == NoNetwork {
		r.fail(path, line, "remove it, or write on_premises: peering or vpn under network", "applies only to a connected network, and network.on_premises is none")
	}
	r.settleConnection()
	r.disjoint()
}

func (r *reader) disjoint() {
	network := &r.answers.Network
	if network.Cidr == "" || network.OnPremisesCidr == "" {
		return
	}
	if found := overlap(network.Cidr, network.OnPremisesCidr); found != nil {
		r.add("network.on_premises_cidr", r.seen["network.on_premises_cidr"], found)
	}
}

// beside checks one answer against those that were given before it.
func (r *reader) beside(path string) {
	start := &r.answers.Start
	switch path {
	case "start.schedule", "start.timezone":
		// Without a zone, only what has passed everywhere on Earth has passed for certain.
		zone := time.FixedZone("UTC-12", -12*60*60)
		if start.Timezone != "" {
			var err error
			if zone, err = schedule.LoadZone(start.Timezone); err != nil {
				return // a fault of the zone, not of the time
			}
		}
		r.past(start.Schedule, zone)
	case "start.suffix":
		r.keyLength()
	case "network.cidr", "network.on_premises_cidr":
		r.disjoint()
	case "network.peer_route_tables", "network.peer_account", "network.peer_region":
		r.wayBack()
	case "airflow.class", "airflow.min_workers", "airflow.max_workers":
		r.settleWorkers()
	case "batch.memory_mib":
		r.settleBatch()
	}
}
