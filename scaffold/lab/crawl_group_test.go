package lab

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	salesCSV  = "id,amount\n1,2.5\n2,3\n"
	peopleCSV = "name,age\na,40\nb,50\n"
)

func TestFilesBecomeTablesAsTheGuideSays(t *testing.T) {
	sales := func(keys ...string) map[string]string {
		files := map[string]string{}
		for _, key := range keys {
			files[key] = salesCSV
		}
		return files
	}
	with := func(files map[string]string, more ...string) map[string]string {
		for i := 0; i < len(more); i += 2 {
			files[more[i]] = more[i+1]
		}
		return files
	}
	everything := `"Targets": {"S3Targets": [{"Path": "s3://landing"}]}`
	level := func(n int) string {
		return fmt.Sprintf(`"Configuration": "{\"Version\":1.0,\"Grouping\":{\"TableLevelConfiguration\":%d}}"`, n)
	}
	for _, test := range []struct {
		name, properties string
		files            map[string]string
		want             []string
	}{
		{
			"folders with keys", "", sales("raw/year=2019/month=Jan/day=1/a", "raw/year=2019/month=Jan/day=2/a", "raw/year=2019/month=Feb/day=1/a", "raw/year=2019/month=Feb/day=2/a"),
			[]string{"raw(id bigint, amount double) by year,month,day 4"},
		},
		{
			"folders without keys", "", sales("raw/table1/partition1/file.txt", "raw/table1/partition2/file.txt", "raw/table1/partition3/file.txt", "raw/table2/partition4/file.txt", "raw/table2/partition5/file.txt"),
			[]string{"raw(id bigint, amount double) by partition_0,partition_1 5"},
		},
		{
			"a target for each of them", `"Targets": {"S3Targets": [{"Path": "s3://landing/raw/table1/"}, {"Path": "s3://landing/raw/table2"}]}`,
			sales("raw/table1/partition1/file.txt", "raw/table1/partition2/file.txt", "raw/table2/partition4/file.txt"),
			[]string{"table1(id bigint, amount double) by partition_0 2", "table2(id bigint, amount double) by partition_0 1"},
		},
		{
			"schemas that are not alike", "",
			map[string]string{"raw/year=2017/data1.json": `{"A": 1, "B": 2}`, "raw/year=2018/data2.json": `{"C": 3, "D": 4}`},
			[]string{"year_2017(a int, b int)", "year_2018(c int, d int)"},
		},
		{
			"the same, combined", combine,
			map[string]string{"raw/year=2017/data1.json": `{"A": 1, "B": 2}`, "raw/year=2018/data2.json": `{"C": 3, "D": 4}`},
			[]string{"raw(a int, b int, c int, d int) by year 2"},
		},
		{"no folders", "", sales("raw/a.csv", "raw/b.csv"), []string{"raw(id bigint, amount double)"}},
		{
			"no folders, and schemas that are not alike", "", with(sales("raw/a.csv"), "raw/b.csv", peopleCSV),
			[]string{"a_csv(id bigint, amount double)", "b_csv(name string, age bigint)"},
		},
		{"the whole bucket", everything, sales("a/x", "b/x"), []string{"landing(id bigint, amount double) by partition_0 2"}},
		{
			"the whole bucket, with two kinds of data", everything, with(sales("Sales-2026/x", "Sales-2026/y"), "people/x", peopleCSV, "people/y", peopleCSV),
			[]string{"people(name string, age bigint)", "sales_2026(id bigint, amount double)"},
		},
		{"one file", `"Targets": {"S3Targets": [{"Path": "s3://landing/raw/Orders.CSV"}]}`, sales("raw/Orders.CSV", "raw/other"), []string{"orders_csv(id bigint, amount double)"}},
		{
			"files beside folders", "", with(sales("raw/a.csv", "raw/x/a.csv"), "raw/y/b.csv", peopleCSV),
			[]string{"a_csv(id bigint, amount double)", "x(id bigint, amount double)", "y(name string, age bigint)"},
		},
		{
			"one of five differs, and is a partition with its own schema", "", with(sales("raw/d=1/a", "raw/d=2/a", "raw/d=3/a", "raw/d=4/a"), "raw/d=5/a", peopleCSV),
			[]string{"raw(id bigint, amount double) by d 5"},
		},
		{
			"three of ten differ, which is too many", "", with(sales("raw/d=1/a", "raw/d=2/a", "raw/d=3/a", "raw/d=4/a", "raw/d=5/a", "raw/d=6/a", "raw/d=7/a"), "raw/d=8/a", peopleCSV, "raw/d=9/a", peopleCSV, "raw/d=10/a", peopleCSV),
			[]string{
				"d_1(id bigint, amount double)", "d_10(name string, age bigint)", "d_2(id bigint, amount double)", "d_3(id bigint, amount double)", "d_4(id bigint, amount double)",
				"d_5(id bigint, amount double)", "d_6(id bigint, amount double)", "d_7(id bigint, amount double)", "d_8(name string, age bigint)", "d_9(name string, age bigint)",
			},
		},
		{
			"a file of another format is a table of its own", "", with(sales("raw/d=1/a", "raw/d=2/a", "raw/d=3/a", "raw/d=4/a"), "raw/d=4/b.json", `{"x": 1}`),
			[]string{"b_json(x int)", "raw(id bigint, amount double) by d 4"},
		},
		{
			"another delimiter is another format, also when combined", combine, with(sales("raw/d=1/a", "raw/d=2/a", "raw/d=3/a", "raw/d=4/a"), "raw/d=4/b", "id|amount\n1|2\n2|3\n"),
			[]string{"b(id bigint, amount bigint)", "raw(id bigint, amount double) by d 4"},
		},
		{
			"a file of no format is left out", "", with(sales("raw/d=1/a", "raw/d=2/a", "raw/d=3/a", "raw/d=4/a"), "raw/d=5/b", "x"),
			[]string{"raw(id bigint, amount double) by d 4"},
		},
		{"files of no format", "", map[string]string{"raw/a": "x", "raw/b": "y"}, []string{"raw()"}},
		{"markers without content", "", with(sales("raw/a/x"), "raw/_SUCCESS", "", "raw/b/", ""), []string{"raw(id bigint, amount double) by partition_0 1"}},
		{"nothing", "", map[string]string{"other/a": salesCSV, "raws/a": salesCSV}, nil},
		{"keys that differ", "", sales("raw/year=1/a", "raw/yr=2/a"), []string{"year_1(id bigint, amount double)", "yr_2(id bigint, amount double)"}},
		{"keys that are no names", "", sales("raw/Sales-Year=1/=2/a"), []string{"raw(id bigint, amount double) by sales_year,partition_1 1"}},
		{"a level below the target", level(3), sales("raw/sales/d=1/a", "raw/people/d=1/a"), []string{"people(id bigint, amount double) by d 1", "sales(id bigint, amount double) by d 1"}},
		{"a level above the target", level(1), sales("raw/d=1/a", "raw/d=2/a"), []string{"raw(id bigint, amount double) by d 2"}},
		{"a prefix", `"TablePrefix": "My-"`, sales("raw/a"), []string{"my_raw(id bigint, amount double)"}},
		{
			"the same name twice", `"Targets": {"S3Targets": [{"Path": "s3://landing/a/raw/"}, {"Path": "s3://landing/b/raw/"}]}`, sales("a/raw/x", "b/raw/x"),
			[]string{"raw(id bigint, amount double)", "raw_20c695fa0ab620f477d02e07aed80b41(id bigint, amount double)"},
		},
		{"a long name", "", sales("raw/x/a", "raw/"+strings.Repeat("y", 200)+"=1/a"), []string{"x(id bigint, amount double)", strings.Repeat("y", 128) + "(id bigint, amount double)"}},
		{
			"exclusions", `"Targets": {"S3Targets": [{"Path": "s3://landing/raw/", "Exclusions": ["**.json", "old/**"]}]}`,
			with(sales("raw/new/a", "raw/old/a", "raw/old/b/c"), "raw/new/x.json", "{}"),
			[]string{"raw(id bigint, amount double) by partition_0 1"},
		},
		{
			"a sample of each folder", `"Targets": {"S3Targets": [{"Path": "s3://landing/raw/", "SampleSize": 1}]}`,
			with(sales("raw/d=1/a", "raw/d=2/a"), "raw/d=1/b", peopleCSV, "raw/d=2/b", peopleCSV),
			[]string{"raw(id bigint, amount double) by d 2"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newCrawlWorld(t, test.properties, test.files)
			w.run()
			if diff := cmp.Diff(test.want, w.schemas()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPartitionHasItsOwnSchemaUnlessItInherits(t *testing.T) {
	files := map[string]string{"raw/d=1/a": salesCSV, "raw/d=2/a": salesCSV, "raw/d=3/a": salesCSV, "raw/d=4/a": peopleCSV}
	for name, test := range map[string]struct{ properties, want string }{
		"its own":  {"", "name string, age bigint"},
		"inherits": {inheritAndCombine, "id bigint, amount double, name string, age bigint"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newCrawlWorld(t, test.properties, files)
			w.run()
			if got := describeColumns(w.table("raw").partitions["4"].StorageDescriptor.Columns); got != test.want {
				t.Errorf("got %s, expected %s", got, test.want)
			}
		})
	}
}

func TestExclusionsAreJobsTooToRead(t *testing.T) {
	w := newCrawlWorld(t, `"Targets": {"S3Targets": [{"Path": "s3://landing/raw", "Exclusions": ["*.tmp"]}]}`, map[string]string{"raw/a": salesCSV})
	w.run()
	if got := w.table("raw").Parameters["exclusions"]; got != `["s3://landing/raw/*.tmp"]` {
		t.Errorf("got %s", got)
	}
}

func TestMoreTablesThanTheThresholdAreNotWritten(t *testing.T) {
	files := map[string]string{"raw/a.csv": salesCSV, "raw/b.csv": peopleCSV}
	for most, want := range map[int]string{1: crawlFailed, 2: crawlSucceeded} {
		w := newCrawlWorld(t, fmt.Sprintf(`"Configuration": "{\"Version\":1.0,\"CrawlerOutput\":{\"Tables\":{\"TableThreshold\":%d}}}"`, most), files)
		result := w.crawl(w.crawlers["crawler"])
		if result.state != want || (want == crawlFailed) != (len(w.schemas()) == 0) {
			t.Errorf("with %d tables at most the crawl %s and wrote %q", most, result.state, w.schemas())
		}
	}
}

// The patterns and paths of the guide. Source: AWS Glue Developer Guide, "Include and exclude patterns", read 2026-11.
func TestExcludePatternsMatchAsTheGuideSays(t *testing.T) {
	const january = "2015/01/{[!0],0[8-9]}**"
	for _, test := range []struct {
		pattern, path string
		want          bool
	}{
		{"*.csv", "a.csv", true},
		{"*.csv", "b/a.csv", false},
		{"*.*", "a.b", true},
		{"*.*", "ab", false},
		{"*.{csv,avro}", "a.avro", true},
		{"*.{csv,avro}", "a.json", false},
		{"foo.?", "foo.x", true},
		{"foo.?", "foo.xy", false},
		{"foo.?", "foo./", false},
		{"myfolder/*", "myfolder/mysource", true},
		{"myfolder/*", "myfolder/mysource/data", false},
		{"myfolder/*/*", "myfolder/mysource/data", true},
		{"myfolder/**", "myfolder/mysource/data", true},
		{"myfolder**", "myfolder", true},
		{"myfolder**", "myfolder/mydata.txt", true},
		{"departments/market*", "departments/market-us.json", true},
		{"departments/market*", "departments/finance.json", false},
		{"**.csv", "employees/jane.csv", true},
		{"employees/*.csv", "employees/juan.txt", false},
		{"[abce-g]", "f", true},
		{"[abce-g]", "d", false},
		{"[!a-c]", "d", true},
		{"[!a-c]", "a", false},
		{"[!a-c]", "/", false},
		{"[*?\\]", "\\", true},
		{"[*?\\]", "x", false},
		{"[-a]", "-", true},
		{"[!-a]", "-", false},
		{"[]]", "]", true},
		{`\{a`, "{a", true},
		{`\\`, `\`, true},
		{"*", ".hidden", true},
		{"a,b", "a,b", true},
		{"Größe*", "Größe 1", true},
		{"a+(b)", "a+(b)", true},
		{january, "2015/01/10/a.csv", true},
		{january, "2015/01/08/a.csv", true},
		{january, "2015/01/07/a.csv", false},
		{"2015/0[2-9]/**", "2015/09/01/a.csv", true},
	} {
		compiled, err := compileGlob(test.pattern)
		if err != nil {
			t.Errorf("%s: %v", test.pattern, err)
			continue
		}
		if got := compiled.MatchString(test.path); got != test.want {
			t.Errorf("%s matches %s: got %t, expected %t", test.pattern, test.path, got, test.want)
		}
	}
	for _, pattern := range []string{"[a", "[", "[!", "{a", "a}", "{a{b}}", `a\`} {
		if _, err := compileGlob(pattern); err == nil {
			t.Errorf("%s: expected an error", pattern)
		}
	}
}
