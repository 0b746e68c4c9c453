package lab

import (
	"crypto/md5" //nolint:gosec // it makes a name, and keeps no secret
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Parameters that crawlers write, as tables that they have made show.
const (
	updatedBy    = "UPDATED_BY_CRAWLER"
	deprecatedBy = "DEPRECATED_BY_CRAWLER"
	crawlRun     = "CRAWL_RUN_ID"
)

// statistics are parameters that change with the data, and not with the schema.
var statistics = []string{"objectCount", "recordCount", "averageRecordSize", "sizeKey", crawlRun}

// attributes are those of a table that make it another one.
// Source: AWS Glue Developer Guide, "Setting crawler configuration options", "Add new columns only", read 2026-11.
var attributes = []string{"classification", "compressionType", "delimiter"}

// write makes or updates a table and its partitions.
func (w *crawling) write(found foundTable) error {
	database := w.lab.catalog.databases[w.crawler.database]
	want := w.describe(found)
	table := w.locations[want.StorageDescriptor.Location]
	if table == nil {
		want.Name = database.freeName(w.name(found), want.StorageDescriptor.Location)
		for _, action := range []string{"glue:GetTable", "glue:CreateTable"} {
			if err := w.may(action, want.Name); err != nil {
				return err
			}
		}
		table = want
		database.add(table, w.lab.clock.Now())
		w.locations[table.StorageDescriptor.Location] = table
		w.created = append(w.created, table.Name)
	} else {
		if err := w.may("glue:GetTable", table.Name); err != nil {
			return err
		}
		if err := w.update(table, want); err != nil {
			return err
		}
	}
	w.lab.lineage.wroteTable(w.by.Role, table)
	if !slices.Equal(columnNames(table.PartitionKeys), found.keys) {
		w.log("table %s: the partition keys are %v, and the folders make %v: no partitions are added", table.Name, columnNames(table.PartitionKeys), found.keys)
		return nil
	}
	return w.writePartitions(table, found)
}

// update follows the SchemaChangePolicy.
// Source: AWS Glue Developer Guide, "Setting crawler configuration options", read 2026-11.
func (w *crawling) update(table, want *catalogTable) error {
	s := &w.crawler.settings
	schemaChanged := changed(&table.StorageDescriptor, &want.StorageDescriptor) || table.Parameters[deprecatedBy] != ""
	next := want
	switch {
	case s.mergeNew:
		var err error
		if next, err = w.mergeNew(table, want); next == nil {
			return err
		}
		schemaChanged = changed(&table.StorageDescriptor, &next.StorageDescriptor)
	case s.update == logOnly:
		if schemaChanged {
			w.log("table %s: the schema has changed to %s, and is not updated: UpdateBehavior is LOG", table.Name, describeColumns(want.StorageDescriptor.Columns))
		}
		return nil
	}
	if !schemaChanged && sameStatistics(table.Parameters, next.Parameters) {
		return nil
	}
	if err := w.may("glue:UpdateTable", table.Name); err != nil {
		return err
	}
	kept := *table
	*table = *next
	table.Name, table.DatabaseName, table.CreateTime, table.UpdateTime = kept.Name, kept.DatabaseName, kept.CreateTime, w.lab.clock.Now()
	table.partitions, table.PartitionKeys = kept.partitions, kept.PartitionKeys
	if schemaChanged {
		w.updated = append(w.updated, table.Name)
		w.log("table %s: the schema is now %s", table.Name, describeColumns(table.StorageDescriptor.Columns))
	}
	return nil
}

// mergeNew is the table with new columns added. A table that has become another one is deprecated, and there is nothing to merge.
func (w *crawling) mergeNew(table, want *catalogTable) (*catalogTable, error) {
	for _, attribute := range attributes {
		if table.Parameters[attribute] != want.Parameters[attribute] {
			w.log("table %s: the %s was %q and is now %q, which cannot be merged: the table is deprecated", table.Name, attribute, table.Parameters[attribute], want.Parameters[attribute])
			return nil, w.deprecate(table)
		}
	}
	next := *table
	next.StorageDescriptor.Columns, next.types = addedColumns(table.StorageDescriptor.Columns, table.types, want.types)
	next.Parameters = maps.Clone(table.Parameters)
	for _, key := range append(statistics, updatedBy) {
		next.Parameters[key] = want.Parameters[key]
	}
	return &next, nil
}

// addedColumns are the columns that are there, and those that are new. Within a struct new fields are added too, when its type is known
// from a crawl.
func addedColumns(columns []catalogColumn, known, found []hiveField) ([]catalogColumn, []hiveField) {
	out, types := slices.Clone(columns), slices.Clone(known)
	for _, f := range found {
		at := slices.IndexFunc(out, func(c catalogColumn) bool { return c.Name == f.name })
		if at < 0 {
			out, types = append(out, catalogColumn{Name: f.name, Type: f.of.String()}), append(types, f)
			continue
		}
		i := slices.IndexFunc(types, func(t hiveField) bool { return t.name == f.name })
		if i >= 0 && types[i].of.String() == out[at].Type {
			types[i].of = extended(types[i].of, f.of)
			out[at].Type = types[i].of.String()
		}
	}
	return out, types
}

// extended adds the fields that a struct does not have; the types of others stay.
func extended(known, found hiveType) hiveType {
	if known.kind != found.kind {
		return known
	}
	switch known.kind {
	case hiveArray:
		element := extended(*known.element, *found.element)
		known.element = &element
	case hiveStruct:
		known.fields = slices.Clone(known.fields)
		for _, f := range found.fields {
			if i := slices.IndexFunc(known.fields, func(k hiveField) bool { return k.name == f.name }); i >= 0 {
				known.fields[i].of = extended(known.fields[i].of, f.of)
			} else {
				known.fields = append(known.fields, f)
			}
		}
	}
	return known
}

// deprecate marks a table, with the time in milliseconds.
func (w *crawling) deprecate(table *catalogTable) error {
	if table.Parameters[deprecatedBy] != "" {
		return nil
	}
	if err := w.may("glue:UpdateTable", table.Name); err != nil {
		return err
	}
	table.Parameters[deprecatedBy] = strconv.FormatInt(w.lab.clock.Now().UnixMilli(), 10)
	table.UpdateTime = w.lab.clock.Now()
	w.updated = append(w.updated, table.Name)
	return nil
}

// changed says whether schema or format differ.
func changed(a, b *storageDescriptor) bool {
	without := func(parameters map[string]string) map[string]string {
		out := maps.Clone(parameters)
		for _, key := range statistics {
			delete(out, key)
		}
		return out
	}
	return !slices.EqualFunc(a.Columns, b.Columns, func(a, b catalogColumn) bool { return a.Name == b.Name && a.Type == b.Type }) ||
		a.InputFormat != b.InputFormat || a.SerdeInfo.SerializationLibrary != b.SerdeInfo.SerializationLibrary ||
		!maps.Equal(a.SerdeInfo.Parameters, b.SerdeInfo.Parameters) || !maps.Equal(without(a.Parameters), without(b.Parameters))
}

func sameStatistics(a, b map[string]string) bool {
	return !slices.ContainsFunc(statistics, func(key string) bool { return key != crawlRun && a[key] != b[key] })
}

func describeColumns(columns []catalogColumn) string {
	var out []string
	for _, column := range columns {
		out = append(out, column.Name+" "+column.Type)
	}
	return strings.Join(out, ", ")
}

// name is made of the prefix and the folder, or of the file when the table is of one.
// Source: AWS Glue Developer Guide, "How crawlers work", read 2026-11.
func (w *crawling) name(found foundTable) string {
	base := found.target.bucket
	if found.root != "" {
		base = last(found.root, "/")
	}
	return catalogName(w.crawler.settings.prefix + base)
}

// longestName is the most characters of a table's name. Source: AWS Glue Developer Guide, "How crawlers work", read 2026-11.
const longestName = 128

// freeName is the name, with a hash when another table has it.
func (d *catalogDatabase) freeName(name, location string) string {
	name = name[:min(len(name), longestName)]
	if d.tables[name] == nil {
		return name
	}
	sum := md5.Sum([]byte(location)) //nolint:gosec // likewise
	suffix := "_" + hex.EncodeToString(sum[:])
	return name[:min(len(name), longestName-len(suffix))] + suffix
}

// removed follows the DeleteBehavior for what the crawler has made and no object is left of.
// Source: AWS Glue Developer Guide, "Setting crawler configuration options", read 2026-11.
func (w *crawling) removed() error {
	if w.crawler.settings.newOnly {
		return nil
	}
	keys := slices.Sorted(maps.Keys(w.kept))
	database := w.lab.catalog.databases[w.crawler.database]
	for _, table := range database.sorted() {
		switch {
		case table.Parameters[updatedBy] != w.crawler.name || !w.covers(table.StorageDescriptor.Location):
			continue
		case objectsBelow(keys, table.StorageDescriptor.Location):
			if err := w.removedPartitions(table, keys); err != nil {
				return err
			}
			continue
		}
		switch w.crawler.settings.remove {
		case deleteIn:
			if err := w.may("glue:DeleteTable", table.Name); err != nil {
				return err
			}
			delete(database.tables, table.Name)
			w.deleted = append(w.deleted, table.Name)
		case deprecate:
			if err := w.deprecate(table); err != nil {
				return err
			}
		default:
			w.log("table %s: there are no objects any more, and it stays: DeleteBehavior is LOG", table.Name)
		}
	}
	return nil
}

// removedPartitions deletes partitions without objects. Only tables are deprecated; partitions then stay.
func (w *crawling) removedPartitions(table *catalogTable, keys []string) error {
	var gone []*catalogPartition
	for _, partition := range table.sorted() {
		if !objectsBelow(keys, partition.StorageDescriptor.Location) {
			gone = append(gone, partition)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	if w.crawler.settings.remove != deleteIn {
		w.log("table %s: %d partitions have no objects any more, and stay: DeleteBehavior is %s", table.Name, len(gone), w.crawler.settings.remove)
		return nil
	}
	if err := w.may("glue:BatchDeletePartition", table.Name); err != nil {
		return err
	}
	for _, partition := range gone {
		delete(table.partitions, partitionKey(partition.Values))
		w.dropped++
	}
	return nil
}

func (w *crawling) covers(location string) bool {
	return slices.ContainsFunc(w.crawler.settings.targets, func(t crawlTarget) bool {
		return strings.HasPrefix(location+"/", fmt.Sprintf("s3://%s/%s", t.bucket, t.prefix))
	})
}

// objectsBelow looks for a bucket's key at a location among sorted ones.
func objectsBelow(keys []string, location string) bool {
	path := strings.TrimPrefix(location, "s3://")
	at, found := slices.BinarySearch(keys, path)
	return found || strings.HasSuffix(path, "/") && at < len(keys) && strings.HasPrefix(keys[at], path)
}
