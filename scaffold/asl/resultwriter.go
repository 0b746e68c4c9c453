package asl

import "strings"

// resultWriter puts the results of a distributed Map into S3, or transforms them.
// Source: Step Functions Developer Guide, "ResultWriter (Map)", read 2026-11.
type resultWriter struct {
	resource       resource
	exports        bool // to S3; without, the results stay in the state's output
	arguments      *Template
	transformation string // NONE, COMPACT, FLATTEN
	jsonLines      bool
}

func (c *compiler) writer(s *state, o *Object, at string) *resultWriter {
	body := c.object(o, at, "ResultWriter")
	if body.Len() == 0 {
		return nil
	}
	pointer := pointerTo(at, "ResultWriter")
	w := &resultWriter{}
	if arn, ok := c.text(body, pointer, "Resource"); ok {
		if w.resource, w.exports = parseResource(arn); !w.exports {
			c.fault(pointerTo(pointer, "Resource"), "Resource is %q, expected arn:aws:states:::s3:putObject.", arn)
		}
	}
	key := "Parameters"
	if s.lang == JSONata {
		key = "Arguments"
	}
	w.arguments = c.template(body, pointer, key, s.lang)
	config := c.object(body, pointer, "WriterConfig")
	if config == nil {
		w.transformation = "NONE"
		return w
	}
	pointer = pointerTo(pointer, "WriterConfig")
	w.transformation, _ = c.text(config, pointer, "Transformation")
	fill(&w.transformation, "NONE")
	if w.transformation != "NONE" && w.transformation != "COMPACT" && w.transformation != "FLATTEN" {
		c.fault(pointerTo(pointer, "Transformation"), "Transformation is %q, expected NONE, COMPACT or FLATTEN.", w.transformation)
	}
	format, _ := c.text(config, pointer, "OutputType")
	w.jsonLines = format == "JSONL"
	return w
}

// write stores the results, one file for each status, then the manifest; the state's result says where that is.
func (w *resultWriter) write(run *mapRun, then func(any, *Error)) {
	if !w.exports {
		then(w.results(run.children), nil)
		return
	}
	var successes, failures []*child
	for _, c := range run.children {
		if c.result.Status == Succeeded {
			successes = append(successes, c)
		} else {
			failures = append(failures, c)
		}
	}
	t := run.it.t
	target := t.effective
	if w.arguments != nil {
		v, err := w.arguments.Eval(&t.scope)
		if err != nil {
			t.resume(func() { t.evaluationFailed(err) })
			return
		}
		target = v
	}
	object, _ := target.(*Object)
	bucket, _ := object.Get("Bucket")
	prefix, _ := object.Get("Prefix")
	folder := strings.TrimSuffix(plainText(prefix), "/")
	if folder == "null" || folder == "" {
		folder = ""
	} else {
		folder += "/"
	}
	folder += run.arn[strings.LastIndexByte(run.arn, ':')+1:]
	store := &resultFiles{
		writer: w, run: run, bucket: bucket, folder: folder, then: then,
		manifest: ObjectOf("DestinationBucket", bucket, "MapRunArn", run.arn),
	}
	listed := NewObject()
	for _, status := range []struct {
		name    string
		results []any
	}{{"FAILED", w.results(failures)}, {"PENDING", nil}, {"SUCCEEDED", w.results(successes)}} {
		files := []any{}
		if len(status.results) > 0 {
			key := folder + "/" + status.name + "_0.json"
			text := w.encode(status.results)
			files = append(files, ObjectOf("Key", key, "Size", int64(len(text))))
			store.pending = append(store.pending, resultFile{key, text})
		}
		listed.Set(status.name, files)
	}
	store.manifest.Set("ResultFiles", listed)
	store.pending = append(store.pending, resultFile{folder + "/manifest.json", EncodeString(store.manifest)})
	store.next()
}

// resultFiles are the files that a writer still has to store, one after another.
type resultFiles struct {
	writer   *resultWriter
	run      *mapRun
	bucket   any
	folder   string
	manifest *Object
	pending  []resultFile
	then     func(any, *Error)
}

type resultFile struct{ key, text string }

func (s *resultFiles) next() {
	if len(s.pending) == 0 {
		s.then(ObjectOf("MapRunArn", s.run.arn, "ResultWriterDetails",
			ObjectOf("Bucket", s.bucket, "Key", s.folder+"/manifest.json")), nil)
		return
	}
	file := s.pending[0]
	s.pending = s.pending[1:]
	input := ObjectOf("Bucket", s.bucket, "Key", file.key, "Body", file.text)
	s.run.io = s.run.it.t.call(s.writer.resource, input, func(_ any, err *Error) {
		if err != nil {
			s.then(nil, &Error{Name: ErrorResultWriter, Cause: err.Cause})
			return
		}
		s.next()
	})
}

func (w *resultWriter) encode(results []any) string {
	if !w.jsonLines {
		return EncodeString(results)
	}
	var b []byte
	for _, result := range results {
		b = append(AppendJSON(b, result), '\n')
	}
	return string(b)
}

// results are the entries for the children: everything about an execution, or its output only. Of one that failed it
// is always everything.
func (w *resultWriter) results(children []*child) []any {
	results := []any{}
	for _, c := range children {
		items, isArray := c.result.Output.([]any)
		switch {
		case c.result.Status != Succeeded || w.transformation == "NONE":
			results = append(results, c.entry())
		case w.transformation == "FLATTEN" && isArray:
			results = append(results, items...)
		default:
			results = append(results, c.result.Output)
		}
	}
	return results
}

// entry is an execution in a result file.
func (c *child) entry() *Object {
	r := c.result
	included := ObjectOf("Included", true)
	start, stop := dates(r)
	e := ObjectOf("ExecutionArn", c.x.id.Arn)
	if r.HasCause {
		e.Set("Cause", r.Cause)
	}
	if r.HasError {
		e.Set("Error", r.Error)
	}
	e.Set("Input", EncodeString(c.input))
	e.Set("InputDetails", included)
	e.Set("Name", c.x.id.Name)
	if r.Status == Succeeded {
		e.Set("Output", EncodeString(r.Output))
		e.Set("OutputDetails", included)
	}
	e.Set("RedriveCount", int64(0))
	e.Set("RedriveStatus", "NOT_REDRIVABLE")
	e.Set("StartDate", start)
	e.Set("StateMachineArn", c.x.id.MachineArn)
	e.Set("Status", string(r.Status))
	e.Set("StopDate", stop)
	return e
}
