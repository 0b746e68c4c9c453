package lab

import (
	"encoding/hex"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/lineage"
)

// How finely data is told apart. A reader of the drawing wants to see the file that started it all, and not a thousand of them.
const (
	fewObjects   = 10 // of a run, each of which is a dataset of its own; of more, their folders are
	mostDatasets = 20 // of a run; beyond, folders are put together
)

// partFile is how Spark and Hadoop call the files of one dataset: which of them there are is chance.
var partFile = regexp.MustCompile(`^part-(r-|m-)?\d+`)

// dataset is objects that make one, by their folder, their table, or alone.
type dataset struct {
	bucket, path string
	table        *catalogTable
	objects      []object
}

// inputs are what a run read. A crawler reads objects, whatever table it then makes of them.
func (g *lineageLog) inputs(run *lineageRun) []lineage.Dataset {
	var out []lineage.Dataset
	for _, d := range g.group(run.read, run.kind.job != crawlerJob) {
		out = append(out, g.describe(d, run.read).Read(amount(d, run.read)))
	}
	return out
}

// outputs are what a run wrote and did not remove again.
func (g *lineageLog) outputs(run *lineageRun) []lineage.Dataset {
	var out []lineage.Dataset
	for _, d := range g.group(run.written, true) {
		wrote := amount(d, run.written)
		wrote.Rows = g.rows(d, run.written)
		out = append(out, g.describe(d, run.written).Wrote(wrote))
	}
	return out
}

// group puts objects together that are one dataset: those of a table of the catalog, those below a folder and its partitions.
func (g *lineageLog) group(objects map[object]touch, tables bool) []*dataset {
	groups := datasets{}
	visible := slices.DeleteFunc(sortedObjects(objects), object.hidden)
	for _, o := range visible {
		d := &dataset{bucket: o.bucket, path: unpartitioned(path.Dir(o.key))}
		if tables {
			d.table = g.lab.catalog.holding(o)
		}
		switch {
		case d.table != nil:
			_, d.path, _ = strings.Cut(strings.TrimPrefix(d.table.StorageDescriptor.Location, "s3://"), "/")
			d.path = strings.TrimSuffix(d.path, "/")
		case len(visible) <= fewObjects && !partFile.MatchString(path.Base(o.key)):
			d.path = o.key
		}
		groups.add(d, o)
	}
	for len(groups) > mostDatasets {
		if !groups.fold() {
			break
		}
	}
	return slices.SortedFunc(maps.Values(groups), func(a, b *dataset) int { return strings.Compare(a.bucket+"/"+a.path, b.bucket+"/"+b.path) })
}

// datasets by bucket and path.
type datasets map[string]*dataset

func (all datasets) add(d *dataset, objects ...object) {
	name := d.bucket + "/" + d.path
	if all[name] == nil {
		all[name] = d
	}
	all[name].objects = append(all[name].objects, objects...)
}

