package lab

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// serde is how the engines read a format.
// Source: Amazon Athena User Guide, "Choose a SerDe for your data"; AWS Glue Developer Guide, "Built-in CSV classifier", read 2026-11.
type serde struct{ library, input, output string }

const (
	textInput  = "org.apache.hadoop.mapred.TextInputFormat"
	textOutput = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
	parquetIO  = "org.apache.hadoop.hive.ql.io.parquet."
)

var serdes = map[string]serde{
	"csv":        {"org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", textInput, textOutput},
	"quoted csv": {"org.apache.hadoop.hive.serde2.OpenCSVSerde", textInput, textOutput},
	"json":       {"org.openx.data.jsonserde.JsonSerDe", textInput, textOutput},
	"parquet":    {parquetIO + "serde.ParquetHiveSerDe", parquetIO + "MapredParquetInputFormat", parquetIO + "MapredParquetOutputFormat"},
}

// describe is the table as the crawler would write it, without its name.
func (w *crawling) describe(found foundTable) *catalogTable {
	types := allColumns(found.main)
	t := &catalogTable{
		Owner: "owner", TableType: "EXTERNAL_TABLE", types: types,
		StorageDescriptor: w.storage(found, found.main, types),
	}
	t.StorageDescriptor.Location = found.target.location(found.root, !found.file)
	maps.Copy(t.StorageDescriptor.Parameters, numbersOf(found.files))
	t.Parameters = maps.Clone(t.StorageDescriptor.Parameters)
	for _, key := range found.keys {
		// A partition's key is a string, whatever its values look like.
		// Source: AWS Glue Developer Guide, "Creating a single schema for each Amazon S3 include path", read 2026-11.
		t.PartitionKeys = append(t.PartitionKeys, catalogColumn{Name: key, Type: hiveString})
	}
	if len(found.keys) > 0 {
		t.Parameters["partition_filtering.enabled"] = "true"
	}
	return t
}

func allColumns(files []*crawledFile) []hiveField {
	var all []hiveField
	for _, file := range files {
		all = mergedFields(all, file.columns)
	}
	return all
}

// storage describes how files are read. Where they differ the most say.
func (w *crawling) storage(found foundTable, files []*crawledFile, types []hiveField) storageDescriptor {
	first := files[0]
	headers := 0
	for _, file := range files {
		if file.header {
			headers++
		}
	}
	parameters := map[string]string{
		"CrawlerSchemaSerializerVersion": "1.0", "CrawlerSchemaDeserializerVersion": "1.0", updatedBy: w.crawler.name, crawlRun: w.id,
		"classification": first.classification, "compressionType": first.compression, "typeOfData": "file",
	}
	out := storageDescriptor{Columns: columnsOf(types), Compressed: first.compression != "none", NumberOfBuckets: -1, Parameters: parameters}
	use := serdes[first.classification]
	switch first.classification {
	case "csv":
		parameters["delimiter"], parameters["columnsOrdered"], parameters["areColumnsQuoted"] = first.delimiter, "true", "false"
		if headers*2 > len(files) {
			parameters["skip.header.line.count"] = "1"
		}
		out.SerdeInfo.Parameters = map[string]string{"field.delim": first.delimiter}
		if first.quote != "" {
			use = serdes["quoted csv"]
			out.SerdeInfo.Parameters = map[string]string{"separatorChar": first.delimiter, "quoteChar": first.quote}
		}
	case "json":
		out.SerdeInfo.Parameters = map[string]string{"paths": pathsOf(files)}
	case "parquet":
		out.SerdeInfo.Parameters = map[string]string{"serialization.format": "1"}
	}
	out.SerdeInfo.SerializationLibrary, out.InputFormat, out.OutputFormat = use.library, use.input, use.output
	if len(found.target.exclusions) > 0 {
		parameters["exclusions"] = exclusionsOf(found.target)
	}
	return out
}

func columnsOf(types []hiveField) []catalogColumn {
	out := make([]catalogColumn, len(types))
	for i, f := range types {
		out[i] = catalogColumn{Name: f.name, Type: f.of.String()}
	}
	return out
}

func pathsOf(files []*crawledFile) string {
	all := map[string]bool{}
	for _, file := range files {
		for _, path := range file.paths {
			all[path] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(all)), ",")
}

// exclusionsOf is what jobs read, too: patterns from the bucket on.
// Source: AWS Glue Developer Guide, "Include and exclude patterns", read 2026-11.
func exclusionsOf(target crawlTarget) string {
	var all []string
	for _, pattern := range target.exclusions {
		all = append(all, target.location(target.prefix, true)+pattern)
	}
	data, err := json.Marshal(all)
	if err != nil {
		return "[]" // texts are always JSON
	}
	return string(data)
}

