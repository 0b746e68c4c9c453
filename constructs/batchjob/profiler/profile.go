package main

import (
	"io"
	"maps"
	"math"

	"example.com/pipewright/constructs/weatherrows"
)

// Profile is what is known of a month's data. It counts rows, not days: a day that landed twice counts twice.
type Profile struct {
	Month   string                         `json:"month"`
	Files   int                            `json:"files"`
	Rows    int                            `json:"rows"` // good ones
	Bad     int                            `json:"bad"`
	Refused map[string]weatherrows.Problem `json:"refused,omitempty"` // by key: files that cannot be used as a whole
	First   string                         `json:"first,omitempty"`   // date
	Last    string                         `json:"last,omitempty"`
	Columns Columns                        `json:"columns"`
	Weather map[string]int                 `json:"weather"` // rows of each kind
}

// Columns are the columns of numbers.
type Columns struct {
	Precipitation Column `json:"precipitation"`
	TempMax       Column `json:"temp_max"`
	TempMin       Column `json:"temp_min"`
	Wind          Column `json:"wind"`
}

// Column is what is known of a column of numbers.
type Column struct {
	Min       float64 `json:"min"`
	Max       float64 `json:"max"`
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"deviation"` // standard deviation of the rows, not of a sample

	count, squares float64
}

// add goes by Welford's method: it needs no second reading, and keeps its precision where a sum of squares would lose it.
func (c *Column) add(value float64) {
	if c.count == 0 {
		c.Min, c.Max = value, value
	}
	c.Min, c.Max = min(c.Min, value), max(c.Max, value)
	c.count++
	before := value - c.Mean
	c.Mean += before / c.count
	c.squares += before * (value - c.Mean)
	c.Deviation = math.Sqrt(c.squares / c.count)
}

func newProfile(month string) *Profile { return &Profile{Month: month, Weather: map[string]int{}} }

// add reads one file. Of a file that turns out unusable nothing counts but the problem, so it is measured apart, on a copy.
func (p *Profile) add(key string, from io.Reader) error {
	next := *p
	next.Weather = maps.Clone(p.Weather)
	rows, bad, problem, err := weatherrows.Read(from, key, next.row, func(weatherrows.BadRow) error { return nil })
	if err != nil {
		return err
	}
	p.Files++
	if problem != nil {
		if p.Refused == nil {
			p.Refused = map[string]weatherrows.Problem{}
		}
		p.Refused[key] = *problem
		return nil
	}
	next.Files, next.Refused = p.Files, p.Refused
	next.Rows += rows
	next.Bad += bad
	*p = next
	return nil
}

func (p *Profile) row(row weatherrows.Row) error {
	if p.First == "" || row.Date < p.First {
		p.First = row.Date
	}
	p.Last = max(p.Last, row.Date)
	p.Weather[row.Weather]++
	p.Columns.Precipitation.add(row.Precipitation)
	p.Columns.TempMax.add(row.TempMax)
	p.Columns.TempMin.add(row.TempMin)
	p.Columns.Wind.add(row.Wind)
	return nil
}
