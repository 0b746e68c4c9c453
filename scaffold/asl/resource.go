package asl

import "strings"

// resource is the Resource of a Task state.
type resource struct {
	arn     string
	service string // "lambda", "aws-sdk:s3"; the resourceType of the history
	action  string // "invoke"
	label   string // "invoke.waitForTaskToken"; the resource of the history
	pattern Pattern
}

// parseResource takes an ARN apart. Lambda functions and activities are named by their own ARN, everything else by
// arn:aws:states:::service:action[.pattern].
func parseResource(arn string) (resource, bool) {
	r := resource{arn: arn}
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return r, false
	}
	switch service, rest := parts[2], parts[5]; {
	case service == "lambda":
		r.service, r.action, r.pattern = "lambda", "invoke", FunctionTask
	case service == "states" && strings.HasPrefix(rest, "activity:"):
		r.service, r.action, r.pattern = "activity", strings.TrimPrefix(rest, "activity:"), ActivityTask
	case service == "states":
		name, action, ok := strings.Cut(rest, ":")
		if name == "aws-sdk" {
			var sdk string
			sdk, action, ok = strings.Cut(action, ":")
			name += ":" + sdk
		}
		if !ok || action == "" {
			return r, false
		}
		r.service, r.label = name, action
		r.action, r.pattern = splitPattern(action)
	default:
		return r, false
	}
	return r, true
}

func splitPattern(action string) (string, Pattern) {
	for _, pattern := range []Pattern{RunJob, RunJob2, WaitForTaskToken} {
		if plain, ok := strings.CutSuffix(action, string(pattern)); ok {
			return plain, pattern
		}
	}
	return action, RequestResponse
}

// waits reports whether the result comes after the service's first answer.
func (r *resource) waits() bool {
	return r.pattern == RunJob || r.pattern == RunJob2 || r.pattern == WaitForTaskToken
}

// needsToken reports whether the Context object has a Task.Token.
func (r *resource) needsToken() bool {
	return r.pattern == WaitForTaskToken || r.pattern == ActivityTask
}
