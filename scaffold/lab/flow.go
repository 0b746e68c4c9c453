package lab

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/johannesboyne/gofakes3"
)

// Flow is what a program read and wrote, all its runs together.
type Flow struct {
	Kind     string `json:"kind"`               // put, job, crawler, function, state machine, EMR job, Batch job or statement
	Resource string `json:"resource,omitempty"` // logical id
	Runs     int    `json:"runs"`
	Read     []Data `json:"read,omitempty"`
	Wrote    []Data `json:"wrote,omitempty"`
}

// Data are the objects of one folder of a bucket, partitions and all.
type Data struct {
	Bucket    string   `json:"bucket"` // logical id
	Folder    string   `json:"folder"` // key before the partitions
	Formats   []string `json:"formats,omitempty"`
	Objects   int      `json:"objects"`
	Rows      int64    `json:"rows"`
	Uncounted int      `json:"uncounted,omitempty"` // objects that are neither CSV nor JSON nor Parquet, or broken
	Notes     bool     `json:"notes,omitempty"`     // not data: the name begins with _ or a dot
	First     *Rows    `json:"first,omitempty"`     // rows of the first objects that have any
}

// TableOf is a table of the catalog with the data below its location.
type TableOf struct {
	Database   string `json:"database"`
	Name       string `json:"name"`
	Format     string `json:"format,omitempty"`
	Columns    int    `json:"columns"`
	Partitions int    `json:"partitions"`
	Data       Data   `json:"data"`
}

// flow is what one run read and wrote.
type flow struct {
	kind, id      string
	read, written map[object]touch
}

// flowKinds are the kinds of runs as people call them, where their jobs in the lineage are called otherwise.
var flowKinds = map[string]string{"stateMachine": "state machine", "application": "EMR job", "jobDefinition": "Batch job"}

// put remembers an object that a person put.
func (g *lineageLog) put(bucket, key string) {
	if g == nil {
		return
	}
	o := object{bucket, key}
	if is, ok := g.current(o); ok {
		g.flows = append(g.flows, flow{kind: "put", written: map[object]touch{o: is}})
		g.rowsOf(o, is)
	}
}

// flowsThrough remembers what a run read and wrote. Its rows are counted now: later the objects may be others.
func (g *lineageLog) flowsThrough(run *lineageRun) {
	if len(run.read)+len(run.written) == 0 {
		return
	}
	kind := run.kind.job
	if name, ok := flowKinds[kind]; ok {
		kind = name
	}
	_, id, _ := strings.Cut(run.job.Name.Name, "/")
	g.flows = append(g.flows, flow{kind: kind, id: id, read: run.read, written: run.written})
	g.counted(run.read)
	g.counted(run.written)
}

// flowed sums up what went where, in the order in which the programs ended first.
func (g *lineageLog) flowed() []Flow {
	if g == nil {
		return nil
	}
	var all []Flow
	var touched []flow
	at := map[string]int{}
	for _, f := range g.flows {
		name := f.kind + " " + f.id
		i, seen := at[name]
		if !seen {
			i = len(all)
			at[name] = i
			all = append(all, Flow{Kind: f.kind, Resource: f.id})
			touched = append(touched, flow{read: map[object]touch{}, written: map[object]touch{}})
		}
		all[i].Runs++
		maps.Copy(touched[i].read, f.read)
		maps.Copy(touched[i].written, f.written)
	}
	for i := range all {
		all[i].Read, all[i].Wrote = g.data(touched[i].read, false), g.data(touched[i].written, true)
	}
	return all
}

// data groups objects by folder, and counts their rows.
func (g *lineageLog) data(objects map[object]touch, samples bool) []Data {
	groups := map[string]*Data{}
	for _, o := range sortedObjects(objects) {
		folder := folderOf(o.key)
		name := fmt.Sprintf("%s/%s %t", o.bucket, folder, o.hidden()) // the _SUCCESS of Spark is no data, and lies beside it
		d := groups[name]
		if d == nil {
			d = &Data{Bucket: o.bucket, Folder: folder, Notes: o.hidden()}
			if b := g.lab.store.buckets[o.bucket]; b != nil {
				d.Bucket = b.id
			}
			groups[name] = d
		}
		d.Objects++
		rows := g.rowsOf(o, objects[o])
		switch {
		case d.Notes:
		case rows == nil:
			d.Uncounted++
		default:
			d.add(o.key, rows, samples)
		}
	}
	var all []Data
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		all = append(all, *groups[name])
	}
	return all
}

