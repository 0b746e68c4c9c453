package answers

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	// oldBoolean is what YAML 1.1 programs read as true or false, and YAML 1.2 programs as text.
	oldBoolean = regexp.MustCompile(`^(?i:y|yes|n|no|on|off)$`)
	octal      = regexp.MustCompile(`^[-+]?0[0-9_]+$`)
	integer    = regexp.MustCompile(`^[-+]?[0-9]+$`)
	decimals   = regexp.MustCompile(`^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$`)
)

// describe names what stands there, for "got ...". It shows no more of a value than quote does.
func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	}
	switch node.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!int", "!!float":
		return "the number " + short(node.Value)
	case "!!bool":
		return short(node.Value)
	case "!!timestamp":
		return "the date " + short(node.Value)
	}
	if fault := harmful(node.Value); fault != nil {
		return "a text that is refused"
	}
	return "the text " + quote(node.Value)
}

func short(value string) string {
	return strings.Trim(quote(value), `"`)
}

// field reads the value of a known key and, if it is sound, keeps it.
func (r *reader) field(f *field, node *yaml.Node) {
	switch f.kind {
	case text:
		r.textNode(f, node)
	case flag:
		r.flag(f, node)
	case whole, number:
		r.number(f, node)
	case list:
		r.list(f, node)
	case mapping:
		before := len(r.problems)
		pattern := r.pattern(node)
		if len(r.problems) == before {
			set(f, &r.answers, pattern)
		}
	}
}

func (r *reader) textNode(f *field, node *yaml.Node) {
	plainStyle := node.Kind == yaml.ScalarNode && node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	switch {
	case plainStyle && f.digits && decimals.MatchString(node.Value):
		r.text(f, node.Value, node.Line)
	case plainStyle && oldBoolean.MatchString(node.Value):
		r.fail(f.path, node.Line, fmt.Sprintf("put it in quotes if you mean the text: %q", node.Value),
			"got %s, which YAML 1.1 reads as true or false, expected text", node.Value)
	case node.Kind != yaml.ScalarNode || node.ShortTag() != "!!str":
		hint := ""
		if node.Kind == yaml.ScalarNode && node.ShortTag() != "!!null" {
			hint = "put it in quotes if you mean the text: " + quote(node.Value)
		}
		r.fail(f.path, node.Line, hint, "got %s, expected text", describe(node))
	default:
		r.text(f, node.Value, node.Line)
	}
}

// clear says nothing about an answer that may be left out.
func (r *reader) clear(f *field) {
	switch target := f.at(&r.answers).(type) {
	case *int:
		*target = 0
	case *[]string:
		*target = nil
	}
}

// text checks a text, whether it comes from a file or from a person at a terminal.
func (r *reader) text(f *field, value string, line int) {
	if value == "" && !f.may {
		r.fail(f.path, line, "", "is empty, expected %s", expectation(f))
		return
	}
	found := harmful(value)
	switch {
	case found != nil || value == "":
	case f.allowed != nil:
		found = oneOf(value, f.allowed)
	case f.check != nil:
		found = f.check(value)
	}
	if found != nil {
		r.add(f.path, line, found)
		return
	}
	set(f, &r.answers, value)
}

func expectation(f *field) string {
	if f.allowed != nil {
		return "one of " + strings.Join(f.allowed, ", ")
	}
	return map[string]string{
		"name":                        "the project's name",
		"start.prefix":                "a key prefix such as raw/",
		"start.schedule":              "cron(), rate() or at()",
		"network.cidr":                "an IPv4 range such as 10.20.0.0/16",
		"network.on_premises_cidr":    "an IPv4 range such as 192.168.0.0/16",
		"network.peer_vpc":            "the id of the other VPC",
		"network.customer_gateway_ip": "a public IPv4 address",
		"airflow.version":             "one of " + strings.Join(AirflowVersions, ", "),
		"batch.vcpu":                  "one of " + strings.Join(vcpus(), ", "),
	}[f.path]
}

