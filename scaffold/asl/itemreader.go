package asl

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// itemReader brings the items of a distributed Map from S3.
// Source: Step Functions Developer Guide, "ItemReader (Map)", read 2026-11.
type itemReader struct {
	resource  resource
	arguments *Template
	inputType string // JSON, JSONL, CSV; "" for a listing
	pointer   string // ItemsPointer: a JSON pointer into the file
	headers   []string
	firstRow  bool
	delimiter rune
	maxItems  bound
}

var delimiters = map[string]rune{"": ',', "COMMA": ',', "PIPE": '|', "SEMICOLON": ';', "SPACE": ' ', "TAB": '\t'}

func (c *compiler) reader(s *state, o *Object, at string) *itemReader {
	body := c.object(o, at, "ItemReader")
	if body == nil {
		return nil
	}
	pointer := pointerTo(at, "ItemReader")
	r := &itemReader{delimiter: ',', firstRow: true}
	arn, _ := c.text(body, pointer, "Resource")
	var ok bool
	if r.resource, ok = parseResource(arn); !ok {
		c.fault(pointerTo(pointer, "Resource"), "Resource is %q, expected arn:aws:states:::s3:getObject or s3:listObjectsV2.", arn)
	}
	key := "Parameters"
	if s.lang == JSONata {
		key = "Arguments"
	}
	r.arguments = c.template(body, pointer, key, s.lang)
	config := c.object(body, pointer, "ReaderConfig")
	if config == nil {
		config = NewObject()
	}
	pointer = pointerTo(pointer, "ReaderConfig")
	r.inputType, _ = c.text(config, pointer, "InputType")
	switch r.inputType {
	case "", "JSON", "JSONL", "CSV":
	default:
		c.fault(pointerTo(pointer, "InputType"), "InputType %s is not supported here, expected JSON, JSONL or CSV.", r.inputType)
	}
	if transformation, ok := c.text(config, pointer, "Transformation"); ok && transformation != "NONE" {
		c.fault(pointerTo(pointer, "Transformation"), "Transformation %s is not supported here, expected NONE.", transformation)
	}
	r.pointer, _ = c.text(config, pointer, "ItemsPointer")
	location, _ := c.text(config, pointer, "CSVHeaderLocation")
	r.firstRow = location != "GIVEN"
	for _, header := range c.list(config, pointer, "CSVHeaders") {
		r.headers = append(r.headers, plainText(header))
	}
	name, _ := c.text(config, pointer, "CSVDelimiter")
	if r.delimiter = delimiters[name]; r.delimiter == 0 {
		c.fault(pointerTo(pointer, "CSVDelimiter"), "CSVDelimiter is %q, expected COMMA, PIPE, SEMICOLON, SPACE or TAB.", name)
	}
	r.maxItems = c.bound(s, config, pointer, "MaxItems")
	return r
}

// read gets the items, page by page where the service answers in pages.
func (r *itemReader) read(run *mapRun, then func([]mapItem, *Error)) {
	t := run.it.t
	limit, err := r.maxItems.integer(&t.scope)
	if err == nil && limit < 0 {
		err = r.maxItems.outOfRange("MaxItems cannot be negative.")
	}
	arguments := t.effective
	if err == nil && r.arguments != nil {
		arguments, err = r.arguments.Eval(&t.scope)
	}
	if err != nil {
		run.over = true
		t.resume(func() { t.evaluationFailed(err) })
		return
	}
	if limit == 0 {
		limit = maxMapItems
	}
	if strings.HasPrefix(r.resource.action, "listObjects") {
		r.list(run, arguments, int(limit), nil, then)
		return
	}
	run.io = t.call(r.resource, arguments, func(output any, err *Error) {
		if err != nil {
			then(nil, readFailure(err))
			return
		}
		then(r.parse(output, int(limit)))
	})
}

// maxMapItems is the most that a distributed Map goes through.
// Source: Step Functions Developer Guide, "ReaderConfig", MaxItems, read 2026-11.
const maxMapItems = 100_000_000

func readFailure(err *Error) *Error { return &Error{Name: ErrorItemReader, Cause: err.Cause} }

