package check

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"example.com/pipewright/scaffold/cfn"
)

const functionType = "AWS::Lambda::Function"

var (
	// Source: AWS Lambda Developer Guide, "Lambda runtimes", deprecated or about to be, read 2026-11.
	oldRuntime = regexp.MustCompile(`python3\.[0-9]$|python3\.10|nodejs1|nodejs20|python2`)
	secretName = regexp.MustCompile(`(?i)PASS|SECRET|TOKEN|KEY`)
)

var lambdaRules = []Rule{
	{
		ID: "LA-01", Sentence: "A function's runtime is supported", Source: "Security Hub Lambda.2", Mend: "use a newer runtime", on: each(functionType),
		got: func(v *view, id string) string {
			runtime := cfn.Text(v.get(id, "Runtime"))
			return unless(!oldRuntime.MatchString(runtime), "Runtime is "+runtime)
		},
	},
	{
		ID: "LA-02", Sentence: "A function's memory and timeout are written out", Source: "AWS Lambda Developer Guide, Configure Lambda function memory, timeout", Mend: "set MemorySize and Timeout", on: each(functionType),
		got: func(v *view, id string) string {
			return unless(v.get(id, "MemorySize") != nil && v.get(id, "Timeout") != nil, "no MemorySize or no Timeout")
		},
	},
	{ID: "LA-03", Sentence: "A function is traced", Source: "Security Hub Lambda.7", Mend: "set Tracing", on: each(functionType), got: has("TracingConfig")},
	{
		ID: "LA-04", Sentence: "A function's failed asynchronous calls are kept", Source: "AWS Lambda Developer Guide, Capturing records of asynchronous invocations", Mend: "set a dead-letter queue or a failure destination", on: each(functionType),
		got: func(v *view, id string) string {
			return unless(given(v.get(id, "DeadLetterConfig")) || v.anyRefers("AWS::Lambda::EventInvokeConfig", id, "FunctionName"), "neither DeadLetterConfig nor EventInvokeConfig")
		},
	},
	{
		ID: "LA-05", Sentence: "A function has a log group of its own", Source: "AWS Lambda Developer Guide, Configuring CloudWatch log groups", Mend: "set LogGroup", on: each(functionType),
		got: func(v *view, id string) string {
			return unless(given(v.get(id, "LoggingConfig")) || v.anyRefers(logGroupType, id, "LogGroupName"), "no LoggingConfig and no log group")
		},
	},
	{ID: "LA-06", Sentence: "A function's concurrency is limited", Source: "AWS Lambda Developer Guide, Configuring reserved concurrency", Switch: true, Mend: "set ReservedConcurrentExecutions, if the account's quota allows", on: each(functionType), got: written("ReservedConcurrentExecutions")},
	{ID: "LA-07", Sentence: "A function runs in a VPC", Source: "Security Hub Lambda.3", Switch: true, Mend: "set Vpc, which costs a NAT gateway or endpoints", on: each(functionType), got: has("VpcConfig")},
	{
		ID: "LA-08", Sentence: "A function's environment holds no secret", Source: "AWS Lambda Developer Guide, Working with environment variables (securing)", Mend: "read it from Secrets Manager", on: each(functionType),
		got: func(v *view, id string) string {
			variables, _ := v.get(id, "Environment", "Variables").(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(variables)) {
				if _, literal := variables[name].(string); literal && secretName.MatchString(name) {
					return fmt.Sprintf("the variable %s has a value in the template", name)
				}
			}
			return ""
		},
	},
}
