package glueworkflow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"

	"example.com/pipewright/constructs/alerts"
	"example.com/pipewright/constructs/etljob"
	"example.com/pipewright/constructs/gluepipeline"
	"example.com/pipewright/constructs/s3crawler"
	"example.com/pipewright/constructs/settings"
)

// Values of work, as answers.yaml names them.
const (
	crawler = "crawler"
	glueJob = "glue-job"
)

// works are the lists of work that make sense, with what the stack then does. The first is what is done without an answer.
// A crawler before the job looks at what landed, one after it at what the job wrote.
var works = []struct {
	names []string
	does  string
}{
	{[]string{crawler, glueJob}, "Crawls landed objects and runs an ETL job on what changed"},
	{[]string{glueJob}, "Runs an ETL job on the landed objects that changed"},
	{[]string{crawler}, "Crawls landed objects"},
	{[]string{glueJob, crawler}, "Runs an ETL job on the landed objects that changed and crawls what it wrote"},
	{[]string{crawler, glueJob, crawler}, "Crawls landed objects, runs an ETL job on what changed and crawls what it wrote"},
}

// plan returns the work and what the stack then does. It refuses what this example does not do.
func plan(work []string) (names []string, does string, err error) {
	if len(work) == 0 {
		work = works[0].names
	}
	lists := make([]string, 0, len(works))
	for _, can := range works {
		if slices.Equal(work, can.names) {
			return can.names, can.does, nil
		}
		lists = append(lists, "["+strings.Join(can.names, ", ")+"]")
	}
	return works[0].names, works[0].does, fmt.Errorf("context work: got [%s], expected one of %s", strings.Join(work, ", "), strings.Join(lists, ", "))
}

// pipeline is what the steps of the work share.
type pipeline struct {
	stack    awscdk.Stack
	use      settings.Settings
	key      awskms.IKey
	security awsglue.CfnSecurityConfiguration
	landing  awss3.IBucket
	curated  awss3.IBucket // only with a job
}

// step is a node of the workflow, with the report of its failure.
type step struct {
	gluepipeline.Node
	id, failed string // of the report
	database   *string
}

func (p *pipeline) steps(work []string) []step {
	steps := make([]step, 0, len(work))
	for i, name := range work {
		switch {
		case name == glueJob:
			steps = append(steps, p.load())
		case slices.Contains(work[:i], glueJob):
			steps = append(steps, p.crawlCurated())
		default:
			steps = append(steps, p.crawlLanding(i == len(work)-1))
		}
	}
	return steps
}

func (p *pipeline) load() step {
	job := etljob.New(p.stack, "Etl", &etljob.Props{
		Landing: p.landing, Prefix: p.use.Prefix, Curated: p.curated, Key: p.key, Security: p.security, TimeoutMinutes: p.use.LongestMinutes,
	})
	return step{
		Node: gluepipeline.Node{JobName: job.Name, Does: "runs the ETL job"},
		id:   "JobFailed", failed: "The ETL job failed, timed out or was stopped",
	}
}

func (p *pipeline) crawlLanding(last bool) step {
	crawl := s3crawler.New(p.stack, "Crawl", &s3crawler.Props{Bucket: p.landing, Prefix: p.use.Prefix, Key: p.key, Security: p.security})
	failed := "The crawler failed, so the ETL job did not start"
	if last {
		failed = "The crawler failed, so the table of the landed objects may be out of date"
	}
	return step{
		Node: gluepipeline.Node{CrawlerName: crawl.Name, Does: "crawls landed objects"},
		id:   "CrawlerFailed", failed: failed, database: crawl.Database,
	}
}

// crawlCurated crawls the summaries alone: the job's ledger and quarantine lie beside them.
func (p *pipeline) crawlCurated() step {
	crawl := s3crawler.New(p.stack, "CrawlCurated", &s3crawler.Props{
		Bucket: p.curated, Prefix: etljob.Monthly, Objects: "curated objects", Key: p.key, Security: p.security,
	})
	return step{
		Node: gluepipeline.Node{CrawlerName: crawl.Name, Does: "crawls curated objects"},
		id:   "CuratedCrawlerFailed", failed: "The crawler failed, so the table of the curated objects may be out of date", database: crawl.Database,
	}
}

// failure is the event that tells of it.
func (s *step) failure() *alerts.Failure {
	if s.JobName != nil {
		return &alerts.Failure{
			Source: "aws.glue", DetailType: "Glue Job State Change",
			Detail:  map[string]any{"jobName": []any{s.JobName}, "state": []any{"FAILED", "TIMEOUT", "STOPPED", "ERROR"}},
			Message: "The Glue job did not succeed (job, run, state, message):",
			Paths:   []string{"$.detail.jobName", "$.detail.jobRunId", "$.detail.state", "$.detail.message"},
		}
	}
	return &alerts.Failure{
		Source: "aws.glue", DetailType: "Glue Crawler State Change",
		Detail:  map[string]any{"crawlerName": []any{s.CrawlerName}, "state": []any{"Failed"}},
		Message: "The Glue crawler failed (crawler, message):",
		Paths:   []string{"$.detail.crawlerName", "$.detail.errorMessage"},
	}
}

// nodes are those of the workflow.
func nodes(steps []step) []gluepipeline.Node {
	all := make([]gluepipeline.Node, 0, len(steps))
	for i := range steps {
		all = append(all, steps[i].Node)
	}
	return all
}
