// Package machine joins steps of work into one Step Functions state machine.
//
// Each step's definition is a file in Amazon States Language beside its construct, and a state machine by itself: it opens in
// Workflow Studio, and the lab runs it. Joining replaces only the two states at which a step ends.
package machine

import "github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

// Names of the two states at which a step ends. Joined, Done becomes the first state of the next step, and ReportFailure the
// state that tells of the failure; alone, they are a Succeed and a Fail state.
const (
	Done          = "Done"
	ReportFailure = "Report failure"
)

// Step is one piece of work. Its input is an object, which it hands on with its own result added, under a key of its own; when
// it starts by an object that landed, the input has bucket and key. Its tasks catch States.ALL with the error added to the
// input as error, and go on to ReportFailure.
type Step struct {
	Definition    []byte                   // in JSONata, with ${substitutions}; the names of its states are its own
	Substitutions map[string]any           // values of its ${names}, which no other step has; ${Partition}, ${Region} and ${TopicArn} are the machine's
	Timeouts      map[string]int           // TimeoutSeconds by name of a state: a number cannot be substituted
	Statements    []awsiam.PolicyStatement // what the machine's role may do for it
	Minutes       int                      // the longest that it takes, its retries included
}
