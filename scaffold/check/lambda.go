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
	// Source: AWS Lambda Developer Guide, "Lambda runtimes", deprecated before 2026-12, read 2026-11.
	oldRuntime = regexp.MustCompile(`^(python2.*|python3\.([0-9]|10)|nodejs|nodejs[0-9]\..*|nodejs1.*|nodejs20\.x|` +
		`ruby2\..*|ruby3\.2|java8|go1\.x|provided|provided\.al2|dotnetcore.*|dotnet[5-8](\.0)?)$`)
	secretName = regexp.MustCompile(`(?i)PASS|SECRET|TOKEN|KEY`)
)

var lambdaRules = []Rule{
	{
		ID: "LA-01", on: each(functionType),
		Sentence: "A function's runtime is supported",
		Source:   "Security Hub Lambda.2",
		Mend:     "use a newer runtime",
		got: func(v *view, id string) string {
			runtime := v.get(id, "Runtime")
			return unless(!oldRuntime.MatchString(cfn.Text(runtime)), is("Runtime", runtime))
		},
	},
	{
		ID: "LA-02", on: each(functionType),
		Sentence: "A function's memory and timeout are written out",
		Source:   "AWS Lambda Developer Guide, Configure Lambda function memory, timeout",
		Mend:     "set MemorySize and Timeout",
		got:      written("MemorySize", "Timeout"),
	},
	{
		ID: "LA-03", on: each(functionType),
		Sentence: "A function is traced",
		Source:   "Security Hub Lambda.7",
		Mend:     "set Tracing to ACTIVE",
		got:      equals("Active", "TracingConfig", "Mode"),
	},
	{
		ID: "LA-04", on: each(functionType),
		Sentence: "A function's failed asynchronous calls are kept",
		Source:   "AWS Lambda Developer Guide, Capturing records of asynchronous invocations",
		Mend:     "set a dead-letter queue or a failure destination",
		got: func(v *view, id string) string {
			return unless(given(v.get(id, "DeadLetterConfig")) || v.hasFailureDestination(id), "no DeadLetterConfig and no OnFailure destination")
		},
	},
	{
		ID: "LA-05", on: each(functionType),
		Sentence: "A function has a log group of its own",
		Source:   "AWS Lambda Developer Guide, Configuring CloudWatch log groups",
		Mend:     "set LogGroup",
		got: func(v *view, id string) string {
			return unless(given(v.get(id, "LoggingConfig")) || v.anyRefers(logGroupType, id, "LogGroupName"), "no LoggingConfig and no log group")
		},
	},
	{
		ID: "LA-06", on: each(functionType), Switch: true,
		Sentence: "A function's concurrency is limited",
		Source:   "AWS Lambda Developer Guide, Configuring reserved concurrency",
		Mend:     "set ReservedConcurrentExecutions, if the account's quota allows",
		got:      written("ReservedConcurrentExecutions"),
	},
	{
		ID: "LA-07", on: each(functionType), Switch: true,
		Sentence: "A function runs in a VPC",
		Source:   "Security Hub Lambda.3",
		Mend:     "set Vpc, which costs a NAT gateway or endpoints",
		got:      has("VpcConfig"),
	},
	{
		ID: "LA-08", on: each(functionType),
		Sentence: "A function's environment holds no secret",
		Source:   "AWS Lambda Developer Guide, Working with environment variables (securing)",
		Mend:     "read it from Secrets Manager",
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

func (v *view) hasFailureDestination(function string) bool {
	return slices.ContainsFunc(v.ByType("AWS::Lambda::EventInvokeConfig"), func(config string) bool {
		return cfn.Refers(v.get(config, "FunctionName"), function) && given(v.get(config, "DestinationConfig", "OnFailure"))
	})
}
