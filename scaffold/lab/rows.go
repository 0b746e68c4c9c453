package lab

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"example.com/pipewright/scaffold/asl"
)

// Rows are the rows of a file, of which the first are kept.
type Rows struct {
	Format  string     `json:"format"` // csv, json or parquet
	Count   int64      `json:"count"`
	Columns []string   `json:"columns"`
	First   [][]string `json:"first"`
}

// firstRows is how many rows are kept to look at.
const firstRows = 5

// readRows counts the rows of a file in a format that Glue has a classifier for. Not ok: it is none, or broken.
func readRows(key string, data []byte) (*Rows, bool) {
	name := strings.ToLower(path.Base(key))
	if bytes.HasPrefix(data, []byte("PAR1")) {
		rows, err := parquetRows(data)
		return rows, err == nil
	}
	if !utf8.Valid(data) {
		return nil, false
	}
	// A report about data.csv may be data.csv too, as JSON.
	if rows, ok := jsonRows(data); ok {
		return rows, true
	}
	if strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".tsv") {
		return csvRows(string(data)), true
	}
	if _, ok := inferCSV(data[:min(len(data), sampleSize)], len(data) <= sampleSize, csvSettings{}); ok {
		return csvRows(string(data)), true
	}
	return nil, false
}

// csvRows reads CSV as the crawler's built-in classifier does: its delimiter, its quotes and what it takes for a header. Where it refuses
// the file, because of rows of unequal length or because there are none, names alone in the first row are a header.
func csvRows(text string) *Rows {
	text = strings.TrimPrefix(text, "\ufeff")
	out := &Rows{Format: "csv"}
	sample := text[:min(len(text), sampleSize)]
	known, ok := inferCSV([]byte(sample), len(sample) == len(text), csvSettings{})
	delimiter := byte(',')
	if ok {
		delimiter = known.delimiter[0]
	}
	header := ok && known.header
	for at := 0; at < len(text); at++ {
		var row []string
		row, at = csvRow(text, at, delimiter)
		if len(row) == 1 && strings.TrimSpace(row[0]) == "" {
			continue // a blank line is no record
		}
		if out.Columns == nil {
			if !ok {
				header = !slices.ContainsFunc(row, func(value string) bool { return csvKind(value) != hiveString })
			}
			for i := range row {
				out.Columns = append(out.Columns, csvName(i, row, header, nil))
			}
			if header {
				continue
			}
		}
		out.Count++
		if len(out.First) < firstRows {
			out.First = append(out.First, row)
		}
	}
	return out
}

// csvRow reads one record and returns where its line ends.
func csvRow(text string, at int, delimiter byte) ([]string, int) {
	var row []string
	for {
		var field string
		field, at = csvField(text, at, delimiter, '"')
		row = append(row, field)
		if at >= len(text) || text[at] != delimiter {
			return row, at
		}
		at++
	}
}

// jsonRows reads values one after another, or those of an array.
func jsonRows(data []byte) (*Rows, bool) {
	trimmed := bytes.TrimSpace(data)
	if !bytes.HasPrefix(trimmed, []byte("{")) && !bytes.HasPrefix(trimmed, []byte("[")) {
		return nil, false
	}
	out := &Rows{Format: "json"}
	decoder := json.NewDecoder(bytes.NewReader(trimmed))
	if trimmed[0] == '[' {
		if _, err := decoder.Token(); err != nil {
			return nil, false
		}
	}
	var first []*asl.Object
	for decoder.More() {
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return nil, false
		}
		out.Count++
		if len(first) < firstRows {
			decoded, err := asl.Decode(value)
			record, ok := decoded.(*asl.Object)
			if err != nil || !ok {
				record = asl.ObjectOf("value", decoded)
			}
			first = append(first, record)
		}
	}
	if trimmed[0] == '[' {
		if _, err := decoder.Token(); err != nil {
			return nil, false
		}
	}
	out.show(first)
	return out, true
}

// show makes rows of the records, with a column for each key that any of them has.
func (r *Rows) show(records []*asl.Object) {
	for _, record := range records {
		for _, key := range record.Keys() {
			if !slices.Contains(r.Columns, key) {
				r.Columns = append(r.Columns, key)
			}
		}
	}
	for _, record := range records {
		var row []string
		for _, column := range r.Columns {
			row = append(row, cell(record, column))
		}
		r.First = append(r.First, row)
	}
}

