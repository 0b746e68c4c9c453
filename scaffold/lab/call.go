package lab

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// caller is who calls an API: a role that somebody has assumed, or a service for a resource of its own.
type caller struct {
	Role    string // ARN; empty for a service
	Service string // for example events.amazonaws.com
	Source  string // ARN of the resource for which the service calls, or assumes the role
}

// apiError is what an API answers instead of a result.
type apiError struct {
	Code    string // as the service's API reference names it, for example ConcurrentRunsExceededException
	Message string
	// Retriable says whether the service itself would have the call repeated: throttling, an internal error.
	Retriable bool
}

func (e *apiError) Error() string { return e.Code + ": " + e.Message }

func failed(code, format string, args ...any) *apiError {
	return &apiError{Code: code, Message: fmt.Sprintf(format, args...)}
}

// validation is what several services answer to a request that they do not understand.
const validation = "ValidationException"

func invalid(format string, args ...any) *apiError { return failed(validation, format, args...) }

// handler answers a call. The input has the names of the API reference, with a capital at the start whatever the service's own
// spelling is.
type handler func(l *Lab, by caller, input map[string]any) (map[string]any, *apiError)

// handlers by service and action, in lower case: glue:startjobrun.
func (l *Lab) handlers() map[string]handler {
	all := map[string]handler{}
	for _, service := range []map[string]handler{busActions, queueActions, topicActions, functionActions, crawlerActions, catalogActions, jobActions, workflowActions, machineActions, storeActions, sparkActions, batchActions, tableActions, redshiftActions} {
		maps.Copy(all, service)
	}
	return all
}

// call calls an API. What the lab has no answer for breaks the run, because any made-up answer would be believed.
func (l *Lab) call(by caller, action string, input map[string]any) (map[string]any, *apiError) {
	answer, ok := l.actions[strings.ToLower(action)]
	if !ok {
		return nil, l.unknown(action)
	}
	if err := l.faults.refuse(action); err != nil {
		return nil, err
	}
	return answer(l, by, capitals(input))
}

func (l *Lab) unknown(action string) *apiError {
	l.broken(l.missing(action))
	return failed("UnknownOperationException", "the lab has no %s", action)
}

// missing says that the lab does not have an action, and which it has.
func (l *Lab) missing(action string) error {
	service, _, _ := strings.Cut(strings.ToLower(action), ":")
	var has []string
	for known := range l.actions {
		if strings.HasPrefix(known, service+":") {
			has = append(has, known)
		}
	}
	if len(has) == 0 {
		return fmt.Errorf("the lab has no %s (it is asked for %s)", cmp.Or(serviceNames[service], service), action)
	}
	slices.Sort(has)
	return fmt.Errorf("the lab has no %s, expected one of %s", action, strings.Join(has, ", "))
}

// serviceNames are what people call services that the lab has nothing of.
var serviceNames = map[string]string{"athena": "Athena", "ecs": "Amazon ECS"}

// capitals gives each key a capital at the start: services differ in it, and so do the integrations that call them.
func capitals(input map[string]any) map[string]any {
	out := make(map[string]any, len(input))
	for key, value := range input {
		if key != "" {
			key = strings.ToUpper(key[:1]) + key[1:]
		}
		out[key] = value
	}
	return out
}

func text(input map[string]any, key string) string {
	value, _ := input[key].(string)
	return value
}

// last is what follows the last of a separator; a name that ends an ARN.
func last(whole, separator string) string {
	return whole[strings.LastIndex(whole, separator)+1:]
}