// numbersOf are the statistics of files; the records of what was not read are estimated by the sample.
func numbersOf(files []*crawledFile) map[string]string {
	var size, records int64
	for _, file := range files {
		size += file.size
		estimate := int64(file.records)
		if file.compression == "none" && file.classification != "parquet" && file.size > int64(file.sampled) {
			estimate = estimate * file.size / int64(file.sampled)
		}
		records += estimate
	}
	return map[string]string{
		"objectCount": strconv.Itoa(len(files)), "sizeKey": strconv.FormatInt(size, 10), "recordCount": strconv.FormatInt(records, 10),
		"averageRecordSize": strconv.FormatInt(size/max(records, 1), 10),
	}
}

// writePartitions adds the partitions that are new, and updates those that have changed, or follow the table.
// Source: AWS Glue Developer Guide, "Setting crawler configuration options", read 2026-11.
func (w *crawling) writePartitions(table *catalogTable, found foundTable) error {
	if len(found.keys) == 0 {
		return nil
	}
	depth := pathDepth(found.root)
	byValues := map[string][]*crawledFile{}
	for _, file := range found.files {
		key := partitionKey(file.values(depth))
		byValues[key] = append(byValues[key], file)
	}
	if err := w.may("glue:BatchGetPartition", table.Name); err != nil {
		return err
	}
	var added, updated []*catalogPartition
	for _, key := range slices.Sorted(maps.Keys(byValues)) {
		want := w.partition(table, found, byValues[key], depth)
		known := table.partitions[key]
		if known == nil {
			added = append(added, want)
			continue
		}
		if w.follow(table, known, want) {
			updated = append(updated, want)
		}
	}
	if err := w.mayBatch("glue:BatchCreatePartition", table, len(added)); err != nil {
		return err
	}
	if err := w.mayBatch("glue:UpdatePartition", table, len(updated)); err != nil {
		return err
	}
	w.added += len(added)
	for _, partition := range added {
		table.add(partition, w.lab.clock.Now())
	}
	for _, partition := range updated {
		known := table.partitions[partitionKey(partition.Values)]
		if changed(&known.StorageDescriptor, &partition.StorageDescriptor) {
			w.changed++
		}
		table.add(partition, known.CreationTime)
	}
	return nil
}

// mayBatch checks an action once, and counts the calls that it takes.
func (w *crawling) mayBatch(action string, table *catalogTable, count int) error {
	if count == 0 {
		return nil
	}
	calls := (count + partsOfCall - 1) / partsOfCall
	w.duration += time.Duration(calls-1) * crawlCall
	return w.may(action, table.Name)
}

// partition describes one partition.
func (w *crawling) partition(table *catalogTable, found foundTable, files []*crawledFile, depth int) *catalogPartition {
	p := &catalogPartition{Values: files[0].values(depth)}
	if w.crawler.settings.inherit {
		p.StorageDescriptor = table.StorageDescriptor
		p.StorageDescriptor.Parameters = maps.Clone(table.StorageDescriptor.Parameters)
	} else {
		p.StorageDescriptor = w.storage(found, files, allColumns(files))
	}
	maps.Copy(p.StorageDescriptor.Parameters, numbersOf(files))
	p.StorageDescriptor.Location = found.target.location(strings.Join(files[0].folders, "/"), true)
	p.Parameters = p.StorageDescriptor.Parameters
	return p
}

// follow says whether a partition that is there is updated to what was found.
func (w *crawling) follow(table *catalogTable, known, want *catalogPartition) bool {
	s := &w.crawler.settings
	differs := changed(&known.StorageDescriptor, &want.StorageDescriptor)
	if !differs && sameStatistics(known.Parameters, want.Parameters) {
		return false
	}
	switch {
	case s.inherit:
		return true
	case s.mergeNew:
		want.StorageDescriptor.Columns, _ = addedColumns(known.StorageDescriptor.Columns, nil, typesOf(want.StorageDescriptor.Columns))
		return true
	case s.update == logOnly:
		if differs {
			w.log("table %s: the partition %s has changed, and is not updated: UpdateBehavior is LOG", table.Name, fmt.Sprint(known.Values))
		}
		return false
	}
	return true
}

// typesOf are columns whose types are not taken apart.
func typesOf(columns []catalogColumn) []hiveField {
	out := make([]hiveField, len(columns))
	for i, column := range columns {
		out[i] = hiveField{name: column.Name, of: hiveType{kind: column.Type}}
	}
	return out
}
