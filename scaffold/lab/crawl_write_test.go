package lab

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	before = "id,a,b,c\n1,2,x,4\n2,3,y,5\n"
	added  = "id,a,b,c,d\n1,2,x,4,6\n2,3,y,5,7\n"
	typed  = "id,a,b,c\n1,2.5,x,4\n2,3,y,5\n"
	less   = "id,a,b\n1,2,x\n2,3,y\n"
	piped  = "id|a|b|c\n1|2|x|4\n2|3|y|5\n"
)

func TestASchemaThatChangesFollowsThePolicy(t *testing.T) {
	const kept = "raw(id bigint, a bigint, b string, c bigint) by d 1"
	const withD = "raw(id bigint, a bigint, b string, c bigint, d bigint) by d 1"
	policy := func(update string) string { return `"SchemaChangePolicy": {"UpdateBehavior": "` + update + `"}` }
	for _, test := range []struct {
		name, properties, after, want string
		updated                       bool
		log                           string
	}{
		{"a column is added", "", added, withD, true, ""},
		{"a type is wider", policy(updateIn), typed, "raw(id bigint, a double, b string, c bigint) by d 1", true, ""},
		{"a column is missing", policy(updateIn), less, "raw(id bigint, a bigint, b string) by d 1", true, ""},
		{"nothing has changed", policy(updateIn), before, kept, false, ""},
		{"LOG and a column is added", policy(logOnly), added, kept, false, "UpdateBehavior is LOG"},
		{"LOG and nothing has changed", policy(logOnly), before, kept, false, ""},
		{"new columns only, and one is added", mergeNewColumns, added, withD, true, ""},
		{"new columns only, and a type is wider", mergeNewColumns, typed, kept, false, ""},
		{"new columns only, and one is missing", mergeNewColumns, less, kept, false, ""},
		{"new columns only, and the delimiter is another", mergeNewColumns, piped, kept + " deprecated", true, "the table is deprecated"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newCrawlWorld(t, test.properties, map[string]string{"raw/d=1/a.csv": before})
			w.run()
			if got := w.schemas(); !slices.Equal(got, []string{kept}) {
				t.Fatalf("the first crawl wrote %q", got)
			}
			w.logs = nil
			w.put(map[string]string{"raw/d=1/a.csv": test.after})
			result := w.run()
			if diff := cmp.Diff([]string{test.want}, w.schemas()); diff != "" {
				t.Error(diff)
			}
			if (len(result.updated) == 1) != test.updated || len(result.created) > 0 {
				t.Errorf("the second crawl updated %v and created %v", result.updated, result.created)
			}
			if got := strings.Join(w.logs, "\n"); !strings.Contains(got, test.log) || test.log == "" && strings.Contains(got, "LOG") {
				t.Errorf("the log is %q, expected %q", got, test.log)
			}
		})
	}
}

func TestPartitionsThatChangeFollowThePolicy(t *testing.T) {
	const old, grown = "id bigint, a bigint, b string, c bigint", "id bigint, a bigint, b string, c bigint, d bigint"
	inherit := `"Configuration": "{\"Version\":1.0,\"CrawlerOutput\":{\"Partitions\":{\"AddOrUpdateBehavior\":\"InheritFromTable\"}}}"`
	for _, test := range []struct {
		name, properties, second, third string
		changed                         int
	}{
		{"updated", "", grown, old, 1},
		{"LOG", `"SchemaChangePolicy": {"UpdateBehavior": "LOG"}`, old, old, 0},
		{"all inherit", inherit, grown, grown, 2},
		{"new columns only", mergeNewColumns, grown, old, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newCrawlWorld(t, test.properties, map[string]string{"raw/d=2/a": before, "raw/d=3/a": before})
			w.run()
			w.put(map[string]string{"raw/d=2/a": added})
			result := w.run()
			partitions := w.table("raw").partitions
			second, third := describeColumns(partitions["2"].StorageDescriptor.Columns), describeColumns(partitions["3"].StorageDescriptor.Columns)
			if second != test.second || third != test.third || result.changed != test.changed || result.added != 0 {
				t.Errorf("got %s and %s, %d changed", second, third, result.changed)
			}
		})
	}
}

func TestNewFieldsAreMergedIntoAStructAndOthersStay(t *testing.T) {
	w := newCrawlWorld(t, mergeNewColumns, map[string]string{"raw/a": `{"who": {"name": "x", "all": [{"k": 1}]}}`})
	w.run()
	w.put(map[string]string{"raw/a": `{"who": {"name": 1, "age": 2, "all": [{"k": 1.5, "v": true}]}}`})
	w.run()
	if got := w.schemas()[0]; got != "raw(who struct<name:string,all:array<struct<k:int,v:boolean>>,age:int>)" {
		t.Errorf("got %s", got)
	}
}

