// Package weatherrows reads daily weather from CSV, row by row: what a good row is, is said here once for every Go program.
//
// It streams, and removes no duplicates, which would take memory. The PySpark job has the same rules in its own language.
package weatherrows

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Row is a good row: what the file says, with types. Put your own schema here, into Columns and into parse.
type Row struct {
	Date          string  `json:"date"` // YYYY-MM-DD
	Precipitation float64 `json:"precipitation"`
	TempMax       float64 `json:"temp_max"`
	TempMin       float64 `json:"temp_min"`
	Wind          float64 `json:"wind"`
	Weather       string  `json:"weather"`
}

// Columns are what a file begins with.
var Columns = []string{"date", "precipitation", "temp_max", "temp_min", "wind", "weather"}

// BadRow is a line of a file with the reason why it is bad. Line 0 is about the whole file.
type BadRow struct {
	Line   int    `json:"line"` // counted from 1, which is the header
	Reason string `json:"reason"`
	Row    string `json:"row,omitempty"`
}

// Limits of a file's content.
const (
	// MaxLine keeps the memory bounded, whatever the file holds. A field cannot contain a line break for the same reason: one
	// stray quote would make the rest of the file one field.
	MaxLine = 64 << 10
	// maxBadShare is the share of rows that may be bad. A file with more is probably not what it says it is.
	maxBadShare = 0.5
)

var partition = regexp.MustCompile(`(?:^|/)year=(\d{4})/month=(0[1-9]|1[0-2])/[^/]+$`)

// Problem is why a whole file cannot be used.
type Problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Read hands each row to one of the two functions, and returns how many there were of each, and the problem if the file cannot be
// used as a whole. In a file whose key names a month, the rows of other months are bad.
func Read(from io.Reader, key string, good func(Row) error, bad func(BadRow) error) (goodRows, badRows int, problem *Problem, err error) {
	reader := bufio.NewReaderSize(from, MaxLine)
	if problem, err = begin(reader); problem != nil || err != nil {
		return 0, 0, problem, err
	}
	month, first := Month(key), ""
	for number := 2; ; number++ {
		line, tooLong, err := readLine(reader)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, 0, nil, err
		}
		if len(line) == 0 {
			continue
		}
		row, reason := parse(line, tooLong, month)
		if reason == "" {
			goodRows++
			err = good(row)
		} else {
			badRows++
			if first == "" {
				first = fmt.Sprintf("line %d: %s", number, reason)
			}
			err = bad(BadRow{number, reason, string(line)})
		}
		if err != nil {
			return 0, 0, nil, err
		}
	}
	switch total := goodRows + badRows; {
	case total == 0:
		problem = &Problem{"NoRows", "the file has a header and no rows"}
	case float64(badRows) > maxBadShare*float64(total):
		problem = &Problem{"BadRows", fmt.Sprintf("%d of %d rows are bad; %s", badRows, total, first)}
	}
	return goodRows, badRows, problem, nil
}

// Month is the month that a key names, as YYYY-MM: its last folders are year=YYYY/month=MM. Empty for any other key.
func Month(key string) string {
	found := partition.FindStringSubmatch(key)
	if found == nil {
		return ""
	}
	return found[1] + "-" + found[2]
}

// Parse returns the row of a line, or the reason why it is bad.
func Parse(line []byte, month string) (row Row, reason string) { return parse(line, false, month) }

// begin looks at the first bytes and the header. A byte order mark of UTF-8 is tolerated.
func begin(reader *bufio.Reader) (*Problem, error) {
	start, err := reader.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	unreadable := ""
	switch {
	case len(start) == 0:
		return &Problem{"Empty", "the file is empty"}, nil
	case bytes.HasPrefix(start, []byte("\x1f\x8b")):
		unreadable = "compressed with gzip"
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		unreadable = "UTF-16"
	case bytes.IndexByte(start, 0) >= 0:
		unreadable = "binary: it has NUL bytes"
	}
	if unreadable != "" {
		return &Problem{"Encoding", "the file is " + unreadable + ", expected CSV in UTF-8"}, nil
	}
	if bytes.HasPrefix(start, []byte("\ufeff")) {
		_, _ = reader.Discard(len("\ufeff")) // it was peeked at
	}
	line, _, err := readLine(reader)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !utf8.Valid(line) {
		return &Problem{"Encoding", "the header is not UTF-8"}, nil
	}
	if names, err := split(line); err != nil || !slices.Equal(names, Columns) {
		return &Problem{"WrongHeader", fmt.Sprintf("the first line is %.120q, expected %q", line, strings.Join(Columns, ","))}, nil
	}
	return nil, nil
}

// readLine returns the next line without its end, valid until the next call; of a line that is too long only the beginning.
// It returns io.EOF after the last line.
func readLine(reader *bufio.Reader) (line []byte, tooLong bool, err error) {
	line, err = reader.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, tooLong = bytes.Clone(line), true
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = reader.ReadSlice('\n')
		}
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		return nil, false, err
	}
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), tooLong, nil
}

// split gives the fields of a line. Most lines have no quotes, and need no CSV parser.
func split(line []byte) ([]string, error) {
	if bytes.IndexByte(line, '"') < 0 {
		return strings.Split(string(line), ","), nil
	}
	return csv.NewReader(bytes.NewReader(line)).Read()
}

// parse has the rules of the weather data, wherever it is processed.
func parse(line []byte, tooLong bool, month string) (row Row, reason string) {
	if tooLong {
		return row, fmt.Sprintf("the line has more than %d bytes", MaxLine)
	}
	if !utf8.Valid(line) {
		return row, "the line is not UTF-8"
	}
	fields, err := split(line)
	if err != nil {
		return row, "the line is not CSV: " + err.Error()
	}
	if len(fields) != len(Columns) {
		return row, fmt.Sprintf("it has %d columns, expected %d", len(fields), len(Columns))
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	row.Date, row.Weather = fields[0], fields[len(fields)-1]
	if _, err := time.Parse(time.DateOnly, row.Date); err != nil {
		return row, "date is not a date"
	}
	if !strings.HasPrefix(row.Date, month) {
		return row, "date is not in " + month
	}
	for i, into := range []*float64{&row.Precipitation, &row.TempMax, &row.TempMin, &row.Wind} {
		value, err := strconv.ParseFloat(fields[i+1], 64)
		if err != nil || math.IsNaN(value) || math.IsInf(value, 0) || strings.ContainsAny(fields[i+1], "xX_") {
			return row, Columns[i+1] + " is not a number"
		}
		*into = value
	}
	switch {
	case row.Precipitation < 0:
		return row, "precipitation is negative"
	case row.Wind < 0:
		return row, "wind is negative"
	case row.TempMin > row.TempMax:
		return row, "temp_min is above temp_max"
	case row.Weather == "":
		return row, "weather is missing"
	}
	return row, ""
}
