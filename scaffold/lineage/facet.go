package lineage

const (
	core  = "https://openlineage.io/spec/2-0-2/OpenLineage.json"
	facet = "https://openlineage.io/spec/facets/"
)

// schemas are the versions of the facets, by their names. Each stands in spec/ too, so that what an event names is what it is checked
// against.
var schemas = map[string]string{
	"ColumnLineageDatasetFacet":          "1-2-0",
	"DatasourceDatasetFacet":             "1-0-1",
	"ErrorMessageRunFacet":               "1-0-1",
	"InputStatisticsInputDatasetFacet":   "1-0-0",
	"JobTypeJobFacet":                    "2-0-3",
	"OutputStatisticsOutputDatasetFacet": "1-0-2",
	"ParentRunFacet":                     "1-1-0",
	"ProcessingEngineRunFacet":           "1-1-1",
	"SQLJobFacet":                        "1-1-0",
	"SchemaDatasetFacet":                 "1-2-0",
	"SymlinksDatasetFacet":               "1-0-1",
}

// base is what all facets have.
type base struct {
	Producer  string `json:"_producer"`
	SchemaURL string `json:"_schemaURL"`
}

func baseOf(name string) base {
	return base{Producer: Producer, SchemaURL: facet + schemas[name] + "/" + name + ".json#/$defs/" + name}
}

// Parent is the run that started a run, and the run with which it all began.
type Parent struct {
	base
	Ancestor
	Root Ancestor `json:"root"`
}

// Ancestor names a run that started others.
type Ancestor struct {
	Run struct {
		ID string `json:"runId"`
	} `json:"run"`
	Job Name `json:"job"`
}

// AncestorOf names a run.
func AncestorOf(id string, job Name) Ancestor {
	a := Ancestor{Job: job}
	a.Run.ID = id
	return a
}

// NewParent is the facet of a run that another one started.
func NewParent(parent, root Ancestor) *Parent {
	return &Parent{base: baseOf("ParentRunFacet"), Ancestor: parent, Root: root}
}

// ErrorMessage is why a run failed.
type ErrorMessage struct {
	base
	Message  string `json:"message"`
	Language string `json:"programmingLanguage"`
}

// NewError is the facet of a run that failed, and what its program is written in.
func NewError(message, language string) *ErrorMessage {
	return &ErrorMessage{base: baseOf("ErrorMessageRunFacet"), Message: message, Language: language}
}

// Engine is what a run ran on.
type Engine struct {
	base
	Version string `json:"version"`
	Name    string `json:"name"`
}

// NewEngine is the facet of what a run ran on.
func NewEngine(name, version string) *Engine {
	return &Engine{base: baseOf("ProcessingEngineRunFacet"), Name: name, Version: version}
}

// JobType is what kind of job it is.
type JobType struct {
	base
	Processing  string `json:"processingType"`
	Integration string `json:"integration"` // whose job, for example GLUE
	Type        string `json:"jobType"`     // which of its kinds, for example CRAWLER
}

// NewJobType is the facet of a job that works on what is there, and then ends.
func NewJobType(integration, kind string) *JobType {
	return &JobType{base: baseOf("JobTypeJobFacet"), Processing: "BATCH", Integration: integration, Type: kind}
}

// SQL is the statement that a job is.
type SQL struct {
	base
	Query   string `json:"query"`
	Dialect string `json:"dialect,omitempty"`
}

// NewSQL is the facet of a job that is a statement.
func NewSQL(query, dialect string) *SQL {
	return &SQL{base: baseOf("SQLJobFacet"), Query: query, Dialect: dialect}
}

// Schema is the columns of a dataset.
type Schema struct {
	base
	Fields []Field `json:"fields"`
}

// Field is a column.
type Field struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"`
}

// NewSchema is the facet of the columns of a dataset, or nothing when none are known.
func NewSchema(fields []Field) *Schema {
	if len(fields) == 0 {
		return nil
	}
	return &Schema{base: baseOf("SchemaDatasetFacet"), Fields: fields}
}

// DataSource is where a dataset lies.
type DataSource struct {
	base
	Name string `json:"name"`
	URI  string `json:"uri"`
}

// Symlinks are other names of a dataset.
type Symlinks struct {
	base
	Identifiers []Symlink `json:"identifiers"`
}

// Symlink is another name of a dataset.
type Symlink struct {
	Name
	Type string `json:"type"`
}

// What another name is.
const (
	TableLink    = "TABLE"    // of files: the table that they make
	LocationLink = "LOCATION" // of a table: where its files lie
)

// NewSymlink is the facet of a dataset with another name.
func NewSymlink(kind string, other Name) *Symlinks {
	return &Symlinks{base: baseOf("SymlinksDatasetFacet"), Identifiers: []Symlink{{Name: other, Type: kind}}}
}

// ColumnLineage is what the columns of a dataset are made of.
type ColumnLineage struct {
	base
	Fields map[string]InputFields `json:"fields"`
}

// InputFields are the columns that one is made of.
type InputFields struct {
	Input []InputField `json:"inputFields"`
}

// InputField is a column of a dataset.
type InputField struct {
	Name
	Field string `json:"field"`
}

// NewColumnLineage is the facet of a dataset's columns with those that each is made of, or nothing when none are known.
func NewColumnLineage(fields map[string][]InputField) *ColumnLineage {
	if len(fields) == 0 {
		return nil
	}
	c := &ColumnLineage{base: baseOf("ColumnLineageDatasetFacet"), Fields: map[string]InputFields{}}
	for column, from := range fields {
		c.Fields[column] = InputFields{Input: from}
	}
	return c
}

// Statistics say how much a run read or wrote.
type Statistics struct {
	base
	Rows  *int64 `json:"rowCount,omitempty"` // nothing when it is not known
	Bytes int64  `json:"size,omitempty"`
	Files int64  `json:"fileCount,omitempty"` // nothing of what is no files
}

// Amount is how much a run read or wrote. Rows are left out where nobody has counted them.
type Amount struct {
	Rows         *int64
	Bytes, Files int64
}

func (a Amount) statistics(name string) *Statistics {
	return &Statistics{base: baseOf(name), Rows: a.Rows, Bytes: a.Bytes, Files: a.Files}
}

// Read adds how much of the dataset a run read.
func (d Dataset) Read(a Amount) Dataset {
	d.InputFacets = &InputFacets{Statistics: a.statistics("InputStatisticsInputDatasetFacet")}
	return d
}

// Wrote adds how much of the dataset a run wrote.
func (d Dataset) Wrote(a Amount) Dataset {
	d.OutputFacets = &OutputFacets{Statistics: a.statistics("OutputStatisticsOutputDatasetFacet")}
	return d
}
