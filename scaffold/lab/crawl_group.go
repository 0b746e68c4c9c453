package lab

import (
	"fmt"
	"slices"
	"strings"
)

// What makes one table of several schemas: more than seven tenths of them are alike, and there are at most five kinds.
// Source: AWS re:Post, "How does the AWS Glue crawler detect the schema?", read 2026-11.
const (
	similarShare = 0.7
	mostKinds    = 5
)

// foundTable is a table that the files of a target make.
type foundTable struct {
	target crawlTarget
	root   string // the folder, or the object when the table is of one file
	file   bool
	keys   []string       // of partitions
	files  []*crawledFile // all that belong to it
	main   []*crawledFile // those whose schema is the table's
}

// group makes tables of files.
// Source: AWS Glue Developer Guide, "How does a crawler determine when to create partitions?", read 2026-11.
func (w *crawling) group(target crawlTarget, files []*crawledFile) []foundTable {
	g := &grouping{settings: &w.crawler.settings, target: target, log: w.log}
	depth := pathDepth(target.prefix)
	if len(files) == 1 && files[0].key == target.prefix {
		g.single(files[0])
		return g.found
	}
	if g.settings.level == 0 {
		if len(files) > 0 {
			g.folder(target.prefix, depth, files)
		}
		return g.found
	}
	// The level counts from the bucket, which is 1.
	// Source: AWS Glue Developer Guide, "Specifying the table location and partitioning level", read 2026-11.
	depth = max(depth, g.settings.level-1)
	roots := map[string][]*crawledFile{}
	var order []string
	for _, file := range files {
		root := strings.Join(file.folders[:min(depth, len(file.folders))], "/")
		if roots[root] == nil {
			order = append(order, root)
		}
		roots[root] = append(roots[root], file)
	}
	for _, root := range order {
		g.table(root, pathDepth(root), roots[root], g.kinds(roots[root], pathDepth(root), len(files)))
	}
	return g.found
}

func pathDepth(folder string) int {
	if folder == "" {
		return 0
	}
	return strings.Count(folder, "/") + 1
}

type grouping struct {
	settings *crawlSettings
	target   crawlTarget
	log      func(format string, args ...any)
	found    []foundTable
}

// kind is files whose schemas are alike.
type kind struct {
	shape string
	files []*crawledFile
}

// folder makes one table of the files below a folder when most of them are alike, and otherwise looks into the folders below it.
func (g *grouping) folder(path string, depth int, files []*crawledFile) {
	kinds := g.kinds(files, depth, mostKinds)
	if len(kinds) <= mostKinds && float64(len(kinds[0].files)) > similarShare*float64(len(files)) {
		g.table(path, depth, files, kinds)
		return
	}
	below := map[string][]*crawledFile{}
	var order []string
	for _, file := range files {
		if len(file.folders) == depth {
			// Files beside folders, or beside others than they are, are tables of their own.
			// Source: AWS Glue Developer Guide, "Specifying the maximum number of tables the crawler is allowed to create", read 2026-11.
			g.single(file)
			continue
		}
		name := strings.Join(file.folders[:depth+1], "/")
		if below[name] == nil {
			order = append(order, name)
		}
		below[name] = append(below[name], file)
	}
	for _, name := range order {
		g.folder(name, depth+1, below[name])
	}
}

// kinds sorts files by their schemas, the most frequent first. It ends early when there are more kinds than most, so that it stays
// linear in the number of files.
func (g *grouping) kinds(files []*crawledFile, depth, most int) []kind {
	var kinds []kind
	for _, file := range files {
		shape := file.shape(depth)
		at := slices.IndexFunc(kinds, func(k kind) bool {
			return k.shape == shape && (g.settings.combine || similar(k.files[0].columns, file.columns))
		})
		if at < 0 {
			at = len(kinds)
			kinds = append(kinds, kind{shape: shape})
			if len(kinds) > most {
				break
			}
		}
		kinds[at].files = append(kinds[at].files, file)
	}
	slices.SortStableFunc(kinds, func(a, b kind) int { return len(b.files) - len(a.files) })
	return kinds
}

// shape is what files of a table must have in common: format, compression, delimiter, and the structure of the path.
// Source: AWS Glue Developer Guide, "Creating a single schema for each Amazon S3 include path", read 2026-11.
func (f *crawledFile) shape(depth int) string {
	var out strings.Builder
	out.WriteString(f.classification + "\x00" + f.compression + "\x00" + f.delimiter)
	for _, folder := range f.folders[min(depth, len(f.folders)):] {
		key, _, hive := strings.Cut(folder, "=")
		if !hive {
			key = ""
		}
		out.WriteString("\x00" + key)
	}
	return out.String()
}

