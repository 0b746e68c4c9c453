package lab

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// csvSettings are those of a custom classifier; the zero value is the built-in one.
// Source: AWS Glue API, CsvClassifier, read 2026-11.
type csvSettings struct {
	custom       bool
	delimiter    string
	quote        string
	header       string   // PRESENT, ABSENT or UNKNOWN
	names        []string // instead of those in the file
	singleColumn bool
	keepBlanks   bool // values are not trimmed before their type is looked for
}

// What the built-in classifier looks at.
// Source: AWS Glue Developer Guide, "Built-in CSV classifier"; AWS re:Post, "How does the AWS Glue crawler detect the schema?",
// for the records; read 2026-11.
const (
	csvDelimiters  = ",|\t;\x01"
	csvRecords     = 1000
	csvHeaderLimit = 150 // characters that a column's name is shorter than
)

// inferCSV reads a sample as CSV. Not ok: it is none. whole says that the sample ends where the file does.
func inferCSV(sample []byte, whole bool, settings csvSettings) (schema, bool) {
	if end := bytes.LastIndexByte(sample, '\n'); !whole && end > 0 {
		sample = sample[:end+1]
	}
	// Text must be UTF-8. Source: AWS Glue Developer Guide, "Data format options for inputs and outputs", read 2026-11.
	if !utf8.Valid(sample) || bytes.IndexByte(sample, 0) >= 0 {
		return schema{}, false
	}
	rows, delimiter := bestSplit(string(sample), settings)
	if !enough(rows, settings) {
		return schema{}, false
	}
	if !settings.keepBlanks {
		trim(rows)
	}
	out := schema{classification: "csv", delimiter: delimiter, quote: settings.quote}
	out.header = settings.header == "PRESENT" || settings.header != "ABSENT" && hasHeader(rows)
	data := rows
	if out.header {
		data = rows[1:]
	}
	out.records = len(data)
	for i := range rows[0] {
		out.columns = append(out.columns, hiveField{name: csvName(i, rows[0], out.header, settings.names), of: csvType(data, i)})
	}
	out.columns = distinct(out.columns)
	return out, true
}

// bestSplit are the records by the delimiter that makes the most columns.
func bestSplit(sample string, settings csvSettings) ([][]string, string) {
	quote := cmp.Or(settings.quote, `"`)[0]
	var best [][]string
	var by string
	for delimiter := range strings.SplitSeq(cmp.Or(settings.delimiter, csvDelimiters), "") {
		rows := splitCSV(sample, delimiter[0], quote)
		if rectangular(rows) && (best == nil || len(rows[0]) > len(best[0])) {
			best, by = rows, delimiter
		}
	}
	return best, by
}

// enough says whether there are the two columns and two rows that make a CSV; a custom classifier may ask for less.
func enough(rows [][]string, settings csvSettings) bool {
	if len(rows) == 0 || len(rows) < 2 && !settings.custom {
		return false
	}
	return len(rows[0]) > 1 || settings.singleColumn
}

func trim(rows [][]string) {
	for _, row := range rows {
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
	}
}

// splitCSV reads the first records. Quotes may hide delimiters and line ends.
func splitCSV(sample string, delimiter, quote byte) [][]string {
	var rows [][]string
	var row []string
	for at := 0; at < len(sample) && len(rows) <= csvRecords; {
		var field string
		field, at = csvField(sample, at, delimiter, quote)
		row = append(row, field)
		if at < len(sample) && sample[at] == delimiter {
			at++
			if at < len(sample) {
				continue
			}
			row = append(row, "")
		}
		if len(row) > 1 || strings.TrimSpace(row[0]) != "" {
			rows = append(rows, row) // a blank line is no record
		}
		row = nil
		at++
	}
	return rows
}

