package diagram

import (
	"fmt"
	"strings"

	"example.com/pipewright/scaffold/asl"
)

// longestLabel is how many letters stand at an arrow; the definition has the rest.
const longestLabel = 72

// services are the names of services as people write them, by how an ARN or a resource of a Task names them.
var services = map[string]string{
	"apigateway": "API Gateway", "athena": "Athena", "batch": "Batch", "bedrock": "Bedrock", "codebuild": "CodeBuild", "dynamodb": "DynamoDB",
	"ecs": "ECS", "eks": "EKS", "elasticmapreduce": "EMR", "emr-containers": "EMR on EKS", "emr-serverless": "EMR Serverless", "emrserverless": "EMR Serverless",
	"events": "EventBridge", "glue": "Glue", "databrew": "DataBrew", "http": "HTTP", "lambda": "Lambda", "mediaconvert": "MediaConvert",
	"redshiftdata": "Redshift Data API", "s3": "S3", "sagemaker": "SageMaker", "scheduler": "EventBridge Scheduler", "sfn": "Step Functions",
	"sns": "SNS", "sqs": "SQS", "states": "Step Functions",
}

// taskKind says in short what a Task calls: "arn:aws:states:::glue:startJobRun.sync" is Glue startJobRun.sync.
// Source: AWS Step Functions Developer Guide, "Task workflow state", Resource, read 2026-11.
func taskKind(resource string) string {
	if _, call, ok := strings.Cut(resource, ":states:::"); ok {
		call = strings.TrimPrefix(call, "aws-sdk:")
		service, action, _ := strings.Cut(call, ":")
		if name, ok := services[strings.ToLower(service)]; ok {
			service = name
		}
		return strings.TrimSpace(shorten(service+" "+action, labelWrap+8))
	}
	switch {
	case strings.Contains(resource, ":activity:"):
		return "Activity"
	case strings.Contains(resource, ":lambda:"):
		return "Lambda function"
	}
	return "Task"
}

// waitKind says how long a Wait state waits, if the definition does.
func waitKind(state *asl.Object) string {
	if seconds, ok := state.Get("Seconds"); ok {
		if _, isText := seconds.(string); !isText {
			return fmt.Sprintf("Wait %v s", seconds)
		}
	}
	if at := text(state, "Timestamp"); at != "" && !strings.HasPrefix(at, "{%") {
		return "Wait until " + at
	}
	return "Wait"
}

// condition says what a rule of a Choice asks. A comment, where there is one, says it in the words of whoever wrote it.
// Source: AWS Step Functions Developer Guide, "Choice workflow state", "Choice Rules", read 2026-11.
func condition(rule *asl.Object) string {
	if comment := text(rule, "Comment"); comment != "" {
		return comment
	}
	if expression := text(rule, "Condition"); expression != "" {
		expression = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(expression), "{%"), "%}")
		return strings.Join(strings.Fields(strings.ReplaceAll(expression, "$states.input.", "")), " ")
	}
	for _, connective := range []string{"And", "Or"} {
		if list, ok := rule.Get(connective); ok {
			var parts []string
			rules, _ := list.([]any)
			for _, element := range rules {
				if part, ok := element.(*asl.Object); ok {
					parts = append(parts, condition(part))
				}
			}
			return strings.Join(parts, " "+strings.ToLower(connective)+" ")
		}
	}
	if negated, ok := object(rule, "Not"); ok {
		return "not (" + condition(negated) + ")"
	}
	variable := strings.TrimPrefix(text(rule, "Variable"), "$.")
	for name, value := range rule.All() {
		if name != "Variable" && name != "Next" && name != "Assign" && name != "Output" {
			return compared(variable, name, value)
		}
	}
	return variable
}

// compared says a comparison such as NumericGreaterThanEqualsPath in signs.
func compared(variable, operator string, value any) string {
	operator, path := strings.CutSuffix(operator, "Path")
	shown := asl.EncodeString(value)
	if given, ok := value.(string); ok && path {
		shown = strings.TrimPrefix(given, "$.")
	}
	if what, ok := strings.CutPrefix(operator, "Is"); ok {
		not := ""
		if value == false {
			not = "not "
		}
		return variable + " is " + not + strings.ToLower(what)
	}
	for _, sign := range []struct{ suffix, sign string }{
		{"GreaterThanEquals", "≥"}, {"LessThanEquals", "≤"}, {"GreaterThan", ">"}, {"LessThan", "<"}, {"Equals", "="}, {"Matches", "matches"},
	} {
		if strings.HasSuffix(operator, sign.suffix) {
			return variable + " " + sign.sign + " " + shown
		}
	}
	return variable + " " + operator + " " + shown
}
