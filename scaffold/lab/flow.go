package lab

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// Flow is what a program read and wrote, all its runs together.
type Flow struct {
	Kind     string `json:"kind"`               // put, job, function or state machine
	Resource string `json:"resource,omitempty"` // logical id
	Runs     int    `json:"runs"`
	Read     []Data `json:"read,omitempty"`
	Wrote    []Data `json:"wrote,omitempty"`
}

// Data are the objects of one folder of a bucket, partitions and all.
type Data struct {
	Bucket    string   `json:"bucket"` // logical id
	Folder    string   `json:"folder"` // key before the partitions, or that of the only object
	Formats   []string `json:"formats,omitempty"`
	Objects   int      `json:"objects"`
	Rows      int64    `json:"rows"`
	Uncounted int      `json:"uncounted,omitempty"` // objects that are neither CSV nor JSON nor Parquet, or broken
	Removed   int      `json:"removed,omitempty"`   // objects that the program took away
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

// flow is what one run of a program did to the store: whether it was read, written or removed, by bucket/key.
type flow struct {
	kind, id string
	read     map[string]int64
	changed  map[string]bool // removed
}

// flowed remembers what was done to the store since the last time, and by whom.
func (l *Lab) flowed(kind, id string) touched {
	seen := l.store.observe()
	l.flows = append(l.flows, flow{kind: kind, id: id, read: seen.read, changed: seen.changed})
	return seen
}

// flowedBefore gives what was done before a program starts to the state machine, which is who else calls S3.
func (l *Lab) flowedBefore() {
	id := ""
	if len(l.machines) == 1 {
		for _, m := range l.machines {
			id = m.id
		}
	}
	seen := l.store.observe()
	if len(seen.read)+len(seen.changed) > 0 {
		l.flows = append(l.flows, flow{kind: "state machine", id: id, read: seen.read, changed: seen.changed})
	}
}

// Flows sum up what went where, in the order in which the programs ran first.
func (l *Lab) Flows() []Flow {
	l.flowedBefore()
	var order []string
	by := map[string][]flow{}
	for _, f := range l.flows {
		name := f.kind + " " + f.id
		if by[name] == nil {
			order = append(order, name)
		}
		by[name] = append(by[name], f)
	}
	var all []Flow
	for _, name := range order {
		runs := by[name]
		read, changed := map[string]bool{}, map[string]bool{}
		for _, run := range runs {
			for key := range run.read {
				read[key] = false
			}
			maps.Copy(changed, run.changed)
		}
		all = append(all, Flow{Kind: runs[0].kind, Resource: runs[0].id, Runs: len(runs), Read: l.data(read, false), Wrote: l.data(changed, true)})
	}
	return all
}

// data groups objects by folder, and counts their rows as they were when they were last written.
func (l *Lab) data(objects map[string]bool, samples bool) []Data {
	groups := map[string]*Data{}
	for _, where := range slices.Sorted(maps.Keys(objects)) {
		name, key, _ := strings.Cut(where, "/")
		b := l.store.buckets[name]
		if b == nil || key == "" {
			continue
		}
		folder := folderOf(key)
		d := groups[b.id+"/"+folder]
		if d == nil {
			d = &Data{Bucket: b.id, Folder: folder, Notes: hiddenKey(key)}
			groups[b.id+"/"+folder] = d
		}
		if objects[where] {
			d.Removed++
			continue
		}
		d.Objects++
		rows := l.store.rows[where]
		switch {
		case d.Notes:
		case rows == nil:
			d.Uncounted++
		default:
			d.add(key, rows, samples)
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
	for _, part := range strings.Split(path.Dir(key), "/") {
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
	for _, part := range strings.Split(path.Dir(key), "/") {
		if name, value, ok := strings.Cut(part, "="); ok {
			all = append(all, [2]string{name, value})
		}
	}
	return all
}

// hiddenKey says whether Spark, Hive and Glue pass over the object.
// Source: Amazon Athena User Guide, "Troubleshooting in Athena", files that are hidden, read 2026-11.
func hiddenKey(key string) bool {
	return slices.ContainsFunc(strings.Split(key, "/"), func(part string) bool {
		return strings.HasPrefix(part, "_") || strings.HasPrefix(part, ".")
	})
}

// tablesOf are the tables of the catalog, each with the data that are now below its location.
func (l *Lab) tablesOf() []TableOf {
	var all []TableOf
	for _, name := range slices.Sorted(maps.Keys(l.catalog.databases)) {
		for _, t := range l.catalog.databases[name].sorted() {
			all = append(all, l.tableOf(t))
		}
	}
	return all
}

func (l *Lab) tableOf(t *catalogTable) TableOf {
	out := TableOf{
		Database: t.DatabaseName, Name: t.Name, Format: t.Parameters["classification"],
		Columns: len(t.StorageDescriptor.Columns), Partitions: len(t.partitions),
	}
	name, prefix, _ := strings.Cut(strings.TrimPrefix(t.StorageDescriptor.Location, "s3://"), "/")
	below := map[string]bool{}
	for where := range l.store.rows {
		if key, ok := strings.CutPrefix(where, name+"/"); ok && strings.HasPrefix(key, prefix) && !hiddenKey(key) {
			if _, err := l.store.objects.HeadObject(name, key); err == nil {
				below[where] = false
			}
		}
	}
	out.Data = Data{Folder: prefix}
	if b := l.store.buckets[name]; b != nil {
		out.Data.Bucket = b.id
	}
	for _, d := range l.data(below, false) {
		out.Data.Objects += d.Objects
		out.Data.Rows += d.Rows
		out.Data.Uncounted += d.Uncounted
	}
	return out
}

// counted reads what an object has that has just been written.
func (s *store) counted(c change) {
	where := c.bucket + "/" + c.key
	if c.deleted {
		return // what it had is still told of whoever read it
	}
	data, err := s.read(c.bucket, c.key)
	if err != nil {
		delete(s.rows, where) // removed again
		return
	}
	s.rows[where], _ = readRows(c.key, data)
}
