package schedule

import (
	_ "embed"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // machines without a zone database know the zones too
)

// zoneNames are the names to suggest; package time cannot list them. Source: IANA Time Zone Database as Go 1.26 ships it.
//
//go:embed zones.txt
var zoneNames string

// LoadZone is the IANA time zone of that name; the empty name is UTC. The error is an *Error.
// Source: Amazon EventBridge Scheduler API, CreateSchedule, ScheduleExpressionTimezone.
func LoadZone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	if !foreign(name) && len(name) <= maxZone {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	hint := "IANA names look like Europe/Berlin or America/Los_Angeles"
	if near := nearestZone(name); near != "" {
		hint = "did you mean " + near + "?"
	}
	return nil, &Error{Expression: name, Field: "timezone", Problem: "it is not an IANA time zone", Hint: hint, Code: validationException}
}

// foreign names are files of a machine's zone database or words of package time, and no zones.
func foreign(name string) bool {
	folder, _, _ := strings.Cut(name, "/")
	return slices.Contains([]string{"Local", "localtime", "posixrules", "Factory", "posix", "right"}, folder)
}

// nearestZone is the name that differs least, or none if every one differs in more than a third of its letters.
func nearestZone(name string) string {
	if len(name) > 64 {
		return ""
	}
	given := strings.ToLower(strings.ReplaceAll(name, " ", "_"))
	best, least := "", len(given)/3+1
	for known := range strings.Lines(zoneNames) {
		known = strings.TrimSpace(known)
		lower := strings.ToLower(known)
		_, city, _ := strings.Cut(lower, "/")
		if far := min(distance(given, lower), distance(given, city)); far < least {
			best, least = known, far
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost = 1 + min(before, row[j], row[j+1])
			}
			before, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