// fold puts the deepest folders into those above them, and says whether there were any.
func (all datasets) fold() bool {
	deepest := 0
	for _, d := range all {
		if d.table == nil && d.path != "." {
			deepest = max(deepest, 1+strings.Count(d.path, "/"))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		d := all[name]
		if d.table == nil && d.path != "." && 1+strings.Count(d.path, "/") == deepest {
			delete(all, name)
			all.add(&dataset{bucket: d.bucket, path: path.Dir(d.path)}, d.objects...)
		}
	}
	return deepest > 0
}

// hidden says whether an object is no data: Spark, Hive and the crawlers of Glue leave out names that begin with _ or a dot, such as
// _SUCCESS and _temporary. Source: Apache Hadoop, FileInputFormat, hiddenFileFilter, read 2026-11.
func (o object) hidden() bool {
	return slices.ContainsFunc(strings.Split(o.key, "/"), func(part string) bool {
		return strings.HasPrefix(part, "_") || strings.HasPrefix(part, ".")
	})
}

// unpartitioned is a folder without the partitions at its end.
func unpartitioned(folder string) string {
	for strings.Contains(path.Base(folder), "=") {
		folder = path.Dir(folder)
	}
	return folder
}

// holding is the table whose location has the object: the closest one.
func (c *catalog) holding(o object) *catalogTable {
	var best *catalogTable
	where, longest := "s3://"+o.bucket+"/"+o.key, 0
	for _, d := range c.databases {
		for _, t := range d.tables {
			location := t.StorageDescriptor.Location
			below := strings.HasPrefix(where, strings.TrimSuffix(location, "/")+"/")
			if location != "" && (below || where == location) && (len(location) > longest || len(location) == longest && t.Name < best.Name) {
				best, longest = t, len(location)
			}
		}
	}
	return best
}

// describe is a dataset with its name, its columns and its table.
func (g *lineageLog) describe(d *dataset, touched map[object]touch) lineage.Dataset {
	where := d.path
	if where == "." {
		where = ""
	}
	name := lineage.S3(d.bucket, where)
	if d.table != nil {
		out := name.At(fieldsOf(d.table))
		out.Facets.Symlinks = lineage.NewSymlink(lineage.TableLink, g.tableName(d.table))
		return out
	}
	var fields []lineage.Field
	first := d.objects[0]
	if found, ok := g.classified(first, touched[first]); ok {
		for _, column := range found.columns {
			fields = append(fields, lineage.Field{Name: column.name, Type: column.of.String()})
		}
	}
	if len(fields) > 0 {
		for folder := range strings.SplitSeq(strings.TrimPrefix(path.Dir(first.key), d.path), "/") {
			if key, _, ok := strings.Cut(folder, "="); ok {
				fields = append(fields, lineage.Field{Name: key, Type: hiveString})
			}
		}
	}
	return name.At(fields)
}

// wroteTable tells that a crawler has a table for what it found.
func (g *lineageLog) wroteTable(role string, t *catalogTable) {
	if g == nil {
		return
	}
	bucket, where, _ := strings.Cut(strings.TrimPrefix(t.StorageDescriptor.Location, "s3://"), "/")
	d := g.tableName(t).At(fieldsOf(t))
	d.Facets.Symlinks = lineage.NewSymlink(lineage.LocationLink, lineage.S3(bucket, where))
	g.uses(role, d, true)
}

func (g *lineageLog) tableName(t *catalogTable) lineage.Name {
	place := g.lab.stack.Place()
	return lineage.GlueTable(place.Partition, place.Region, place.Account, t.DatabaseName, t.Name)
}

func fieldsOf(t *catalogTable) []lineage.Field {
	var out []lineage.Field
	for _, column := range slices.Concat(t.StorageDescriptor.Columns, t.PartitionKeys) {
		out = append(out, lineage.Field{Name: column.Name, Type: column.Type})
	}
	return out
}

func amount(d *dataset, touched map[object]touch) lineage.Amount {
	out := lineage.Amount{Files: int64(len(d.objects))}
	for _, o := range d.objects {
		out.Bytes += touched[o].size
	}
	return out
}

// rows counts what was written, where that can be known.
func (g *lineageLog) rows(d *dataset, written map[object]touch) *int64 {
	var all int64
	for _, o := range d.objects {
		rows := g.rowsOf(o, written[o])
		if rows == nil {
			return nil
		}
		all += rows.Count
	}
	return &all
}

// current is an object as it is now; false when there is none.
func (g *lineageLog) current(o object) (touch, bool) {
	found, err := g.lab.store.objects.HeadObject(o.bucket, o.key)
	if err != nil {
		return touch{}, false
	}
	return touch{size: found.Size, etag: hex.EncodeToString(found.Hash)}, true
}

// content is what is in an object, if it is still the one that was touched.
func (g *lineageLog) content(o object, was touch) ([]byte, bool) {
	if is, ok := g.current(o); !ok || is.etag != was.etag {
		return nil, false
	}
	data, err := g.lab.store.read(o.bucket, o.key)
	return data, err == nil
}

// classified is what an object has, if it is still the one that was touched, and of a form that crawlers know.
func (g *lineageLog) classified(o object, was touch) (schema, bool) {
	found, seen := g.schemas[was.etag]
	if !seen {
		data, ok := g.content(o, was)
		if !ok {
			return schema{}, false
		}
		var err error
		if found, err = classify(data, nil); err != nil {
			found = schema{classification: unclassified}
		}
		g.schemas[was.etag] = found
	}
	return found, found.classification != unclassified
}