func (d *Data) add(key string, rows *Rows, samples bool) {
	d.Rows += rows.Count
	if !slices.Contains(d.Formats, rows.Format) {
		d.Formats = append(d.Formats, rows.Format)
	}
	if !samples || len(rows.First) == 0 {
		return
	}
	columns, partitions := slices.Clone(rows.Columns), partitionsOf(key)
	for _, partition := range partitions {
		columns = append(columns, partition[0])
	}
	if d.First == nil {
		d.First = &Rows{Format: rows.Format, Columns: columns}
	}
	if !slices.Equal(columns, d.First.Columns) {
		return
	}
	d.First.Count += rows.Count
	for _, row := range rows.First[:min(len(rows.First), firstRows-len(d.First.First))] {
		row = slices.Clone(row)
		for _, partition := range partitions {
			row = append(row, partition[1])
		}
		d.First.First = append(d.First.First, row)
	}
}

// folderOf is the key before its partitions (name=value), or before the name of the object.
func folderOf(key string) string {
	var kept []string
	for part := range strings.SplitSeq(path.Dir(key), "/") {
		if strings.Contains(part, "=") {
			break
		}
		kept = append(kept, part)
	}
	folder := strings.Join(kept, "/")
	if folder == "." || folder == "" {
		return ""
	}
	return folder + "/"
}

func partitionsOf(key string) (all [][2]string) {
	for part := range strings.SplitSeq(path.Dir(key), "/") {
		if name, value, ok := strings.Cut(part, "="); ok {
			all = append(all, [2]string{name, value})
		}
	}
	return all
}

// tables are those of the catalog, each with the data that are now below its location.
func (g *lineageLog) tables() []TableOf {
	if g == nil {
		return nil
	}
	var all []TableOf
	databases := g.lab.catalog.databases
	for _, name := range slices.Sorted(maps.Keys(databases)) {
		for _, t := range databases[name].sorted() {
			all = append(all, g.tableOf(t))
		}
	}
	return all
}

func (g *lineageLog) tableOf(t *catalogTable) TableOf {
	out := TableOf{
		Database: t.DatabaseName, Name: t.Name, Format: t.Parameters["classification"],
		Columns: len(t.StorageDescriptor.Columns), Partitions: len(t.partitions),
	}
	name, prefix, _ := strings.Cut(strings.TrimPrefix(t.StorageDescriptor.Location, "s3://"), "/")
	out.Data = Data{Bucket: name, Folder: prefix}
	if b := g.lab.store.buckets[name]; b != nil {
		out.Data.Bucket = b.id
	}
	listed, err := g.lab.store.objects.ListBucket(name, &gofakes3.Prefix{HasPrefix: true, Prefix: prefix}, gofakes3.ListBucketPage{})
	if err != nil {
		return out // the location is not of this template
	}
	below := map[object]touch{}
	for _, found := range listed.Contents {
		if o := (object{name, found.Key}); !o.hidden() {
			below[o] = touch{size: found.Size, etag: strings.Trim(found.ETag, `"`)}
		}
	}
	for _, d := range g.data(below, false) {
		out.Data.Objects += d.Objects
		out.Data.Rows += d.Rows
		out.Data.Uncounted += d.Uncounted
	}
	return out
}

// counted reads the rows of objects that are still what they were when they were touched.
func (g *lineageLog) counted(objects map[object]touch) {
	for o, was := range objects {
		if !o.hidden() {
			g.rowsOf(o, was)
		}
	}
}

// rowsOf are the rows of an object as it was when it was touched; nil where they cannot be counted.
func (g *lineageLog) rowsOf(o object, was touch) *Rows {
	rows, seen := g.tallies[was.etag]
	if !seen {
		if data, ok := g.content(o, was); ok {
			rows, _ = readRows(o.key, data)
			g.tallies[was.etag] = rows
		}
	}
	return rows
}
