package answers

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// YAML is the answers as a commented file. The same answers give the same bytes; Parse gives the same answers back.
// What start.on has no use for is written too, so that Parse can refuse it.
func (a *Answers) YAML() []byte {
	var out strings.Builder
	out.WriteString("# What was said about the pipeline. scaffold recommend says which service fits; scaffold update follows a change.\n")
	section := ""
	for _, f := range fields {
		value := a.encode(&f)
		if value == "" {
			continue
		}
		key, indent := f.path, ""
		if top, rest, nested := strings.Cut(f.path, "."); nested {
			key, indent = rest, "  "
			if section != top {
				fmt.Fprintf(&out, "%s:\n", top)
			}
			section = top
		}
		line := indent + key + ": " + value
		if f.note != "" {
			line = fmt.Sprintf("%-31s # %s", line, f.note)
		}
		out.WriteString(line + "\n")
	}
	return []byte(out.String())
}

// encode is the value as YAML, or "" where absent says the same.
func (a *Answers) encode(f *field) string {
	switch value := f.at(a).(type) {
	case *string:
		if *value == "" {
			return ""
		}
		return scalar(*value)
	case *bool:
		return strconv.FormatBool(*value)
	case *int:
		if f.unsaid && *value == 0 {
			return ""
		}
		return strconv.Itoa(*value)
	case *float64:
		return strconv.FormatFloat(*value, 'f', -1, 64)
	case *[]string:
		if f.unsaid && len(*value) == 0 {
			return ""
		}
		return "[" + strings.Join(*value, ", ") + "]"
	case *map[string]any:
		if *value == nil {
			return ""
		}
		// JSON is YAML; a pattern that was parsed, or decoded from JSON, can always be encoded.
		encoded, err := json.Marshal(*value)
		if err != nil {
			return scalar(err.Error())
		}
		return string(encoded)
	}
	return ""
}

// bare are the texts that every YAML program reads as the same text without quotes.
var bare = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./@+-]*(\([A-Za-z0-9 ?*#/,:-]*\))?$`)

func scalar(value string) string {
	word := regexp.MustCompile(`^(?i:true|false|null|nan|inf)$`).MatchString(value) || oldBoolean.MatchString(value)
	if bare.MatchString(value) && !word && !strings.Contains(value, " #") && !strings.Contains(value, ": ") {
		return value
	}
	return strconv.Quote(value)
}
