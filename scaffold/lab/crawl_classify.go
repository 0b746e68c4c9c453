package lab

import (
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"fmt"
	"io"
)

// schema is what a classifier says of a file.
type schema struct {
	classification   string
	compression      string // of the whole file: none, gzip, bzip2, zip
	delimiter, quote string
	header           bool
	columns          []hiveField
	paths            []string // of JSON: the names as they are written
	records          int      // in the sample
	sampled          int      // bytes of the sample, before which all is known
}

// unclassified is what Glue says of a file that no classifier recognizes.
// Source: AWS Glue Developer Guide, "Defining and managing classifiers", read 2026-11.
const unclassified = "UNKNOWN"

// How much of a file is read: the first megabyte, and for JSON up to ten until there is a record.
// Source: AWS re:Post, "How does the AWS Glue crawler detect the schema?", read 2026-11.
const (
	sampleSize  = 1 << 20
	sampleLimit = 10 << 20
)

// formats that Glue recognizes by how they begin, and the lab cannot read.
// Source: AWS Glue Developer Guide, "Built-in classifiers in AWS Glue"; the formats' own specifications; read 2026-11.
var formats = map[string]string{
	"Obj\x01": "avro", "ORC": "orc", "\x04\x22\x4d\x18": "LZ4", "\xff\x06\x00\x00sNaPpY": "Snappy", "\xe0\x01\x00\xea": "ion", "<": "xml",
}

// classify asks the custom classifiers, then the built-in ones in Glue's order. An error is a format that Glue reads and the lab does not.
func classify(data []byte, custom []csvSettings) (schema, error) {
	content, compression := expand(data)
	for beginning, name := range formats {
		if bytes.HasPrefix(content, []byte(beginning)) {
			return schema{}, fmt.Errorf("the lab does not read %s, expected CSV, JSON or Parquet, plain or compressed with gzip, bzip2 or zip", name)
		}
	}
	out, ok := recognize(content, custom)
	if !ok {
		out = schema{classification: unclassified}
	}
	out.compression, out.sampled = compression, min(len(content), sampleSize)
	return out, nil
}

func recognize(content []byte, custom []csvSettings) (schema, bool) {
	sample := content[:min(len(content), sampleSize)]
	whole := len(sample) == len(content)
	for _, settings := range custom {
		if out, ok := inferCSV(sample, whole, settings); ok {
			return out, true
		}
	}
	if bytes.HasPrefix(content, []byte("PAR1")) {
		out, err := inferParquet(content)
		return out, err == nil
	}
	for size := sampleSize; ; size += sampleSize {
		if out, ok := inferJSON(content[:min(len(content), size)]); ok {
			return out, true
		}
		if size >= len(content) || size >= sampleLimit {
			break
		}
	}
	return inferCSV(sample, whole, csvSettings{})
}

// expand undoes a compression of the whole file, as far as a sample goes. What is broken stays as it is, and will be of no format.
// Source: AWS Glue Developer Guide, "Built-in classifiers in AWS Glue", compressed formats, read 2026-11.
func expand(data []byte) ([]byte, string) {
	var reader io.Reader
	var name string
	var err error
	switch {
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		name = "gzip"
		reader, err = gzip.NewReader(bytes.NewReader(data))
	case bytes.HasPrefix(data, []byte("BZh")):
		name, reader = "bzip2", bzip2.NewReader(bytes.NewReader(data))
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		name = "zip"
		reader, err = onlyFile(data)
	default:
		return data, "none"
	}
	if err != nil {
		return data, "none"
	}
	// One byte more tells that there is more: a sample may end in the middle of a record.
	content, err := io.ReadAll(io.LimitReader(reader, sampleLimit+1))
	if err != nil && len(content) == 0 {
		return data, "none"
	}
	return content, name
}

// onlyFile is the file of an archive that has just one.
func onlyFile(data []byte) (io.Reader, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	if len(archive.File) != 1 {
		return nil, fmt.Errorf("got %d files in the archive, expected one", len(archive.File))
	}
	return archive.File[0].Open()
}
