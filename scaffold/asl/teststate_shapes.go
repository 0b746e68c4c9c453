package asl

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// shapesJSON says what actions of AWS services answer; testdata/shapes.py makes it from the services' public models.
//
//go:embed shapes.json
var shapesJSON []byte

var responseShapes = sync.OnceValue(func() *Object {
	value, _ := Decode(shapesJSON)
	shapes, _ := value.(*Object)
	return shapes
})

// optimizedServices are the names of optimized integrations that differ from those of the SDK integrations.
var optimizedServices = map[string]string{
	"events": "eventbridge", "states": "sfn", "emr-serverless": "emrserverless",
}

// jobResults are the actions whose answer a .sync integration gives when the job is done.
var jobResults = map[string]string{
	"states:startExecution": "describeExecution", "glue:startJobRun": "getJobRun", "athena:startQueryExecution": "getQueryExecution",
	"emr-serverless:startJobRun": "getJobRun",
}

// mockChecker checks a mocked answer against the API of the service.
type mockChecker struct {
	shapes   *Object
	required bool // STRICT: what the API always answers must be there
}

// checkMock checks the mocked result of a task. An action that the table does not have is not checked, nor is the
// payload of a Lambda function, which is the function's own.
// Source: AWS Step Functions Developer Guide, "Using TestState API to test a state", read 2026-11.
func checkMock(r *resource, result any, strict bool) *APIError {
	name, isSDK := strings.CutPrefix(r.service, "aws-sdk:")
	if other := optimizedServices[name]; other != "" && !isSDK {
		name = other
	}
	service, _ := responseShapes().Get(name)
	shapes, ok := service.(*Object)
	if !ok || r.pattern == WaitForTaskToken || r.pattern == FunctionTask || r.pattern == ActivityTask {
		return nil
	}
	action := r.action
	if job := jobResults[r.service+":"+r.action]; job != "" && (r.pattern == RunJob || r.pattern == RunJob2) {
		action = job
	}
	operations := childObject(shapes, "operations")
	if operations == nil || textOf(operations, action) == "" {
		return nil
	}
	shape := textOf(operations, action)
	answer, ok := result.(*Object)
	if !ok {
		return mockError("Mocked result must be a JSON object.")
	}
	if name == "lambda" && action == "invoke" {
		answer = answer.Clone()
		answer.Delete("Payload")
	}
	c := &mockChecker{shapes: shapes, required: strict}
	if problem := c.check("", shape, answer); problem != "" {
		return mockError("Mock result schema validation error: " + problem)
	}
	return nil
}

func mockError(message string) *APIError { return &APIError{"ValidationException", message} }

// check is what is wrong with the value of a field, or "".
func (c *mockChecker) check(field, kind string, value any) string {
	if value == nil {
		return ""
	}
	switch {
	case strings.HasPrefix(kind, "["):
		limits, member, _ := strings.Cut(kind[1:], "]")
		items, ok := value.([]any)
		if !ok {
			return mustBe(field, "an array")
		}
		for _, item := range items {
			if problem := c.check(field, member, item); problem != "" {
				return problem
			}
		}
		return lengthProblem(field, limits, len(items))
	case strings.HasPrefix(kind, "{}"):
		object, ok := value.(*Object)
		if !ok {
			return mustBe(field, "an object")
		}
		for key, item := range object.All() {
			if problem := c.check(key, kind[2:], item); problem != "" {
				return problem
			}
		}
		return ""
	case strings.HasPrefix(kind, "e:"):
		return c.enum(field, kind, value)
	}
	if fields, ok := c.shapes.Get(kind); ok {
		list, _ := fields.([]any)
		return c.structure(field, list, value)
	}
	return scalar(field, kind, value)
}

func mustBe(field, what string) string { return fmt.Sprintf("Field '%s' must be %s", field, what) }

func (c *mockChecker) enum(field, kind string, value any) string {
	text, ok := value.(string)
	if !ok {
		return mustBe(field, "a string")
	}
	values, _ := c.shapes.Get(kind)
	if list, _ := values.([]any); slices.Contains(list, any(text)) {
		return ""
	}
	return fmt.Sprintf("Field '%s' is not an expected value", field)
}

// structure checks the fields that the API has; those that it does not have are let through.
func (c *mockChecker) structure(field string, fields []any, value any) string {
	object, ok := value.(*Object)
	if !ok {
		return mustBe(field, "an object")
	}
	for _, item := range fields {
		entry, _ := item.([]any) // [name, kind] or [name, kind, true]: required
		if len(entry) < 2 {
			continue
		}
		name, _ := entry[0].(string)
		fieldKind, _ := entry[1].(string)
		content, found := object.Get(name)
		if !found && len(entry) > 2 && c.required {
			return fmt.Sprintf("Required field '%s' is missing", name)
		}
		if problem := c.check(name, fieldKind, content); found && problem != "" {
			return problem
		}
	}
	return ""
}

func scalar(field, kind string, value any) string {
	limits := kind[1:]
	switch kind[0] {
	case 'n':
		n, ok := toFloat(value)
		if !ok {
			return mustBe(field, "a number")
		}
		low, high := limitsOf(limits)
		switch {
		case low != nil && n < *low:
			return fmt.Sprintf("Field '%s' is less than the minimum value", field)
		case high != nil && n > *high:
			return fmt.Sprintf("Field '%s' exceeds the maximum value", field)
		}
		return ""
	case 'b':
		if _, ok := value.(bool); !ok {
			return mustBe(field, "a boolean")
		}
		return ""
	}
	text, ok := value.(string)
	if !ok {
		return mustBe(field, "a string")
	}
	return lengthProblem(field, limits, len([]rune(text)))
}

func lengthProblem(field, limits string, length int) string {
	low, high := limitsOf(limits)
	switch {
	case low != nil && float64(length) < *low:
		return fmt.Sprintf("Field '%s' is smaller than the minimum length", field)
	case high != nil && float64(length) > *high:
		return fmt.Sprintf("Field '%s' exceeds the maximum length", field)
	}
	return ""
}

// limitsOf reads low..high, either of which may be missing.
func limitsOf(text string) (low, high *float64) {
	first, last, _ := strings.Cut(text, "..")
	if n, err := strconv.ParseFloat(first, 64); err == nil {
		low = &n
	}
	if n, err := strconv.ParseFloat(last, 64); err == nil {
		high = &n
	}
	return low, high
}
