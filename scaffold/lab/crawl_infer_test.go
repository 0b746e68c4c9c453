package lab

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
)

// inferred is a schema in short: "csv , header (id bigint)".
func inferred(s schema) string {
	text := s.classification
	if s.delimiter != "" {
		text += fmt.Sprintf(" %q", s.delimiter)
	}
	if s.header {
		text += " header"
	}
	return text + " (" + describeColumns(columnsOf(s.columns)) + ")"
}

func TestCSVIsInferredAsTheBuiltInClassifierDocuments(t *testing.T) {
	long := strings.Repeat("x", 150)
	for _, test := range []struct{ name, content, want string }{
		{"types", "id,price,name,flag,day\n1,2.5,a,true,2026-01-01\n-2,3,b,FALSE,2026-01-02\n", `csv "," header (id bigint, price double, name string, flag boolean, day string)`},
		{"pipes", "id|n\n1|2\n", `csv "|" header (id bigint, n bigint)`},
		{"tabs", "id\tn\n1\t2\n", `csv "\t" header (id bigint, n bigint)`},
		{"semicolons, and commas in the numbers", "id;n\n1;2,5\n2;3,5\n", `csv ";" header (id bigint, n string)`},
		{"Ctrl-A", "id\x01n\n1\x012\n", `csv "\x01" header (id bigint, n bigint)`},
		{"Windows line ends", "id,n\r\n1,2\r\n", `csv "," header (id bigint, n bigint)`},
		{"names become lower case, and keep other characters", "Order ID,a/b\n1,2\n", `csv "," header (order id bigint, a/b bigint)`},
		{"a name twice", "n,n\n1,2\n", `csv "," header (n bigint, n_1 bigint)`},
		{"all strings, so the first row is no header", "a,b\nc,d\n", `csv "," (col0 string, col1 string)`},
		{"a number in the first row, so it is no header", "a,1\nb,2\n", `csv "," (col0 string, col1 bigint)`},
		{"a date alone does not make a header", "day,name\n2026-01-01,a\n", `csv "," (col0 string, col1 string)`},
		{"a name of 150 characters is none", long + ",n\n1,2\n", `csv "," (col0 string, col1 string)`},
		{"only the last name may be as long", "n," + long + "\n1,2\n", `csv "," header (n bigint, ` + long + ` bigint)`},
		{"a name may be missing at the end", "id,\n1,\n2,\n", `csv "," header (id bigint, col1 string)`},
		{"a name may not be missing elsewhere", ",n\n1,2\n", `csv "," (col0 bigint, col1 string)`},
		{"quotes hide delimiters and line ends", "id,note\n1,\"a, b\nand \"\"c\"\"\"\n2,d\n", `csv "," header (id bigint, note string)`},
		{"a missing value has no type", "id,n\n1,\n,2.5\n", `csv "," header (id bigint, n double)`},
		{"a column of nothing is a string", "id,n\n1,\n2,\n", `csv "," header (id bigint, n string)`},
		{"a number as large as none", "id,n\n1,9223372036854775808\n", `csv "," header (id bigint, n double)`},
		{"what only Go would call a number", "id,n,m\n1,0x1F,1_000\n2,NaN,Inf\n", `csv "," header (id bigint, n string, m string)`},
		{"blank lines do not count", "id,n\n\n1,2\n\n", `csv "," header (id bigint, n bigint)`},
		{"one column is no CSV", "id\n1\n2\n", "UNKNOWN ()"},
		{"one row is no CSV", "1,2\n", "UNKNOWN ()"},
		{"rows of different lengths are no CSV", "a,b\n1,2,3\n", "UNKNOWN ()"},
		{"nothing", "", "UNKNOWN ()"},
		{"Latin-1", "id,n\n1,caf\xe9\n", "UNKNOWN ()"},
		{"UTF-16", "\xff\xfei\x00,\x00n\x00\n\x001\x00,\x002\x00", "UNKNOWN ()"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := classify([]byte(test.content), nil)
			if err != nil || inferred(got) != test.want {
				t.Errorf("got %s, %v, expected %s", inferred(got), err, test.want)
			}
		})
	}
}

