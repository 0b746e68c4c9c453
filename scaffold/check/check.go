// Package check tells whether a CloudFormation template is reliable and secure: one table of small rules per service.
//
// It sees what a template can show. It calls no service and does not resolve parameters or imports.
// Source: AWS Security Hub controls, AWS Well-Architected Data Analytics Lens, and the page that each rule names.
package check

import (
	"fmt"
	"io"
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

// Statuses of a result.
const (
	Passed   = "passed"
	Failed   = "failed"
	Off      = "off"      // a switch that is not on
	Accepted = "accepted" // failed, and the template says why that is so
)

// Result is what one rule says of one resource.
type Result struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Resource string `json:"resource"` // logical id
	Sentence string `json:"sentence"`
	Source   string `json:"source"`
	Got      string `json:"got,omitempty"`
	Mend     string `json:"mend,omitempty"`
	Reason   string `json:"reason,omitempty"` // of an accepted result
}

// Report is what all rules say of a template.
type Report struct {
	Template string   `json:"template"` // its file
	Results  []Result `json:"results"`  // by rule, then by resource
}

// Rules lists every rule, service by service.
func Rules() []Rule {
	return slices.Concat(s3Rules, iamRules, kmsRules, eventRules, schedulerRules, sqsRules, snsRules, cloudwatchRules, logRules, lambdaRules,
		glueRules, stepFunctionsRules, mwaaRules, redshiftRules, vpcRules, emrRules, batchRules, secretRules, stackRules)
}

// Run applies every rule to the template.
func Run(template *cfn.Template) Report {
	v := &view{Template: template}
	report := Report{Results: []Result{}}
	for _, rule := range Rules() {
		for _, id := range rule.on(v) {
			report.Results = append(report.Results, rule.result(v, id))
		}
	}
	report.Results = append(report.Results, v.unknownAcceptances()...)
	return report
}

func (r Rule) result(v *view, id string) Result {
	result := Result{ID: r.ID, Status: Passed, Resource: id, Sentence: r.Sentence, Source: r.Source}
	got := r.got(v, id)
	if got == "" {
		return result
	}
	result.Got, result.Mend = got, r.Mend
	reason, accepted := v.accepted(id)[r.ID]
	switch {
	case accepted && strings.TrimSpace(reason) != "":
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

// WriteText writes what failed, what is accepted and which switches are off, and the counts.
func (r Report) WriteText(out io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n", r.Template)
	counts := map[string]int{}
	for _, result := range r.Results {
		counts[result.Status]++
		if result.Status == Failed {
			fmt.Fprintf(&text, "  FAILED %s %s: %s\n         got: %s\n         to mend: %s (%s)\n",
				result.ID, result.Resource, result.Sentence, result.Got, result.Mend, result.Source)
		}
	}
	r.writeGrouped(&text, Accepted, func(result Result) string { return result.Reason })
	r.writeGrouped(&text, Off, func(result Result) string { return result.Sentence })
	fmt.Fprintf(&text, "  %d passed, %d failed, %d accepted, %d switches off\n", counts[Passed], counts[Failed], counts[Accepted], counts[Off])
	_, err := io.WriteString(out, text.String())
	return err
}

// writeGrouped writes one line per rule and text, with the resources that share them.
func (r Report) writeGrouped(text *strings.Builder, status string, about func(Result) string) {
	var order []string
	resources := map[string][]string{}
	for _, result := range r.Results {
		if result.Status != status {
			continue
		}
		line := fmt.Sprintf("  %-8s %s %s", status, result.ID, about(result))
		if resources[line] == nil {
			order = append(order, line)
		}
		resources[line] = append(resources[line], result.Resource)
	}
	for _, line := range order {
		fmt.Fprintf(text, "%s (%s)\n", line, strings.Join(resources[line], ", "))
	}
}
