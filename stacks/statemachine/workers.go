package statemachine

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"example.com/pipewright/constructs/batchjob"
	"example.com/pipewright/constructs/crawlstep"
	"example.com/pipewright/constructs/emrjob"
	"example.com/pipewright/constructs/etljob"
	"example.com/pipewright/constructs/gluesecurity"
	"example.com/pipewright/constructs/lakebucket"
	"example.com/pipewright/constructs/machine"
	"example.com/pipewright/constructs/privatenetwork"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/querystep"
	"example.com/pipewright/constructs/s3crawler"
	"example.com/pipewright/constructs/warehouse"
	"example.com/pipewright/constructs/weatherexport"
)

// Values of work that are done by a service, as answers.yaml names them.
const (
	crawler     = "crawler"
	glueJob     = "glue-job"
	emrJob      = "emr-job"
	batchJob    = "batch-job"
	redshiftSQL = "redshift-sql"
)

// maxDailySeconds is the compute of a day beyond which an alarm tells: an hour at the base capacity, about 3 USD.
const maxDailySeconds = warehouse.BaseRPU * 3600

func (p *pipeline) crawl() machine.Step {
	return *crawlstep.New(p.stack, &crawlstep.Props{
		Crawler: s3crawler.New(p.stack, "Crawl", &s3crawler.Props{
			Bucket: p.landing, Prefix: p.use.Prefix, Key: p.key, Security: p.glueSecurity(),
		}),
		TimeoutMinutes: p.use.LongestMinutes,
	})
}

func (p *pipeline) load() machine.Step {
	p.written = writtenTo{p.curated, etljob.Monthly}
	return etljob.New(p.stack, "Etl", &etljob.Props{
		Landing: p.landing, Prefix: p.use.Prefix, Curated: p.curated, Key: p.key, Security: p.glueSecurity(), TimeoutMinutes: p.use.LongestMinutes,
	}).Step()
}

func (p *pipeline) spark() machine.Step {
	p.written = writtenTo{p.curated, etljob.Monthly}
	return emrjob.New(p.stack, "Spark", &emrjob.Props{
		Landing: p.landing, Prefix: p.use.Prefix, Curated: p.curated, Key: p.key, TimeoutMinutes: p.use.LongestMinutes, Lab: p.use.Lab,
	}).Step
}

func (p *pipeline) container() machine.Step {
	p.written = writtenTo{p.curated, "profiles/"}
	return batchjob.New(p.stack, "Container", &batchjob.Props{
		Landing: p.landing, Prefix: p.use.Prefix, Curated: p.curated, Network: p.network(), Key: p.key,
		VCPU: p.use.Container.VCPU, MemoryMiB: p.use.Container.MemoryMiB, TimeoutMinutes: p.use.LongestMinutes, Lab: p.use.Lab,
	}).Step
}

// query exports to a bucket of its own, which it replaces as a whole.
func (p *pipeline) query() machine.Step {
	exports := p.exports()
	p.written = writtenTo{exports, weatherexport.Folder}
	export := weatherexport.New(p.stack, "Export", &weatherexport.Props{Landing: p.landing, Prefix: p.use.Prefix, Exports: exports, Key: p.key})
	project.Output(p.stack, "ExportsBucket", "Find the export here, under "+weatherexport.Folder, exports.BucketName())
	props := &querystep.Props{Name: strings.ToLower(p.use.Name), Statements: export.Statements, TimeoutMinutes: p.use.LongestMinutes}
	if existing(p.use) {
		props.Warehouse = p.existingWarehouse(props.Name, export.Role)
		props.Statements = append([]*string{warehouse.StopAfter(p.use.LongestMinutes)}, export.Statements...)
	} else {
		props.Warehouse = p.ownWarehouse(export.Role)
	}
	return *querystep.New(p.stack, props)
}

func (p *pipeline) ownWarehouse(role awsiam.IRole) *warehouse.Warehouse {
	house := warehouse.New(p.stack, "Warehouse", &warehouse.Props{
		Name: p.use.Name, Key: p.key, Network: p.network(), Role: role, TimeoutMinutes: p.use.LongestMinutes, Lab: p.use.Lab,
	})
	p.watch.WatchFrom("ComputeUsed", "The warehouse used more compute in a day than an hour at its base capacity", house.ComputeSeconds(), maxDailySeconds)
	project.Output(p.stack, "UsageLimit", "Run this once to stop the workgroup at 2 RPU-hours a week; CloudFormation cannot", house.LimitCommand())
	return house
}

// existingWarehouse has no alarm on its compute: what others run there counts, too.
func (p *pipeline) existingWarehouse(tag string, role awsiam.IRole) *warehouse.Warehouse {
	house := warehouse.Existing(p.stack, &warehouse.ExistingProps{Workgroup: p.use.Existing.Workgroup, Database: p.use.Existing.Database, Tag: tag})
	project.Output(p.stack, "AttachRole", "Run this once, so that the workgroup may read and write the two buckets", house.AttachCommand(role.RoleArn()))
	project.Output(p.stack, "AllowQuery", "Run this once, so that the state machine may run its statements in the workgroup", house.AllowCommand())
	return house
}

// glueSecurity is made when the first step needs it.
func (p *pipeline) glueSecurity() awsglue.CfnSecurityConfiguration {
	if p.security == nil {
		p.security = gluesecurity.New(p.stack, "Security", p.key)
	}
	return p.security
}

// exports is made for SQL alone.
func (p *pipeline) exports() awss3.IBucket {
	if p.exported == nil {
		p.exported = lakebucket.New(p.stack, "Exports", &lakebucket.Props{Key: p.key, Logs: p.logs, Lab: p.use.Lab})
	}
	return p.exported
}

// network is one for all that needs a VPC; only containers need interface endpoints in it, which cost money by the hour.
func (p *pipeline) network() *privatenetwork.Network {
	if p.private == nil {
		props := &privatenetwork.Props{Buckets: []awss3.IBucket{p.landing, p.curated}, Key: p.key, Lab: p.use.Lab}
		if p.does(batchJob) {
			props.Interfaces = batchjob.Interfaces
		}
		if p.does(redshiftSQL) && !existing(p.use) {
			props.Buckets = append(props.Buckets, p.exports())
		}
		p.private = privatenetwork.New(p.stack, "Network", props)
	}
	return p.private
}
