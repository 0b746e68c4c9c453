package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// acceptID is the rule about acceptances themselves, which none can accept.
const acceptID = "AC-01"

// A list of accepted findings that nobody can check must not grow.
var acceptRules = []Rule{
	{
		ID: acceptID, on: accepting,
		Sentence: "An accepted finding names a rule and the reason",
		Source:   "Pipewright CONTRIBUTING, Changing a stack or a construct",
		Mend:     "give the id of a rule and say why its finding may stay",
		got: func(v *view, id string) string {
			var problems []string
			for _, entry := range v.acceptances(id) {
				if problem := v.problem(entry); problem != "" {
					problems = append(problems, problem)
				}
			}
			return strings.Join(problems, "; ")
		},
	},
}

// acceptance is an entry {"id", "reason"} of the list Metadata.pipewright.accept of a resource.
type acceptance struct{ id, reason string }

func (v *view) acceptances(id string) []acceptance {
	var list []acceptance
	for _, entry := range cfn.List(cfn.Field(v.Resources[id].Metadata, "pipewright", "accept")) {
		rule, _ := cfn.Field(entry, "id").(string)
		reason, _ := cfn.Field(entry, "reason").(string)
		list = append(list, acceptance{rule, reason})
	}
	return list
}

func (v *view) problem(entry acceptance) string {
	switch {
	case entry.id == acceptID:
		return acceptID + " itself is accepted"
	case !v.known[entry.id]:
		return fmt.Sprintf("there is no rule %q", entry.id)
	case strings.TrimSpace(entry.reason) == "":
		return entry.id + " is accepted without a reason"
	}
	return ""
}

// accepting lists the resources that accept something.
func accepting(v *view) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(v.Resources)), func(id string) bool { return v.acceptances(id) == nil })
}
