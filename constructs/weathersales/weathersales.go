// Package weathersales is the Airflow DAG that joins the weather that an HTTP API tells with the sales that a SQL Server holds, and
// writes the rows to S3: dags/weather_sales.py, with what an Amazon MWAA environment needs to run it.
//
// The DAG is the same file for every project. What the answers decide reaches it as the settings document, in the environment
// variable that MWAA makes of the configuration option Option. The package deploys nothing.
//
// Besides what every environment needs, its execution role reads and writes objects below the settings' prefix (s3:GetObject,
// s3:PutObject, s3:AbortMultipartUpload, with the bucket's key), publishes to their topic, and reads the secrets of the connections.
// Source: Amazon MWAA User Guide, "Using Apache Airflow configuration options on Amazon MWAA", read 2026-11.
package weathersales

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

// Files are what goes into the environment's bucket: the folder dags, requirements.txt and startup.sh.
//
//go:embed dags requirements.txt startup.sh
var Files embed.FS

// Paths in Files, and keys in the environment's bucket.
const (
	Dags         = "dags"
	Requirements = "requirements.txt"
	Startup      = "startup.sh"
)

// DagID names the DAG in Airflow.
const DagID = "weather_sales"

// Option is the environment's configuration option that holds the settings document. The DAG reads it as AIRFLOW__WEATHERSALES__SETTINGS.
const Option = "weathersales.settings"

// The Airflow connections that the DAG uses: a secret of this name below the secrets backend's prefix for connections, in JSON. The
// API's keys go into extra as headers; the database needs its port written out, and takes pymssql's parameters in extra:
//
//	{"conn_type": "http", "host": "https://api.example.com", "extra": {"x-api-key": "..."}}
//	{"conn_type": "mssql", "host": "10.0.0.10", "port": 1433, "schema": "shop", "login": "...", "password": "...",
//	 "extra": {"login_timeout": 15, "timeout": 300, "encryption": "require"}}
//
// Source: apache-airflow-providers-http and -microsoft-mssql, "Connections", read 2026-11.
const (
	WeatherAPI = "weather_api" // type http
	SalesDB    = "sales_db"    // type mssql
)

// Staging is where, below the settings' prefix, a run puts what its sources found. Nobody needs it once the run has succeeded.
const Staging = "staging/"

// Steps that the DAG can do, as answers.yaml names them.
const (
	HTTPAPI   = "http-api"
	SQLServer = "sql-server"
)

// Settings is what the answers decide about the DAG. Fields may hold CDK tokens.
type Settings struct {
	Work           []string `json:"work"`               // HTTPAPI, SQLServer or both
	Schedule       string   `json:"schedule,omitempty"` // cron(), rate() or at(); default: each run is started by a command or an event
	Timezone       string   `json:"timezone"`           // IANA name; whose midnight begins a day
	Bucket         string   `json:"bucket"`             // where the rows go
	Prefix         string   `json:"prefix"`             // key prefix of all that the DAG writes, with a slash at its end
	Topic          string   `json:"topic"`              // ARN of the SNS topic that is told of failures
	LongestMinutes int      `json:"longest_minutes"`    // a task that runs longer fails
}

// Check refuses what the DAG cannot do. What else is wrong with a schedule, the DAG itself refuses.
func (s Settings) Check() error {
	if len(s.Work) == 0 {
		return fmt.Errorf("context work: got no step, expected %s, %s or both", HTTPAPI, SQLServer)
	}
	seen := map[string]bool{}
	for _, step := range s.Work {
		switch {
		case step != HTTPAPI && step != SQLServer:
			return fmt.Errorf("context work: got %s, the Airflow example does %s and %s", step, HTTPAPI, SQLServer)
		case seen[step]:
			return fmt.Errorf("context work: got %s twice, expected each step once", step)
		}
		seen[step] = true
	}
	return nil
}

// JSON is the settings document, for the configuration option. It is ASCII, which is all that an option's value may be.
// Source: Amazon MWAA API, CreateEnvironment, AirflowConfigurationOptions, value pattern [ -~]+, read 2026-11.
func (s Settings) JSON() []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // texts and a number: there is nothing that could not be written
	}
	var ascii strings.Builder
	for _, r := range string(text) {
		switch {
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&ascii, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		case r > '~':
			fmt.Fprintf(&ascii, `\u%04x`, r)
		default:
			ascii.WriteRune(r)
		}
	}
	return []byte(ascii.String())
}
