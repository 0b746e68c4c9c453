// Package crawlstep runs a crawler as one step of a state machine: crawlstep.asl.json.
//
// Step Functions has no .sync for crawlers, so the step starts one and asks for its state until it is READY again.
// Source: AWS Glue API, StartCrawler, GetCrawler, StopCrawler, LastCrawlInfo; AWS Step Functions Developer Guide, "Using AWS SDK
// service integrations in Step Functions".
package crawlstep

import (
	_ "embed"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"

	"example.com/pipewright/constructs/machine"
	"example.com/pipewright/constructs/s3crawler"
	"example.com/pipewright/constructs/servicerole"
)

// Definition is the step in Amazon States Language, before substitution.
//
//go:embed crawlstep.asl.json
var Definition []byte

// retryMinutes is the longest that a call waits altogether: almost all of it for another crawl to end.
const retryMinutes = 30

// Props of the step.
type Props struct {
	Crawler        *s3crawler.Crawler
	TimeoutMinutes int // the crawler is stopped after so many minutes
}

// New makes the step. It deploys nothing: the crawler is there, and nothing but this step need start it.
func New(scope constructs.Construct, props *Props) *machine.Step {
	return &machine.Step{
		Definition: Definition,
		Substitutions: map[string]any{
			"CrawlerName":  props.Crawler.Name,
			"CrawlMinutes": strconv.Itoa(props.TimeoutMinutes),
		},
		Statements: []awsiam.PolicyStatement{
			servicerole.Allow([]string{"glue:StartCrawler", "glue:GetCrawler", "glue:StopCrawler"},
				servicerole.Arn(scope, "glue", "crawler/"+*props.Crawler.Name)),
		},
		Minutes: props.TimeoutMinutes + retryMinutes,
	}
}
