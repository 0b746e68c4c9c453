package lab

import (
	"fmt"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// crawler is an AWS Glue crawler.
type crawler struct {
	id, name, arn, role string
	database            string
	resource            cfn.Resource
	running             bool
	last                crawl
}

// crawl is what one run of a crawler came to.
type crawl struct {
	state    string // SUCCEEDED or FAILED
	message  string
	duration time.Duration
	created  []string // tables
	updated  []string
	added    int // partitions
}

// States of a crawl, as triggers look at them. Source: AWS Glue API, Condition, CrawlState, read 2026-11.
const (
	crawlSucceeded = "SUCCEEDED"
	crawlFailed    = "FAILED"
)

func (l *Lab) readCrawlers() error {
	for _, id := range l.stack.ByType("AWS::Glue::Crawler") {
		resource := l.stack.Resources[id]
		c := &crawler{
			id: id, name: l.stack.Ref(id), arn: l.stack.Attribute(id, "Arn"), role: cfn.Text(resource.Get("Role")),
			database: cfn.Text(resource.Get("DatabaseName")), resource: resource,
		}
		if err := c.check(); err != nil {
			return fmt.Errorf("crawler %s: %w", id, err)
		}
		l.crawlers[c.name] = c
	}
	return nil
}

var crawlerActions = map[string]handler{
	"glue:startcrawler": (*Lab).startCrawler,
	"glue:getcrawler":   (*Lab).getCrawler,
}

// startCrawler is StartCrawler. Source: AWS Glue API, StartCrawler, read 2026-11.
func (l *Lab) startCrawler(by caller, input map[string]any) (map[string]any, *apiError) {
	c := l.crawlers[text(input, "Name")]
	if c == nil {
		return nil, failed("EntityNotFoundException", "Crawler with name %s does not exist", text(input, "Name"))
	}
	if err := l.authorize(by, "glue:StartCrawler", c.arn, nil); err != nil {
		return nil, err
	}
	if err := l.startCrawl(c, func(string) {}); err != nil {
		return nil, err
	}
	return map[string]any{}, nil
}

func (l *Lab) getCrawler(by caller, input map[string]any) (map[string]any, *apiError) {
	c := l.crawlers[text(input, "Name")]
	if c == nil {
		return nil, failed("EntityNotFoundException", "Crawler with name %s does not exist", text(input, "Name"))
	}
	if err := l.authorize(by, "glue:GetCrawler", c.arn, nil); err != nil {
		return nil, err
	}
	state := "READY"
	if c.running {
		state = "RUNNING"
	}
	described := map[string]any{"Name": c.name, "State": state, "DatabaseName": c.database}
	if c.last.state != "" {
		described["LastCrawl"] = map[string]any{"Status": c.last.state, "ErrorMessage": c.last.message}
	}
	return map[string]any{"Crawler": described}, nil
}

// startCrawl crawls at once and ends when the crawler would have ended on AWS.
// Source: AWS Glue Developer Guide, "Automating AWS Glue with EventBridge", "Glue Crawler State Change", read 2026-11.
func (l *Lab) startCrawl(c *crawler, ended func(state string)) *apiError {
	if c.running {
		return failed("CrawlerRunningException", "Crawler with name %s has already started", c.name)
	}
	if err := l.assume(caller{Service: "glue.amazonaws.com"}, c.role); err != nil {
		return failed("InvalidInputException", "%s", err.Message)
	}
	c.running = true
	l.tell("glue", "CrawlerStarted", c.id, nil)
	l.emit("aws.glue", "Glue Crawler State Change", nil, map[string]any{"crawlerName": c.name, "state": "Started"})
	result := l.runCrawler(c)
	l.later(result.duration, func() {
		c.running, c.last = false, result
		l.tell("glue", "CrawlerEnded", c.id, map[string]any{
			"state": result.state, "message": result.message, "tables_created": result.created, "tables_updated": result.updated, "partitions_added": result.added,
		})
		detail := map[string]any{"crawlerName": c.name, "state": "Succeeded", "tablesCreated": fmt.Sprint(len(result.created)), "tablesUpdated": fmt.Sprint(len(result.updated)), "partitionsCreated": fmt.Sprint(result.added)}
		if result.state == crawlFailed {
			detail = map[string]any{"crawlerName": c.name, "state": "Failed", "errorMessage": result.message}
			l.fail("crawler %s: %s", c.id, result.message)
		}
		l.emit("aws.glue", "Glue Crawler State Change", nil, detail)
		ended(result.state)
	})
	return nil
}