func TestACSVClassifierSaysMoreThanTheBuiltInOne(t *testing.T) {
	for _, test := range []struct {
		name, content string
		settings      csvSettings
		want          string
	}{
		{"another delimiter", "id~n\n1~2\n", csvSettings{delimiter: "~"}, `csv "~" header (id bigint, n bigint)`},
		{"another quote", "id,n\n1,'a,b'\n", csvSettings{quote: "'"}, `csv "," header (id bigint, n string)`},
		{"a header of strings", "a,b\nc,d\n", csvSettings{header: "PRESENT"}, `csv "," header (a string, b string)`},
		{"no header", "a,b\n1,2\n", csvSettings{header: "ABSENT"}, `csv "," (col0 string, col1 string)`},
		{"names", "1,2\n3,4\n", csvSettings{names: []string{"ID", "N"}}, `csv "," (id bigint, n bigint)`},
		{"one column", "id\n1\n", csvSettings{singleColumn: true}, `csv "," header (id bigint)`},
		{"blanks are kept", "id,n\n1, 2\n", csvSettings{keepBlanks: true}, `csv "," header (id bigint, n string)`},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.settings.custom = true
			got, err := classify([]byte(test.content), []csvSettings{test.settings})
			if err != nil || inferred(got) != test.want {
				t.Errorf("got %s, %v, expected %s", inferred(got), err, test.want)
			}
		})
	}
}

func TestACustomClassifierComesFirst(t *testing.T) {
	template := crawlTemplate(`"Classifiers": [{"Ref": "Mine"}]`, crawlRights, `"Mine": {"Type": "AWS::Glue::Classifier", "Properties": {"CsvClassifier": {
		"Name": "mine", "Delimiter": "~", "QuoteSymbol": "'", "ContainsHeader": "PRESENT"}}}`)
	w := crawlWorldOf(t, template, map[string]string{"raw/a.csv": "id~n,x\n1~'a'\n", "raw/b.csv": "id~n,x\n1~b\n"})
	w.run()
	if got := w.schemas(); !slices.Equal(got, []string{"raw(id bigint, n,x string)"}) {
		t.Fatalf("got %q", got)
	}
	info := w.table("raw").StorageDescriptor.SerdeInfo
	if !strings.HasSuffix(info.SerializationLibrary, "OpenCSVSerde") || info.Parameters["quoteChar"] != "'" || info.Parameters["separatorChar"] != "~" {
		t.Errorf("the SerDe is %+v", info)
	}
}

func TestJSONIsInferred(t *testing.T) {
	for _, test := range []struct{ name, content, want string }{
		{"types", `{"A": 1, "b": 3000000000, "c": 1.5, "d": "x", "e": true, "f": null}`, "json (a int, b bigint, c double, d string, e boolean, f string)"},
		{"lines", "{\"a\": 1}\n{\"b\": 2}\n", "json (a int, b int)"},
		{"widened", "{\"a\": 1, \"b\": 1, \"c\": null}\n{\"a\": 1.5, \"b\": \"x\", \"c\": 1}", "json (a double, b string, c int)"},
		{"nested", `{"who": {"Name": "x", "ages": [1, 2.5]}, "all": [{"k": 1}, {"v": [true]}]}`, "json (who struct<Name:string,ages:array<double>>, all array<struct<k:int,v:array<boolean>>>)"},
		{"an empty array", `{"a": []}`, "json (a array<string>)"},
		{"an array is one column", `[{"a": 1}, {"a": 2, "b": "x"}]`, "json (array array<struct<a:int,b:string>>)"},
		{"pretty", "{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}", "json (a int)"},
		{"broken after the first record", "{\"a\": 1}\n{\"b\": ", "json (a int)"},
		{"names that differ only in case", `{"A": 1, "a": "x"}`, "json (a string)"},
		{"a key twice", `{"a": 1, "a": 2.5}`, "json (a double)"},
		{"a large number", `{"a": 1e400}`, "json (a double)"},
		{"an object of nothing", `{}`, "UNKNOWN ()"},
		{"broken", `{"a": `, "UNKNOWN ()"},
		{"deep", strings.Repeat("[", 200000), "UNKNOWN ()"},
		{"deep objects", strings.Repeat(`{"a":`, 200000), "UNKNOWN ()"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := classify([]byte(test.content), nil)
			if err != nil || inferred(got) != test.want {
				t.Errorf("got %s, %v, expected %s", inferred(got), err, test.want)
			}
		})
	}
}

func TestALargeRecordOfJSONIsReadBeyondTheFirstMegabyte(t *testing.T) {
	got, err := classify([]byte(`{"a": "`+strings.Repeat("x", 3*sampleSize)+`"}`), nil)
	if err != nil || inferred(got) != "json (a string)" {
		t.Errorf("got %s, %v", inferred(got), err)
	}
	if got, _ = classify([]byte(`{"a": "`+strings.Repeat("x", sampleLimit)+`"}`), nil); got.classification != unclassified {
		t.Errorf("got %s of a record larger than what Glue reads", inferred(got))
	}
}

