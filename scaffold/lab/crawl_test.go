package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/pipewright/scaffold/cfn"
)

// crawlRights are what a crawler's role needs for all that a crawl may do.
const crawlRights = `
	{"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": "arn:aws:s3:::landing"},
	{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::landing/*"},
	{"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": {"Fn::GetAtt": ["Key", "Arn"]}},
	{"Effect": "Allow", "Action": ["glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable", "glue:BatchGetPartition",
		"glue:BatchCreatePartition", "glue:UpdatePartition", "glue:BatchDeletePartition", "glue:GetTables", "glue:GetPartition", "glue:GetPartitions"],
		"Resource": ["arn:aws:glue:us-east-1:123456789012:catalog", "arn:aws:glue:us-east-1:123456789012:database/sales", "arn:aws:glue:us-east-1:123456789012:table/sales/*"]}`

// crawlTemplate has a bucket, a database and a crawler with these properties.
func crawlTemplate(properties, rights, more string) string {
	if !strings.Contains(properties, `"Targets"`) {
		properties = `"Targets": {"S3Targets": [{"Path": "s3://landing/raw/"}]}` + comma(properties)
	}
	return `{"Resources": {
		"Landing": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "landing", "BucketEncryption": {"ServerSideEncryptionConfiguration": [
			{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": ["Key", "Arn"]}}}]}}},
		"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [
			{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}]}}},
		"Sales": {"Type": "AWS::Glue::Database", "Properties": {"CatalogId": "123456789012", "DatabaseInput": {"Name": "sales"}}},
		"Worker": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "worker", "AssumeRolePolicyDocument": {"Statement": [
			{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}},
		"Rights": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "Roles": ["worker"], "PolicyDocument": {"Statement": [` + rights + `]}}},
		"Crawler": {"Type": "AWS::Glue::Crawler", "Properties": {"Name": "crawler", "Role": "worker", "DatabaseName": "sales"` + comma(properties) + `}}` +
		comma(more) + `}}`
}

func comma(text string) string {
	if text == "" {
		return ""
	}
	return ", " + text
}

// crawlWorld is a lab whose crawler is called crawler.
type crawlWorld struct {
	*Lab
	t    testing.TB
	logs []string
}

func newCrawlWorld(t testing.TB, properties string, files map[string]string) *crawlWorld {
	t.Helper()
	return crawlWorldOf(t, crawlTemplate(properties, crawlRights, ""), files)
}

func crawlWorldOf(t testing.TB, template string, files map[string]string, faults ...Fault) *crawlWorld {
	t.Helper()
	w := &crawlWorld{t: t}
	var err error
	if w.Lab, err = labOf(template, faults, func(e Event) {
		if e.Type == "CrawlerLog" {
			w.logs = append(w.logs, fmt.Sprint(e.Detail))
		}
	}); err != nil {
		t.Fatal(err)
	}
	w.put(files)
	return w
}

func labOf(template string, faults []Fault, report func(Event)) (*Lab, error) {
	parsed, err := cfn.Parse([]byte(template))
	if err != nil {
		return nil, err
	}
	stack, err := parsed.Deploy(cfn.Place{Stack: "orders", Account: "123456789012", Region: "us-east-1"})
	if err != nil {
		return nil, err
	}
	return New(context.Background(), Options{Stack: stack, Faults: faults, Report: report})
}

