package lab

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// catalog is the AWS Glue Data Catalog of a run.
type catalog struct {
	databases map[string]*catalogDatabase
}

// The structures have AWS's names, so that what is exported reads like an answer of the API.
// Source: AWS Glue API, Database, Table, Partition, StorageDescriptor, SerDeInfo and Column, read 2026-11.
type (
	catalogDatabase struct {
		Name        string
		Description string            `json:",omitempty"`
		LocationUri string            `json:",omitempty"`
		Parameters  map[string]string `json:",omitempty"`
		CreateTime  time.Time
		tables      map[string]*catalogTable
	}

	catalogTable struct {
		Name              string
		DatabaseName      string
		Description       string `json:",omitempty"`
		Owner             string `json:",omitempty"`
		CreateTime        time.Time
		UpdateTime        time.Time
		Retention         int
		StorageDescriptor storageDescriptor
		PartitionKeys     []catalogColumn
		TableType         string            `json:",omitempty"`
		ViewOriginalText  string            `json:",omitempty"`
		ViewExpandedText  string            `json:",omitempty"`
		Parameters        map[string]string `json:",omitempty"`
		partitions        map[string]*catalogPartition
		types             []hiveField // of the columns, as a crawler found them
	}

	catalogPartition struct {
		Values            []string
		DatabaseName      string
		TableName         string
		CreationTime      time.Time
		StorageDescriptor storageDescriptor
		Parameters        map[string]string `json:",omitempty"`
	}

	storageDescriptor struct {
		Columns                []catalogColumn
		Location               string
		InputFormat            string
		OutputFormat           string
		Compressed             bool
		NumberOfBuckets        int
		SerdeInfo              serdeInfo
		BucketColumns          []string          `json:",omitempty"`
		SortColumns            []json.RawMessage `json:",omitempty"`
		Parameters             map[string]string `json:",omitempty"`
		StoredAsSubDirectories bool
	}

	serdeInfo struct {
		Name                 string            `json:",omitempty"`
		SerializationLibrary string            `json:",omitempty"`
		Parameters           map[string]string `json:",omitempty"`
	}

	catalogColumn struct {
		Name, Type string
		Comment    string            `json:",omitempty"`
		Parameters map[string]string `json:",omitempty"`
	}
)

// defaultDatabase is where a crawler without a database writes, in accounts that have it.
// Source: AWS Glue Developer Guide, "How crawlers work", read 2026-11.
const defaultDatabase = "default"

// readCatalog reads the template's databases, tables and partitions.
func (l *Lab) readCatalog() error {
	l.catalog = &catalog{databases: map[string]*catalogDatabase{}}
	for _, kind := range []struct {
		of   string
		read func(id string, resource cfn.Resource) error
	}{{"AWS::Glue::Database", l.readDatabase}, {"AWS::Glue::Table", l.readTable}, {"AWS::Glue::Partition", l.readPartition}} {
		for _, id := range l.stack.ByType(kind.of) {
			if err := kind.read(id, l.stack.Resources[id]); err != nil {
				return fmt.Errorf("%s (%s): %w", id, kind.of, err)
			}
		}
	}
	return nil
}

func (l *Lab) readDatabase(id string, resource cfn.Resource) error {
	d := &catalogDatabase{tables: map[string]*catalogTable{}}
	if err := decodeInput(resource.Get("DatabaseInput"), d, "TargetDatabase", "FederatedDatabase"); err != nil {
		return fmt.Errorf("DatabaseInput: %w", err)
	}
	d.Name, d.CreateTime = strings.ToLower(l.stack.Ref(id)), l.clock.Now()
	l.catalog.databases[d.Name] = d
	return nil
}

func (l *Lab) readTable(_ string, resource cfn.Resource) error {
	if resource.Get("OpenTableFormatInput") != nil {
		return errors.New("the lab has no OpenTableFormatInput, expected a table over files")
	}
	database := l.catalog.databases[cfn.Text(resource.Get("DatabaseName"))]
	if database == nil {
		return fmt.Errorf("the database %s is not in the template", cfn.Text(resource.Get("DatabaseName")))
	}
	t := &catalogTable{}
	if err := decodeInput(resource.Get("TableInput"), t, "TargetTable", "ViewDefinition"); err != nil {
		return fmt.Errorf("TableInput: %w", err)
	}
	if t.Name == "" {
		return errors.New("TableInput has no Name, expected one: the lab does not make up names of tables")
	}
	t.Name = strings.ToLower(t.Name)
	database.add(t, l.clock.Now())
	return nil
}

