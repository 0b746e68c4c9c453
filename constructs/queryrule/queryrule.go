// Package queryrule runs SQL by time so that the Redshift console shows it among the scheduled queries: an EventBridge rule whose
// target is the Redshift Data API.
//
// The console finds the schedule by its names: those of rule and statement are the same and begin with QS2-. A rule runs in UTC; whoever
// wishes a local time all year needs scheduledstart instead, which the console does not show.
// Source: Amazon Redshift Management Guide, "Scheduling Amazon Redshift Data API operations with Amazon EventBridge"; AWS CDK API
// Reference, RedshiftQuery (the prefix QS2-).
package queryrule

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawsevents"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/ruletarget"
	"example.com/pipewright/constructs/warehouse"
)

// Prefix begins the names that the Redshift console looks for.
const Prefix = "QS2-"

// Props of the rule.
type Props struct {
	Name        string // of rule and statement; begins with Prefix
	Expression  string // cron() in UTC, or rate()
	Description string
	Warehouse   *warehouse.Warehouse
	Statements  []*string // SQL, run in order as one transaction
	DeadLetters awssqs.Queue
}

// New makes the rule, and a role that may run SQL in the warehouse and nothing else.
func New(scope constructs.Construct, id string, props *Props) awsevents.Rule {
	within := constructs.NewConstruct(scope, &id)
	return awsevents.NewRule(within, jsii.String("Rule"), &awsevents.RuleProps{
		RuleName:    &props.Name,
		Description: &props.Description,
		Schedule:    awsevents.Schedule_Expression(&props.Expression),
		Targets: &[]awsevents.IRuleTarget{&target{
			Target: ruletarget.NewWithRoleThatMay(within, "Role", props.Warehouse.MayRun(), props.Warehouse.Arn, props.DeadLetters),
			data: &awsevents.CfnRule_RedshiftDataParametersProperty{
				Database: &props.Warehouse.Database, Sqls: &props.Statements, StatementName: &props.Name, WithEvent: jsii.Bool(true),
			},
		}},
	})
}

// target adds the Data API's parameters to a target. It implements awsevents.IRuleTarget.
type target struct {
	*ruletarget.Target
	data *awsevents.CfnRule_RedshiftDataParametersProperty
}

// Bind tells the rule what to put into its target list.
func (t *target) Bind(rule interfacesawsevents.IRuleRef, id *string) *awsevents.RuleTargetConfig {
	config := t.Target.Bind(rule, id)
	config.RedshiftDataParameters = t.data
	return config
}