func TestOnlyTheBeginningOfAFileCounts(t *testing.T) {
	var lines strings.Builder
	lines.WriteString("id,n\n")
	for range csvRecords {
		lines.WriteString("1,2\n")
	}
	lines.WriteString("x,y\n")
	got, err := classify([]byte(lines.String()), nil)
	if err != nil || inferred(got) != `csv "," header (id bigint, n bigint)` || got.records != csvRecords {
		t.Errorf("got %s with %d records, %v", inferred(got), got.records, err)
	}
}

// The types that Spark, Hive and Arrow write.
type parquetRow struct {
	ID      int64             `parquet:"ID"`
	Small   int32             `parquet:"small"`
	Tiny    int8              `parquet:"tiny"`
	Ratio   float32           `parquet:"ratio"`
	Price   int64             `parquet:"price,decimal(2:12)"`
	Name    string            `parquet:"name,optional"`
	Raw     []byte            `parquet:"raw"`
	Day     int32             `parquet:"day,date"`
	At      int64             `parquet:"at,timestamp(microsecond)"`
	Old     deprecated.Int96  `parquet:"old"`
	Flag    bool              `parquet:"flag"`
	Total   float64           `parquet:"total"`
	Tags    []string          `parquet:"tags,list"`
	Bare    []int32           `parquet:"bare"`
	Counts  map[string]int64  `parquet:"counts"`
	Address parquetAddress    `parquet:"address"`
	Lines   []parquetAddress  `parquet:"lines,list"`
	Nested  map[string][]bool `parquet:"nested"`
}

type parquetAddress struct {
	Street string `parquet:"Street"`
	Number int32  `parquet:"Number"`
}

