package pattern

import (
	"fmt"
	"io"
	"strings"
)

// mostWays is how many ways through $or the text shows; the JSON form has all.
const mostWays = 3

// WriteText writes the explanation for people to read.
func (e *Explanation) WriteText(out io.Writer) error {
	_, err := io.WriteString(out, e.String())
	return err
}

// String is the explanation for people to read.
func (e *Explanation) String() string {
	var b strings.Builder
	if e.Match {
		b.WriteString("match\n")
		if len(e.Ways) > 0 {
			e.Ways[0].write(&b, true)
		}
		return b.String()
	}
	b.WriteString("no match\n")
	for i := range e.Ways {
		if i == mostWays && len(e.Ways) > mostWays+1 {
			fmt.Fprintf(&b, "\n%d more ways through $or come less near.\n", len(e.Ways)-mostWays)
			break
		}
		if len(e.Ways) > 1 {
			fmt.Fprintf(&b, "\nway %d of %d through $or:\n", i+1, len(e.Ways))
		}
		e.Ways[i].write(&b, false)
	}
	return b.String()
}

func (w *Way) write(b *strings.Builder, brief bool) {
	for i := range w.Fields {
		w.Fields[i].write(b, brief)
	}
	if w.Conflict != "" {
		fmt.Fprintf(b, "  %s\n", w.Conflict)
	}
}

func (f *Field) write(b *strings.Builder, brief bool) {
	if f.Match || brief {
		fmt.Fprintf(b, "  ok    %s: %s\n", f.Path, f.matched())
		return
	}
	fmt.Fprintf(b, "  FAIL  %s\n", f.Path)
	fmt.Fprintf(b, "        event:    %s\n", f.found())
	for i, w := range f.Wanted {
		if i == mostListed && len(f.Wanted) > mostListed+1 {
			fmt.Fprintf(b, "        pattern:  ... and %d more, none of which matches\n", len(f.Wanted)-mostListed)
			break
		}
		fmt.Fprintf(b, "        pattern:  %s", shorten(w.Pattern))
		if w.Reason != "" && len(f.Event) > 0 {
			fmt.Fprintf(b, " (%s)", w.Reason)
		}
		b.WriteString("\n")
	}
	for _, hint := range f.Hints {
		fmt.Fprintf(b, "        hint:     %s\n", hint)
	}
}

// matched says what matched.
func (f *Field) matched() string {
	for _, w := range f.Wanted {
		if !w.Match {
			continue
		}
		for _, found := range f.Event {
			if found.At == w.At {
				return f.locate(found) + " matches " + shorten(w.Pattern)
			}
		}
		return f.found() + " matches " + shorten(w.Pattern)
	}
	return f.found()
}

// found says what the event has.
func (f *Field) found() string {
	if len(f.Event) == 0 {
		return "(no such field)"
	}
	values := make([]string, 0, len(f.Event))
	for _, found := range f.Event {
		values = append(values, f.locate(found))
	}
	return list(values)
}

// locate writes a value, and where it is if that is not clear.
func (f *Field) locate(found Found) string {
	if found.At == f.Path {
		return show(found.Value)
	}
	return found.At + " = " + show(found.Value)
}
