// Package check tells whether a CloudFormation template is reliable and secure: one table of small rules per service.
//
// It sees what a template can show. It calls no service, and does not resolve parameters, conditions or imports. A finding that may stay is
// accepted in the template itself, with its reason: Metadata.pipewright.accept of the resource is a list of {"id", "reason"}.
// Source: AWS Security Hub controls, AWS Well-Architected Data Analytics Lens, and the page that each rule names.
package check

import (
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// Rule is one requirement. A resource that it applies to fulfills it, or the rule says what was got.
type Rule struct {
	ID       string
	Sentence string
	Source   string
	Mend     string // what to do when it fails
	// Switch marks what costs money, harms a lab or needs rights in the account: it is reported as off, and never fails the check.
	Switch bool
	// on lists the resources that the rule applies to.
	on func(*view) []string
	// got is empty if the resource fulfills the rule, or says what it has instead.
	got func(v *view, id string) string
}

// Status is how a resource stands to a rule.
type Status string

// What a status can be.
const (
	Passed   Status = "passed"
	Failed   Status = "failed"
	Off      Status = "off"      // a switch that is not on
	Accepted Status = "accepted" // failed, and the template says why that is so
)

// Result is what one rule says of one resource.
type Result struct {
	ID       string `json:"id"` // of the rule
	Status   Status `json:"status"`
	Resource string `json:"resource"` // logical id
	Sentence string `json:"sentence"` // the requirement
	Source   string `json:"source"`   // where it comes from
	Got      string `json:"got,omitempty"`
	Mend     string `json:"mend,omitempty"`
	Reason   string `json:"reason,omitempty"` // of an accepted result
}

// Report is what all rules say of a template.
//
// As JSON, id, status, resource, sentence and source are in every result; got and mend in every one that did not pass;
// reason in those that are accepted. Results are in the order of Rules, then by logical id, and equal templates give equal bytes.
type Report struct {
	Template string   `json:"template"` // its file
	Results  []Result `json:"results"`
}

// Rules lists every rule, service by service.
func Rules() []Rule {
	return slices.Concat(s3Rules, iamRules, kmsRules, eventRules, schedulerRules, sqsRules, snsRules, cloudwatchRules, logRules, lambdaRules,
		glueRules, stepFunctionsRules, mwaaRules, redshiftRules, vpcRules, emrRules, batchRules, secretRules, stackRules, acceptRules)
}

// Run applies every rule to the template.
func Run(template *cfn.Template) Report {
	rules := Rules()
	v := newView(template, rules)
	report := Report{Results: []Result{}}
	for _, rule := range rules {
		for _, id := range rule.on(v) {
			report.Results = append(report.Results, rule.result(v, id))
		}
	}
	return report
}

func (r Rule) result(v *view, id string) Result {
	result := Result{ID: r.ID, Status: Passed, Resource: id, Sentence: r.Sentence, Source: r.Source}
	got := r.got(v, id)
	if got == "" {
		return result
	}
	result.Got, result.Mend = got, r.Mend
	switch reason := v.reason(id, r.ID); {
	case reason != "":
		result.Status, result.Reason = Accepted, reason
	case r.Switch:
		result.Status = Off
	default:
		result.Status = Failed
	}
	return result
}

// Failed says whether any requirement is not met.
func (r Report) Failed() bool {
	return slices.ContainsFunc(r.Results, func(result Result) bool { return result.Status == Failed })
}

// reason is why a resource may break a rule, empty if it may not.
func (v *view) reason(id, rule string) string {
	for _, entry := range v.acceptances(id) {
		if entry.id == rule && v.problem(entry) == "" {
			return strings.TrimSpace(entry.reason)
		}
	}
	return ""
}
