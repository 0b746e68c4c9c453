package answers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// MaxSize is the size of the largest answers file, in bytes.
const MaxSize = 64 << 10

// Parse reads an answers file and fills in the defaults. now decides what is in the past; file names it in the problems.
// The error is Problems, sorted by line: all faults at once.
func Parse(file string, data []byte, now time.Time) (*Answers, error) {
	r := &reader{file: file, now: now, seen: map[string]int{}, answers: absent()}
	if root := r.document(data); root != nil {
		if r.section("", root); root.Kind == yaml.MappingNode {
			r.settle()
		}
	}
	if err := r.problems.orNil(); err != nil {
		return nil, err
	}
	return &r.answers, nil
}

// Check checks a single answer as a person types it: text as it is, a list with commas, a pattern as JSON or YAML.
// It is nil for an empty answer that may be left out. The error is a Problem.
func Check(path, value string, now time.Time) error {
	all := absent()
	return all.Set(path, value, now)
}

// Set keeps a single answer as a person types it, in the forms that Check takes, if it is sound by itself and beside the
// answers that are there already. The error is a Problem, and then a is as it was.
func (a *Answers) Set(path, value string, now time.Time) error {
	f := fieldAt(path)
	if f == nil {
		return Problem{Path: path, Message: "there is no such answer", Hint: keyHint("", path)}
	}
	r := &reader{now: now, seen: map[string]int{}, answers: *a}
	switch {
	case f.kind == text:
		r.text(f, value, 0)
	case value == "" && f.may:
		r.clear(f)
	default:
		if f.kind == list && !strings.HasPrefix(value, "[") {
			value = "[" + value + "]"
		}
		if root := r.document([]byte(value)); root != nil {
			r.field(f, root)
		}
	}
	if len(r.problems) == 0 {
		r.beside(path)
	}
	if len(r.problems) == 0 {
		*a = r.answers
		return nil
	}
	problem := r.problems[0]
	problem.Line, problem.Path = 0, path
	return problem
}

// reader collects the answers and the problems of one file.
type reader struct {
	file     string
	now      time.Time
	seen     map[string]int // line of each known key, valid or not
	bad      map[string]bool
	answers  Answers
	problems Problems
}

func (r *reader) add(path string, line int, f *fault) {
	if r.bad == nil {
		r.bad = map[string]bool{}
	}
	r.bad[path] = true
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Path: path, Message: f.message, Hint: f.hint})
}

func (r *reader) fail(path string, line int, hint, format string, args ...any) {
	r.add(path, line, &fault{fmt.Sprintf(format, args...), hint})
}

const emptyHint = "the shortest answers are a line such as work: [crawler, glue-job]"

