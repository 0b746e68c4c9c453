package lab

import (
	"fmt"
	"slices"
	"strings"
)

// hiveType is the type of a column as Hive, and so the Data Catalog, writes it.
// Source: AWS Glue API, Column, Type ("compatible with Hive"); Amazon Athena User Guide, "Data types in Amazon Athena", read 2026-11.
type hiveType struct {
	kind             string // empty: only nulls were seen
	precision, scale int    // of a decimal
	fields           []hiveField
	key, element     *hiveType // of a map, of an array or a map
}

// hiveField is a column of a table, or a field of a struct.
type hiveField struct {
	name string
	of   hiveType
}

// Kinds that decisions are made about.
const (
	hiveString  = "string"
	hiveInt     = "int"
	hiveBigint  = "bigint"
	hiveDouble  = "double"
	hiveBoolean = "boolean"
	hiveDecimal = "decimal"
	hiveStruct  = "struct"
	hiveArray   = "array"
	hiveMap     = "map"
)

// String writes the type as the catalog has it. A column of nulls alone is a string.
func (t hiveType) String() string {
	switch t.kind {
	case "":
		return hiveString
	case hiveDecimal:
		return fmt.Sprintf("decimal(%d,%d)", t.precision, t.scale)
	case hiveArray:
		return "array<" + t.element.String() + ">"
	case hiveMap:
		return "map<" + t.key.String() + "," + t.element.String() + ">"
	case hiveStruct:
		fields := make([]string, len(t.fields))
		for i, f := range t.fields {
			fields[i] = f.name + ":" + f.of.String()
		}
		return "struct<" + strings.Join(fields, ",") + ">"
	}
	return t.kind
}

// numbers by how much they hold.
var numbers = []string{"tinyint", "smallint", hiveInt, hiveBigint, "float", hiveDouble}

// merged is the type that holds the values of both; when nothing else does, a string.
// AWS documents that a crawler merges types, and not how: the order of numbers is Hive's implicit conversion.
// Source: Apache Hive LanguageManual, "Allowed Implicit Conversions", read 2026-11.
func merged(a, b hiveType) hiveType {
	switch {
	case a.kind == "":
		return b
	case b.kind == "":
		return a
	case a.kind != b.kind:
		return wider(a, b)
	}
	switch a.kind {
	case hiveStruct:
		return hiveType{kind: hiveStruct, fields: mergedFields(a.fields, b.fields)}
	case hiveArray:
		element := merged(*a.element, *b.element)
		return hiveType{kind: hiveArray, element: &element}
	case hiveMap:
		key, element := merged(*a.key, *b.key), merged(*a.element, *b.element)
		return hiveType{kind: hiveMap, key: &key, element: &element}
	case hiveDecimal:
		whole, scale := max(a.precision-a.scale, b.precision-b.scale), max(a.scale, b.scale)
		return hiveType{kind: hiveDecimal, precision: min(whole+scale, 38), scale: scale} // 38 digits are Hive's most
	}
	return a
}

func wider(a, b hiveType) hiveType {
	if i, j := slices.Index(numbers, a.kind), slices.Index(numbers, b.kind); i >= 0 && j >= 0 {
		return hiveType{kind: numbers[max(i, j)]}
	}
	for _, pair := range [][2]hiveType{{a, b}, {b, a}} {
		if pair[0].kind == hiveDecimal && slices.Contains(numbers, pair[1].kind) {
			return hiveType{kind: hiveDouble}
		}
	}
	return hiveType{kind: hiveString}
}

// mergedFields are the fields of both, each name once, in the order in which they came.
func mergedFields(a, b []hiveField) []hiveField {
	out := slices.Clone(a)
	at := make(map[string]int, len(a))
	for i, f := range a {
		at[f.name] = i
	}
	for _, f := range b {
		i, known := at[f.name]
		if !known {
			at[f.name] = len(out)
			out = append(out, f)
			continue
		}
		out[i].of = merged(out[i].of, f.of)
	}
	return out
}
