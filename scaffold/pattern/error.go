package pattern

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// ErrorCode is the code of the exception that AWS answers a faulty pattern with.
const ErrorCode = "InvalidEventPatternException"

// Error is a pattern that AWS refuses.
type Error struct {
	Reason string // in AWS's words; in ours for the limits whose words are not known
	Hint   string // how to mend it
	Line   int    // counted from 1; 0 if AWS names no place
	Column int    // where AWS's parser had arrived, counted from 1

	source string
	ahead  int  // how far AWS's parser had read on when it found the fault
	twice  bool // AWS's engine wraps errors within lists once more, and says the place once more
}

// Error says what is wrong, where, and how to mend it.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message())
	if e.Line > 0 {
		fmt.Fprintf(&b, " (line %d, column %d)", e.Line, e.Column)
	}
	if e.Hint != "" {
		b.WriteString("\n  hint: " + e.Hint)
	}
	return b.String()
}

// Message is the message of AWS, without the place.
func (e *Error) Message() string { return "Event pattern is not valid. Reason: " + e.Reason }

// AWSMessage is the message of AWS, letter by letter, with the place that its parser adds.
func (e *Error) AWSMessage() string {
	message := e.Message()
	if e.Line == 0 {
		return message
	}
	message += "\n at " + location(e.source, e.Line, e.Column)
	if e.twice {
		message += "\n at " + location(e.source, e.Line, e.Column+e.ahead)
	}
	return message
}

// maxQuoted is how much of the source the parser quotes. Source: Jackson, ErrorReportConfiguration.DEFAULT_MAX_RAW_CONTENT_LENGTH.
const maxQuoted = 500

func location(source string, line, column int) string {
	quoted, rest := source, ""
	if units := utf16.Encode([]rune(source)); len(units) > maxQuoted {
		quoted = string(utf16.Decode(units[:maxQuoted]))
		rest = fmt.Sprintf("[truncated %d chars]", len(units)-maxQuoted)
	}
	return fmt.Sprintf(`[Source: (String)"%s"%s; line: %d, column: %d]`, quoted, rest, line, column)
}

// hints say how to mend what AWS only names, by the beginning of its reason.
var hints = []struct{ reason, hint string }{
	{"Filter is not an object", `a pattern is a JSON object, for example {"source": ["aws.s3"]}`},
	{"Empty objects are not allowed", "name at least one field, or remove the object"},
	{"Empty arrays are not allowed", `to match any value write [{"exists": true}]; an absent field is [{"exists": false}]`},
	{"Match value must be", "a field takes one flat array; nested arrays are not allowed"},
	{"Match expression name not found", `write an operator, for example {"prefix": "raw/"}`},
	{"Only one key allowed", `give each operator an object of its own: [{"prefix": "a"}, {"suffix": "b"}] (either may match)`},
	{"Unrecognized match type", "the operators are prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, cidr and exists"},
	{"Unsupported anything-but pattern", "within anything-but there may be prefix, suffix, equals-ignore-case or wildcard"},
	{"Unsupported prefix pattern", `within prefix there may only be {"equals-ignore-case": "..."}`},
	{"Unsupported suffix pattern", `within suffix there may only be {"equals-ignore-case": "..."}`},
	{"prefix match pattern must be a string", `to match one of several, write one object for each: [{"prefix": "a"}, {"prefix": "b"}]; a cidr is a string, too`},
	{"suffix match pattern must be a string", `to match one of several, write one object for each: [{"suffix": "a"}, {"suffix": "b"}]`},
	{"wildcard match pattern must be a string", `write strings, for example {"wildcard": "raw/*.csv"}`},
	{"equals-ignore-case match pattern must be a string", `write one object for each string: [{"equals-ignore-case": "a"}, {"equals-ignore-case": "b"}]`},
	{"Null prefix/suffix not allowed", "every string begins and ends with the empty string, so this would never match"},
	{"exists match pattern must be", `write {"exists": true} or {"exists": false}, without quotes around the value`},
	{"Inside anything but list, either", "write an array of strings only, or of numbers only"},
	{"Inside anything", "only strings and numbers can be left out; of the other types, nothing-but is the list of what may be there"},
	{"Value of anything-but must be", "write a string, a number, or an array of one of both"},
	{"Value of numeric must be an array", `for example {"numeric": [">", 0, "<=", 5]}`},
	{"Unrecognized numeric range operator", "the operators are =, <, <=, > and >="},
	{"Bad numeric range operator", `a range is a lower bound and then an upper one: [">", 0, "<=", 5]`},
	{"Bottom must be less than top", `the first number is the lower bound: [">", 0, "<=", 5]; for one value write ["=", 5]`},
	{"Value of ", "write a JSON number, without quotes"},
	{"Too many", `an upper bound stands alone, or after a lower one: ["<", 5] or [">", 0, "<", 5]; nothing else may stand in the same braces`},
	{"Cannot compare number", "use a number that an IEEE double holds as it is written, about 15 digits"},
	{"Consecutive wildcard characters", "one * already stands for any text; for the character itself write \\\\*"},
	{"Invalid escape character", "in a wildcard, a backslash stands before * or another backslash only; in JSON each is written twice"},
	{"Rule is too complex", "replace a leading or trailing * by suffix or prefix, and avoid several * in one text"},
	{"It must be an Array followed with $or", `write {"$or": [{"a": [1]}, {"b": [2]}]}`},
	{"There must have at least 2 Objects in $or", "remove $or, or add an object"},
	{"Only JSON object is allowed in array of $or", `write {"$or": [{"a": [1]}, {"b": [2]}]}`},
	{"Malformed CIDR", "for example 10.0.0.0/24 or 2001:db8::/32"},
	{"Nonstandard IP address", "for example 10.0.0.0/24 or 2001:db8::/32"},
	{"Invalid IP address", "for example 10.0.0.0/24 or 2001:db8::/32"},
	{"IPv4 mask bits", "for a single address write it without mask, as a string"},
	{"IPv6 mask bits", "for a single address write it without mask, as a string"},
}

func hintFor(reason string) string {
	if strings.HasSuffix(reason, "must be an object or an array") {
		return `put the value into an array, for example {"source": ["aws.s3"]}`
	}
	for _, h := range hints {
		if strings.HasPrefix(reason, h.reason) {
			return h.hint
		}
	}
	return ""
}