func (w *crawlWorld) put(files map[string]string) {
	w.t.Helper()
	for _, key := range slices.Sorted(maps.Keys(files)) {
		if err := w.store.write("landing", key, []byte(files[key]), "somebody"); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *crawlWorld) remove(keys ...string) {
	w.t.Helper()
	for _, key := range keys {
		if _, err := w.store.objects.DeleteObject("landing", key); err != nil {
			w.t.Fatal(err)
		}
	}
}

// run crawls, and expects it to succeed.
func (w *crawlWorld) run() crawl {
	w.t.Helper()
	result := w.crawl(w.crawlers["crawler"])
	if result.state != crawlSucceeded {
		w.t.Fatalf("the crawl %s: %s", result.state, result.message)
	}
	return result
}

// schemas are the tables in short: "raw(id bigint) by year 2".
func (w *crawlWorld) schemas() []string {
	var out []string
	for _, t := range w.catalog.databases["sales"].sorted() {
		out = append(out, schemaOf(t))
	}
	return out
}

func schemaOf(t *catalogTable) string {
	text := fmt.Sprintf("%s(%s)", t.Name, describeColumns(t.StorageDescriptor.Columns))
	if len(t.PartitionKeys) > 0 {
		text += fmt.Sprintf(" by %s %d", strings.Join(columnNames(t.PartitionKeys), ","), len(t.partitions))
	}
	if t.Parameters[deprecatedBy] != "" {
		text += " deprecated"
	}
	return text
}

func (w *crawlWorld) table(name string) *catalogTable {
	w.t.Helper()
	table, err := w.catalog.table("sales", name)
	if err != nil {
		w.t.Fatal(err)
	}
	return table
}

const (
	inheritAndCombine = `"Configuration": "{\"Version\":1.0,\"CrawlerOutput\":{\"Partitions\":{\"AddOrUpdateBehavior\":\"InheritFromTable\"}},\"Grouping\":{\"TableGroupingPolicy\":\"CombineCompatibleSchemas\"}}"`
	combine           = `"Configuration": "{\"Version\":1.0,\"Grouping\":{\"TableGroupingPolicy\":\"CombineCompatibleSchemas\"}}"`
	mergeNewColumns   = `"Configuration": "{\"Version\":1.0,\"CrawlerOutput\":{\"Tables\":{\"AddOrUpdateBehavior\":\"MergeNewColumns\"}}}"`
	weatherColumns    = "date string, precipitation double, temp_max double, temp_min double, wind double, weather string"
)

// weather are the 48 files of the sample data by the keys under which they land.
func weather(t testing.TB) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..", "constructs", "sampledata", "weather")
	files, err := filepath.Glob(filepath.Join(root, "year=*", "month=*", "weather.csv"))
	if err != nil || len(files) != 48 {
		t.Fatalf("got %d files of weather (%v), expected 48", len(files), err)
	}
	out := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		relative, err := filepath.Rel(root, file)
		if err != nil {
			t.Fatal(err)
		}
		out[path.Join("raw", filepath.ToSlash(relative))] = string(data)
	}
	return out
}

func TestTheWeatherDataIsOneTableWithItsPartitions(t *testing.T) {
	w := newCrawlWorld(t, inheritAndCombine, weather(t))
	result := w.run()
	if diff := cmp.Diff([]string{"raw(" + weatherColumns + ") by year,month 48"}, w.schemas()); diff != "" {
		t.Fatal(diff)
	}
	if result.added != 48 || !slices.Equal(result.created, []string{"raw"}) || len(result.updated) > 0 {
		t.Errorf("the crawl counted %+v", result)
	}
	table := w.table("raw")
	for key, want := range map[string]string{
		"classification": "csv", "compressionType": "none", "delimiter": ",", "skip.header.line.count": "1", "objectCount": "48", "recordCount": "1461",
		"typeOfData": "file", "UPDATED_BY_CRAWLER": "crawler", "columnsOrdered": "true", "areColumnsQuoted": "false", "partition_filtering.enabled": "true",
	} {
		if got := table.Parameters[key]; got != want {
			t.Errorf("the parameter %s is %q, expected %q", key, got, want)
		}
	}
	storage := table.StorageDescriptor
	if storage.Location != "s3://landing/raw/" || storage.SerdeInfo.SerializationLibrary != "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe" || storage.SerdeInfo.Parameters["field.delim"] != "," {
		t.Errorf("the storage is %+v", storage)
	}
	partition := table.partitions["2012/02"]
	if partition == nil || partition.StorageDescriptor.Location != "s3://landing/raw/year=2012/month=02/" || partition.Parameters["recordCount"] != "29" {
		t.Errorf("the partition of February 2012 is %+v", partition)
	}
	if !reflect.DeepEqual(partition.StorageDescriptor.Columns, storage.Columns) {
		t.Errorf("the partition has the columns %v, expected the table's", partition.StorageDescriptor.Columns)
	}
}

