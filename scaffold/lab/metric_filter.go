package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// metricFilter makes values of a metric out of lines in a function's log.
type metricFilter struct {
	pattern         logPattern
	namespace, name string
	value           float64
	field           []string // whose number is the value; nil: it is fixed
	zero            bool     // a line that does not match counts as 0
}

// readMetricFilters has functions measure what they log. A filter that the lab cannot play is told of, and alarms on it stay as they are.
// Source: Amazon CloudWatch Logs User Guide, "Creating metrics from log events using filters", read 2026-11.
func (l *Lab) readMetricFilters() error {
	for _, id := range l.stack.ByType("AWS::Logs::MetricFilter") {
		resource := l.stack.Resources[id]
		var writers []*function
		for _, function := range l.stack.ByType("AWS::Lambda::Function") {
			if f := l.functions[l.stack.Ref(function)]; f.group == cfn.Text(resource.Get("LogGroupName")) {
				writers = append(writers, f)
			}
		}
		if len(writers) == 0 {
			l.ignore(id, "the lab measures the logs of functions alone, so alarms on this one stay as they are")
			continue
		}
		for _, given := range cfn.List(resource.Get("MetricTransformations")) {
			filter, err := newMetricFilter(cfn.Text(resource.Get("FilterPattern")), given)
			if err != nil {
				l.ignore(id, fmt.Sprintf("the lab cannot play it, so alarms on it stay as they are: %v", err))
				continue
			}
			for _, f := range writers {
				f.filters = append(f.filters, filter)
			}
		}
	}
	return nil
}

func newMetricFilter(written string, transformation any) (*metricFilter, error) {
	pattern, err := parseLogPattern(written)
	if err != nil {
		return nil, err
	}
	f := &metricFilter{pattern: pattern, namespace: cfn.Text(cfn.Field(transformation, "MetricNamespace")), name: cfn.Text(cfn.Field(transformation, "MetricName"))}
	if cfn.Field(transformation, "Dimensions") != nil {
		return nil, errors.New("it has Dimensions")
	}
	switch written := cfn.Field(transformation, "DefaultValue"); written {
	case nil:
	case 0.0:
		f.zero = true
	default:
		return nil, fmt.Errorf("got the DefaultValue %s, expected 0", cfn.Text(written))
	}
	value := cfn.Text(cfn.Field(transformation, "MetricValue"))
	if path, ok := strings.CutPrefix(value, "$."); ok {
		f.field = strings.Split(path, ".")
	} else if f.value, err = strconv.ParseFloat(value, 64); err != nil {
		return nil, fmt.Errorf("got the MetricValue %q, expected a number or $.field", value)
	}
	return f, nil
}

// of is the value that a line gives; false when it gives none.
func (f *metricFilter) of(line map[string]any) (float64, bool) {
	switch {
	case line == nil || !f.pattern.matches(line):
		return 0, f.zero
	case f.field == nil:
		return f.value, true
	}
	value, ok := fieldOf(line, f.field).(float64)
	return value, ok
}

// measureLines counts what a function has logged. One that may not write its log has nothing to count.
func (l *Lab) measureLines(f *function, lines []string) {
	if len(f.filters) == 0 || len(lines) == 0 || l.mayLog(caller{Role: f.role}, f.group) != nil {
		return
	}
	for _, line := range lines {
		var object map[string]any
		_ = json.Unmarshal([]byte(line), &object) // a line that is no JSON matches nothing
		for _, filter := range f.filters {
			if value, ok := filter.of(object); ok {
				l.measure(filter.namespace, filter.name, value)
			}
		}
	}
}
