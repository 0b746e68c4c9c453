package asl

import (
	"context"
	"fmt"
	"testing"
)

// world is the services that a recording had, as far as the tests have them.
type world struct {
	*lambda
}

func newWorld(t *testing.T, r recording) *world {
	w := &world{lambda: &lambda{t: t, functions: map[string]function{}}}
	w.qualify = func(name string) string { return "arn:aws:lambda:us-east-1:111111111111:function:" + name }
	for i := range r.list("lambdas") {
		l := r.list("lambdas")[i].(*Object)
		name, _ := l.Get("function_name")
		source, _ := l.Get("source")
		w.functions[name.(string)] = function{name: name.(string), source: source.(string), handler: "handler"}
	}
	return w
}

func (w *world) Call(ctx context.Context, call *Call) error {
	switch call.Service {
	case "lambda":
		return w.lambda.Call(ctx, call)
	}
	return fmt.Errorf("the tests have no service %s", call.Service)
}
