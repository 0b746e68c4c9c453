package asl

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// bootstrap runs a handler as the Python runtime of Lambda does. It answers with one line: the kind of the answer, the
// virtual seconds that the handler slept, and the answer in Base64.
const bootstrap = `
import base64, json, sys, time, traceback, types
slept = 0.0
def sleep(seconds):
    global slept
    slept += seconds
time.sleep = sleep
source, name = open(sys.argv[1]).read(), sys.argv[2]
module = types.ModuleType("handler")
def answer(kind, data):
    print(kind, slept, base64.b64encode(data).decode())
def frames(error):
    out = []
    for f in traceback.extract_tb(error.__traceback__)[1:]:
        line = source.splitlines()[f.lineno - 1].strip() if f.filename == "/var/task/handler.py" else f.line
        out.append('  File "%s", line %d, in %s\n    %s\n' % (f.filename, f.lineno, f.name, line))
    return out
try:
    exec(compile(source, "/var/task/handler.py", "exec"), module.__dict__)
    context = types.SimpleNamespace(aws_request_id="REQUEST", function_name="function", function_version="$LATEST",
        memory_limit_in_mb=128, get_remaining_time_in_millis=lambda: 60000)
    result = getattr(module, name)(json.loads(sys.stdin.read()), context)
    answer("ok", result if isinstance(result, bytes) else json.dumps(result, ensure_ascii=False).encode())
except Exception as error:
    answer("error", json.dumps({"errorMessage": str(error), "errorType": type(error).__name__,
        "requestId": "REQUEST", "stackTrace": frames(error)}, separators=(",", ":")).encode())
`

// function is a Lambda function with its source in Python.
type function struct {
	name, source, handler string
	environment           []string
}

// lambda runs functions for real, with python3.
type lambda struct {
	t         *testing.T
	functions map[string]function
	qualify   func(name string) string // the ARN of a function
}

func (l *lambda) find(name string) (function, bool) {
	if strings.HasPrefix(name, "arn:") {
		name = strings.Split(name, ":")[6]
	}
	f, ok := l.functions[name]
	return f, ok
}

// run is the payload that the function answers with, or its error, and how long it slept.
func (l *lambda) run(ctx context.Context, f function, event any) (payload []byte, failed bool, slept time.Duration, err error) {
	folder := l.t.TempDir()
	for name, text := range map[string]string{"bootstrap.py": bootstrap, "handler.py": f.source} {
		if err = os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return nil, false, 0, err
		}
	}
	command := exec.CommandContext(ctx, "python3", filepath.Join(folder, "bootstrap.py"), filepath.Join(folder, "handler.py"), f.handler)
	command.Env = append(os.Environ(), f.environment...)
	command.Stdin = bytes.NewReader(Encode(event))
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return nil, false, 0, fmt.Errorf("python3: %w: %s", err, stderr.String())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	fields := strings.Split(lines[len(lines)-1], " ")
	seconds, _ := strconv.ParseFloat(fields[1], 64)
	payload, err = base64.StdEncoding.DecodeString(fields[2])
	return payload, fields[0] == "error", time.Duration(seconds * float64(time.Second)), err
}

// Call answers a call of a function, by its ARN or by lambda:invoke.
func (l *lambda) Call(ctx context.Context, call *Call) error {
	name, event := call.Resource, call.Input
	if call.Pattern != FunctionTask {
		input, _ := call.Input.(*Object)
		v, _ := input.Get("FunctionName")
		name = plainText(v)
		event, _ = input.Get("Payload")
		if text, ok := event.(string); ok { // a string is the payload's bytes
			if decoded, err := DecodeString(text); err == nil {
				event = decoded
			}
		}
		if event == nil {
			event = NewObject()
		}
	}
	f, ok := l.find(name)
	if !ok {
		call.Fail("Lambda.ResourceNotFoundException", fmt.Sprintf(
			"Function not found: %s:$LATEST (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: %s; Proxy: null)",
			l.qualify(name), call.Clock.run.uuid()))
		return nil
	}
	payload, failed, slept, err := l.run(ctx, f, event)
	if err != nil {
		return err
	}
	finish := func() { l.finish(call, payload, failed) }
	if slept == 0 {
		finish()
		return nil
	}
	call.Clock.After(slept, finish)
	return nil
}

func (l *lambda) finish(call *Call, payload []byte, failed bool) {
	id := call.Clock.run.uuid()
	if failed {
		cause := strings.Replace(string(payload), "REQUEST", id, 1)
		v, _ := DecodeString(cause)
		kind, _ := v.(*Object).Get("errorType")
		call.Fail(plainText(kind), cause)
		return
	}
	var result any = string(payload)
	if v, err := Decode(payload); err == nil {
		result = v
	}
	switch call.Pattern {
	case FunctionTask:
		call.Succeed(result)
	case WaitForTaskToken:
		call.Submit(invoked(result, len(payload), id))
	default:
		call.Succeed(invoked(result, len(payload), id))
	}
}

// invoked is the answer of lambda:invoke.
func invoked(payload any, size int, id string) *Object {
	headers := []struct{ name, value string }{
		{"X-Amz-Executed-Version", "$LATEST"},
		{"x-amzn-Remapped-Content-Length", "0"},
		{"Connection", "keep-alive"},
		{"x-amzn-RequestId", id},
		{"Content-Length", strconv.Itoa(size)},
		{"Date", "Thu, 01 Jan 2026 00:00:00 GMT"},
		{"X-Amzn-Trace-Id", "root=1-5;parent=0;sampled=0"},
		{"Content-Type", "application/json"},
	}
	all, plain := NewObject(), NewObject()
	for _, h := range headers {
		all.Set(h.name, []any{h.value})
		plain.Set(h.name, h.value)
	}
	return ObjectOf("ExecutedVersion", "$LATEST", "Payload", payload,
		"SdkHttpMetadata", ObjectOf("AllHttpHeaders", all, "HttpHeaders", plain, "HttpStatusCode", int64(200)),
		"SdkResponseMetadata", ObjectOf("RequestId", id), "StatusCode", int64(200))
}
