package check

import (
	"slices"
	"strconv"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const (
	clusterType   = "AWS::Redshift::Cluster"
	namespaceType = "AWS::RedshiftServerless::Namespace"
	workgroupType = "AWS::RedshiftServerless::Workgroup"
)

// snapshotDays is the least that Security Hub asks of automated snapshots. Source: Security Hub Redshift.3, read 2026-11.
const snapshotDays = 7

// redshiftRules judge clusters, and of Redshift Serverless the namespaces (data) and workgroups (compute), each where AWS has a control for it.
// A namespace is always encrypted, and its recovery points are kept for 24 hours whatever the template says, so RS-02 asks for a key of one's own
// and RS-09 for nothing.
// Source: AWS Security Hub, "Security Hub CSPM controls for Amazon Redshift Serverless"; Amazon Redshift Management Guide, "Snapshots and
// recovery points", read 2026-11.
var redshiftRules = []Rule{
	{
		ID: "RS-01", on: each(clusterType, workgroupType),
		Sentence: "A warehouse is not public",
		Source:   "Security Hub Redshift.1, RedshiftServerless.3",
		Mend:     "set PubliclyAccessible to false",
		got:      equals(false, "PubliclyAccessible"),
	},
	{
		ID: "RS-02", on: each(clusterType, namespaceType),
		Sentence: "A warehouse is encrypted, Redshift Serverless with a key of its own",
		Source:   "Security Hub Redshift.10, RedshiftServerless.4",
		Mend:     "set Encrypted; of a namespace, KmsKeyId",
		got:      byType(namespaceType, has("KmsKeyId"), equals(true, "Encrypted")),
	},
	{
		ID: "RS-03", on: each(clusterType, namespaceType),
		Sentence: "A warehouse's admin password is managed by Redshift",
		Source:   "Amazon Redshift Management Guide, Managing admin passwords using AWS Secrets Manager",
		Mend:     "set ManageMasterPassword and remove MasterUserPassword; of a namespace, ManageAdminPassword and AdminUserPassword",
		got:      byType(namespaceType, managed("ManageAdminPassword", "AdminUserPassword"), managed("ManageMasterPassword", "MasterUserPassword")),
	},
	{
		ID: "RS-04", on: each(clusterType, namespaceType),
		Sentence: "A warehouse's admin has a name of its own",
		Source:   "Security Hub Redshift.8, RedshiftServerless.5",
		Mend:     "set MasterUsername; of a namespace, AdminUsername",
		got:      byType(namespaceType, ownName("admin", "AdminUsername"), isNot([]string{"awsuser", "admin"}, "MasterUsername")),
	},
	{
		ID: "RS-05", on: each(clusterType, namespaceType),
		Sentence: "A warehouse's database has a name of its own",
		Source:   "Security Hub Redshift.9, RedshiftServerless.7",
		Mend:     "set DBName; of a namespace, DbName",
		got:      byType(namespaceType, ownName("dev", "DbName"), isNot([]string{"dev"}, "DBName")),
	},
	{
		ID: "RS-06", on: each(clusterType, workgroupType),
		Sentence: "A warehouse asks for TLS",
		Source:   "Security Hub Redshift.2, RedshiftServerless.2",
		Mend:     "set require_ssl to true in the cluster's parameter group, or the workgroup's ConfigParameters",
		got: byType(workgroupType, workgroupAsksForTLS, func(v *view, id string) string {
			groups := v.ByType("AWS::Redshift::ClusterParameterGroup")
			return unless(slices.ContainsFunc(groups, func(group string) bool { return v.uses(id, group) && v.asksForTLS(group) }), "no parameter group sets require_ssl")
		}),
	},
	{
		ID: "RS-07", on: each(clusterType, namespaceType),
		Sentence: "A warehouse writes audit logs",
		Source:   "Security Hub Redshift.4, RedshiftServerless.6",
		Mend:     "set LoggingProperties; of a namespace, LogExports",
		got:      byType(namespaceType, exportsLogs, has("LoggingProperties")),
	},
	{
		ID: "RS-08", on: each(clusterType, workgroupType),
		Sentence: "A warehouse's traffic stays in the VPC",
		Source:   "Security Hub Redshift.7, RedshiftServerless.1",
		Mend:     "set EnhancedVpcRouting",
		got:      equals(true, "EnhancedVpcRouting"),
	},
	{
		ID: "RS-09", on: each(clusterType), Switch: true,
		Sentence: "A cluster's snapshots are kept for a week",
		Source:   "Security Hub Redshift.3",
		Mend:     "set AutomatedSnapshotRetentionPeriod to 7",
		got: func(v *view, id string) string {
			period := v.get(id, "AutomatedSnapshotRetentionPeriod")
			days, _ := strconv.Atoi(cfn.Text(period))
			return unless(days >= snapshotDays, is("AutomatedSnapshotRetentionPeriod", period))
		},
	},
}

// uses says whether a cluster names a parameter group, by reference or by its name.
func (v *view) uses(cluster, group string) bool {
	name := v.get(cluster, "ClusterParameterGroupName")
	return cfn.Refers(name, group) || given(name) && cfn.Text(name) == cfn.Text(v.get(group, "ParameterGroupName"))
}

func (v *view) asksForTLS(group string) bool {
	return slices.ContainsFunc(cfn.List(v.get(group, "Parameters")), func(parameter any) bool {
		return cfn.Field(parameter, "ParameterName") == "require_ssl" && isTrue(cfn.Field(parameter, "ParameterValue"))
	})
}

// byType is the got of a rule that asks one thing of a type of Redshift Serverless and another of a cluster.
func byType(kind string, serverless, cluster func(*view, string) string) func(*view, string) string {
	return func(v *view, id string) string {
		if v.Resources[id].Type == kind {
			return serverless(v, id)
		}
		return cluster(v, id)
	}
}

// managed is the got of a rule that wants a password that Redshift manages, and none in the template.
func managed(manage, password string) func(*view, string) string {
	return func(v *view, id string) string {
		if v.get(id, password) != nil {
			return "a " + password
		}
		return unless(isTrue(v.get(id, manage)), manage+" is not true")
	}
}

// ownName is the got of a rule that wants a name which is neither the default nor absent, because absent is the default.
// Source: Amazon Redshift Serverless API, CreateNamespace, adminUsername and dbName, read 2026-11.
func ownName(unwanted, property string) func(*view, string) string {
	return func(v *view, id string) string {
		value := v.get(id, property)
		return unless(given(value) && cfn.Text(value) != unwanted, is(property, value))
	}
}

// workgroupAsksForTLS looks at a workgroup's own parameters: it has no parameter group.
func workgroupAsksForTLS(v *view, id string) string {
	return unless(slices.ContainsFunc(cfn.List(v.get(id, "ConfigParameters")), func(parameter any) bool {
		return cfn.Field(parameter, "ParameterKey") == "require_ssl" && isTrue(cfn.Field(parameter, "ParameterValue"))
	}), "no ConfigParameters set require_ssl")
}

// exportedLogs are the logs that RedshiftServerless.6 wants; that of what users do (useractivitylog) is left to the user.
var exportedLogs = []string{"connectionlog", "userlog"}

func exportsLogs(v *view, id string) string {
	exported := texts(v.get(id, "LogExports"))
	missing := slices.DeleteFunc(slices.Clone(exportedLogs), func(log string) bool { return slices.Contains(exported, log) })
	return unless(len(missing) == 0, "LogExports without "+strings.Join(missing, " and "))
}