func TestABadFileAmongTheWeatherDoesWhatGlueDocuments(t *testing.T) {
	const added = " by year,month 49"
	for _, test := range []struct {
		file string
		want []string
		log  string
	}{
		{"bad-rows.csv", []string{"raw(date string, precipitation double, temp_max string, temp_min double, wind double, weather string)" + added}, ""},
		{"bom.csv", []string{"raw(" + weatherColumns + ", \ufeffdate string)" + added}, ""},
		{"empty.csv", []string{"raw(" + weatherColumns + ") by year,month 48"}, ""},
		{"missing-header.csv", []string{"raw(" + weatherColumns + ", col0 string, col1 double, col2 double, col3 double, col4 double, col5 string)" + added}, ""},
		{"wrong-column.csv", []string{"raw(" + weatherColumns + ", wind_speed double)" + added}, ""},
		{"wrong-encoding.csv", []string{"raw(" + weatherColumns + ") by year,month 48"}, "is left out of the table"},
	} {
		t.Run(test.file, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("..", "..", "constructs", "sampledata", "bad", test.file))
			if err != nil {
				t.Fatal(err)
			}
			w := newCrawlWorld(t, inheritAndCombine, weather(t))
			w.put(map[string]string{"raw/year=2016/month=01/weather.csv": string(data)})
			w.run()
			if diff := cmp.Diff(test.want, w.schemas()); diff != "" {
				t.Error(diff)
			}
			if test.log != "" && !strings.Contains(strings.Join(w.logs, "\n"), test.log) {
				t.Errorf("the log is %q, expected %q", w.logs, test.log)
			}
		})
	}
}

func TestACrawlIsTheSameEachTime(t *testing.T) {
	var runs []string
	for range 2 {
		w := newCrawlWorld(t, "", weather(t))
		w.put(map[string]string{"raw/year=2012/month=01/other.json": `{"a": 1}`, "raw/odd": "x"})
		result := w.run()
		data, err := json.Marshal(map[string]any{"catalog": w.Catalog(), "result": fmt.Sprint(result), "logs": w.logs})
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, string(data))
	}
	if runs[0] != runs[1] {
		t.Errorf("two crawls differ:\n%s\n%s", runs[0], runs[1])
	}
}

func TestACrawlGrowsWithWhatItReads(t *testing.T) {
	durations := map[int]time.Duration{}
	for _, count := range []int{0, 1, 2000} {
		w := newCrawlWorld(t, inheritAndCombine, manyFiles(count))
		result := w.run()
		durations[count] = result.duration
		if result.added != count {
			t.Errorf("got %d partitions of %d folders", result.added, count)
		}
	}
	if durations[0] < crawlStart || durations[1] <= durations[0] || durations[2000] <= durations[1]+1000*crawlObject {
		t.Errorf("crawls take %v", durations)
	}
}

// manyFiles are files in as many folders.
func manyFiles(count int) map[string]string {
	files := map[string]string{}
	for i := range count {
		files[fmt.Sprintf("raw/day=%04d/part.csv", i)] = "id,amount\n1,2.5\n2,3.5\n"
	}
	return files
}

// The time for each object stays the same when there are ten times as many.
func BenchmarkCrawl(b *testing.B) {
	for _, count := range []int{200, 2000, 20000} {
		for name, properties := range map[string]string{"combined": inheritAndCombine, "by schema": ""} {
			b.Run(fmt.Sprintf("%s/%d objects", name, count), func(b *testing.B) {
				w := newCrawlWorld(b, properties, manyFiles(count))
				b.ResetTimer()
				for b.Loop() {
					w.run()
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*count), "µs/object")
			})
		}
	}
}

