package check

import (
	"fmt"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// view is a template with the questions that rules ask of it.
type view struct {
	*cfn.Template
	known       map[string]bool           // the ids of all rules
	definitions map[string]map[string]any // of the state machines
}

func newView(template *cfn.Template, rules []Rule) *view {
	v := &view{Template: template, known: map[string]bool{}, definitions: map[string]map[string]any{}}
	for _, rule := range rules {
		v.known[rule.ID] = true
	}
	for _, id := range v.ByType(machineType) {
		v.definitions[id] = definition(v.Resources[id])
	}
	return v
}

func (v *view) get(id string, path ...string) any { return v.Resources[id].Get(path...) }

// each lists the resources of the types.
func each(kinds ...string) func(*view) []string {
	return func(v *view) []string {
		var ids []string
		for _, kind := range kinds {
			ids = append(ids, v.ByType(kind)...)
		}
		return ids
	}
}

// those lists the resources of a type for which something holds.
func those(kind string, holds func(v *view, id string) bool) func(*view) []string {
	return func(v *view) []string {
		return slices.DeleteFunc(v.ByType(kind), func(id string) bool { return !holds(v, id) })
	}
}

// has is the got of a rule that wants a property to be there and not empty.
func has(path ...string) func(*view, string) string {
	return func(v *view, id string) string {
		return unless(given(v.get(id, path...)), "no "+strings.Join(path, "."))
	}
}

// hasOne is the got of a rule that wants one of several properties to be there and not empty.
func hasOne(names ...string) func(*view, string) string {
	return func(v *view, id string) string {
		return unless(slices.ContainsFunc(names, func(name string) bool { return given(v.get(id, name)) }), "no "+strings.Join(names, " and no "))
	}
}

// written is the got of a rule that wants properties to be there, whatever their values.
func written(names ...string) func(*view, string) string { return writtenIn(nil, names...) }

// writtenIn is written for properties within another one.
func writtenIn(path []string, names ...string) func(*view, string) string {
	return func(v *view, id string) string {
		var absent []string
		for _, name := range names {
			if v.get(id, append(slices.Clone(path), name)...) == nil {
				absent = append(absent, "no "+strings.Join(append(slices.Clone(path), name), "."))
			}
		}
		return strings.Join(absent, ", ")
	}
}

// equals is the got of a rule that wants a property to have a value; CloudFormation takes "true" for true, and "7" for 7.
func equals(want any, path ...string) func(*view, string) string {
	return func(v *view, id string) string {
		value := v.get(id, path...)
		return unless(cfn.Text(value) == cfn.Text(want), is(strings.Join(path, "."), value))
	}
}

// isNot is the got of a rule that wants a property not to be one of some texts.
func isNot(unwanted []string, path ...string) func(*view, string) string {
	return func(v *view, id string) string {
		value := v.get(id, path...)
		return unless(!slices.Contains(unwanted, cfn.Text(value)), is(strings.Join(path, "."), value))
	}
}

// is says what a property is.
func is(name string, value any) string {
	if value == nil {
		return "no " + name
	}
	return fmt.Sprintf("%s is %s", name, cfn.Text(value))
}

func unless(ok bool, got string) string {
	if ok {
		return ""
	}
	return got
}

// given says whether a value is there and not empty, zero or false.
func given(value any) bool {
	switch value := value.(type) {
	case string:
		return value != ""
	case bool:
		return value
	case float64:
		return value != 0
	case []any:
		return len(value) > 0
	case map[string]any:
		return len(value) > 0
	}
	return false
}

func isTrue(value any) bool  { return strings.EqualFold(cfn.Text(value), "true") }
func isFalse(value any) bool { return strings.EqualFold(cfn.Text(value), "false") }

// texts are the plain texts among a value's elements.
func texts(value any) []string {
	var list []string
	for _, element := range cfn.List(value) {
		if text, ok := element.(string); ok {
			list = append(list, text)
		}
	}
	return list
}

// statements are those of a policy document.
func statements(document any) []map[string]any {
	var list []map[string]any
	for _, value := range cfn.List(cfn.Field(document, "Statement")) {
		if statement, ok := value.(map[string]any); ok {
			list = append(list, statement)
		}
	}
	return list
}

// onlyTLS is the got of a rule that wants a policy that denies what does not come over TLS. The property names the resources of the policy.
func onlyTLS(policyType, property string) func(*view, string) string {
	return func(v *view, id string) string {
		for _, policy := range v.ByType(policyType) {
			if !cfn.Refers(v.get(policy, property), id) {
				continue
			}
			for _, statement := range statements(v.get(policy, "PolicyDocument")) {
				if statement["Effect"] == "Deny" && isFalse(cfn.Field(statement["Condition"], "Bool", "aws:SecureTransport")) {
					return ""
				}
			}
		}
		return "no policy denies aws:SecureTransport false"
	}
}

// hasAlarm says whether an alarm watches one of the metrics of the resource.
func (v *view) hasAlarm(id string, names ...string) bool {
	return slices.ContainsFunc(v.metrics(), func(metric any) bool {
		return slices.Contains(names, cfn.Text(cfn.Field(metric, "MetricName"))) && cfn.Refers(cfn.Field(metric, "Dimensions"), id)
	})
}

// metrics lists what alarms watch, alone or in an expression.
// Source: AWS CloudFormation User Guide, "AWS::CloudWatch::Alarm MetricDataQuery".
func (v *view) metrics() []any {
	var list []any
	for _, alarm := range v.ByType(alarmType) {
		list = append(list, v.Resources[alarm].Properties)
		for _, query := range cfn.List(v.get(alarm, "Metrics")) {
			list = append(list, cfn.Field(query, "MetricStat", "Metric"))
		}
	}
	return list
}

// anyRefers says whether a resource of the type refers to id in the property.
func (v *view) anyRefers(kind, id, property string) bool {
	return slices.ContainsFunc(v.ByType(kind), func(other string) bool { return cfn.Refers(v.get(other, property), id) })
}
