package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxNesting is how deep JSON may be; deeper is no data, but an attack on the stack. Hive refuses types of such depth anyway.
const maxNesting = 100

// inferJSON reads the records of a sample: values one after another, on lines of their own or not. Not ok: not even the first is a
// record. What follows a broken record is not read.
// Source: AWS Glue Developer Guide, "Built-in classifiers in AWS Glue"; AWS re:Post, "How does the AWS Glue crawler detect the
// schema?", read 2026-11.
func inferJSON(sample []byte) (schema, bool) {
	trimmed := bytes.TrimSpace(sample)
	if !bytes.HasPrefix(trimmed, []byte("{")) && !bytes.HasPrefix(trimmed, []byte("[")) {
		return schema{}, false
	}
	out := schema{classification: "json"}
	decoder := json.NewDecoder(bytes.NewReader(trimmed))
	decoder.UseNumber()
	var record hiveType
	for decoder.More() {
		of, err := jsonType(decoder, 0)
		if err != nil || of.kind != hiveStruct && of.kind != hiveArray {
			break
		}
		if of.kind == hiveArray {
			// A file that is an array is one record with one column.
			// Source: AWS Glue Developer Guide, "Writing JSON custom classifiers", read 2026-11, and tables that crawlers have made.
			element := of
			of = hiveType{kind: hiveStruct, fields: []hiveField{{name: hiveArray, of: element}}}
		}
		record = merged(record, of)
		out.records++
	}
	if out.records == 0 || len(record.fields) == 0 {
		return schema{}, false
	}
	for _, f := range record.fields {
		out.paths = append(out.paths, f.name)
		f.name = strings.ToLower(f.name)
		out.columns = mergedFields(out.columns, []hiveField{f})
	}
	return out, true
}

var errNesting = fmt.Errorf("it is nested deeper than %d", maxNesting)

// jsonType reads one value, and its type.
func jsonType(decoder *json.Decoder, depth int) (hiveType, error) {
	if depth > maxNesting {
		return hiveType{}, errNesting
	}
	token, err := decoder.Token()
	if err != nil {
		return hiveType{}, err
	}
	switch value := token.(type) {
	case json.Delim:
		if value == '{' {
			return jsonStruct(decoder, depth)
		}
		return jsonArray(decoder, depth)
	case json.Number:
		return hiveType{kind: jsonNumber(value.String())}, nil
	case string:
		return hiveType{kind: hiveString}, nil
	case bool:
		return hiveType{kind: hiveBoolean}, nil
	}
	return hiveType{}, nil // null
}

func jsonStruct(decoder *json.Decoder, depth int) (hiveType, error) {
	var fields []hiveField
	at := map[string]int{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return hiveType{}, err
		}
		name, ok := token.(string)
		if !ok {
			return hiveType{}, errors.New("a key is no string")
		}
		of, err := jsonType(decoder, depth+1)
		if err != nil {
			return hiveType{}, err
		}
		if i, known := at[name]; known {
			fields[i].of = merged(fields[i].of, of)
			continue
		}
		at[name] = len(fields)
		fields = append(fields, hiveField{name: name, of: of})
	}
	_, err := decoder.Token()
	return hiveType{kind: hiveStruct, fields: fields}, err
}

func jsonArray(decoder *json.Decoder, depth int) (hiveType, error) {
	var element hiveType
	for decoder.More() {
		of, err := jsonType(decoder, depth+1)
		if err != nil {
			return hiveType{}, err
		}
		element = merged(element, of)
	}
	_, err := decoder.Token()
	return hiveType{kind: hiveArray, element: &element}, err
}

// jsonNumber is int for what fits, as in the guide's example {"A": 1}, then bigint, then double.
// Source: AWS Glue Developer Guide, "Creating a single schema for each Amazon S3 include path", read 2026-11.
func jsonNumber(written string) string {
	n, err := strconv.ParseInt(written, 10, 64)
	switch {
	case err != nil:
		return hiveDouble
	case n >= math.MinInt32 && n <= math.MaxInt32:
		return hiveInt
	}
	return hiveBigint
}