func TestWhatTheLabWouldCrawlOtherwiseIsRefusedByName(t *testing.T) {
	for _, test := range []struct{ name, properties, want string }{
		{"a JDBC target", `"Targets": {"JdbcTargets": [{"Path": "db/%"}]}`, "the lab does not crawl JdbcTargets, expected S3Targets"},
		{"a DynamoDB target", `"Targets": {"DynamoDBTargets": [{"Path": "t"}]}`, "the lab does not crawl DynamoDBTargets"},
		{"a Delta target", `"Targets": {"DeltaTargets": [{"DeltaTables": ["s3://landing/t/"]}]}`, "the lab does not crawl DeltaTargets"},
		{"an Iceberg target", `"Targets": {"IcebergTargets": [{"Paths": ["s3://landing/t/"]}]}`, "the lab does not crawl IcebergTargets"},
		{"a catalog target", `"Targets": {"CatalogTargets": [{"DatabaseName": "sales", "Tables": ["t"]}]}`, "the lab does not crawl CatalogTargets"},
		{"no target", `"Targets": {}`, "it has no targets, expected S3Targets"},
		{"a queue of events", `"Targets": {"S3Targets": [{"Path": "s3://landing/", "EventQueueArn": "arn:aws:sqs:us-east-1:123456789012:q"}]}`, "the lab's crawler has no EventQueueArn"},
		{"a sample of none", `"Targets": {"S3Targets": [{"Path": "s3://landing/", "SampleSize": 250}]}`, "got the SampleSize 250, expected 1 to 249"},
		{"no bucket", `"Targets": {"S3Targets": [{"Path": "s3://"}]}`, `got the path "s3://", expected s3://BUCKET/PREFIX`},
		{"an open bracket", `"Targets": {"S3Targets": [{"Path": "s3://landing/", "Exclusions": ["a[b"]}]}`, `exclusion "a[b": a bracket is not closed`},
		{"events", `"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}`, "the lab has no RecrawlBehavior CRAWL_EVENT_MODE, expected CRAWL_EVERYTHING or CRAWL_NEW_FOLDERS_ONLY"},
		{"an incremental crawl that updates", `"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}, "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE"}`, "got the UpdateBehavior UPDATE_IN_DATABASE with CRAWL_NEW_FOLDERS_ONLY, expected LOG"},
		{"an unknown behavior", `"SchemaChangePolicy": {"DeleteBehavior": "UPDATE_IN_DATABASE"}`, "got the DeleteBehavior UPDATE_IN_DATABASE, expected one of LOG, DELETE_FROM_DATABASE, DEPRECATE_IN_DATABASE"},
		{"an unknown option", `"Configuration": "{\"Version\": 1.0, \"Grouping\": {\"Tables\": 3}}"`, `unknown field "Tables"`},
		{"an unknown value", `"Configuration": "{\"Version\": 1.0, \"Grouping\": {\"TableGroupingPolicy\": \"Sometimes\"}}"`, "got the Grouping.TableGroupingPolicy Sometimes, expected CombineCompatibleSchemas"},
		{"options that are no text", `"Configuration": {"Version": 1.0}`, "expected a text that is JSON"},
		{"no version", `"Configuration": "{}"`, "expected version 1.0"},
		{"a long prefix", `"TablePrefix": "` + strings.Repeat("x", 65) + `"`, "TablePrefix has 65 characters, expected at most 64"},
		{"Lake Formation", `"LakeFormationConfiguration": {"UseLakeFormationCredentials": true}`, "the lab has no Lake Formation"},
		{"a missing classifier", `"Classifiers": ["mine"]`, "there is no classifier mine in the template"},
		{"a schedule that is none", `"Schedule": {"ScheduleExpression": "cron(99 * * * ? *)"}`, "crawler Crawler: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := labOf(crawlTemplate(test.properties, crawlRights, ""), nil, nil)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "crawler Crawler") {
				t.Errorf("got %v, expected %q", err, test.want)
			}
		})
	}
}

func TestClassifiersThatTheLabHasNotAreRefused(t *testing.T) {
	for name, test := range map[string]struct{ classifier, want string }{
		"grok":                      {`"GrokClassifier": {"Name": "mine", "Classification": "x", "GrokPattern": "%{DATA:a}"}`, "the lab has no GrokClassifier, expected a CsvClassifier"},
		"json":                      {`"JsonClassifier": {"Name": "mine", "JsonPath": "$[*]"}`, "the lab has no JsonClassifier"},
		"csv with types of its own": {`"CsvClassifier": {"Name": "mine", "ContainsCustomDatatype": ["DATE"]}`, "the lab has no ContainsCustomDatatype"},
		"csv with a long delimiter": {`"CsvClassifier": {"Name": "mine", "Delimiter": "ab"}`, `got the delimiter "ab"`},
	} {
		t.Run(name, func(t *testing.T) {
			template := crawlTemplate(`"Classifiers": [{"Ref": "Mine"}]`, crawlRights, `"Mine": {"Type": "AWS::Glue::Classifier", "Properties": {`+test.classifier+`}}`)
			if _, err := labOf(template, nil, nil); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, expected %q", err, test.want)
			}
		})
	}
}

