package lineage

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Name is what a job or a dataset is called, unique in its namespace.
type Name struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// S3 names an object, or the folder of a prefix. The whole bucket is "/".
// Source: OpenLineage, "Naming conventions", S3, read 2026-11.
func S3(bucket, path string) Name {
	path = strings.Trim(path, "/")
	if path == "" {
		path = "/"
	}
	return Name{"s3://" + bucket, path}
}

// GlueTable names a table of the Data Catalog.
// Source: OpenLineage, "Naming conventions", AWS Glue, read 2026-11.
func GlueTable(partition, region, account, database, table string) Name {
	return Name{fmt.Sprintf("arn:%s:glue:%s:%s", partition, region, account), "table/" + database + "/" + table}
}

// Redshift names a table of a workgroup or a cluster.
// Source: OpenLineage, "Naming conventions", Redshift, read 2026-11.
func Redshift(workgroup, region, database, schema, table string) Name {
	const port = 5439
	return Name{fmt.Sprintf("redshift://%s.%s:%d", workgroup, region, port), database + "." + schema + "." + table}
}

// At is a dataset of this name, and the data source that it lies in.
func (n Name) At(fields []Field) Dataset {
	return Dataset{Name: n, Facets: DatasetFacets{
		Schema: NewSchema(fields), Source: &DataSource{base: baseOf("DatasourceDatasetFacet"), Name: n.Namespace, URI: n.Namespace},
	}}
}

// RunID is the id of a run, the same for the same start and content: a UUID of version 7 with a hash instead of chance, as OpenLineage's
// own clients make them for runs that others have started.
// Source: RFC 9562, section 5.7; OpenLineage Python client, generate_static_uuid, read 2026-11.
func RunID(start time.Time, content ...string) string {
	hash := sha256.Sum256([]byte(strings.Join(content, "\x00")))
	id := hash[:16]
	milliseconds := start.UnixMilli()
	for i := range 6 {
		id[i] = byte(milliseconds >> (8 * (5 - i)))
	}
	id[6], id[8] = 0x70|id[6]&0x0f, 0x80|id[8]&0x3f
	text := hex.EncodeToString(id)
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}
