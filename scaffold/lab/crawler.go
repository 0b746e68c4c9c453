package lab

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/schedule"
)

// crawler is an AWS Glue crawler.
type crawler struct {
	id, name, arn, role string
	database            string
	resource            cfn.Resource
	settings            crawlSettings
	folders             map[string]bool // that it has crawled
	crawls              int
	running, stopping   bool
	runs                int                // started so far
	end                 func(result crawl) // ends the run
	last                crawl
}

// crawl is what one run of a crawler came to.
type crawl struct {
	state    string // as below
	message  string
	duration time.Duration
	created  []string // tables
	updated  []string
	deleted  []string
	added    int // partitions
	changed  int
	dropped  int
}

// States of a crawl, as triggers look at them. Source: AWS Glue API, Condition, CrawlState, read 2026-11.
const (
	crawlSucceeded = "SUCCEEDED"
	crawlFailed    = "FAILED"
	crawlCancelled = "CANCELLED" //nolint:misspell // Glue writes it so
)

func (l *Lab) readCrawlers() error {
	for _, id := range l.stack.ByType("AWS::Glue::Crawler") {
		resource := l.stack.Resources[id]
		c := &crawler{
			id: id, name: l.stack.Ref(id), arn: l.stack.Attribute(id, "Arn"), role: cfn.Text(resource.Get("Role")),
			database: defaultDatabase, resource: resource, folders: map[string]bool{},
		}
		if name, ok := resource.Get("DatabaseName").(string); ok {
			c.database = strings.ToLower(name)
		}
		if !strings.HasPrefix(c.role, "arn:") {
			place := l.stack.Place()
			c.role = fmt.Sprintf("arn:%s:iam::%s:role/%s", place.Partition, place.Account, c.role)
		}
		for _, read := range []func(*crawler) error{(*crawler).check, l.readClassifiers, l.scheduleCrawler} {
			if err := read(c); err != nil {
				return fmt.Errorf("crawler %s: %w", id, err)
			}
		}
		l.crawlers[c.name] = c
	}
	return nil
}

// scheduleCrawler starts a crawler by time, in UTC.
// Source: AWS Glue API, CreateCrawler, Schedule, read 2026-11.
func (l *Lab) scheduleCrawler(c *crawler) error {
	written, ok := c.resource.Get("Schedule", "ScheduleExpression").(string)
	if !ok || written == "" {
		return nil
	}
	when, err := schedule.PutRule.Parse(written)
	if err != nil {
		return err
	}
	l.timers = append(l.timers, &timer{id: c.id, arn: c.arn, when: when, zone: time.UTC, fire: func(time.Time) {
		if err := l.startCrawl(c, func(string) {}); err != nil {
			l.tell("glue", "CrawlerNotStarted", c.id, map[string]any{"error": err.Error()})
			l.fail("crawler %s was not started: %s", c.id, err.Message)
		}
	}})
	return nil
}

var crawlerActions = map[string]handler{
	"glue:startcrawler": (*Lab).startCrawler,
	"glue:getcrawler":   (*Lab).getCrawler,
	"glue:stopcrawler":  (*Lab).stopCrawler,
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
	switch {
	case c.stopping:
		state = "STOPPING"
	case c.running:
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
	started := l.clock.Now()
	account := l.stack.Place().Account
	l.tell("glue", "CrawlerStarted", c.id, nil)
	l.emit("aws.glue", "Glue Crawler State Change", nil, map[string]any{
		"accountId": account, "crawlerName": c.name, "startTime": started.Format(time.RFC3339), "state": "Started", "message": "Crawler Started",
	})
	result := l.runCrawler(c)
	c.runs++
	number := c.runs
	c.end = func(result crawl) {
		c.running, c.stopping, c.last = false, false, result
		l.tell("glue", "CrawlerEnded", c.id, map[string]any{
			"state": result.state, "message": result.message, "seconds": l.clock.Now().Sub(started).Seconds(),
			"tables_created": result.created, "tables_updated": result.updated, "tables_deleted": result.deleted,
			"partitions_added": result.added, "partitions_updated": result.changed, "partitions_deleted": result.dropped,
		})
		if result.state != crawlSucceeded {
			l.fail("crawler %s: %s", c.id, result.message)
		}
		if result.state != crawlCancelled { // of which there is no event
			l.emit("aws.glue", "Glue Crawler State Change", nil, result.event(c, account, l.clock.Now()))
		}
		ended(result.state)
	}
	l.later(result.duration, func() {
		if c.runs == number && c.running && !c.stopping {
			c.end(result)
		}
	})
	return nil
}

// crawlerStop is how long a crawler takes to stop. AWS promises no figure.
const crawlerStop = 10 * time.Second

// stopCrawler is StopCrawler. What the crawl has written until then stays.
// Source: AWS Glue API, StopCrawler; LastCrawlInfo, Status; read 2026-11.
func (l *Lab) stopCrawler(by caller, input map[string]any) (map[string]any, *apiError) {
	c := l.crawlers[text(input, "Name")]
	if c == nil {
		return nil, failed("EntityNotFoundException", "Crawler with name %s does not exist", text(input, "Name"))
	}
	if err := l.authorize(by, "glue:StopCrawler", c.arn, nil); err != nil {
		return nil, err
	}
	switch {
	case c.stopping:
		return nil, failed("CrawlerStoppingException", "Crawler with name %s is already stopping", c.name)
	case !c.running:
		return nil, failed("CrawlerNotRunningException", "Crawler with name %s isn't running", c.name)
	}
	c.stopping = true
	l.later(crawlerStop, func() { c.end(crawl{state: crawlCancelled, message: "it was stopped"}) })
	return map[string]any{}, nil
}

// event is the detail of the event at the end.
func (r *crawl) event(c *crawler, account string, now time.Time) map[string]any {
	if r.state == crawlFailed {
		return map[string]any{"accountId": account, "crawlerName": c.name, "errorMessage": r.message, "state": "Failed", "message": "Crawler Failed"}
	}
	return map[string]any{
		"accountId": account, "crawlerName": c.name, "state": "Succeeded", "message": "Crawler Succeeded", "warningMessage": "N/A",
		"completionDate": now.Format(time.RFC3339), "runningTime (sec)": strconv.Itoa(int(r.duration.Seconds())),
		"tablesCreated": strconv.Itoa(len(r.created)), "tablesUpdated": strconv.Itoa(len(r.updated)), "tablesDeleted": strconv.Itoa(len(r.deleted)),
		"partitionsCreated": strconv.Itoa(r.added), "partitionsUpdated": strconv.Itoa(r.changed), "partitionsDeleted": strconv.Itoa(r.dropped),
	}
}
