package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/cost"
)

// Between these marks a page is generated: "<!-- generated: fits statemachine -->".
const (
	generatedMark = "<!-- generated: "
	endMark       = "<!-- end -->"
)

// docsSections write the generated parts, by name. Most are about an example.
var docsSections = map[string]func(string) (string, error){
	"work":    func(string) (string, error) { return comparison("A run does", advisor.CompareWork()), nil },
	"needs":   func(string) (string, error) { return comparison("It must also", advisor.CompareNeeds()), nil },
	"bills":   func(string) (string, error) { return billsTable() },
	"fits":    func(example string) (string, error) { return judged(example, advisor.Prefers) },
	"not":     func(example string) (string, error) { return judged(example, advisor.Cannot, advisor.Avoids) },
	"price":   priceOf,
	"prices":  pricesOf,
	"starts":  func(string) (string, error) { return startRules() },
	"sources": sourcesOf,
	"answers": workedAnswers,
}

// fillSections writes the generated parts of a page anew.
func fillSections(text string) (string, error) {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(text, generatedMark)
		out.WriteString(before)
		if !ok {
			return out.String(), nil
		}
		head, rest, ok := strings.Cut(rest, " -->")
		_, after, ended := strings.Cut(rest, endMark)
		if !ok || !ended {
			return "", fmt.Errorf("%q has no end, expected %s", head, endMark)
		}
		name, argument, _ := strings.Cut(head, " ")
		section := docsSections[name]
		if section == nil {
			return "", fmt.Errorf("there is no generated part %q", name)
		}
		part, err := section(argument)
		if err != nil {
			return "", fmt.Errorf("%s: %w", head, err)
		}
		out.WriteString(generatedMark + head + " -->\n" + strings.TrimSuffix(part, "\n") + "\n" + endMark)
		text = after
	}
}

// docsFiles are the pages of the examples.
var docsFiles = map[string]string{
	advisor.GlueWorkflow: "glue-workflows.md", advisor.StateMachine: "step-functions.md", advisor.Airflow: "mwaa.md",
	advisor.ScheduledQuery: "redshift-scheduled-queries.md", advisor.EventFunction: "lambda.md",
}

// columns are the examples in the order of the tables, each with the service's name and a link to its page.
func columns() string {
	var all strings.Builder
	for _, example := range advisor.Examples() {
		fmt.Fprintf(&all, " [%s](%s) |", advisor.Service(example), docsFiles[example])
	}
	return all.String()
}

func comparison(asked string, rows []advisor.Row) string {
	var out strings.Builder
	fmt.Fprintf(&out, "| %s |%s\n|---|%s\n", asked, columns(), strings.Repeat("---|", len(docsFiles)))
	for _, row := range rows {
		fmt.Fprintf(&out, "| %s |", row.Asked)
		for _, cell := range row.Cells {
			switch cell.Verdict {
			case advisor.Chosen:
				out.WriteString(" **chosen** |")
			case "":
				out.WriteString(" |")
			default:
				fmt.Fprintf(&out, " %s |", cell.Verdict)
			}
		}
		out.WriteString("\n")
	}
	return out.String()
}

// effectWords are those that recommend prints.
var effectWords = map[advisor.Effect]string{advisor.Cannot: "cannot", advisor.Prefers: "for", advisor.Avoids: "against"}

// judged lists the rules about an example with one of the effects, as recommend says them.
func judged(example string, effects ...advisor.Effect) (string, error) {
	var out strings.Builder
	for _, rule := range advisor.Rules(example) {
		if !slices.Contains(effects, rule.Effect) {
			continue
		}
		out.WriteString("- ")
		if len(effects) > 1 {
			fmt.Fprintf(&out, "**%s** ", effectWords[rule.Effect])
		}
		fmt.Fprintf(&out, "%s (`%s`)\n", rule.Text, rule.Rule)
	}
	if out.Len() == 0 {
		return "", fmt.Errorf("there is no rule about %q", example)
	}
	return out.String(), nil
}

// docsAnswers are the answers of a worked example.
func docsAnswers(example string) (*answers.Answers, error) {
	file := "examples/" + example + ".yaml"
	text, err := examples.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return answers.Parse(file, text, time.Date(2026, time.November, 25, 0, 0, 0, 0, time.UTC))
}

func workedAnswers(example string) (string, error) {
	text, err := examples.ReadFile("examples/" + example + ".yaml")
	return "```yaml\n" + string(text) + "```\n", err
}

// billsTable are the bills of the worked examples, each with its own answers.
func billsTable() (string, error) {
	var out strings.Builder
	out.WriteString("| Worked example | Runs a month | GB a run | USD a month | of it idle | USD a run |\n|---|---:|---:|---:|---:|---:|\n")
	for _, example := range advisor.Examples() {
		given, err := docsAnswers(example)
		if err != nil {
			return "", err
		}
		e := cost.Of(example, given, cost.Options{})
		if !e.Complete() {
			return "", fmt.Errorf("%s: %v", example, e.Missing)
		}
		fmt.Fprintf(&out, "| [%s](%s#its-price) | %s | %s | %s | %s | %s |\n", advisor.Service(example), docsFiles[example],
			e.Runs.Plain(), e.GB.Plain(), e.PerMonth.Short(), e.PerIdle.Short(), e.PerRun.Short())
	}
	return out.String(), nil
}

