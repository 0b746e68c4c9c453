package statemachine

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"

	"example.com/pipewright/constructs/alerts"
	"example.com/pipewright/constructs/approval"
	"example.com/pipewright/constructs/fileconverter"
	"example.com/pipewright/constructs/filevalidator"
	"example.com/pipewright/constructs/gofunction"
	"example.com/pipewright/constructs/machine"
	"example.com/pipewright/constructs/manifestpublisher"
	"example.com/pipewright/constructs/privatenetwork"
	"example.com/pipewright/constructs/project"
	"example.com/pipewright/constructs/settings"
)

// worker makes a step of the work with all that it needs.
type worker struct {
	step   func(*pipeline) machine.Step
	writes bool // something that can be published; step says where
}

// workers are the steps by their name, or for a lambda by what it does. A new kind of work is one more line, and its function.
var workers = map[string]worker{
	convert:     {(*pipeline).convert, true},
	publish:     {(*pipeline).publish, false},
	crawler:     {(*pipeline).crawl, false},
	glueJob:     {(*pipeline).load, true},
	emrJob:      {(*pipeline).spark, true},
	batchJob:    {(*pipeline).container, true},
	redshiftSQL: {(*pipeline).query, true},
}

// header is what the files of the sample data begin with, and what the ETL job reads.
var header = []string{"date", "precipitation", "temp_max", "temp_min", "wind", "weather"}

// pipeline is what the steps share.
type pipeline struct {
	stack                  awscdk.Stack
	use                    settings.Settings
	work                   []string // what each step does
	key                    awskms.IKey
	logs, landing, curated awss3.IBucket
	queue                  awssqs.Queue // nil where nothing is delivered
	watch                  *alerts.Alerts

	written writtenTo      // by the steps so far, the last one
	closing []machine.Step // what a run ends with, when the work is done

	// Made when the first step needs them.
	security awsglue.CfnSecurityConfiguration // of all that Glue does
	exported awss3.IBucket
	private  *privatenetwork.Network
}

// writtenTo is where a step writes: the bucket, and what the keys begin with.
type writtenTo struct {
	bucket awss3.IBucket
	prefix string
}

func (p *pipeline) does(kind string) bool { return slices.Contains(p.work, kind) }

// steps makes the steps in order: what began the run, validation, approval, the work.
func (p *pipeline) steps() []machine.Step {
	var steps []machine.Step
	work := p.work
	switch p.use.Start() {
	case settings.OnObject:
		steps = append(steps, machine.TakeObject())
	case settings.OnEvent:
		steps = append(steps, machine.TakeEvent())
	}
	if work[0] == validate {
		steps, work = append(steps, p.validate()), work[1:]
	}
	if p.use.Approval {
		steps = append(steps, approval.Step())
	}
	for _, kind := range work {
		steps = append(steps, workers[kind].step(p))
	}
	return append(steps, p.closing...)
}

func (p *pipeline) validate() machine.Step {
	validator := filevalidator.New(p.stack, "Validate", &filevalidator.Props{
		Landing: p.landing, Prefix: p.use.Prefix, Header: header, Quarantine: p.curated, Key: p.key, DeadLetters: p.queue, Lab: p.use.Lab,
	})
	p.watchFunction("ValidatorErrors", "The validator itself failed", validator.Function)
	if p.use.Start() == settings.OnObject {
		return validator.Step()
	}
	p.closing = append(p.closing, validator.Closing())
	return validator.StepForAll()
}

func (p *pipeline) convert() machine.Step {
	p.written = writtenTo{p.curated, "data/"}
	converter := fileconverter.New(p.stack, "Convert", &fileconverter.Props{
		Landing: p.landing, Prefix: p.use.Prefix, Suffix: p.use.Suffix, Curated: p.curated, Key: p.key, Failures: p.queue,
		TimeoutMinutes: p.use.LongestMinutes, Lab: p.use.Lab,
	})
	p.watchFunction("ConverterErrors", "The converter failed or ran out of time; its log says why", converter.Function)
	if p.use.Start() != settings.OnObject {
		p.closing = append(p.closing, converter.Closing())
	}
	return converter.Step()
}

func (p *pipeline) publish() machine.Step {
	publisher := manifestpublisher.New(p.stack, "Publish", &manifestpublisher.Props{
		Bucket: p.written.bucket, Written: p.written.prefix, Key: p.key, DeadLetters: p.queue, Lab: p.use.Lab,
	})
	p.watchFunction("PublisherErrors", "The publisher failed; its log says why", publisher.Function)
	project.Output(p.stack, "LatestManifest", "Says what the latest run has written", publisher.Latest)
	return publisher.Step()
}

func (p *pipeline) watchFunction(id, description string, function *gofunction.Function) {
	p.watch.Watch(id, description, function.MetricErrors(nil))
}
