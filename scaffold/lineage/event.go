// Package lineage says which data a run read and wrote, as OpenLineage events: the form that Marquez, DataHub, Amazon SageMaker and others
// take in. It has the events, their names and ids, a check against the published JSON schema, and a drawing.
//
// It knows nothing of AWS's services beyond the names of their data, and observes nothing itself.
//
// Source: OpenLineage specification 2-0-2 and its naming conventions, read 2026-11.
package lineage

import "time"

// Producer is who tells.
const Producer = "https://example.com/pipewright/scaffold/lab"

// EventType is where a run is.
type EventType string

// A run has one START, and one of the three others when it is over.
const (
	Start    EventType = "START"
	Complete EventType = "COMPLETE"
	Fail     EventType = "FAIL"
	Abort    EventType = "ABORT" // somebody stopped it
)

// Event is a RunEvent.
type Event struct {
	EventType EventType `json:"eventType"`
	EventTime time.Time `json:"eventTime"`
	Run       Run       `json:"run"`
	Job       Job       `json:"job"`
	Inputs    []Dataset `json:"inputs,omitempty"`
	Outputs   []Dataset `json:"outputs,omitempty"`
	Producer  string    `json:"producer"`
	SchemaURL string    `json:"schemaURL"`
}

// New is an event with what all of them have.
func New(of EventType, at time.Time, run Run, job Job) *Event {
	return &Event{EventType: of, EventTime: at.UTC(), Run: run, Job: job, Producer: Producer, SchemaURL: core + "#/$defs/RunEvent"}
}

// Run is one run of a job.
type Run struct {
	ID     string    `json:"runId"`
	Facets RunFacets `json:"facets"`
}

// RunFacets are what else is known of a run.
type RunFacets struct {
	Parent *Parent       `json:"parent,omitempty"`
	Error  *ErrorMessage `json:"errorMessage,omitempty"`
	Engine *Engine       `json:"processing_engine,omitempty"`
}

// Job is what runs again and again.
type Job struct {
	Name
	Facets JobFacets `json:"facets"`
}

// JobFacets are what else is known of a job.
type JobFacets struct {
	Type *JobType `json:"jobType,omitempty"`
	SQL  *SQL     `json:"sql,omitempty"`
}

// Dataset is what a run read or wrote.
type Dataset struct {
	Name
	Facets       DatasetFacets `json:"facets"`
	InputFacets  *InputFacets  `json:"inputFacets,omitempty"`
	OutputFacets *OutputFacets `json:"outputFacets,omitempty"`
}

// DatasetFacets are what is known of data, whoever uses it.
type DatasetFacets struct {
	Schema   *Schema        `json:"schema,omitempty"`
	Source   *DataSource    `json:"dataSource,omitempty"`
	Symlinks *Symlinks      `json:"symlinks,omitempty"`
	Columns  *ColumnLineage `json:"columnLineage,omitempty"`
}

// InputFacets are what a run read of a dataset.
type InputFacets struct {
	Statistics *Statistics `json:"inputStatistics,omitempty"`
}

// OutputFacets are what a run wrote of a dataset.
type OutputFacets struct {
	Statistics *Statistics `json:"outputStatistics,omitempty"`
}
