// The app: one line per stack. `npx cdk synth NAME` reviews one, `npx cdk deploy NAME` deploys it.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/stacks/airflow"
	"example.com/pipewright/stacks/eventfunction"
	"example.com/pipewright/stacks/glueworkflow"
	"example.com/pipewright/stacks/scheduledquery"
	"example.com/pipewright/stacks/statemachine"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	airflow.New(app, "Airflow", nil)
	eventfunction.New(app, "EventFunction", nil)
	glueworkflow.New(app, "GlueWorkflow", nil)
	scheduledquery.New(app, "ScheduledQuery", nil)
	statemachine.New(app, "StateMachine", nil)
	app.Synth(nil)
}