func TestADeniedCallFailsTheCrawl(t *testing.T) {
	first := map[string]string{"raw/year=2012/a.csv": "id,n\n1,2\n2,3\n"}
	second := map[string]string{"raw/year=2012/a.csv": "id,n,more\n1,2,x\n2,3,y\n"}
	for _, action := range []string{
		"s3:ListBucket", "s3:GetObject", "kms:Decrypt", "glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable",
		"glue:BatchGetPartition", "glue:BatchCreatePartition", "glue:UpdatePartition", "glue:BatchDeletePartition",
	} {
		t.Run(action, func(t *testing.T) {
			rights := strings.Replace(crawlRights, `"`+action+`"`, `"logs:PutLogEvents"`, 1)
			w := crawlWorldOf(t, crawlTemplate(`"SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DELETE_FROM_DATABASE"}`, rights, ""), first)
			crawler := w.crawlers["crawler"]
			result := w.crawl(crawler)
			if result.state == crawlSucceeded {
				w.put(second)
				w.put(map[string]string{"raw/year=2013/a.csv": second["raw/year=2012/a.csv"]})
				result = w.crawl(crawler)
			}
			if result.state == crawlSucceeded {
				w.remove("raw/year=2013/a.csv")
				result = w.crawl(crawler)
			}
			if result.state == crawlSucceeded {
				w.remove("raw/year=2012/a.csv")
				result = w.crawl(crawler)
			}
			if result.state != crawlFailed || !strings.Contains(result.message, action) || !strings.Contains(result.message, "Worker may not") {
				t.Errorf("the crawl %s: %s", result.state, result.message)
			}
			if len(w.denials.all) != 1 || w.denials.all[0].Action != action {
				t.Errorf("the denials are %v", w.denials.all)
			}
		})
	}
}

// A call needs a permission for the table, its database and the catalog.
func TestEachLevelOfTheCatalogNeedsAPermission(t *testing.T) {
	for _, resource := range []string{":catalog", ":database/sales", ":table/sales/*"} {
		rights := strings.Replace(crawlRights, `"arn:aws:glue:us-east-1:123456789012`+resource+`"`, `"arn:aws:glue:us-east-1:123456789012:table/sales/other"`, 1)
		w := crawlWorldOf(t, crawlTemplate("", rights, ""), map[string]string{"raw/a": salesCSV})
		result := w.crawl(w.crawlers["crawler"])
		if result.state != crawlFailed || !strings.Contains(result.message, strings.TrimSuffix(resource, "*")) || len(w.schemas()) > 0 {
			t.Errorf("without %s the crawl %s: %s", resource, result.state, result.message)
		}
	}
}

func TestACrawlFailsWhereThereIsNothingToCrawl(t *testing.T) {
	for name, test := range map[string]struct{ from, to, want string }{
		"no database": {`"DatabaseName": "sales"`, `"DatabaseName": "other"`, "database/other"},
		"no bucket":   {`s3://landing/raw/`, `s3://elsewhere/raw/`, "elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			w := crawlWorldOf(t, strings.Replace(crawlTemplate("", crawlRights, ""), test.from, test.to, 1), nil)
			if result := w.crawl(w.crawlers["crawler"]); result.state != crawlFailed || !strings.Contains(result.message, test.want) {
				t.Errorf("the crawl %s: %s", result.state, result.message)
			}
		})
	}
}

func TestAFormatThatTheLabCannotReadBreaksTheRun(t *testing.T) {
	for name, content := range map[string]string{"avro": "Obj\x01rest", "orc": "ORCrest", "xml": "<a/>", "LZ4": "\x04\x22\x4d\x18rest"} {
		t.Run(name, func(t *testing.T) {
			w := newCrawlWorld(t, "", map[string]string{"raw/a": content})
			w.crawl(w.crawlers["crawler"])
			if w.err == nil || !strings.Contains(w.err.Error(), "the lab does not read "+name) || !strings.Contains(w.err.Error(), "s3://landing/raw/a") {
				t.Errorf("the run's error is %v", w.err)
			}
		})
	}
}
