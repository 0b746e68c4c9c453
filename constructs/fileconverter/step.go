package fileconverter

import (
	_ "embed"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"example.com/pipewright/constructs/machine"
	"example.com/pipewright/constructs/servicerole"
)

var (
	//go:embed fileconverter.asl.json
	definition []byte
	//go:embed refusedfiles.asl.json
	refusedDefinition []byte
)

const (
	tries       = 3 // as many as Lambda itself makes of an asynchronous call
	waitMinutes = 5 // between them, and for a service that is throttled
)

// Step converts as a step of a state machine: the file that landed, or else every one that has changed. A file that landed and
// cannot be converted fails the run; among many files it is left out.
// Source: AWS Step Functions Developer Guide, "Invoke an AWS Lambda function with Step Functions".
func (c *Converter) Step() machine.Step {
	try := c.props.TimeoutMinutes + 1 // the function ends first, and says why
	return machine.Step{
		Definition:    definition,
		Substitutions: map[string]any{"ConverterArn": c.FunctionArn(), "ReportsBucket": c.props.Curated.BucketName()},
		Timeouts:      map[string]int{"Convert files": try * 60},
		Statements:    []awsiam.PolicyStatement{servicerole.Allow([]string{"lambda:InvokeFunction"}, c.FunctionArn())},
		Minutes:       tries*try + waitMinutes,
	}
}

// Closing is the last step of a run that converted many files: it fails the run if some could not be, after the others are through.
func (c *Converter) Closing() machine.Step {
	return machine.Step{Definition: refusedDefinition, Substitutions: map[string]any{"ReportsBucket": c.props.Curated.BucketName()}}
}
