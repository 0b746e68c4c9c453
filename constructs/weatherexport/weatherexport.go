// Package weatherexport is the SQL that a scheduled query runs, sql/weather_export.sql, and the role with which Redshift reads and writes S3.
//
// The SQL stands in a file of its own, with tests of its own beside it. What is filled into it is the stack's own: the names of buckets, of
// the role and of the key. A prefix that could end a literal is refused, since COPY and UNLOAD take no parameters for S3 paths.
// Source: Amazon Redshift Database Developer Guide, "COPY", "UNLOAD", "Permissions to access other AWS resources".
package weatherexport

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/servicerole"
)

// SQL is the file, before anything is filled in.
//
//go:embed sql/weather_export.sql
var SQL string

// Folder is where the export goes in its bucket: the only place that the role may write.
const Folder = "monthly/"

// Props of the export.
type Props struct {
	Landing awss3.IBucket // read under the prefix alone
	Prefix  string
	Exports awss3.IBucket // written under Folder alone
	Key     awskms.IKey
}

// Export is the role and the statements that use it.
type Export struct {
	Role       awsiam.Role
	Statements []*string
}

// literal is what may stand between quotation marks without a meaning of its own.
var literal = regexp.MustCompile(`^[A-Za-z0-9/_.=+@-]+$`)

// CheckPrefix refuses a key prefix that cannot stand in SQL.
func CheckPrefix(prefix string) error {
	if !literal.MatchString(prefix) {
		return fmt.Errorf("context prefix: got %q, a prefix that SQL names has letters, digits and / _ . = + @ - only", prefix)
	}
	return nil
}

// New makes the role and fills the SQL in.
func New(scope constructs.Construct, id string, props *Props) *Export {
	within := constructs.NewConstruct(scope, &id)
	role := servicerole.New(within, "Role", &servicerole.Props{
		Service:     "redshift.amazonaws.com",
		Also:        []string{"redshift-serverless.amazonaws.com"},
		Description: "Reads landed objects, writes the export, and nothing else",
		Statements: []awsiam.PolicyStatement{
			servicerole.Allow([]string{"s3:GetObject"}, props.Landing.ArnForObjects(jsii.String(props.Prefix+"*"))),
			servicerole.Allow([]string{"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"}, props.Exports.ArnForObjects(jsii.String(Folder+"*"))),
			list(props.Landing, props.Prefix), list(props.Exports, Folder),
			servicerole.Allow([]string{"s3:GetBucketLocation"}, props.Landing.BucketArn(), props.Exports.BucketArn()),
			servicerole.Allow([]string{"kms:Decrypt", "kms:GenerateDataKey"}, props.Key.KeyArn()),
		},
	})
	return &Export{Role: role, Statements: statements(strings.NewReplacer(
		"${Landing}", "s3://"+*props.Landing.BucketName()+"/"+props.Prefix,
		"${Exports}", "s3://"+*props.Exports.BucketName()+"/"+Folder,
		"${Role}", *role.RoleArn(),
		"${Key}", *props.Key.KeyId(),
	))}
}

// list permits to list a bucket under one prefix.
func list(bucket awss3.IBucket, prefix string) awsiam.PolicyStatement {
	return servicerole.AllowWhen(map[string]any{"StringLike": map[string]any{"s3:prefix": prefix + "*"}}, []string{"s3:ListBucket"}, bucket.BucketArn())
}

// statements splits the file: each statement ends with a semicolon at the end of a line. Comments stay here; the console shows SQL.
func statements(fill *strings.Replacer) []*string {
	var lines []string
	for line := range strings.Lines(SQL) {
		if !strings.HasPrefix(line, "--") {
			lines = append(lines, line)
		}
	}
	var all []*string
	for statement := range strings.SplitSeq(strings.Join(lines, ""), ";\n") {
		if statement = strings.TrimSpace(statement); statement != "" {
			all = append(all, jsii.String(fill.Replace(statement)))
		}
	}
	return all
}
