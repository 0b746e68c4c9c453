package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// crawlSettings are what a crawler is told about how to crawl.
type crawlSettings struct {
	targets     []crawlTarget
	classifiers []csvSettings
	prefix      string // of tables' names
	update      string // UpdateBehavior
	remove      string // DeleteBehavior
	newOnly     bool   // CRAWL_NEW_FOLDERS_ONLY
	inherit     bool   // partitions take the table's schema
	mergeNew    bool   // existing columns stay as they are
	combine     bool   // schemas need not be similar
	level       int    // of tables' folders, counted from the bucket; 0: where the schemas say
	mostTables  int    // 0: as many as there are
}

// crawlTarget is an include path of Amazon S3.
type crawlTarget struct {
	bucket, prefix string // the prefix without a slash at its end
	exclusions     []string
	excluded       []*regexp.Regexp
	sample         int // files of a folder; 0: all
}

// Values of SchemaChangePolicy. Source: AWS Glue API, SchemaChangePolicy, read 2026-11.
const (
	logOnly   = "LOG"
	updateIn  = "UPDATE_IN_DATABASE"
	deleteIn  = "DELETE_FROM_DATABASE"
	deprecate = "DEPRECATE_IN_DATABASE"
)

// check reads the crawler's settings, and refuses what the lab's crawler would do otherwise than Glue's.
func (c *crawler) check() error {
	s := &c.settings
	s.prefix, _ = c.resource.Get("TablePrefix").(string)
	if len(s.prefix) > 64 {
		// Source: AWS Glue Developer Guide, "How crawlers work", read 2026-11.
		return fmt.Errorf("TablePrefix has %d characters, expected at most 64", len(s.prefix))
	}
	if c.resource.Get("LakeFormationConfiguration", "UseLakeFormationCredentials") == true {
		return errors.New("the lab has no Lake Formation, expected UseLakeFormationCredentials to be false")
	}
	for _, read := range []func() error{c.readTargets, c.readRecrawl, c.readPolicy, c.readConfiguration} {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}

func (c *crawler) readTargets() error {
	targets, _ := c.resource.Get("Targets").(map[string]any)
	for _, kind := range slices.Sorted(maps.Keys(targets)) {
		if kind != "S3Targets" && len(cfn.List(targets[kind])) > 0 {
			return fmt.Errorf("the lab does not crawl %s, expected S3Targets", kind)
		}
	}
	for i, given := range cfn.List(targets["S3Targets"]) {
		target, err := readTarget(given)
		if err != nil {
			return fmt.Errorf("Targets.S3Targets[%d]: %w", i, err)
		}
		c.settings.targets = append(c.settings.targets, target)
	}
	if len(c.settings.targets) == 0 {
		return errors.New("it has no targets, expected S3Targets")
	}
	return nil
}

// readTarget reads one S3 target. Source: AWS Glue API, S3Target, read 2026-11.
func readTarget(given any) (crawlTarget, error) {
	for _, unknown := range []string{"ConnectionName", "EventQueueArn", "DlqEventQueueArn"} {
		if cfn.Field(given, unknown) != nil {
			return crawlTarget{}, fmt.Errorf("the lab's crawler has no %s, expected a path alone", unknown)
		}
	}
	path := cfn.Text(cfn.Field(given, "Path"))
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(path, "s3://"), "/")
	t := crawlTarget{bucket: bucket, prefix: strings.TrimSuffix(prefix, "/"), sample: int(number(cfn.Field(given, "SampleSize")))}
	if bucket == "" {
		return t, fmt.Errorf("got the path %q, expected s3://BUCKET/PREFIX", path)
	}
	if size := cfn.Field(given, "SampleSize"); size != nil && (t.sample < 1 || t.sample > 249) {
		return t, fmt.Errorf("got the SampleSize %s, expected 1 to 249", cfn.Text(size))
	}
	for _, pattern := range texts(cfn.Field(given, "Exclusions")) {
		compiled, err := compileGlob(pattern)
		if err != nil {
			return t, fmt.Errorf("exclusion %q: %w", pattern, err)
		}
		t.exclusions, t.excluded = append(t.exclusions, pattern), append(t.excluded, compiled)
	}
	return t, nil
}

// readRecrawl reads RecrawlPolicy. Source: AWS Glue API, RecrawlPolicy, read 2026-11.
func (c *crawler) readRecrawl() error {
	switch behavior, _ := c.resource.Get("RecrawlPolicy", "RecrawlBehavior").(string); behavior {
	case "", "CRAWL_EVERYTHING":
	case "CRAWL_NEW_FOLDERS_ONLY":
		c.settings.newOnly = true
	default:
		return fmt.Errorf("the lab has no RecrawlBehavior %s, expected CRAWL_EVERYTHING or CRAWL_NEW_FOLDERS_ONLY", behavior)
	}
	return nil
}

