// Package project makes the stack that a pipeline lives in: its name, tags, outputs, and what a sandbox needs.
//
// Source: AWS CDK v2 Developer Guide, "Tags and the AWS CDK", "Best practices for developing and deploying cloud infrastructure".
package project

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/settings"
)

// Tags of every resource. expiry is an ISO 8601 duration counted from the stack's creation, or "never".
const (
	labExpiry  = "P7D"
	keepExpiry = "never"
	nobody     = "unknown"
)

// NewStack makes the stack and returns the settings to build it with: the given ones, or else those of the context.
// A setting that cannot be used is reported as an error of the stack, with which `cdk synth` fails.
func NewStack(scope constructs.Construct, id, description string, given *settings.Settings) (awscdk.Stack, settings.Settings) {
	var use settings.Settings
	var err error
	if given == nil {
		use, err = settings.FromContext(scope)
	} else {
		use = given.WithDefaults()
	}
	if err == nil {
		err = use.Check()
	}
	if use.Name == "" {
		use.Name = id
	}
	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		StackName:             &use.Name,
		Description:           &description,
		TerminationProtection: jsii.Bool(!use.Lab),
	})
	Refuse(stack, err)
	tag(stack, use)
	if use.Lab {
		explainEmptier(stack)
	}
	return stack, use
}

// Refuse reports an error of the stack, if there is one, with which `cdk synth` fails.
func Refuse(stack awscdk.Stack, err error) {
	if err != nil {
		awscdk.Annotations_Of(stack).AddError(jsii.String(err.Error()))
	}
}

func tag(stack awscdk.Stack, use settings.Settings) {
	tags := awscdk.Tags_Of(stack)
	tags.Add(jsii.String("project"), &use.Name, nil)
	owner, expiry := nobody, keepExpiry
	if use.Notify != "" {
		owner = use.Notify
	}
	if use.Lab {
		expiry = labExpiry
	}
	tags.Add(jsii.String("owner"), &owner, nil)
	tags.Add(jsii.String("expiry"), &expiry, nil)
}

// Output prints a value after the deployment.
func Output(stack awscdk.Stack, id, description string, value *string) {
	awscdk.NewCfnOutput(stack, &id, &awscdk.CfnOutputProps{Value: value, Description: &description})
}

// emptier is the id under which the CDK puts the function that empties a lab's buckets.
const emptier = "Custom::S3AutoDeleteObjectsCustomResourceProvider"

// emptierFindings are what `scaffold check` would say of that function, which is the CDK's and not ours to change.
var emptierFindings = map[string][]string{
	"Role":    {"IA-01", "IA-04"},
	"Handler": {"LA-03", "LA-04", "LA-05", "ST-01"},
}

// explainEmptier accepts those findings in the template itself, when the tree is complete. Outside a lab there is no such function.
func explainEmptier(stack awscdk.Stack) {
	awscdk.Aspects_Of(stack).Add(&explainer{}, nil)
}

// explainer is passed to the CDK by reference, as everything with methods is.
type explainer struct{}

// Visit implements awscdk.IAspect.
func (*explainer) Visit(node constructs.IConstruct) {
	if *node.Node().Id() != emptier {
		return
	}
	for child, findings := range emptierFindings {
		resource, ok := node.Node().TryFindChild(&child).(awscdk.CfnResource)
		if !ok {
			continue
		}
		accept := make([]any, 0, len(findings))
		for _, finding := range findings {
			accept = append(accept, map[string]any{
				"id": finding, "reason": "the CDK's own function, which empties the buckets when a lab is removed",
			})
		}
		resource.AddMetadata(jsii.String("pipewright"), map[string]any{"accept": accept})
	}
}
