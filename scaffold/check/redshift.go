package check

import (
	"slices"
	"strconv"

	"example.com/pipewright/scaffold/cfn"
)

const clusterType = "AWS::Redshift::Cluster"

// snapshotDays is the least that Security Hub asks of automated snapshots. Source: Security Hub Redshift.3, read 2026-11.
const snapshotDays = 7

var redshiftRules = []Rule{
	{
		ID: "RS-01", on: each(clusterType),
		Sentence: "A cluster is not public",
		Source:   "Security Hub Redshift.1",
		Mend:     "set PubliclyAccessible to false",
		got:      equals(false, "PubliclyAccessible"),
	},
	{
		ID: "RS-02", on: each(clusterType),
		Sentence: "A cluster is encrypted",
		Source:   "Security Hub Redshift.10",
		Mend:     "set Encrypted",
		got:      equals(true, "Encrypted"),
	},
	{
		ID: "RS-03", on: each(clusterType),
		Sentence: "A cluster's admin password is managed by Redshift",
		Source:   "Amazon Redshift Management Guide, Managing admin passwords using AWS Secrets Manager",
		Mend:     "set ManageMasterPassword and remove MasterUserPassword",
		got: func(v *view, id string) string {
			if v.get(id, "MasterUserPassword") != nil {
				return "a MasterUserPassword"
			}
			return unless(isTrue(v.get(id, "ManageMasterPassword")), "ManageMasterPassword is not true")
		},
	},
	{
		ID: "RS-04", on: each(clusterType),
		Sentence: "A cluster's admin has a name of its own",
		Source:   "Security Hub Redshift.8",
		Mend:     "set MasterUsername",
		got:      isNot([]string{"awsuser", "admin"}, "MasterUsername"),
	},
	{
		ID: "RS-05", on: each(clusterType),
		Sentence: "A cluster's database has a name of its own",
		Source:   "Security Hub Redshift.9",
		Mend:     "set DBName",
		got:      isNot([]string{"dev"}, "DBName"),
	},
	{
		ID: "RS-06", on: each(clusterType),
		Sentence: "A cluster asks for TLS",
		Source:   "Security Hub Redshift.2",
		Mend:     "set require_ssl to true in the cluster's parameter group",
		got: func(v *view, id string) string {
			groups := v.ByType("AWS::Redshift::ClusterParameterGroup")
			return unless(slices.ContainsFunc(groups, func(group string) bool { return v.uses(id, group) && v.asksForTLS(group) }), "no parameter group sets require_ssl")
		},
	},
	{
		ID: "RS-07", on: each(clusterType),
		Sentence: "A cluster writes audit logs",
		Source:   "Security Hub Redshift.4",
		Mend:     "set LoggingProperties",
		got:      has("LoggingProperties"),
	},
	{
		ID: "RS-08", on: each(clusterType),
		Sentence: "A cluster's traffic stays in the VPC",
		Source:   "Security Hub Redshift.7",
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