func (r *reader) flag(f *field, node *yaml.Node) {
	if node.Kind == yaml.ScalarNode && node.ShortTag() == "!!bool" {
		set(f, &r.answers, strings.EqualFold(node.Value, "true"))
		return
	}
	if node.Kind == yaml.ScalarNode && oldBoolean.MatchString(node.Value) {
		meant := slices.Contains([]string{"y", "yes", "on"}, strings.ToLower(node.Value))
		r.fail(f.path, node.Line, fmt.Sprintf("write %t", meant), "got %s, expected true or false", node.Value)
		return
	}
	r.fail(f.path, node.Line, "", "got %s, expected true or false", describe(node))
}

// number reads a whole or a decimal number, and keeps it within the bounds of the field.
func (r *reader) number(f *field, node *yaml.Node) {
	expected := "a number"
	if f.kind == whole {
		expected = "a whole number"
	}
	tag := node.ShortTag()
	switch {
	case node.Kind != yaml.ScalarNode || tag != "!!int" && tag != "!!float":
		r.fail(f.path, node.Line, "", "got %s, expected %s", describe(node), expected)
		return
	case octal.MatchString(node.Value):
		r.fail(f.path, node.Line, "leave out the leading zero",
			"got %s, which is octal to some programs and decimal to others", short(node.Value))
		return
	case !decimals.MatchString(node.Value), f.kind == whole && !integer.MatchString(node.Value):
		r.fail(f.path, node.Line, "", "got %s, expected %s in digits", short(node.Value), expected)
		return
	}
	value, err := strconv.ParseFloat(node.Value, 64)
	if err != nil || math.IsNaN(value) || value < f.bounds[0] || value > f.bounds[1] {
		r.outside(f, node, expected)
		return
	}
	switch target := f.at(&r.answers).(type) {
	case *int:
		if f.whole != nil {
			if found := f.whole(int(value)); found != nil {
				r.add(f.path, node.Line, found)
				return
			}
		}
		*target = int(value)
	case *float64:
		*target = value + 0 // minus zero is zero
	}
}

func (r *reader) outside(f *field, node *yaml.Node, expected string) {
	if f.path == "version" {
		r.fail(f.path, node.Line, "a newer scaffold may have written the file", "got %s, this program reads version %d", short(node.Value), Version)
		return
	}
	r.fail(f.path, node.Line, "", "got %s, expected %s from %.0f to %.0f", short(node.Value), expected, f.bounds[0], f.bounds[1])
}

// list reads a list of texts.
func (r *reader) list(f *field, node *yaml.Node) {
	if node.Kind != yaml.SequenceNode {
		r.fail(f.path, node.Line, listHint(f), "got %s, expected a list", describe(node))
		return
	}
	switch n := len(node.Content); {
	case n == 0 && !f.may:
		r.fail(f.path, node.Line, "", "is empty, expected at least one of %s", strings.Join(f.allowed, ", "))
		return
	case n > MaxWork:
		r.fail(f.path, node.Line, manyHint[f.path], "has %d %ss, expected at most %d", n, f.item, MaxWork)
		return
	}
	var items []string
	before := len(r.problems)
	for i, item := range node.Content {
		if found := listItem(f, item); found != nil {
			r.fail(f.path, item.Line, found.hint, "%s %d: %s", f.item, i+1, found.message)
		}
		items = append(items, item.Value)
	}
	if len(r.problems) == before {
		set(f, &r.answers, items)
	}
}

func listItem(f *field, item *yaml.Node) *fault {
	found := harmful(item.Value)
	switch {
	case item.Kind != yaml.ScalarNode || item.ShortTag() != "!!str":
		expected := "text"
		if f.allowed != nil {
			expected = expectation(f)
		}
		return &fault{fmt.Sprintf("got %s, expected %s", describe(item), expected), ""}
	case found != nil:
		return found
	case f.allowed != nil:
		return oneOf(item.Value, f.allowed)
	}
	return f.check(item.Value)
}

func listHint(f *field) string {
	if f.path == "work" {
		return "for example work: [crawler, glue-job]"
	}
	return "for example peer_route_tables: [rtb-0123456789abcdef0]"
}

// manyHint is what else there is for whoever needs more than a list may hold.
var manyHint = map[string]string{
	"work":                      "split the pipeline: one can start the next by an event",
	"network.peer_route_tables": "leave them out: after the deployment an output says which route to add to each",
}
