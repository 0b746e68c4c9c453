package lab

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var catalogActions = map[string]handler{
	"glue:getdatabase":   (*Lab).getDatabase,
	"glue:gettable":      (*Lab).getTable,
	"glue:gettables":     (*Lab).getTables,
	"glue:getpartition":  (*Lab).getPartition,
	"glue:getpartitions": (*Lab).getPartitions,
}

// mayCatalog checks an action on the Data Catalog. It takes a permission for what it is about, and for all that is above it.
// Source: AWS Glue Developer Guide, "Specifying AWS Glue resource ARNs", read 2026-11.
func (l *Lab) mayCatalog(by caller, action, database, table string) *apiError {
	place := l.stack.Place()
	prefix := fmt.Sprintf("arn:%s:glue:%s:%s:", place.Partition, place.Region, place.Account)
	resources := []string{prefix + "catalog", prefix + "database/" + database}
	if table != "" {
		resources = append(resources, prefix+"table/"+database+"/"+table)
	}
	for _, resource := range resources {
		if err := l.authorize(by, action, resource, nil); err != nil {
			return err
		}
	}
	return nil
}

// getDatabase is GetDatabase. Source: AWS Glue API, GetDatabase, read 2026-11.
func (l *Lab) getDatabase(by caller, input map[string]any) (map[string]any, *apiError) {
	name := strings.ToLower(text(input, "Name"))
	if err := l.mayCatalog(by, "glue:GetDatabase", name, ""); err != nil {
		return nil, err
	}
	database := l.catalog.databases[name]
	if database == nil {
		return nil, failed("EntityNotFoundException", "Database %s not found.", name)
	}
	return map[string]any{"Database": l.asData(database)}, nil
}

// getTable is GetTable. Source: AWS Glue API, GetTable, read 2026-11.
func (l *Lab) getTable(by caller, input map[string]any) (map[string]any, *apiError) {
	table, err := l.tableFor(by, "glue:GetTable", text(input, "DatabaseName"), text(input, "Name"))
	if err != nil {
		return nil, err
	}
	return map[string]any{"Table": l.asData(table)}, nil
}

// tableFor checks the permission before it looks: who may not read the catalog does not learn what is in it.
func (l *Lab) tableFor(by caller, action, database, name string) (*catalogTable, *apiError) {
	if err := l.mayCatalog(by, action, strings.ToLower(database), strings.ToLower(name)); err != nil {
		return nil, err
	}
	return l.catalog.table(database, name)
}

// getTables is GetTables. Tables that the caller may not read are left out.
// Source: AWS Glue API, GetTables; AWS Glue Developer Guide, "Data Catalog ARNs", read 2026-11.
func (l *Lab) getTables(by caller, input map[string]any) (map[string]any, *apiError) {
	name := strings.ToLower(text(input, "DatabaseName"))
	if err := l.mayCatalog(by, "glue:GetTables", name, ""); err != nil {
		return nil, err
	}
	database := l.catalog.databases[name]
	if database == nil {
		return nil, failed("EntityNotFoundException", "Database %s not found.", name)
	}
	pattern, err := regexp.Compile(`\A(?:` + text(input, "Expression") + `)`)
	if err != nil {
		return nil, failed("InvalidInputException", "Expression %q is no regular expression", text(input, "Expression"))
	}
	var tables []*catalogTable
	for _, table := range database.sorted() {
		if text(input, "Expression") == "" || pattern.MatchString(table.Name) {
			tables = append(tables, table)
		}
	}
	return page(l, input, "TableList", tables)
}

// getPartition is GetPartition. Source: AWS Glue API, GetPartition, read 2026-11.
func (l *Lab) getPartition(by caller, input map[string]any) (map[string]any, *apiError) {
	table, err := l.tableFor(by, "glue:GetPartition", text(input, "DatabaseName"), text(input, "TableName"))
	if err != nil {
		return nil, err
	}
	partition := table.partitions[partitionKey(texts(input["PartitionValues"]))]
	if partition == nil {
		return nil, failed("EntityNotFoundException", "Cannot find partition.")
	}
	return map[string]any{"Partition": l.asData(partition)}, nil
}

// getPartitions is GetPartitions. Source: AWS Glue API, GetPartitions, read 2026-11.
func (l *Lab) getPartitions(by caller, input map[string]any) (map[string]any, *apiError) {
	table, err := l.tableFor(by, "glue:GetPartitions", text(input, "DatabaseName"), text(input, "TableName"))
	if err != nil {
		return nil, err
	}
	wanted, err := partitionFilter(text(input, "Expression"), columnNames(table.PartitionKeys))
	if err != nil {
		return nil, err
	}
	var partitions []*catalogPartition
	for _, partition := range table.sorted() {
		if wanted(partition.Values) {
			partitions = append(partitions, partition)
		}
	}
	return page(l, input, "Partitions", partitions)
}

var (
	conjunction = regexp.MustCompile(`(?i)\s+and\s+`)
	comparison  = regexp.MustCompile(`\A\s*(\w+)\s*=\s*(?:'([^']*)'|(\d+))\s*\z`)
)

// partitionFilter understands what pipelines mostly ask: key = 'value', joined by AND. More is refused.
func partitionFilter(expression string, keys []string) (func(values []string) bool, *apiError) {
	want := map[int]string{}
	if strings.TrimSpace(expression) != "" {
		for _, part := range conjunction.Split(expression, -1) {
			found := comparison.FindStringSubmatch(part)
			at := -1
			if found != nil {
				at = slices.Index(keys, strings.ToLower(found[1]))
			}
			if at < 0 {
				return nil, failed("InvalidInputException", "the lab reads expressions such as year='2012' AND month='01' over the keys %v, got %q", keys, expression)
			}
			want[at] = found[2] + found[3]
		}
	}
	return func(values []string) bool {
		for at, value := range want {
			if at >= len(values) || values[at] != value {
				return false
			}
		}
		return true
	}, nil
}

// page answers with a part of a list, and a token for the rest.
func page[T any](l *Lab, input map[string]any, name string, all []T) (map[string]any, *apiError) {
	from := 0
	if token := text(input, "NextToken"); token != "" {
		var err error
		if from, err = strconv.Atoi(token); err != nil || from < 0 || from > len(all) {
			return nil, failed("InvalidInputException", "NextToken is invalid")
		}
	}
	all = all[from:]
	answer := map[string]any{}
	if most := int(number(input["MaxResults"])); most > 0 && most < len(all) {
		all = all[:most]
		answer["NextToken"] = strconv.Itoa(from + most)
	}
	list := make([]any, len(all))
	for i, one := range all {
		list[i] = l.asData(one)
	}
	answer[name] = list
	return answer, nil
}

// asData is a structure as an answer has it.
func (l *Lab) asData(structure any) any {
	var out any
	data, err := json.Marshal(structure)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		l.broken(fmt.Errorf("describe the Data Catalog: %w", err))
	}
	return out
}
