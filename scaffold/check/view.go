package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// view is a template with the questions that rules ask of it.
type view struct{ *cfn.Template }

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

func (v *view) get(id string, path ...string) any { return v.Resources[id].Get(path...) }

// has is the got of a rule that wants a property to be there and not empty.
func has(path ...string) func(*view, string) string {
	return func(v *view, id string) string {
		if given(v.get(id, path...)) {
			return ""
		}
		return "no " + strings.Join(path, ".")
	}
}

// written is the got of a rule that wants a property to be there, whatever its value.
func written(path ...string) func(*view, string) string {
	return func(v *view, id string) string {
		if v.get(id, path...) != nil {
			return ""
		}
		return "no " + strings.Join(path, ".")
	}
}

// equals is the got of a rule that wants a property to have a value; CloudFormation takes "true" for true.
func equals(want any, path ...string) func(*view, string) string {
	return func(v *view, id string) string {
		value := v.get(id, path...)
		if cfn.Text(value) == cfn.Text(want) {
			return ""
		}
		return fmt.Sprintf("%s is %s, expected %s", strings.Join(path, "."), cfn.Text(value), cfn.Text(want))
	}
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
	case nil:
		return false
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
	return true
}

func isTrue(value any) bool  { return strings.ToLower(cfn.Text(value)) == "true" }
func isFalse(value any) bool { return strings.ToLower(cfn.Text(value)) == "false" }

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

// onlyTLS says whether a resource has a policy that denies what does not come over TLS.
func (v *view) onlyTLS(id, policyType, property string) bool {
	for _, policy := range v.ByType(policyType) {
		if !cfn.Refers(v.get(policy, property), id) {
			continue
		}
		for _, statement := range statements(v.get(policy, "PolicyDocument")) {
			secure := cfn.Field(cfn.Field(statement["Condition"], "Bool"), "aws:SecureTransport")
			if statement["Effect"] == "Deny" && isFalse(secure) {
				return true
			}
		}
	}
	return false
}

// hasAlarm says whether an alarm on one of the metrics has the resource among its dimensions.
func (v *view) hasAlarm(id, metric string) bool {
	return slices.ContainsFunc(v.ByType("AWS::CloudWatch::Alarm"), func(alarm string) bool {
		return cfn.Refers(v.get(alarm, "Dimensions"), id) && strings.Contains(cfn.Text(v.get(alarm, "MetricName")), metric)
	})
}

// anyRefers says whether a resource of the type refers to id in the property.
func (v *view) anyRefers(kind, id string, property ...string) bool {
	return slices.ContainsFunc(v.ByType(kind), func(other string) bool { return cfn.Refers(v.get(other, property...), id) })
}

// accepted are the findings that a resource accepts in its own metadata: rule -> reason.
func (v *view) accepted(id string) map[string]string {
	found := map[string]string{}
	for _, entry := range cfn.List(cfn.Field(v.Resources[id].Metadata["pipewright"], "accept")) {
		rule, _ := cfn.Field(entry, "id").(string)
		reason, _ := cfn.Field(entry, "reason").(string)
		found[rule] = reason
	}
	return found
}

// unknownAcceptances fails entries that name no rule, or give no reason: a list that nobody can check must not grow.
func (v *view) unknownAcceptances() []Result {
	known := map[string]bool{}
	for _, rule := range Rules() {
		known[rule.ID] = true
	}
	var results []Result
	for _, id := range slices.Sorted(maps.Keys(v.Resources)) {
		accepted := v.accepted(id)
		for _, rule := range slices.Sorted(maps.Keys(accepted)) {
			if known[rule] && strings.TrimSpace(accepted[rule]) != "" {
				continue
			}
			results = append(results, Result{
				ID: "AC-01", Status: Failed, Resource: id, Sentence: "An accepted finding names a rule and the reason", Source: "this package",
				Got: fmt.Sprintf("id %q, reason %q", rule, accepted[rule]), Mend: "give the id of a rule and say why its finding may stay",
			})
		}
	}
	return results
}

// refersTo says whether a property of another resource refers to id.
func refersTo(v *view, other, id, property string) bool {
	return other != id && cfn.Refers(v.get(other, property), id)
}