// similar says whether more than seven tenths of the columns of two schemas are in both. AWS publishes the threshold, and not what it is
// compared with: the lab compares names, since types are widened.
func similar(a, b []hiveField) bool {
	names := make(map[string]bool, len(a))
	for _, f := range a {
		names[f.name] = true
	}
	both := 0
	for _, f := range b {
		if names[f.name] {
			both++
		}
	}
	all := len(a) + len(b) - both
	return all == 0 || float64(both) > similarShare*float64(all)
}

// table makes a table of the most frequent kind. Files of the same shape belong to it too, with another schema; others are tables of
// their own, except those of no format.
func (g *grouping) table(root string, depth int, files []*crawledFile, kinds []kind) {
	main := kinds[0]
	t := foundTable{target: g.target, root: root, main: main.files}
	t.keys = partitionKeys(main.files[0].folders[depth:])
	for _, file := range files {
		switch {
		case file.shape(depth) == main.shape:
			t.files = append(t.files, file)
		case file.classification == unclassified:
			g.log("s3://%s/%s is left out of the table: it has no format", g.target.bucket, file.key)
		default:
			g.single(file)
		}
	}
	g.found = append(g.found, t)
}

func (g *grouping) single(file *crawledFile) {
	g.found = append(g.found, foundTable{target: g.target, root: file.key, file: true, files: []*crawledFile{file}, main: []*crawledFile{file}})
}

// partitionKeys are the names of folders such as year=2012, and a number for others.
// Source: AWS Glue Developer Guide, "How does a crawler determine when to create partitions?", and "Managing partitions for ETL
// output in AWS Glue" (partition_0), read 2026-11.
func partitionKeys(folders []string) []string {
	var keys []hiveField
	for i, folder := range folders {
		name, _, hive := strings.Cut(folder, "=")
		if name = catalogName(name); !hive || strings.Trim(name, "_") == "" {
			name = fmt.Sprintf("partition_%d", i)
		}
		keys = append(keys, hiveField{name: name})
	}
	var out []string
	for _, key := range distinct(keys) {
		out = append(out, key.name)
	}
	return out
}

// values are the partition that a file is in.
func (f *crawledFile) values(depth int) []string {
	var out []string
	for _, folder := range f.folders[depth:] {
		name, value, hive := strings.Cut(folder, "=")
		if !hive {
			value = name
		}
		out = append(out, value)
	}
	return out
}

// catalogName is a name in the catalog: lower case, letters, digits and the underscore.
// Source: AWS Glue Developer Guide, "How crawlers work", read 2026-11.
func catalogName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(name))
}

// incremental adds the files of new folders to the tables that are there, and returns those that no table is there for.
// Source: AWS Glue Developer Guide, "Scheduling incremental crawls for adding new partitions", read 2026-11.
func (w *crawling) incremental(target crawlTarget, files []*crawledFile) ([]*crawledFile, error) {
	if !w.crawler.settings.newOnly {
		return files, nil
	}
	var rest []*crawledFile
	byTable := map[string]*foundTable{}
	var order []string
	for _, file := range files {
		table := w.holding(target, file)
		if table == nil {
			rest = append(rest, file)
			continue
		}
		root := strings.TrimSuffix(strings.TrimPrefix(table.StorageDescriptor.Location, target.location("", true)), "/")
		depth := pathDepth(root)
		keys := partitionKeys(file.folders[depth:])
		if !slices.Equal(keys, columnNames(table.PartitionKeys)) || table.Parameters["classification"] != file.classification ||
			!w.crawler.settings.combine && !similar(typesOf(table.StorageDescriptor.Columns), file.columns) {
			w.log("s3://%s/%s: the partition does not match the schema or the keys of the table %s, and is left out", target.bucket, file.key, table.Name)
			continue
		}
		if byTable[table.Name] == nil {
			byTable[table.Name] = &foundTable{target: target, root: root, keys: keys}
			order = append(order, table.Name)
		}
		t := byTable[table.Name]
		t.files, t.main = append(t.files, file), append(t.main, file)
	}
	for _, name := range order {
		table, failure := w.lab.catalog.table(w.crawler.database, name)
		if failure != nil {
			return nil, failure
		}
		if err := w.writePartitions(table, *byTable[name]); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// holding is the crawler's table in whose folder a file is.
func (w *crawling) holding(target crawlTarget, file *crawledFile) *catalogTable {
	location := target.location(file.key, false)
	for _, table := range w.lab.catalog.databases[w.crawler.database].sorted() {
		folder := table.StorageDescriptor.Location
		if table.Parameters[updatedBy] == w.crawler.name && strings.HasSuffix(folder, "/") && strings.HasPrefix(location, folder) {
			return table
		}
	}
	return nil
}