// priceOf is the bill of a worked example, line by line.
func priceOf(example string) (string, error) {
	given, err := docsAnswers(example)
	if err != nil {
		return "", err
	}
	e := cost.Of(example, given, cost.Options{})
	if !e.Complete() {
		return "", fmt.Errorf("%v", e.Missing)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s USD a month in %s for %s runs of %s GB, before the free tier.\n\n", e.PerMonth.Short(), e.Region, e.Runs.Plain(), e.GB.Plain())
	out.WriteString("| What | Quantity | USD each | USD |\n|---|---:|---:|---:|\n")
	for _, part := range []struct {
		title string
		sum   cost.Decimal
		lines []cost.Line
	}{{"each run", e.PerRun, e.Run}, {"idle, each month", e.PerIdle, e.Idle}} {
		fmt.Fprintf(&out, "| **%s** | | | **%s** |\n", part.title, part.sum.Short())
		for _, line := range part.lines {
			fmt.Fprintf(&out, "| %s | %s %s | %s | %s |\n", line.What, line.Quantity.Plain(), line.Unit, line.UnitPrice, line.Amount.Short())
		}
	}
	var notes []string
	for _, line := range slices.Concat(e.Run, e.Idle) {
		if line.Note != "" {
			notes = append(notes, fmt.Sprintf("%s (%s)", line.What, line.Note))
		}
	}
	if notes != nil {
		fmt.Fprintf(&out, "\nPrices with a note: %s.\n", strings.Join(notes, ", "))
	}
	return out.String(), nil
}

// startRules are what the rules say about how a run starts.
func startRules() (string, error) {
	all := map[string]advisor.Reason{}
	for _, example := range advisor.Examples() {
		for _, rule := range advisor.Rules(example) {
			all[rule.Rule] = rule
		}
	}
	var out strings.Builder
	out.WriteString("| It must | Service | Rule |\n|---|---|---|\n")
	for _, row := range advisor.CompareNeeds() {
		if !strings.HasPrefix(row.Asked, "start ") {
			continue
		}
		for _, cell := range row.Cells {
			for _, rule := range cell.Rules {
				fmt.Fprintf(&out, "| %s | %s: %s | %s (`%s`) |\n", row.Asked, advisor.Service(cell.Example), effectWords[all[rule].Effect], all[rule].Text, rule)
			}
		}
	}
	return out.String(), nil
}

// pricesOf are unit prices of items, for a service that no example is about.
func pricesOf(items string) (string, error) {
	var out strings.Builder
	out.WriteString("| What | USD each | Page, figure taken |\n|---|---:|---|\n")
	for item := range strings.FieldsSeq(items) {
		price, err := cost.Shipped().In(cost.DefaultRegion, cost.Item(item))
		if err != nil {
			return "", fmt.Errorf("%s: %w", item, err)
		}
		fmt.Fprintf(&out, "| %s | %s | [%s](%s), %s |\n", cost.Units[cost.Item(item)].What, price.Unit(), pricingPages[price.Source], price.Source, price.Read)
	}
	return out.String(), nil
}

// pricingPages are the titles of the pages that prices come from.
var pricingPages = map[string]string{
	"https://aws.amazon.com/cloudwatch/pricing/":                           "Amazon CloudWatch Pricing",
	"https://aws.amazon.com/eventbridge/pricing/":                          "Amazon EventBridge Pricing",
	"https://aws.amazon.com/glue/pricing/":                                 "AWS Glue Pricing",
	"https://aws.amazon.com/kms/pricing/":                                  "AWS Key Management Service Pricing",
	"https://aws.amazon.com/lambda/pricing/":                               "AWS Lambda Pricing",
	"https://aws.amazon.com/managed-workflows-for-apache-airflow/pricing/": "Amazon Managed Workflows for Apache Airflow Pricing",
	"https://aws.amazon.com/redshift/pricing/":                             "Amazon Redshift Pricing",
	"https://aws.amazon.com/secrets-manager/pricing/":                      "AWS Secrets Manager Pricing",
	"https://aws.amazon.com/step-functions/pricing/":                       "AWS Step Functions Pricing",
	"https://aws.amazon.com/vpc/pricing/":                                  "Amazon VPC Pricing",
}

// sourcesOf are the pages that the rules and the bill of an example follow.
func sourcesOf(example string) (string, error) {
	var lines []string
	for _, rule := range advisor.Rules(example) {
		line := fmt.Sprintf("- [%s](%s), read %s", advisor.Page(rule.Source), rule.Source, advisor.PagesRead)
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	given, err := docsAnswers(example)
	if err != nil {
		return "", err
	}
	e := cost.Of(example, given, cost.Options{})
	prices := map[string][]string{} // by the day on which the figures were taken
	for _, line := range slices.Concat(e.Run, e.Idle) {
		title := pricingPages[line.Source]
		if title == "" {
			return "", fmt.Errorf("the page %s has no title", line.Source)
		}
		if link := fmt.Sprintf("[%s](%s)", title, line.Source); !slices.Contains(prices[line.Read], link) {
			prices[line.Read] = append(prices[line.Read], link)
		}
	}
	for _, day := range slices.Sorted(maps.Keys(prices)) {
		lines = append(lines, fmt.Sprintf("- Prices, figures taken %s: %s", day, strings.Join(prices[day], ", ")))
	}
	return strings.Join(lines, "\n"), nil
}

func TestFillSectionsRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"<!-- generated: fits statemachine -->", "has no end"},
		{"<!-- generated: praise statemachine -->\n<!-- end -->", `no generated part "praise"`},
		{"<!-- generated: fits statemachines -->\n<!-- end -->", "no rule"},
		{"<!-- generated: prices states.transitions -->\n<!-- end -->", "no confirmed price"},
	} {
		if _, err := fillSections(test.text); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, expected an error with %q", test.text, err, test.want)
		}
	}
}