// readPolicy reads SchemaChangePolicy. An incremental crawl changes nothing that is there: any other behavior is refused by CreateCrawler.
// Source: AWS Glue Developer Guide, "Scheduling incremental crawls for adding new partitions", read 2026-11.
func (c *crawler) readPolicy() error {
	s := &c.settings
	s.update, s.remove = updateIn, deprecate
	if s.newOnly {
		s.update, s.remove = logOnly, logOnly
	}
	for property, choice := range map[string]struct {
		into   *string
		values []string
	}{"UpdateBehavior": {&s.update, []string{logOnly, updateIn}}, "DeleteBehavior": {&s.remove, []string{logOnly, deleteIn, deprecate}}} {
		given, ok := c.resource.Get("SchemaChangePolicy", property).(string)
		if !ok {
			continue
		}
		if !slices.Contains(choice.values, given) {
			return fmt.Errorf("got the %s %s, expected one of %s", property, given, strings.Join(choice.values, ", "))
		}
		if s.newOnly && given != logOnly {
			return fmt.Errorf("got the %s %s with CRAWL_NEW_FOLDERS_ONLY, expected LOG: an incremental crawl changes nothing that is there", property, given)
		}
		*choice.into = given
	}
	return nil
}

// crawlConfiguration is the property Configuration, a text in JSON.
// Source: AWS Glue Developer Guide, "Setting crawler configuration options", read 2026-11.
type crawlConfiguration struct {
	Version       float64
	CrawlerOutput struct {
		Partitions struct{ AddOrUpdateBehavior string }
		Tables     struct {
			AddOrUpdateBehavior string
			TableThreshold      int
		}
	}
	Grouping struct {
		TableGroupingPolicy     string
		TableLevelConfiguration int
	}
	CreatePartitionIndex *bool
}

func (c *crawler) readConfiguration() error {
	given := c.resource.Get("Configuration")
	if given == nil || given == "" {
		return nil
	}
	written, ok := given.(string)
	if !ok {
		return fmt.Errorf("configuration: got %s, expected a text that is JSON", cfn.Text(given))
	}
	var options crawlConfiguration
	decoder := json.NewDecoder(bytes.NewReader([]byte(written)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&options); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	for _, choice := range []struct {
		name, got, expected string
		into                *bool
	}{
		{"CrawlerOutput.Partitions.AddOrUpdateBehavior", options.CrawlerOutput.Partitions.AddOrUpdateBehavior, "InheritFromTable", &c.settings.inherit},
		{"CrawlerOutput.Tables.AddOrUpdateBehavior", options.CrawlerOutput.Tables.AddOrUpdateBehavior, "MergeNewColumns", &c.settings.mergeNew},
		{"Grouping.TableGroupingPolicy", options.Grouping.TableGroupingPolicy, "CombineCompatibleSchemas", &c.settings.combine},
	} {
		if choice.got != "" && choice.got != choice.expected {
			return fmt.Errorf("configuration: got the %s %s, expected %s", choice.name, choice.got, choice.expected)
		}
		*choice.into = choice.got != ""
	}
	if options.Version != 1 || options.Grouping.TableLevelConfiguration < 0 || options.CrawlerOutput.Tables.TableThreshold < 0 {
		return fmt.Errorf("configuration: got %s, expected version 1.0, and a level and a threshold above zero", written)
	}
	c.settings.level, c.settings.mostTables = options.Grouping.TableLevelConfiguration, options.CrawlerOutput.Tables.TableThreshold
	return nil
}

// readClassifiers reads the custom classifiers that the crawler names.
func (l *Lab) readClassifiers(c *crawler) error {
	known := map[string]cfn.Resource{}
	for _, id := range l.stack.ByType("AWS::Glue::Classifier") {
		known[cfn.Text(l.stack.Resources[id].Get("CsvClassifier", "Name"))] = l.stack.Resources[id]
		known[l.stack.Ref(id)] = l.stack.Resources[id]
	}
	for _, name := range texts(c.resource.Get("Classifiers")) {
		resource, ok := known[name]
		if !ok {
			return fmt.Errorf("there is no classifier %s in the template", name)
		}
		settings, err := readClassifier(resource)
		if err != nil {
			return fmt.Errorf("classifier %s: %w", name, err)
		}
		c.settings.classifiers = append(c.settings.classifiers, settings)
	}
	return nil
}

func readClassifier(resource cfn.Resource) (csvSettings, error) {
	given := resource.Get("CsvClassifier")
	for _, kind := range []string{"GrokClassifier", "JsonClassifier", "XMLClassifier"} {
		if resource.Get(kind) != nil {
			return csvSettings{}, fmt.Errorf("the lab has no %s, expected a CsvClassifier", kind)
		}
	}
	if given == nil {
		return csvSettings{}, errors.New("it has no CsvClassifier")
	}
	for _, unknown := range []string{"ContainsCustomDatatype", "CustomDatatypes", "CustomDatatypeConfigured"} {
		if value := cfn.Field(given, unknown); value != nil && value != false && len(cfn.List(value)) > 0 {
			return csvSettings{}, fmt.Errorf("the lab has no %s, expected the built-in types", unknown)
		}
	}
	s := csvSettings{custom: true, names: texts(cfn.Field(given, "Header"))}
	s.delimiter, _ = cfn.Field(given, "Delimiter").(string)
	s.quote, _ = cfn.Field(given, "QuoteSymbol").(string)
	s.header, _ = cfn.Field(given, "ContainsHeader").(string)
	s.singleColumn = cfn.Field(given, "AllowSingleColumn") == true
	s.keepBlanks = cfn.Field(given, "DisableValueTrimming") != false // true is the default
	if len(s.delimiter) > 1 || len(s.quote) > 1 || s.quote != "" && s.quote == s.delimiter {
		return s, fmt.Errorf("got the delimiter %q and the quote symbol %q, expected one ASCII character each, and different ones", s.delimiter, s.quote)
	}
	return s, nil
}
