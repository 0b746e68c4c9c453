package scheduledquery

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/privatenetwork"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/settings"
	"example.com/pipewright/constructs/warehouse"
)

// existing says whether the query runs in a workgroup that somebody else made.
func existing(use settings.Settings) bool { return use.Existing != settings.Existing{} }

// settleHome checks the names of an existing workgroup, and that EventBridge Scheduler starts what runs there: the Data API takes a name, a
// rule's target takes the ARN alone, with an id that only AWS knows.
// Source: Amazon EventBridge API, Target (RedshiftDataParameters); Amazon Redshift Data API, BatchExecuteStatement, WorkgroupName, read 2026-11.
func settleHome(stack awscdk.Stack, use *settings.Settings) {
	if !existing(*use) {
		return
	}
	if err := warehouse.CheckExisting(use.Existing.Workgroup, use.Existing.Database); err != nil {
		project.Refuse(stack, err)
		use.Existing.Workgroup = "unnamed" // the synth fails with our words, not with the CDK's
	}
	if !use.KeepLocalTime {
		awscdk.Annotations_Of(stack).AddInfo(jsii.String("an existing workgroup is known by its name, and a rule needs its ARN: EventBridge Scheduler starts the query, " +
			"at its local time all year and unseen by the Redshift console, and scheduleUtc is not used"))
	}
	use.KeepLocalTime = true
}

// home is where the query runs: an existing workgroup, or a warehouse of its own in a network of its own. The name is the statement's, and
// the key of the tag that permits it.
func home(stack awscdk.Stack, use settings.Settings, name string, role awsiam.IRole, key awskms.IKey, buckets ...awss3.IBucket) *warehouse.Warehouse {
	if existing(use) {
		return warehouse.Existing(stack, &warehouse.ExistingProps{Workgroup: use.Existing.Workgroup, Database: use.Existing.Database, Tag: name})
	}
	network := privatenetwork.New(stack, "Network", &privatenetwork.Props{Buckets: buckets, Key: key, Lab: use.Lab})
	return warehouse.New(stack, "Warehouse", &warehouse.Props{
		Name: use.Name, Key: key, Network: network, Role: role, TimeoutMinutes: use.LongestMinutes, Lab: use.Lab,
	})
}

// tellCommands says what has to be done once by hand.
func tellCommands(stack awscdk.Stack, use settings.Settings, house *warehouse.Warehouse, role awsiam.IRole) {
	if existing(use) {
		project.Output(stack, "AttachRole", "Run this once, so that the workgroup may read and write the two buckets", house.AttachCommand(role.RoleArn()))
		project.Output(stack, "AllowQuery", "Run this once, so that the schedule may run its statements in the workgroup", house.AllowCommand())
		return
	}
	project.Output(stack, "UsageLimit", "Run this once to stop the workgroup at 2 RPU-hours a week; CloudFormation cannot", house.LimitCommand())
}