func cell(record *asl.Object, column string) string {
	value, ok := record.Get(column)
	if text, is := value.(string); is || !ok {
		return text
	}
	return asl.EncodeString(value)
}

// parquetRows reads the number of rows in the footer, and the first of them.
func parquetRows(data []byte) (out *Rows, err error) {
	defer func() {
		// The file is anybody's, and the reader of the format panics on some that are broken.
		if broken := recover(); broken != nil {
			err = fmt.Errorf("the file is broken: %v", broken)
		}
	}()
	if err = checkFooter(data); err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("the file is broken: %w", err)
	}
	out = &Rows{Format: "parquet", Count: file.NumRows()}
	var leaves []parquet.LeafColumn
	for _, column := range file.Schema().Columns() {
		leaf, ok := file.Schema().Lookup(column...)
		if !ok {
			return nil, fmt.Errorf("the file is broken: it has no column %s", strings.Join(column, "."))
		}
		leaves = append(leaves, leaf)
		out.Columns = append(out.Columns, strings.Join(column, "."))
	}
	for _, group := range file.RowGroups() {
		if len(out.First) >= firstRows {
			break
		}
		if err = firstOf(group, leaves, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func firstOf(group parquet.RowGroup, leaves []parquet.LeafColumn, out *Rows) error {
	rows := group.Rows()
	defer func() { _ = rows.Close() }() // in memory
	read := make([]parquet.Row, firstRows-len(out.First))
	n, err := rows.ReadRows(read)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("the file is broken: %w", err)
	}
	for _, values := range read[:n] {
		row := make([]string, len(leaves))
		for _, value := range values {
			at := value.Column()
			if at < 0 || at >= len(row) {
				continue
			}
			written := parquetValue(value, leaves[at].Node)
			if row[at] != "" {
				written = row[at] + ", " + written // of a list
			}
			row[at] = written
		}
		out.First = append(out.First, row)
	}
	return nil
}

// parquetValue is a value as a person reads it.
// Source: Apache Parquet, "Parquet Logical Type Definitions", DATE, TIMESTAMP and DECIMAL, read 2026-11.
func parquetValue(value parquet.Value, leaf parquet.Node) string {
	if value.IsNull() {
		return ""
	}
	if of := leaf.Type().LogicalType(); of != nil {
		switch of := of.Value.(type) {
		case *format.DateType:
			return time.Unix(int64(value.Int32())*24*60*60, 0).UTC().Format(time.DateOnly)
		case *format.TimestampType:
			return instant(value.Int64(), of).Format("2006-01-02 15:04:05.999999999")
		case *format.DecimalType:
			return parquetDecimal(value, of.Scale)
		}
	}
	switch kind := leaf.Type().Kind(); {
	case kind == parquet.Int96:
		return "(int96)" // Spark's timestamps before 3.0
	case (kind == parquet.ByteArray || kind == parquet.FixedLenByteArray) && !utf8.Valid(value.ByteArray()):
		return base64.StdEncoding.EncodeToString(value.ByteArray())
	}
	return value.String()
}

func instant(count int64, of *format.TimestampType) time.Time {
	switch of.Unit.Value.(type) {
	case *format.MilliSeconds:
		return time.UnixMilli(count).UTC()
	case *format.MicroSeconds:
		return time.UnixMicro(count).UTC()
	}
	return time.Unix(0, count).UTC()
}

func parquetDecimal(value parquet.Value, scale int32) string {
	unscaled := new(big.Int)
	switch value.Kind() {
	case parquet.Int32:
		unscaled.SetInt64(int64(value.Int32()))
	case parquet.Int64:
		unscaled.SetInt64(value.Int64())
	default:
		digits := value.ByteArray()
		unscaled.SetBytes(digits)
		if len(digits) > 0 && digits[0]&0x80 != 0 { // two's complement
			unscaled.Sub(unscaled, new(big.Int).Lsh(big.NewInt(1), uint(len(digits))*8))
		}
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
	return new(big.Rat).SetFrac(unscaled, power).FloatString(int(scale))
}
