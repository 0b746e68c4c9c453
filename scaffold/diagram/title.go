package diagram

import (
	"regexp"
	"strings"
	"unicode"

	"example.com/pipewright/scaffold/cfn"
)

// hash is what the CDK adds to the path of a construct to make a logical id.
// Source: AWS CDK Developer Guide, "Identifiers and the AWS CDK", Logical IDs, read 2026-11.
var hash = regexp.MustCompile(`([a-z0-9])[0-9A-F]{8}$`)

// Name is what people call a resource of a template: its logical id in words.
func Name(template *cfn.Template, id string) string { return title(id, template.Resources[id].Type) }

// acronyms are first words of ids that people write in capitals.
var acronyms = map[string]bool{"Api": true, "Dlq": true, "Emr": true, "Etl": true, "Sql": true}

// title is a logical id in words, without its type: ObjectLandedA8F15009 is Object landed, EtlJobC608A315 of a job is ETL.
func title(id, kind string) string {
	id = hash.ReplaceAllString(id, "$1")
	if short := strings.TrimSuffix(id, kind[strings.LastIndex(kind, ":")+1:]); short != "" {
		id = short // the kind stands above it
	}
	var words []string
	start := 0
	letters := []rune(id)
	for i := 1; i <= len(letters); i++ {
		if i == len(letters) || unicode.IsUpper(letters[i]) && !unicode.IsUpper(letters[i-1]) {
			words = append(words, string(letters[start:i]))
			start = i
		}
	}
	for i := len(words) - 1; i > 0; i-- {
		words[i] = strings.ToLower(words[i])
	}
	if acronyms[words[0]] {
		words[0] = strings.ToUpper(words[0])
	}
	return strings.Join(words, " ")
}

// triggerWords says what kind of trigger it is, and what it waits for.
// Source: AWS Glue Developer Guide, "AWS Glue triggers"; AWS Glue API, EventBatchingCondition, read 2026-11.
func triggerWords(trigger cfn.Resource) (kind, label string) {
	written, _ := trigger.Get("Type").(string)
	switch written {
	case "EVENT":
		label = "one event"
		if size := trigger.Get("EventBatchingCondition", "BatchSize"); size != nil && cfn.Text(size) != "1" {
			window := "900"
			if given := trigger.Get("EventBatchingCondition", "BatchWindow"); given != nil {
				window = cfn.Text(given)
			}
			label = cfn.Text(size) + " events, or " + window + " s"
		}
	case "CONDITIONAL":
		label = "if all conditions hold"
		if trigger.Get("Predicate", "Logical") == "ANY" {
			label = "if any condition holds"
		}
		if len(cfn.List(trigger.Get("Predicate", "Conditions"))) < 2 {
			label = "if the condition holds"
		}
	case "SCHEDULED":
		label = shorten(cfn.Text(trigger.Get("Schedule")), labelWrap) + "\nUTC"
	case "ON_DEMAND":
		label = "started by a call"
	default:
		return "Glue trigger", written
	}
	return written + " trigger", label
}
