package answers

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one fault of an answers file, or of one answer.
type Problem struct {
	File    string // empty where a single answer was checked
	Line    int    // 0 where no line is to blame
	Path    string // the key, such as start.schedule; empty where the file as a whole is at fault
	Message string // what was got and what was expected
	Hint    string // how to mend it; may be empty
}

// Error is one line, and the hint on a second one.
func (p Problem) Error() string {
	var text strings.Builder
	if p.File != "" {
		text.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&text, ":%d", p.Line)
		}
		text.WriteString(": ")
	}
	if p.Path != "" {
		text.WriteString(p.Path + ": ")
	}
	text.WriteString(p.Message)
	if p.Hint != "" {
		text.WriteString("\n  hint: " + p.Hint)
	}
	return text.String()
}

// Problems are all faults of an answers file, sorted by line.
type Problems []Problem

// Error is one problem after the other.
func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i, problem := range p {
		texts[i] = problem.Error()
	}
	return strings.Join(texts, "\n")
}

func (p Problems) orNil() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int { return a.Line - b.Line })
	if more := len(p) - maxProblems; more > 0 {
		p = append(p[:maxProblems:maxProblems], Problem{File: p[0].File, Message: fmt.Sprintf("there are %d more problems", more)})
	}
	return p
}

// maxProblems is more than anybody mends at once; a file that is no answers file at all has thousands.
const maxProblems = 50

// fault is what is wrong with a value, before its place is known.
type fault struct{ message, hint string }

// blame puts the value before what is wrong with it.
func blame(value, hint, format string, args ...any) *fault {
	return &fault{message: quote(value) + ": " + fmt.Sprintf(format, args...), hint: hint}
}

// maxQuoted keeps a message readable, in characters.
const maxQuoted = 80

func quote(value string) string {
	if runes := []rune(value); len(runes) > maxQuoted {
		value = string(runes[:maxQuoted]) + "..."
	}
	return fmt.Sprintf("%q", value)
}