// csvField reads one field and returns where it ended: at a delimiter, a line end or the end of the text.
func csvField(text string, at int, delimiter, quote byte) (string, int) {
	if at < len(text) && text[at] == quote {
		if field, end, ok := quotedField(text, at+1, delimiter, quote); ok {
			return field, end
		}
	}
	end := at
	for end < len(text) && text[end] != delimiter && text[end] != '\n' {
		end++
	}
	return strings.TrimSuffix(text[at:end], "\r"), end
}

func quotedField(text string, at int, delimiter, quote byte) (string, int, bool) {
	var field strings.Builder
	for ; at < len(text); at++ {
		if text[at] != quote {
			field.WriteByte(text[at])
			continue
		}
		if at+1 < len(text) && text[at+1] == quote {
			field.WriteByte(quote)
			at++
			continue
		}
		at++
		if at < len(text) && text[at] == '\r' {
			at++
		}
		return field.String(), at, at == len(text) || text[at] == delimiter || text[at] == '\n'
	}
	return "", 0, false
}

// rectangular says whether the rows have the same number of columns.
func rectangular(rows [][]string) bool {
	return len(rows) > 0 && !slices.ContainsFunc(rows, func(row []string) bool { return len(row) != len(rows[0]) })
}

// hasHeader follows the built-in classifier: each name is a string, short and fit for a column, and some row below has other types.
// Source: AWS Glue Developer Guide, "Built-in CSV classifier", read 2026-11.
func hasHeader(rows [][]string) bool {
	header := rows[0]
	for i, name := range header {
		last := i == len(header)-1
		switch {
		case name == "" && !last, csvKind(name) != hiveString && name != "":
			return false
		case !last && utf8.RuneCountInString(name) >= csvHeaderLimit, strings.ContainsAny(name, "\r\n\x00"):
			return false
		}
	}
	return slices.ContainsFunc(rows[1:], func(row []string) bool {
		return slices.ContainsFunc(row, func(value string) bool { return value != "" && csvKind(value) != hiveString })
	})
}

// csvName is a column's name. Tables that crawlers have made count from col0, although the guide's example begins with col1.
func csvName(i int, header []string, present bool, given []string) string {
	name := ""
	if present {
		name = header[i]
	}
	if i < len(given) {
		name = given[i]
	}
	return strings.ToLower(cmp.Or(name, fmt.Sprintf("col%d", i)))
}

func csvType(rows [][]string, column int) hiveType {
	var of hiveType
	for _, row := range rows {
		if row[column] != "" {
			of = merged(of, hiveType{kind: csvKind(row[column])})
		}
		if of.kind == hiveString {
			break
		}
	}
	return of
}

// csvKind is the type of one value. Dates and times stay strings in the tables of the built-in classifier, whose SerDe does not parse
// them; only a custom classifier has them as types.
// Source: AWS Glue Developer Guide, "Writing CSV custom classifiers", read 2026-11, and tables that crawlers have made.
func csvKind(value string) string {
	if _, err := strconv.ParseInt(value, 10, 64); err == nil {
		return hiveBigint
	}
	if value != "" && strings.Trim(value, "+-0123456789.eE") == "" {
		if _, err := strconv.ParseFloat(value, 64); err == nil {
			return hiveDouble
		}
	}
	if strings.EqualFold(value, "true") || strings.EqualFold(value, "false") {
		return hiveBoolean
	}
	return hiveString
}

// distinct gives a column whose name is taken a number: the catalog refuses a name twice.
func distinct(columns []hiveField) []hiveField {
	taken := make(map[string]int, len(columns)) // how often; the next number is not looked for from the start
	for i := range columns {
		name := columns[i].name
		for n := taken[name]; ; n++ {
			if n > 0 {
				columns[i].name = fmt.Sprintf("%s_%d", name, n)
			}
			if _, known := taken[columns[i].name]; !known {
				taken[name], taken[columns[i].name] = n+1, max(1, taken[columns[i].name])
				break
			}
		}
	}
	return columns
}