func TestWhatIsGoneFollowsTheDeleteBehavior(t *testing.T) {
	files := map[string]string{"raw/sales/d=1/a": salesCSV, "raw/sales/d=2/a": salesCSV, "raw/people/d=1/a": peopleCSV, "raw/people/d=2/a": peopleCSV}
	const people, sales = "people(name string, age bigint) by d ", "sales(id bigint, amount double) by d "
	for _, test := range []struct {
		behavior string
		gone     []string
		want     []string
		dropped  int
		log      string
	}{
		{deleteIn, []string{"raw/people/d=1/a", "raw/people/d=2/a"}, []string{sales + "2"}, 0, ""},
		{deleteIn, []string{"raw/people/d=1/a"}, []string{people + "1", sales + "2"}, 1, ""},
		{deprecate, []string{"raw/people/d=1/a", "raw/people/d=2/a"}, []string{people + "2 deprecated", sales + "2"}, 0, ""},
		{deprecate, []string{"raw/people/d=1/a"}, []string{people + "2", sales + "2"}, 0, "1 partitions have no objects any more, and stay"},
		{logOnly, []string{"raw/people/d=1/a", "raw/people/d=2/a"}, []string{people + "2", sales + "2"}, 0, "there are no objects any more, and it stays: DeleteBehavior is LOG"},
		{logOnly, []string{"raw/people/d=1/a"}, []string{people + "2", sales + "2"}, 0, "1 partitions have no objects any more, and stay"},
	} {
		t.Run(fmt.Sprintf("%s of %d", test.behavior, len(test.gone)), func(t *testing.T) {
			targets := `"Targets": {"S3Targets": [{"Path": "s3://landing/raw/people"}, {"Path": "s3://landing/raw/sales/"}]}, `
			w := newCrawlWorld(t, targets+`"SchemaChangePolicy": {"DeleteBehavior": "`+test.behavior+`"}`, files)
			w.run()
			w.remove(test.gone...)
			result := w.run()
			if diff := cmp.Diff(test.want, w.schemas()); diff != "" {
				t.Error(diff)
			}
			if result.dropped != test.dropped || (test.behavior == deleteIn && len(test.gone) == 2) != (len(result.deleted) == 1) {
				t.Errorf("the crawl counted %+v", result)
			}
			if got := strings.Join(w.logs, "\n"); !strings.Contains(got, test.log) {
				t.Errorf("the log is %q, expected %q", got, test.log)
			}
		})
	}
}

func TestADeprecatedTableIsUsedAgainWhenItsDataIsBack(t *testing.T) {
	w := newCrawlWorld(t, "", map[string]string{"raw/a": salesCSV})
	w.run()
	w.remove("raw/a")
	w.run()
	if got := w.schemas()[0]; got != "raw(id bigint, amount double) deprecated" {
		t.Fatalf("got %s", got)
	}
	if again := w.run(); len(again.updated) > 0 {
		t.Errorf("the table was deprecated again: %+v", again)
	}
	w.put(map[string]string{"raw/a": salesCSV})
	if result := w.run(); len(result.updated) != 1 || w.schemas()[0] != "raw(id bigint, amount double)" {
		t.Errorf("got %q, %+v", w.schemas(), result)
	}
}

func TestTablesOfOthersAreNotRemoved(t *testing.T) {
	table := `"Other": {"Type": "AWS::Glue::Table", "Properties": {"CatalogId": "123456789012", "DatabaseName": {"Ref": "Sales"}, "TableInput": {"Name": "Other",
		"StorageDescriptor": {"Location": "s3://landing/raw/other/", "Columns": [{"Name": "x", "Type": "int"}]}}}}`
	w := crawlWorldOf(t, crawlTemplate(`"SchemaChangePolicy": {"DeleteBehavior": "DELETE_FROM_DATABASE"}`, crawlRights, table), nil)
	w.run()
	if got := w.schemas(); !slices.Equal(got, []string{"other(x int)"}) {
		t.Errorf("got %q", got)
	}
}

