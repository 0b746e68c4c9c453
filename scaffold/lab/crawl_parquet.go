package lab

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// inferParquet reads the schema at the end of the file. Its compression is part of the format, and so not of the table.
// Source: AWS Glue Developer Guide, "How crawlers work", read 2026-11.
func inferParquet(data []byte) (out schema, err error) {
	defer func() {
		// The file is anybody's, and the reader of the format panics on some that are broken.
		if broken := recover(); broken != nil {
			err = fmt.Errorf("the file is broken: %v", broken)
		}
	}()
	if err = checkFooter(data); err != nil {
		return schema{}, err
	}
	file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return schema{}, fmt.Errorf("the file is broken: %w", err)
	}
	elements := file.Metadata().Schema
	if len(elements) == 0 {
		return schema{}, errors.New("the file has no schema")
	}
	tree := &parquetTree{rest: elements}
	root, err := tree.node(0)
	if err != nil {
		return schema{}, err
	}
	out = schema{classification: "parquet", records: int(file.NumRows())}
	for _, child := range root.children {
		of, err := child.hive()
		if err != nil {
			return schema{}, err
		}
		out.columns = mergedFields(out.columns, []hiveField{{name: strings.ToLower(child.Name), of: of}})
	}
	return out, nil
}

// checkFooter checks what the end of the file says of its length, before somebody allocates that much.
// Source: Apache Parquet, "File Format", read 2026-11.
func checkFooter(data []byte) error {
	const magic, frame = "PAR1", 12 // the magic at both ends, and the length of the footer before the last
	if len(data) < frame || string(data[len(data)-len(magic):]) != magic {
		return errors.New("the file is broken: it does not end with PAR1")
	}
	end := data[len(data)-2*len(magic):]
	if length := int64(end[0]) | int64(end[1])<<8 | int64(end[2])<<16 | int64(end[3])<<24; length > int64(len(data)-frame) {
		return fmt.Errorf("the file is broken: its footer has %d bytes, and the file %d", length, len(data))
	}
	return nil
}

// parquetTree makes a tree of the elements, which a file lists depth first.
type parquetTree struct{ rest []format.SchemaElement }

type parquetNode struct {
	*format.SchemaElement
	children []*parquetNode
}

func (t *parquetTree) node(depth int) (*parquetNode, error) {
	if len(t.rest) == 0 || depth > maxNesting {
		return nil, errors.New("the file's schema is broken, or nested too deeply")
	}
	n := &parquetNode{SchemaElement: &t.rest[0]}
	t.rest = t.rest[1:]
	for range n.NumChildren.V {
		child, err := t.node(depth + 1)
		if err != nil {
			return nil, err
		}
		n.children = append(n.children, child)
	}
	return n, nil
}

// hive is the type as Hive reads it: its lists and maps stand in groups of their own.
// Source: Apache Parquet, "Parquet Logical Type Definitions", nested types and backward compatibility, read 2026-11.
func (n *parquetNode) hive() (hiveType, error) {
	of, err := n.value()
	if err == nil && n.RepetitionType.Valid && n.RepetitionType.V == format.Repeated {
		element := of
		of = hiveType{kind: hiveArray, element: &element}
	}
	return of, err
}

func (n *parquetNode) value() (hiveType, error) {
	switch {
	case n.Type.Valid:
		return n.leaf()
	case n.is(deprecated.List) && len(n.children) == 1:
		return n.list()
	case (n.is(deprecated.Map) || n.is(deprecated.MapKeyValue)) && len(n.children) == 1 && len(n.children[0].children) == 2:
		key, err := n.children[0].children[0].hive()
		if err != nil {
			return hiveType{}, err
		}
		element, err := n.children[0].children[1].hive()
		return hiveType{kind: hiveMap, key: &key, element: &element}, err
	}
	out := hiveType{kind: hiveStruct}
	for _, child := range n.children {
		of, err := child.hive()
		if err != nil {
			return hiveType{}, err
		}
		out.fields = append(out.fields, hiveField{name: child.Name, of: of})
	}
	return out, nil
}

func (n *parquetNode) list() (hiveType, error) {
	repeated := n.children[0]
	wrapped := len(repeated.children) == 1 && repeated.Name != "array" && repeated.Name != n.Name+"_tuple"
	if wrapped {
		repeated = repeated.children[0]
	}
	var element hiveType
	var err error
	if wrapped {
		element, err = repeated.hive()
	} else {
		element, err = repeated.value()
	}
	return hiveType{kind: hiveArray, element: &element}, err
}

// is says what an annotation of the old kind, or its successor, says.
func (n *parquetNode) is(kind deprecated.ConvertedType) bool {
	if n.ConvertedType.Valid && n.ConvertedType.V == kind {
		return true
	}
	switch n.LogicalType.Value.(type) {
	case *format.ListType:
		return kind == deprecated.List
	case *format.MapType:
		return kind == deprecated.Map
	case *format.StringType, *format.EnumType, *format.JsonType:
		return kind == deprecated.UTF8
	case *format.DateType:
		return kind == deprecated.Date
	case *format.TimestampType:
		return kind == deprecated.TimestampMicros
	}
	return false
}

// leaf is the type of a column of values.
// Source: Amazon Athena User Guide, "Data types in Amazon Athena"; Apache Parquet, "Parquet Logical Type Definitions", read 2026-11.
func (n *parquetNode) leaf() (hiveType, error) {
	if decimal, ok := n.LogicalType.Value.(*format.DecimalType); ok {
		return hiveType{kind: hiveDecimal, precision: int(decimal.Precision), scale: int(decimal.Scale)}, nil
	}
	if n.ConvertedType.Valid && n.ConvertedType.V == deprecated.Decimal {
		return hiveType{kind: hiveDecimal, precision: int(n.Precision.V), scale: int(n.Scale.V)}, nil
	}
	switch n.Type.V {
	case format.Boolean:
		return hiveType{kind: hiveBoolean}, nil
	case format.Int32:
		return hiveType{kind: n.int32()}, nil
	case format.Int64:
		if n.is(deprecated.TimestampMicros) || n.is(deprecated.TimestampMillis) {
			return hiveType{kind: "timestamp"}, nil
		}
		return hiveType{kind: hiveBigint}, nil
	case format.Int96:
		return hiveType{kind: "timestamp"}, nil // what Spark and Hive wrote before there was an annotation
	case format.Float:
		return hiveType{kind: "float"}, nil
	case format.Double:
		return hiveType{kind: hiveDouble}, nil
	case format.ByteArray, format.FixedLenByteArray:
		if n.is(deprecated.UTF8) || n.is(deprecated.Enum) || n.is(deprecated.Json) {
			return hiveType{kind: hiveString}, nil
		}
		return hiveType{kind: "binary"}, nil
	}
	return hiveType{}, fmt.Errorf("the column %s has the unknown type %v", n.Name, n.Type.V)
}

func (n *parquetNode) int32() string {
	switch width, ok := n.LogicalType.Value.(*format.IntType); {
	case n.is(deprecated.Date):
		return "date"
	case n.is(deprecated.Int8), ok && width.BitWidth == 8 && width.IsSigned:
		return "tinyint"
	case n.is(deprecated.Int16), ok && width.BitWidth == 16 && width.IsSigned:
		return "smallint"
	}
	return hiveInt
}
