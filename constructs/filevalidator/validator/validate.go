package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a valid file.
const (
	maxBytes   = 1 << 30 // 1 GiB: what two workers load well within the job's timeout
	sampleRows = 100
	// maxBadShare is the share of the sample that may be bad: the job sets single bad rows aside, but a file with more is
	// probably not what it says it is.
	maxBadShare = 0.5
)

// Rules are what a file must fulfill.
type Rules struct {
	Header []string // the column names, in order; the first column is a date, the last one a text, the others numbers
}

// Problem is one thing that is wrong with a file.
type Problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

var partition = regexp.MustCompile(`(?:^|/)(year=\d{4}/month=(?:0[1-9]|1[0-2]))/[^/]+$`)

// Check looks at the key and the beginning of a file. It returns the partition, how many rows it looked at, and all problems.
func (r Rules) Check(key string, head Head) (string, int, []Problem) {
	problems := []Problem{}
	found := partition.FindStringSubmatch(key)
	part := ""
	if found == nil {
		problems = append(problems, Problem{"NoPartition", fmt.Sprintf("the key %q has no year=YYYY/month=MM/ folder", key)})
	} else {
		part = found[1]
	}
	switch {
	case head.Size == 0:
		return part, 0, append(problems, Problem{"Empty", "the file is empty"})
	case head.Size > maxBytes:
		problems = append(problems, Problem{"TooLarge", fmt.Sprintf("the file has %d bytes, at most %d are accepted", head.Size, int64(maxBytes))})
	}
	if problem := encodingProblem(head); problem != nil {
		return part, 0, append(problems, *problem)
	}
	rows, more := r.checkRows(head)
	return part, rows, append(problems, more...)
}

// encodingProblem is about the bytes. A byte order mark of UTF-8 is tolerated: the job skips it.
func encodingProblem(head Head) *Problem {
	data := head.Data
	switch {
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		return &Problem{"Encoding", "the file is compressed (gzip), expected plain CSV"}
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return &Problem{"Encoding", "the file is UTF-16, expected UTF-8"}
	case bytes.IndexByte(data, 0) >= 0:
		return &Problem{"Encoding", "the file has NUL bytes, expected text"}
	case !utf8.Valid(wholeRunes(data)):
		return &Problem{"Encoding", "the file is not UTF-8"}
	}
	return nil
}

// wholeRunes drops a character that the end of the sample cuts in two.
func wholeRunes(data []byte) []byte {
	for cut := 1; cut < utf8.UTFMax && cut <= len(data); cut++ {
		if last := data[len(data)-cut:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return data[:len(data)-cut]
			}
			break
		}
	}
	return data
}

func (r Rules) checkRows(head Head) (int, []Problem) {
	text := bytes.TrimPrefix(head.Data, []byte("\ufeff"))
	if int64(len(head.Data)) < head.Size { // the last line is cut
		text = text[:bytes.LastIndexByte(text, '\n')+1]
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if err != nil || !slices.Equal(header, r.Header) {
		code := "WrongHeader"
		if err == nil && !slices.ContainsFunc(header, func(name string) bool { return slices.Contains(r.Header, name) }) {
			code = "MissingHeader"
		}
		return 0, []Problem{{code, fmt.Sprintf("the first line is %.80q, expected %q", strings.Join(header, ","), strings.Join(r.Header, ","))}}
	}
	rows, bad, first := 0, 0, ""
	for rows < sampleRows {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		rows++
		if why := r.badRow(row, err); why != "" {
			bad++
			if first == "" {
				first = fmt.Sprintf("row %d: %s", rows, why)
			}
		}
	}
	switch {
	case rows == 0:
		return 0, []Problem{{"NoRows", "the file has a header and no rows"}}
	case float64(bad) > maxBadShare*float64(rows):
		return rows, []Problem{{"BadRows", fmt.Sprintf("%d of the first %d rows are bad; %s", bad, rows, first)}}
	}
	return rows, []Problem{}
}

// badRow says why a row is bad, or nothing.
func (r Rules) badRow(row []string, err error) string {
	if err != nil {
		return err.Error()
	}
	if len(row) != len(r.Header) {
		return fmt.Sprintf("it has %d columns, expected %d", len(row), len(r.Header))
	}
	for i, value := range row {
		switch {
		case i == 0:
			if _, err := time.Parse(time.DateOnly, value); err != nil {
				return fmt.Sprintf("%s is %.40q, expected YYYY-MM-DD", r.Header[i], value)
			}
		case i < len(row)-1:
			if _, err := strconv.ParseFloat(value, 64); err != nil {
				return fmt.Sprintf("%s is %.40q, expected a number", r.Header[i], value)
			}
		}
	}
	return ""
}
