package weathersales

import (
	"encoding/json"
	"io/fs"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func TestFilesAreComplete(t *testing.T) {
	for _, name := range []string{Dags + "/weather_sales.py", Dags + "/weathersales/sales.sql", Requirements, Startup} {
		if data, err := Files.ReadFile(name); err != nil || len(data) == 0 {
			t.Errorf("%s: got %d bytes, %v", name, len(data), err)
		}
	}
	err := fs.WalkDir(Files, ".", func(name string, _ fs.DirEntry, err error) error {
		if strings.Contains(name, "__pycache__") || strings.Contains(name, "test") {
			t.Errorf("%s would go into the environment's bucket", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// What Go and Python agree on is written in both.
func TestNamesAreThoseOfTheDag(t *testing.T) {
	variable := "AIRFLOW__" + strings.ToUpper(strings.ReplaceAll(Option, ".", "__"))
	for name, lines := range map[string][]string{
		Dags + "/weather_sales.py":         {`dag_id="` + DagID + `"`, `WEATHER_API = "` + WeatherAPI + `"`, `SALES_DB = "` + SalesDB + `"`, `{settings.prefix}` + Staging},
		Dags + "/weathersales/settings.py": {`VARIABLE = "` + variable + `"`, `HTTP_API = "` + HTTPAPI + `"`, `SQL_SERVER = "` + SQLServer + `"`},
	} {
		data, err := Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			if !strings.Contains(string(data), line) {
				t.Errorf("%s: does not have %s", name, line)
			}
		}
	}
}

func TestTheDocumentIsReadAsItWasWritten(t *testing.T) {
	written := Settings{
		Work: []string{HTTPAPI, SQLServer}, Schedule: "cron(0 8 ? * MON *)", Timezone: "America/Los_Angeles",
		Bucket: "${Token[Bucket.12]}", Prefix: `größe-雨-😀/"\<&`, Topic: "arn:aws:sns:eu-central-1:123456789012:failures", LongestMinutes: 15,
	}
	document := written.JSON()
	if !regexp.MustCompile(`^[ -~]+$`).Match(document) {
		t.Errorf("got %s, an option's value is printable ASCII", document)
	}
	if !strings.Contains(string(document), written.Bucket) {
		t.Errorf("got %s, the CDK would not find its token in it", document)
	}
	var read Settings
	if err := json.Unmarshal(document, &read); err != nil || !reflect.DeepEqual(read, written) {
		t.Errorf("got %+v, %v", read, err)
	}
}

func TestCheckRefusesWhatTheDagCannotDo(t *testing.T) {
	for _, test := range []struct {
		work    []string
		message string // empty: accepted
	}{
		{work: []string{HTTPAPI, SQLServer}},
		{work: []string{SQLServer}},
		{work: nil, message: "got no step"},
		{work: []string{HTTPAPI, "crawler"}, message: "got crawler"},
		{work: []string{HTTPAPI, HTTPAPI}, message: "got http-api twice"},
	} {
		err := Settings{Work: test.work}.Check()
		if (err == nil) != (test.message == "") || err != nil && !strings.Contains(err.Error(), test.message) {
			t.Errorf("%v: got %v, expected %q", test.work, err, test.message)
		}
	}
}