func readError(format string, args ...any) *Error {
	return &Error{Name: ErrorItemReader, Cause: fmt.Sprintf(format, args...)}
}

// list gathers the pages of a listing.
func (r *itemReader) list(run *mapRun, arguments any, limit int, items []mapItem, then func([]mapItem, *Error)) {
	run.io = run.it.t.call(r.resource, arguments, func(output any, err *Error) {
		if err != nil {
			then(nil, readFailure(err))
			return
		}
		page, _ := output.(*Object)
		contents, _ := page.Get("Contents")
		entries, _ := contents.([]any)
		for _, entry := range entries {
			if len(items) < limit {
				items = append(items, mapItem{index: len(items), value: entry})
			}
		}
		token, more := page.Get("NextContinuationToken")
		input, ok := arguments.(*Object)
		if !more || !ok || token == nil || len(items) >= limit {
			then(items, nil)
			return
		}
		input = input.Clone()
		input.Set("ContinuationToken", token)
		run.it.t.x.run.after(0, func() { r.list(run, input, limit, items, then) }) // not on the stack of this page
	})
}

// parse reads the items out of the file that the service answered with: {"Body": text}.
func (r *itemReader) parse(output any, limit int) ([]mapItem, *Error) {
	object, _ := output.(*Object)
	v, _ := object.Get("Body")
	body, ok := v.(string)
	if !ok {
		return nil, readError("The answer of %s has no Body.", r.resource.arn)
	}
	body = strings.TrimPrefix(body, "\uFEFF")
	var items []mapItem
	var err *Error
	switch r.inputType {
	case "CSV":
		items, err = r.rows(body, limit)
	case "JSONL":
		items, err = lines(body, limit)
	default:
		items, err = r.elements(body)
	}
	if len(items) > limit {
		items = items[:limit]
	}
	return items, err
}

func (r *itemReader) elements(body string) ([]mapItem, *Error) {
	v, err := DecodeString(body)
	if err != nil {
		return nil, readError("The file is no JSON: %v.", err)
	}
	if r.pointer != "" {
		found, ok := resolvePointer(v, r.pointer)
		if !ok {
			return nil, readError("The ItemsPointer '%s' does not point at anything in the file.", r.pointer)
		}
		if v = found; kindOf(v) == "object" {
			return mapItems(v), nil
		}
	}
	if kindOf(v) != "array" {
		return nil, readError("Attempting to map over non-iterable node.")
	}
	return mapItems(v), nil
}

// resolvePointer follows a JSON pointer (RFC 6901).
func resolvePointer(v any, pointer string) (any, bool) {
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		switch x := v.(type) {
		case *Object:
			next, ok := x.Get(token)
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			var i int
			if _, err := fmt.Sscanf(token, "%d", &i); err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}

func lines(body string, limit int) ([]mapItem, *Error) {
	var items []mapItem
	n := 0
	for line := range strings.Lines(body) {
		n++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if len(items) == limit {
			break
		}
		v, err := DecodeString(line)
		if err != nil {
			return nil, readError("Line %d is no JSON: %v.", n, err)
		}
		items = append(items, mapItem{index: len(items), value: v})
	}
	return items, nil
}

// rows are the lines of a CSV file as objects. A cell that is missing is "", one too many is dropped.
func (r *itemReader) rows(body string, limit int) ([]mapItem, *Error) {
	reader := csv.NewReader(strings.NewReader(body))
	reader.Comma, reader.FieldsPerRecord, reader.LazyQuotes = r.delimiter, -1, true
	headers := r.headers
	if r.firstRow {
		row, err := reader.Read()
		if err != nil {
			return nil, readError("The file has no row with headers.")
		}
		headers = row
	}
	var items []mapItem
	for len(items) < limit {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, readError("The file is no CSV: %v.", err)
		}
		object := newObjectSize(len(headers))
		for i, header := range headers {
			cell := ""
			if i < len(row) {
				cell = row[i]
			}
			object.Set(header, cell)
		}
		items = append(items, mapItem{index: len(items), value: object})
	}
	return items, nil
}