func TestAnIncrementalCrawlReadsNewFoldersOnly(t *testing.T) {
	w := newCrawlWorld(t, `"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}`, map[string]string{"raw/d=1/a": salesCSV, "raw/d=2/a": salesCSV})
	if first := w.run(); first.added != 2 {
		t.Fatalf("the first crawl counted %+v", first)
	}
	// What has changed or gone in a folder that is known is not looked at, and a folder that does not fit is left out.
	w.put(map[string]string{"raw/d=1/a": added, "raw/d=3/a": salesCSV, "raw/d=4/a": peopleCSV, "raw/d=5/e=1/a": salesCSV})
	w.remove("raw/d=2/a")
	second := w.run()
	if got := w.schemas(); !slices.Equal(got, []string{"raw(id bigint, amount double) by d 3"}) || second.added != 1 || len(second.updated)+second.dropped > 0 {
		t.Errorf("got %q, %+v", got, second)
	}
	if got := strings.Join(w.logs, "\n"); strings.Contains(got, "raw/d=1/a") {
		t.Errorf("the log is %q, and a folder that is known should not be read", got)
	}
	for _, left := range []string{"raw/d=4/a", "raw/d=5/e=1/a"} {
		if got := strings.Join(w.logs, "\n"); !strings.Contains(got, left+": the partition does not match") {
			t.Errorf("the log is %q, expected %s in it", got, left)
		}
	}
	if third := w.run(); third.duration >= second.duration || third.added > 0 {
		t.Errorf("a crawl without news counted %+v after %+v", third, second)
	}
}

func TestAFailedIncrementalCrawlIsDoneAgain(t *testing.T) {
	w := crawlWorldOf(t, crawlTemplate(`"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}`, crawlRights, ""), map[string]string{"raw/d=1/a": salesCSV},
		Fault{Kind: "fail", Where: "Crawler", Attempt: 1})
	if first := w.runCrawler(w.crawlers["crawler"]); first.state != crawlFailed || len(w.schemas()) > 0 {
		t.Fatalf("the first crawl %s and wrote %q", first.state, w.schemas())
	}
	w.faults = newFaults([]Fault{{Kind: "deny", Where: "glue:BatchCreatePartition"}})
	if second := w.crawl(w.crawlers["crawler"]); second.state != crawlFailed {
		t.Fatalf("the second crawl %s", second.state)
	}
	w.faults = newFaults(nil)
	if third := w.run(); third.added != 1 {
		t.Errorf("the third crawl counted %+v", third)
	}
}

func TestACrawlUpdatesTheTableThatTheTemplateHas(t *testing.T) {
	table := `"Mine": {"Type": "AWS::Glue::Table", "Properties": {"CatalogId": "123456789012", "DatabaseName": {"Ref": "Sales"}, "TableInput": {"Name": "mine",
		"PartitionKeys": [{"Name": "day", "Type": "date"}], "StorageDescriptor": {"Location": "s3://landing/raw", "Columns": [{"Name": "x", "Type": "int"}]}}}},
		"Part": {"Type": "AWS::Glue::Partition", "Properties": {"CatalogId": "123456789012", "DatabaseName": {"Ref": "Sales"}, "TableName": {"Ref": "Mine"},
			"PartitionInput": {"Values": ["1"], "StorageDescriptor": {"Location": "s3://landing/raw/day=1/"}}}}`
	w := crawlWorldOf(t, crawlTemplate("", crawlRights, table), map[string]string{"raw/day=1/a": salesCSV, "raw/day=2/a": salesCSV})
	result := w.run()
	if got := w.schemas(); !slices.Equal(got, []string{"mine(id bigint, amount double) by day 2"}) || result.added != 1 || result.changed != 1 {
		t.Errorf("got %q, %+v", got, result)
	}
	w.put(map[string]string{"raw/d=3/a": salesCSV})
	w.remove("raw/day=1/a", "raw/day=2/a")
	w.run()
	if got := strings.Join(w.logs, "\n"); !strings.Contains(got, "the partition keys are [day], and the folders make [d]") {
		t.Errorf("the log is %q", got)
	}
}

func TestFaultsOfACrawlerAreDone(t *testing.T) {
	files := map[string]string{"raw/a": salesCSV}
	normal := crawlWorldOf(t, crawlTemplate("", crawlRights, ""), maps.Clone(files)).run()
	for written, want := range map[string]string{
		"fail:Crawler": "a fault that was asked for", "slow:Crawler:10m": "", "fail:Crawler#2": "", "deny:glue:CreateTable": "Worker", "deny:s3:GetObject": "s3:GetObject",
	} {
		t.Run(written, func(t *testing.T) {
			fault, err := ParseFault(written)
			if err != nil {
				t.Fatal(err)
			}
			w := crawlWorldOf(t, crawlTemplate("", crawlRights, ""), maps.Clone(files), fault)
			result := w.runCrawler(w.crawlers["crawler"])
			if (result.state == crawlFailed) == (want == "") || want != "Worker" && !strings.Contains(result.message, want) {
				t.Errorf("the crawl %s: %s", result.state, result.message)
			}
			if slow := fault.Delay; result.state == crawlSucceeded && result.duration != normal.duration+slow {
				t.Errorf("the crawl takes %s, expected %s more than %s", result.duration, slow, normal.duration)
			}
		})
	}
}
