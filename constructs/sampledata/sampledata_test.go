package sampledata_test

import (
	"bytes"
	"encoding/csv"
	"io/fs"
	"strings"
	"testing"

	"example.com/pipewright/constructs/sampledata"
)

func TestThe1461DaysAreIn48PartitionsOfTheirMonth(t *testing.T) {
	partitions, days := 0, map[string]bool{}
	err := fs.WalkDir(sampledata.Files, "weather", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		partitions++
		month := strings.NewReplacer("weather/year=", "", "/month=", "-", "/weather.csv", "").Replace(name)
		data, err := sampledata.Files.ReadFile(name)
		if err != nil {
			return err
		}
		rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil {
			return err
		}
		for _, row := range rows[1:] {
			days[row[0]] = true
			if !strings.HasPrefix(row[0], month+"-") {
				t.Errorf("%s: got a row of %s, want only those of %s", name, row[0], month)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if partitions != 48 || len(days) != 1461 {
		t.Errorf("got %d partitions with %d days, want 48 with 1461", partitions, len(days))
	}
}