func (l *Lab) readPartition(_ string, resource cfn.Resource) error {
	table, failure := l.catalog.table(cfn.Text(resource.Get("DatabaseName")), cfn.Text(resource.Get("TableName")))
	if failure != nil {
		return failure
	}
	p := &catalogPartition{}
	if err := decodeInput(resource.Get("PartitionInput"), p); err != nil {
		return fmt.Errorf("PartitionInput: %w", err)
	}
	if len(p.Values) != len(table.PartitionKeys) {
		return fmt.Errorf("PartitionInput: got %d values, expected %d, as the table has partition keys", len(p.Values), len(table.PartitionKeys))
	}
	table.add(p, l.clock.Now())
	return nil
}

// decodeInput reads a property into the structure of the API. What the structure does not have is left out, unless it is refused.
func decodeInput(given, into any, refused ...string) error {
	for _, property := range refused {
		if cfn.Field(given, property) != nil {
			return fmt.Errorf("the lab's catalog has no %s", property)
		}
	}
	data, err := json.Marshal(given)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	return err
}

func (d *catalogDatabase) add(t *catalogTable, now time.Time) {
	t.DatabaseName, t.CreateTime, t.UpdateTime, t.partitions = d.Name, now, now, map[string]*catalogPartition{}
	if t.Parameters == nil {
		t.Parameters = map[string]string{}
	}
	d.tables[t.Name] = t
}

func (t *catalogTable) add(p *catalogPartition, now time.Time) {
	p.DatabaseName, p.TableName, p.CreationTime = t.DatabaseName, t.Name, now
	t.partitions[partitionKey(p.Values)] = p
}

// partitionKey is the values of a partition as one text: a slash cannot be in a folder's name.
func partitionKey(values []string) string { return strings.Join(values, "/") }

// sorted are the tables by name, the partitions by their values.
func (d *catalogDatabase) sorted() []*catalogTable {
	return slices.SortedFunc(maps.Values(d.tables), func(a, b *catalogTable) int { return cmp.Compare(a.Name, b.Name) })
}

func (t *catalogTable) sorted() []*catalogPartition {
	return slices.SortedFunc(maps.Values(t.partitions), func(a, b *catalogPartition) int { return slices.Compare(a.Values, b.Values) })
}

// table finds a table; names are in lower case, whatever the caller writes.
func (c *catalog) table(database, name string) (*catalogTable, *apiError) {
	d := c.databases[strings.ToLower(database)]
	if d == nil {
		return nil, failed("EntityNotFoundException", "Database %s not found.", database)
	}
	t := d.tables[strings.ToLower(name)]
	if t == nil {
		return nil, failed("EntityNotFoundException", "Table %s not found.", name)
	}
	return t, nil
}

func columnNames(columns []catalogColumn) []string {
	var out []string
	for _, column := range columns {
		out = append(out, column.Name)
	}
	return out
}

// Catalog is the Data Catalog as it is now: databases with their tables, and tables with their partitions, each with the fields of
// the API, ready to be written as JSON.
func (l *Lab) Catalog() any {
	type table struct {
		*catalogTable
		Partitions []*catalogPartition
	}
	type database struct {
		*catalogDatabase
		Tables []table
	}
	out := []database{}
	for _, d := range slices.SortedFunc(maps.Values(l.catalog.databases), func(a, b *catalogDatabase) int { return cmp.Compare(a.Name, b.Name) }) {
		one := database{catalogDatabase: d, Tables: []table{}}
		for _, t := range d.sorted() {
			one.Tables = append(one.Tables, table{catalogTable: t, Partitions: t.sorted()})
		}
		out = append(out, one)
	}
	return map[string]any{"Databases": out}
}
