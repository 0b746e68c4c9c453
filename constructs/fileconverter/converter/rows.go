package main

import (
	"encoding/json"
	"io"

	"example.com/pipewright/constructs/weatherrows"
)

// convertRows reads CSV and writes JSON Lines: good rows to one writer, bad rows with the reason to the other. It returns how
// many there were of each, and the problem if the file cannot be used as a whole.
func convertRows(from io.Reader, key string, good, bad io.Writer) (goodRows, badRows int, problem *weatherrows.Problem, err error) {
	goodOut, badOut := json.NewEncoder(good), json.NewEncoder(bad)
	goodOut.SetEscapeHTML(false)
	badOut.SetEscapeHTML(false)
	return weatherrows.Read(from, key,
		func(row weatherrows.Row) error { return goodOut.Encode(row) },
		func(row weatherrows.BadRow) error { return badOut.Encode(row) })
}
