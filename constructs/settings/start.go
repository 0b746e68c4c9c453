package settings

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
)

// What starts a run: the values of Start.
const (
	OnObject   = "object"
	OnSchedule = "schedule"
	OnEvent    = "event"
	OnDemand   = "demand"
)

// maxPattern is the longest event pattern, in characters of JSON.
// Source: Amazon EventBridge API, PutRule.EventPattern, read 2026-11.
const maxPattern = 4096

// Start is what starts a run: the setting that is given, or else an object.
func (s Settings) Start() string {
	switch {
	case s.Schedule != "":
		return OnSchedule
	case s.Pattern != nil:
		return OnEvent
	case s.Demand:
		return OnDemand
	}
	return OnObject
}

// startKeys are the keys of the context that choose a start.
var startKeys = map[string]string{OnSchedule: "schedule", OnEvent: "pattern", OnDemand: "demand"}

// checkStart reports settings of the start that contradict each other or cannot be deployed.
func (s Settings) checkStart() error {
	starts := 0
	for _, given := range []bool{s.Schedule != "", s.Pattern != nil, s.Demand} {
		if given {
			starts++
		}
	}
	switch {
	case starts > 1:
		return fmt.Errorf("context schedule, pattern, demand: got %d of them, expected one start, or none to start by an object", starts)
	case s.Schedule != "" && !expression.MatchString(s.Schedule):
		return fmt.Errorf("context schedule: got %q, expected cron(...), rate(...) or at(...)\n  hint: scaffold lab next says when it would start", s.Schedule)
	case s.Schedule == "" && s.Timezone != "":
		return fmt.Errorf("context timezone: got %q and no schedule, expected both or neither", s.Timezone)
	case s.Flexible < 0 || s.Flexible > 1440:
		// Source: Amazon EventBridge Scheduler API, FlexibleTimeWindow.
		return fmt.Errorf("context flexibleMinutes: got %d, expected 0 (at the minute) to 1440", s.Flexible)
	case s.Schedule == "" && s.Flexible != 0:
		return fmt.Errorf("context flexibleMinutes: got %d and no schedule, expected both or neither", s.Flexible)
	case s.Schedule == "" && s.MissedDays != 0:
		return fmt.Errorf("context missedDays: got %d and no schedule, expected both or neither", s.MissedDays)
	case s.Pattern != nil:
		return checkPattern(s.Pattern)
	}
	return nil
}

func checkPattern(pattern map[string]any) error {
	text, err := json.Marshal(pattern)
	if err != nil {
		return fmt.Errorf("context pattern: %w", err)
	}
	if size := len(utf16.Encode([]rune(string(text)))); size > maxPattern {
		return fmt.Errorf("context pattern: got %d characters, EventBridge takes at most %d", size, maxPattern)
	}
	if len(pattern) == 0 {
		return fmt.Errorf("context pattern: got {}, expected at least one field to match\n  hint: for example {\"source\": [\"partner.orders\"]}")
	}
	return deployable("context pattern", pattern)
}

// deployable refuses what EventBridge takes and a CloudFormation template cannot carry.
// Source: AWS CloudFormation User Guide, "Intrinsic function reference", "Null values are not allowed in templates".
func deployable(path string, value any) error {
	switch value := value.(type) {
	case nil:
		return fmt.Errorf("%s: got null, which no CloudFormation template can hold\n  hint: match other fields, or {\"exists\": false}", path)
	case map[string]any:
		for name, below := range value {
			if name == "Ref" || strings.HasPrefix(name, "Fn::") {
				return fmt.Errorf("%s: got the field %s, which CloudFormation would take for one of its functions", path, name)
			}
			if err := deployable(path+"."+name, below); err != nil {
				return err
			}
		}
	case []any:
		for _, item := range value {
			if err := deployable(path, item); err != nil {
				return err
			}
		}
	}
	return nil
}
