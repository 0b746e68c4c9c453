package warehouse

import (
	"fmt"
	"regexp"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/servicerole"
)

// Source: Amazon Redshift Serverless API, CreateWorkgroup (workgroupName) and CreateNamespace (dbName), read 2026-11.
var (
	workgroupName = regexp.MustCompile(`^[a-z0-9-]{3,64}$`)
	databaseName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+.@-]{0,126}$`)
)

// CheckExisting refuses what no workgroup and no database can be named. Either both are named or neither.
func CheckExisting(workgroup, database string) error {
	switch {
	case workgroup == "" && database == "":
		return nil
	case workgroup == "" || database == "":
		return fmt.Errorf("context workgroup, database: got %q and %q, expected both or neither", workgroup, database)
	case !workgroupName.MatchString(workgroup):
		return fmt.Errorf("context workgroup: got %q, expected 3 to 64 lower-case letters, digits and hyphens\n"+
			"  hint: aws redshift-serverless list-workgroups shows the names", workgroup)
	case !databaseName.MatchString(database):
		return fmt.Errorf("context database: got %q, expected a letter, then letters, digits and _ + . @ -", database)
	}
	return nil
}

// allowed is the value of the tag that lets a query into an existing workgroup.
const allowed = "allowed"

// ExistingProps name a workgroup that somebody else made.
type ExistingProps struct {
	Workgroup, Database string
	Tag                 string // key of the tag that the workgroup must have before anybody here may run SQL in it
}

// Existing is a workgroup that is there already. Nothing of it is deployed or changed.
//
// IAM knows a workgroup by its ARN, which ends with an id that AWS made up and no template can look up. So the ARN is a pattern, and a tag,
// which its owner sets (AllowCommand), says which workgroup is meant: without the tag nothing is permitted.
// AWS asks for a tag, too, but for one that opens the workgroup to everybody whose policy is AmazonRedshiftDataFullAccess.
// Source: Amazon Redshift Management Guide, "Authenticating a scheduled query" (the tag RedshiftDataFullAccess); Service Authorization
// Reference, "Amazon Redshift Serverless", "Amazon Redshift Data API" (resource type workgroup), read 2026-11.
func Existing(scope constructs.Construct, props *ExistingProps) *Warehouse {
	return &Warehouse{
		Name: &props.Workgroup, Database: props.Database,
		resource:  servicerole.Arn(scope, "redshift-serverless", "workgroup/*"),
		condition: map[string]any{"StringEquals": map[string]any{"aws:ResourceTag/" + props.Tag: allowed}},
		tag:       props.Tag,
	}
}

// AllowCommand sets the tag that permits the query to run in an existing workgroup.
func (w *Warehouse) AllowCommand() *string {
	return jsii.String(`aws redshift-serverless tag-resource --resource-arn "$(aws redshift-serverless get-workgroup --workgroup-name ` + *w.Name +
		` --query workgroup.workgroupArn --output text)" --tags key=` + w.tag + `,value=` + allowed)
}

// AttachCommand lets the namespace of an existing workgroup use a role for COPY and UNLOAD. UpdateNamespace replaces the whole list of roles,
// so the command reads it first, and changes nothing if it cannot. A role is listed as IamRole(applyStatus=in-sync, iamRoleArn=ARN).
// Source: Amazon Redshift Serverless API, UpdateNamespace and GetNamespace (iamRoles), read 2026-11.
func (w *Warehouse) AttachCommand(role *string) *string {
	return jsii.String(`namespace=$(aws redshift-serverless get-workgroup --workgroup-name ` + *w.Name + ` --query workgroup.namespaceName --output text)` +
		` && roles=$(aws redshift-serverless get-namespace --namespace-name "$namespace" --query namespace.iamRoles --output text)` +
		` && aws redshift-serverless update-namespace --namespace-name "$namespace" --iam-roles` +
		` $(echo "$roles" | grep -o 'arn:[^,)[:space:]]*') ` + *role)
}

// StopAfter is the statement that stops each statement after it, in the same batch, after so many minutes. A workgroup of one's own has
// that as a parameter; another's parameters are not to be changed.
// Source: Amazon Redshift Database Developer Guide, "statement_timeout" (milliseconds), read 2026-11.
func StopAfter(minutes int) *string {
	return jsii.String(fmt.Sprintf("SET statement_timeout TO %d", querySeconds(minutes)*1000))
}
