package asl

import (
	"slices"
	"strings"
)

// integrations are the optimized service integrations: the actions, and after a colon the patterns that each knows
// (s: .sync, t: .waitForTaskToken).
// Source: AWS Step Functions Developer Guide, "Integrating optimized services with Step Functions", read 2026-11.
var integrations = map[string]string{
	"apigateway": "invoke:t", "athena": "startQueryExecution:s stopQueryExecution getQueryExecution getQueryResults",
	"batch": "submitJob:s", "bedrock": "invokeModel:t createModelCustomizationJob:s",
	"codebuild": "startBuild:s stopBuild batchDeleteBuilds batchGetReports startBuildBatch:s stopBuildBatch retryBuildBatch:s deleteBuildBatch",
	"databrew":  "startJobRun:s", "dynamodb": "getItem putItem updateItem deleteItem", "ecs": "runTask:st",
	"eks": "createCluster:s deleteCluster:s createFargateProfile:s deleteFargateProfile:s createNodegroup:s deleteNodegroup:s runJob:s call:s",
	"elasticmapreduce": "createCluster:s terminateCluster:s addStep:s cancelStep setClusterTerminationProtection " +
		"modifyInstanceFleetByName modifyInstanceGroupByName",
	"emr-containers": "createVirtualCluster deleteVirtualCluster:s startJobRun:s",
	"emr-serverless": "createApplication:s startApplication:s stopApplication:s deleteApplication:s startJobRun:s cancelJobRun:s",
	"events":         "putEvents:t", "glue": "startJobRun:s", "http": "invoke", "lambda": "invoke:t", "mediaconvert": "createJob:s",
	"sagemaker": "createTrainingJob:s createTransformJob:s createHyperParameterTuningJob:s createLabelingJob:s createProcessingJob:s " +
		"createEndpoint createEndpointConfig createModel updateEndpoint",
	"sns": "publish:t", "sqs": "sendMessage:t", "states": "startExecution:st",
}

// checkTask checks the Resource, and what depends on it.
func (v *validator) checkTask(state *Object, p place) {
	value, ok := state.Get("Resource")
	if !ok {
		return
	}
	at := p.key("Resource")
	arn, ok := v.text(at, value)
	if !ok {
		return
	}
	r, valid := parseResource(arn)
	switch {
	case !strings.HasPrefix(arn, "arn:") || strings.Count(arn, ":") < 5:
		v.schema(at, "resource-arn", "Value is not a valid resource ARN")
		return
	case !valid || !r.known():
		v.schema(at, "resource-known", "The resource provided %s is not recognized. The value is not a valid resource ARN, "+
			"or the resource is not available in this region.", arn)
		return
	}
	if v.express {
		switch r.pattern {
		case ActivityTask:
			v.schema(at, "express-activity", "Express state machine does not support Activity ARN")
		case RunJob, RunJob2, WaitForTaskToken:
			pattern := strings.TrimSuffix(string(r.pattern), ":2")
			v.schema(at, "express-pattern", "Express state machine does not support '%s' service integration ", pattern)
		}
	}
	v.credentials(p.key("Credentials"), state, &r)
}

// known reports whether the service has the action, with the pattern.
func (r *resource) known() bool {
	switch {
	case r.pattern == FunctionTask || r.pattern == ActivityTask:
		return true
	case strings.HasPrefix(r.service, "aws-sdk:"):
		return r.pattern == RequestResponse || r.pattern == WaitForTaskToken
	}
	for entry := range strings.FieldsSeq(integrations[r.service]) {
		action, patterns, _ := strings.Cut(entry, ":")
		if action != r.action {
			continue
		}
		switch r.pattern {
		case RunJob:
			return strings.Contains(patterns, "s")
		case RunJob2:
			return r.service == "states"
		case WaitForTaskToken:
			return strings.Contains(patterns, "t") || r.service == "eks" && slices.Contains([]string{"runJob", "call"}, action)
		}
		return true
	}
	return false
}

func (v *validator) credentials(p place, state *Object, r *resource) {
	value, ok := state.Get("Credentials")
	if !ok {
		return
	}
	if r.pattern == ActivityTask {
		v.schema(p, "credentials", "The field 'Credentials' is not supported for activities")
	}
	object, ok := value.(*Object)
	if !ok {
		return // JSONata
	}
	_, plain := object.Get("RoleArn")
	_, dynamic := object.Get("RoleArn.$")
	if !plain && !dynamic {
		v.schema(p, "credentials", "The field 'RoleArn' is required but was missing")
	}
}