func parquetFile(t testing.TB, rows int) []byte {
	t.Helper()
	var out bytes.Buffer
	writer := parquet.NewGenericWriter[parquetRow](&out)
	if _, err := writer.Write(make([]parquetRow, rows)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestParquetHasTheTypesOfHive(t *testing.T) {
	got, err := classify(parquetFile(t, 3), nil)
	const want = "parquet (id bigint, small int, tiny tinyint, ratio float, price decimal(12,2), name string, raw binary, day date, at timestamp, " +
		"old timestamp, flag boolean, total double, tags array<string>, bare array<int>, counts map<string,bigint>, " +
		"address struct<Street:string,Number:int>, lines array<struct<Street:string,Number:int>>, nested map<string,array<boolean>>)"
	if err != nil || inferred(got) != want || got.records != 3 {
		t.Errorf("got %s, %d records, %v\nexpected %s", inferred(got), got.records, err, want)
	}
}

func TestATableOfParquetIsReadByHivesOwnSerDe(t *testing.T) {
	w := newCrawlWorld(t, "", map[string]string{"raw/part-0.parquet": string(parquetFile(t, 2)), "raw/part-1.parquet": string(parquetFile(t, 5))})
	w.run()
	table := w.table("raw")
	info := table.StorageDescriptor.SerdeInfo
	if info.SerializationLibrary != "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" || table.Parameters["recordCount"] != "7" || table.Parameters["compressionType"] != "none" {
		t.Errorf("the SerDe is %+v, the parameters %v", info, table.Parameters)
	}
}

func TestBrokenParquetHasNoFormat(t *testing.T) {
	whole := parquetFile(t, 1)
	for name, content := range map[string][]byte{"cut": whole[:len(whole)/2], "magic alone": []byte("PAR1"), "twice the magic": []byte("PAR1PAR1"), "no end": slices.Concat([]byte("PAR1"), make([]byte, 100))} {
		if got, err := classify(content, nil); err != nil || got.classification != unclassified {
			t.Errorf("%s: got %s, %v", name, inferred(got), err)
		}
	}
}

// A file of which a few bytes are wrong has a schema or none, and never breaks the lab.
func TestParquetWithWrongBytesBreaksNothing(t *testing.T) {
	whole := parquetFile(t, 1)
	random := rand.New(rand.NewPCG(1, 2))
	readable := 0
	for range 3000 {
		content := slices.Clone(whole)
		for range 3 {
			content[random.IntN(len(content))] = byte(random.UintN(256))
		}
		got, err := classify(content, nil)
		if err != nil {
			continue // the wrong byte made it another format
		}
		if got.classification == "parquet" {
			readable++
			checkSchema(t, got)
		}
	}
	if readable == 0 || readable == 3000 {
		t.Errorf("%d of 3000 files were readable, expected some", readable)
	}
}

// compressed is a text by each way that Glue reads and the standard library can make.
func compressed(t *testing.T, content string) map[string][]byte {
	t.Helper()
	var zipped, packed bytes.Buffer
	writer := gzip.NewWriter(&zipped)
	archive := zip.NewWriter(&packed)
	file, err := archive.Create("a.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, write := range []func() error{
		func() error { _, err := writer.Write([]byte(content)); return err }, writer.Close,
		func() error { _, err := file.Write([]byte(content)); return err }, archive.Close,
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
	}
	return map[string][]byte{"gzip": zipped.Bytes(), "zip": packed.Bytes(), "none": []byte(content)}
}

// bzipped is "id,n\n1,2\n" as bzip2 writes it.
const bzipped = "QlpoOTFBWSZTWfWPiVYAAAPZAAAQAAQwAAQhIAAiGT0QhgKEJW/F3JFOFCQ9Y+JVgA=="

func TestCompressedFilesAreReadAndCompressionIsTheTables(t *testing.T) {
	all := compressed(t, "id,n\n1,2\n")
	bzip2, err := base64.StdEncoding.DecodeString(bzipped)
	if err != nil {
		t.Fatal(err)
	}
	all["bzip2"] = bzip2
	for compression, content := range all {
		t.Run(compression, func(t *testing.T) {
			w := newCrawlWorld(t, "", map[string]string{"raw/a.csv": string(content)})
			w.run()
			table := w.table("raw")
			if got := schemaOf(table); got != "raw(id bigint, n bigint)" || table.Parameters["compressionType"] != compression || table.StorageDescriptor.Compressed != (compression != "none") {
				t.Errorf("got %s, %v", got, table.Parameters)
			}
		})
	}
}

func TestABrokenCompressionHasNoFormat(t *testing.T) {
	for name, content := range map[string]string{"gzip": "\x1f\x8bbroken", "bzip2": "BZh9broken", "zip": "PK\x03\x04broken"} {
		if got, err := classify([]byte(content), nil); err != nil || got.classification != unclassified {
			t.Errorf("%s: got %s, %v", name, inferred(got), err)
		}
	}
}

// Source: AWS Glue Developer Guide, "Built-in classifiers in AWS Glue": archives of a single file; read 2026-11.
func TestAnArchiveOfSeveralFilesHasNoFormat(t *testing.T) {
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for _, name := range []string{"a.csv", "b.csv"} {
		file, err := archive.Create(name)
		if err == nil {
			_, err = file.Write([]byte("id,n\n1,2\n"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := classify(packed.Bytes(), nil); err != nil || got.classification != unclassified {
		t.Errorf("got %s, %v", inferred(got), err)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("id,n\n1,2\n"), ",")
	f.Add([]byte("\"a\"\"\n,b\r\n"), "|")
	f.Add([]byte("a,a,a_1,a\n1,2,3,4\n"), ",")
	f.Fuzz(func(t *testing.T, content []byte, delimiter string) {
		settings := csvSettings{custom: true, singleColumn: true, quote: "'"}
		if len(delimiter) == 1 && delimiter[0] < 0x80 {
			settings.delimiter = delimiter
		}
		for _, s := range []csvSettings{{}, settings} {
			got, ok := inferCSV(content, true, s)
			if ok {
				checkSchema(t, got)
			}
		}
	})
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a": [1, {"b": null}], "A": {}}`))
	f.Add([]byte(`[[]]`))
	f.Fuzz(func(t *testing.T, content []byte) {
		if got, ok := inferJSON(content); ok {
			checkSchema(t, got)
		}
	})
}

func FuzzParquet(f *testing.F) {
	f.Add(parquetFile(f, 1))
	f.Fuzz(func(t *testing.T, content []byte) {
		if got, err := inferParquet(content); err == nil {
			checkSchema(t, got)
		}
	})
}

func FuzzGlob(f *testing.F) {
	f.Add(`2015/01/{[!0],0[8-9]}**`, "2015/01/10/a.csv")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		if compiled, err := compileGlob(pattern); err == nil {
			compiled.MatchString(path)
		}
	})
}

// checkSchema checks what holds for every schema: columns have names of their own, and types that do not change when they meet themselves.
func checkSchema(t *testing.T, s schema) {
	t.Helper()
	seen := map[string]bool{}
	for _, column := range s.columns {
		if seen[column.name] {
			t.Errorf("the column %q is there twice", column.name)
		}
		seen[column.name] = true
		if got := merged(column.of, column.of); got.String() != column.of.String() {
			t.Errorf("%s and itself are %s", column.of, got)
		}
	}
	if s.records < 1 && s.classification == "json" {
		t.Error("there is a schema without a record")
	}
}