// document returns the only document's root, or nil when there is nothing to read on.
func (r *reader) document(data []byte) *yaml.Node {
	if !r.readable(data) {
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	if err := decoder.Decode(&first); errors.Is(err, io.EOF) {
		r.fail("", 0, emptyHint, "is empty, expected answers")
		return nil
	} else if err != nil {
		r.syntax(err)
		return nil
	}
	if err := decoder.Decode(&second); err == nil {
		r.fail("", second.Line, "keep one and remove the line ---", "a second document begins, expected one")
		return nil
	} else if !errors.Is(err, io.EOF) {
		r.syntax(err)
		return nil
	}
	root := first.Content[0]
	if root.ShortTag() == "!!null" {
		r.fail("", 0, emptyHint, "is empty, expected answers")
		return nil
	}
	if r.references(root); len(r.problems) > 0 {
		return nil
	}
	return root
}

// readable refuses what no YAML parser explains well.
func (r *reader) readable(data []byte) bool {
	switch {
	case len(data) > MaxSize:
		r.fail("", 0, "", "has more than %d bytes, expected an answers file of at most that", MaxSize)
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")), bytes.HasPrefix(data, []byte("\xfe\xff")), bytes.HasPrefix(data, []byte("\xff\xfe")):
		r.fail("", 1, "save the file as UTF-8 without BOM", "begins with a byte order mark, expected plain UTF-8")
	case !utf8.Valid(data):
		valid := 0
		for size := 0; valid < len(data); valid += size {
			var letter rune
			if letter, size = utf8.DecodeRune(data[valid:]); letter == utf8.RuneError && size == 1 {
				break
			}
		}
		r.fail("", 1+bytes.Count(data[:valid], []byte("\n")), "save the file as UTF-8", "got the byte 0x%02X, which is not UTF-8", data[valid])
	case len(bytes.TrimSpace(data)) == 0:
		r.fail("", 0, emptyHint, "is empty, expected answers")
	default:
		r.lines(string(data))
	}
	return len(r.problems) == 0
}

func (r *reader) lines(data string) {
	number := 0
	for line := range strings.SplitSeq(data, "\n") {
		number++
		line = strings.TrimSuffix(line, "\r")
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if strings.Contains(indent, "\t") {
			r.fail("", number, "replace it with two spaces", "a tab indents the line, YAML takes only spaces")
		}
		if i := strings.IndexFunc(line, breaks); i >= 0 {
			c, _ := utf8.DecodeRuneInString(line[i:])
			r.fail("", number, "remove it", "got the control character U+%04X, expected text", c)
		}
	}
}

// breaks says that a character is a control, or one of the further line ends of YAML 1.1, which become a space within a text.
func breaks(c rune) bool {
	return unicode.IsControl(c) && c != '\t' || c == '\u2028' || c == '\u2029'
}

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

func (r *reader) syntax(err error) {
	line, message := 1, err.Error() // the parser leaves out the first line
	if parts := yamlError.FindStringSubmatch(message); parts != nil {
		if parsed, err := strconv.Atoi(parts[1]); err == nil {
			line = parsed
		}
		message = parts[2]
	}
	r.fail("", line, "put a text that holds : # [ ] { } , & * ? or quotes into double quotes, a cron() within { } too", "is not YAML: %s", message)
}

// references refuses anchors, aliases and tags: they make a file say more than it shows.
func (r *reader) references(node *yaml.Node) {
	switch {
	case node.Kind == yaml.AliasNode:
		r.fail("", node.Line, "write the value out", "got the alias *%s, aliases are refused", node.Value)
	case node.Anchor != "":
		r.fail("", node.Line, "remove it and write each value out", "got the anchor &%s, anchors are refused", node.Anchor)
	case node.Style&yaml.TaggedStyle != 0:
		r.fail("", node.Line, "remove the tag", "got the tag %s, tags are refused", quote(node.Tag))
	}
	for _, child := range node.Content {
		r.references(child)
	}
}

// section reads the keys below a path.
func (r *reader) section(path string, node *yaml.Node) {
	if node.Kind != yaml.MappingNode {
		r.fail(path, node.Line, "the keys here are "+strings.Join(keysOf(path), ", "), "got %s, expected keys with values", describe(node))
		return
	}
	first := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		full := strings.TrimPrefix(path+"."+key.Value, ".")
		line, twice := first[key.Value]
		f := fieldAt(full)
		switch {
		case key.Kind != yaml.ScalarNode:
			r.fail(path, key.Line, "", "got %s as a key, expected a name", describe(key))
			continue
		case twice:
			r.fail(keyPath(full), key.Line, "keep one of the two", "is a duplicate key, it stands on line %d already", line)
		case f != nil && !strings.Contains(key.Value, "."):
			r.seen[full] = value.Line
			r.field(f, value)
		case key.Value != "" && !strings.Contains(key.Value, ".") && section(full):
			r.seen[full] = key.Line
			r.section(full, value)
		default:
			r.fail(keyPath(full), key.Line, keyHint(path, key.Value), "unknown key")
		}
		first[key.Value] = key.Line
	}
}

// keyPath shows a key that the user chose; anything but a usual name is quoted, so that it cannot fake a message.
func keyPath(path string) string {
	if usual.MatchString(path) {
		return path
	}
	return quote(path)
}

var usual = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,60}$`)
