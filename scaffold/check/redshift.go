package check

import (
	"slices"
	"strconv"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const clusterType = "AWS::Redshift::Cluster"

// snapshotDays is the least that Security Hub asks of automated snapshots.
const snapshotDays = 7

var redshiftRules = []Rule{
	{ID: "RS-01", Sentence: "A cluster is not public", Source: "Security Hub Redshift.1", Mend: "set PubliclyAccessible to false", on: each(clusterType), got: func(v *view, id string) string {
		return unless(isFalse(v.get(id, "PubliclyAccessible")), "PubliclyAccessible is not false")
	}},
	{ID: "RS-02", Sentence: "A cluster is encrypted", Source: "Security Hub Redshift.10", Mend: "set Encrypted", on: each(clusterType), got: func(v *view, id string) string {
		return unless(isTrue(v.get(id, "Encrypted")), "Encrypted is not true")
	}},
	{ID: "RS-03", Sentence: "A cluster's admin password is managed by Redshift", Source: "Amazon Redshift Management Guide, Managing admin passwords using AWS Secrets Manager", Mend: "set ManageMasterPassword and remove MasterUserPassword", on: each(clusterType), got: func(v *view, id string) string {
		return unless(isTrue(v.get(id, "ManageMasterPassword")) && v.get(id, "MasterUserPassword") == nil, "it is not, or there is a MasterUserPassword")
	}},
	{ID: "RS-04", Sentence: "A cluster's admin has a name of its own", Source: "Security Hub Redshift.8", Mend: "set MasterUsername", on: each(clusterType), got: func(v *view, id string) string {
		name := cfn.Text(v.get(id, "MasterUsername"))
		return unless(!slices.Contains([]string{"awsuser", "admin"}, name), "MasterUsername is "+name)
	}},
	{ID: "RS-05", Sentence: "A cluster's database has a name of its own", Source: "Security Hub Redshift.9", Mend: "set DBName", on: each(clusterType), got: func(v *view, id string) string {
		return unless(cfn.Text(v.get(id, "DBName")) != "dev", "DBName is dev")
	}},
	{ID: "RS-06", Sentence: "A cluster asks for TLS", Source: "Security Hub Redshift.2", Mend: "set require_ssl in a parameter group", on: each(clusterType), got: func(v *view, _ string) string {
		return unless(slices.ContainsFunc(v.ByType("AWS::Redshift::ClusterParameterGroup"), func(group string) bool {
			return strings.Contains(cfn.Text(v.Resources[group].Properties), "require_ssl")
		}), "no parameter group sets require_ssl")
	}},
	{ID: "RS-07", Sentence: "A cluster writes audit logs", Source: "Security Hub Redshift.4", Mend: "set LoggingProperties", on: each(clusterType), got: has("LoggingProperties")},
	{ID: "RS-08", Sentence: "A cluster's traffic stays in the VPC", Source: "Security Hub Redshift.7", Mend: "set EnhancedVpcRouting", on: each(clusterType), got: func(v *view, id string) string {
		return unless(isTrue(v.get(id, "EnhancedVpcRouting")), "EnhancedVpcRouting is not true")
	}},
	{ID: "RS-09", Sentence: "A cluster's snapshots are kept for a week", Source: "Security Hub Redshift.3", Switch: true, Mend: "set AutomatedSnapshotRetentionPeriod to 7", on: each(clusterType), got: func(v *view, id string) string {
		days, _ := strconv.Atoi(cfn.Text(v.get(id, "AutomatedSnapshotRetentionPeriod")))
		return unless(days >= snapshotDays, "they are kept for "+strconv.Itoa(max(days, 1))+" days")
	}},
}
