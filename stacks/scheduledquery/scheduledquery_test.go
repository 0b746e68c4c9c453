package scheduledquery_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/golden"
	"example.com/pipewright/constructs/sampledata"
	"example.com/pipewright/stacks/scheduledquery"
)

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

func stack(t *testing.T, props scheduledquery.Props) awscdk.Stack {
	t.Helper()
	outdir := t.TempDir()
	return scheduledquery.New(awscdk.NewApp(&awscdk.AppProps{Outdir: &outdir}), "ScheduledQuery", &props)
}

func lab() scheduledquery.Props {
	return scheduledquery.Props{Prefix: "raw/", Notify: "data-team@example.com", Lab: true}
}

func kept() scheduledquery.Props {
	props := lab()
	props.Lab = false
	return props
}

func local() scheduledquery.Props {
	props := kept()
	props.KeepLocalTime = true
	return props
}

func TestTemplatesAreTheReviewedOnes(t *testing.T) {
	golden.Check(t, stack(t, lab()), "testdata/template.json")
	golden.Check(t, stack(t, kept()), "testdata/template-kept.json")
	golden.Check(t, stack(t, local()), "testdata/template-scheduled.json")
	golden.Check(t, stack(t, inExisting()), "testdata/template-existing.json")
}

// The console lists a rule whose name and whose statement's name are the same and begin with QS2-.
func TestTheRedshiftConsoleShowsTheSchedule(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, lab()), nil)
	template.HasResourceProperties(jsii.String("AWS::Events::Rule"), map[string]any{
		"Name": "QS2-scheduledquery", "ScheduleExpression": "cron(0 16 ? * MON *)", "State": "ENABLED",
		"Targets": []any{assertions.Match_ObjectLike(&map[string]any{
			"Arn": map[string]any{"Fn::GetAtt": []any{assertions.Match_StringLikeRegexp(jsii.String("^WarehouseWorkgroup")), "Workgroup.WorkgroupArn"}},
			"RedshiftDataParameters": map[string]any{
				"Database": "warehouse", "StatementName": "QS2-scheduledquery", "WithEvent": true, "Sqls": assertions.Match_AnyValue(),
			},
			"RoleArn": assertions.Match_AnyValue(), "DeadLetterConfig": assertions.Match_AnyValue(),
			"RetryPolicy": map[string]any{"MaximumEventAgeInSeconds": 7200, "MaximumRetryAttempts": 50},
		})},
	})
	template.ResourceCountIs(jsii.String("AWS::Scheduler::Schedule"), jsii.Number(0))
}

func TestWithKeepLocalTimeTheSchedulerStartsTheSameStatements(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, local()), nil)
	input := assertions.NewCapture(nil)
	template.HasResourceProperties(jsii.String("AWS::Scheduler::Schedule"), map[string]any{
		"ScheduleExpression": "cron(0 8 ? * MON *)", "ScheduleExpressionTimezone": "America/Los_Angeles", "State": "ENABLED",
		"Target": map[string]any{
			"Arn":              map[string]any{"Fn::Join": []any{"", []any{"arn:", map[string]any{"Ref": "AWS::Partition"}, ":scheduler:::aws-sdk:redshiftdata:batchExecuteStatement"}}},
			"Input":            input,
			"DeadLetterConfig": assertions.Match_AnyValue(),
			"RetryPolicy":      map[string]any{"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 50},
		},
	})
	template.ResourcePropertiesCountIs(jsii.String("AWS::Events::Rule"), map[string]any{"ScheduleExpression": assertions.Match_AnyValue()}, jsii.Number(0))

	var call struct {
		WorkgroupName, Database, StatementName, ClientToken string
		Sqls                                                []string
		WithEvent                                           bool
	}
	if err := json.Unmarshal([]byte(joined(t, *input.AsObject())), &call); err != nil {
		t.Fatal(err)
	}
	if !call.WithEvent || call.StatementName != "QS2-scheduledquery" || call.Database != "warehouse" || call.WorkgroupName != "<ref>" ||
		call.ClientToken != "<aws.scheduler.execution-id>" {
		t.Errorf("got the call %+v", call)
	}
	if want := sqls(t, lab()); !slices.Equal(call.Sqls, want) {
		t.Errorf("got the statements %q, want those of the rule %q", call.Sqls, want)
	}
}

// joined is the text of a Fn::Join, with <ref> for each reference.
func joined(t *testing.T, value any) string {
	t.Helper()
	switch value := value.(type) {
	case string:
		return value
	case *map[string]any:
		return joined(t, *value)
	case map[string]any:
		join, ok := value["Fn::Join"].([]any)
		if !ok {
			return "<ref>"
		}
		var text strings.Builder
		for _, part := range join[1].([]any) {
			text.WriteString(joined(t, part))
		}
		return text.String()
	}
	t.Fatalf("got %T, want a text or a reference", value)
	return ""
}

// sqls are the statements of the rule.
func sqls(t *testing.T, props scheduledquery.Props) []string {
	t.Helper()
	template := assertions.Template_FromStack(stack(t, props), nil)
	rules := *template.FindResources(jsii.String("AWS::Events::Rule"), map[string]any{"Properties": map[string]any{"ScheduleExpression": assertions.Match_AnyValue()}})
	if len(rules) != 1 {
		t.Fatalf("got %d rules with a schedule, want 1", len(rules))
	}
	var texts []string
	for _, rule := range rules {
		target := (*rule)["Properties"].(map[string]any)["Targets"].([]any)[0].(map[string]any)
		for _, statement := range target["RedshiftDataParameters"].(map[string]any)["Sqls"].([]any) {
			texts = append(texts, joined(t, statement))
		}
	}
	return texts
}

func TestTheStatementsAreThoseOfTheFile(t *testing.T) {
	got := sqls(t, lab())
	begin := []string{"CREATE TABLE IF NOT EXISTS weather_daily (", "DELETE FROM weather_daily", "COPY weather_daily (", "UNLOAD ('"}
	if len(got) != len(begin) {
		t.Fatalf("got %d statements, want %d: %q", len(got), len(begin), got)
	}
	for i, text := range got {
		if !strings.HasPrefix(text, begin[i]) {
			t.Errorf("statement %d: got %q, want one that begins with %q", i+1, text, begin[i])
		}
		if strings.Contains(text, "${") || strings.Contains(text, "--") || strings.HasSuffix(text, ";") {
			t.Errorf("statement %d: got %q, want neither a placeholder nor a comment nor a semicolon", i+1, text)
		}
	}
	for _, want := range []string{"FROM 's3://<ref>/raw/'\nIAM_ROLE '<ref>'", "IGNOREHEADER 1"} {
		if !strings.Contains(got[2], want) {
			t.Errorf("got %q, want %q in it", got[2], want)
		}
	}
	for _, want := range []string{"TO 's3://<ref>/monthly/'\nIAM_ROLE '<ref>'", "FORMAT AS PARQUET", "KMS_KEY_ID '<ref>'\nENCRYPTED", "DATE_TRUNC(''month'', day)"} {
		if !strings.Contains(got[3], want) {
			t.Errorf("got %q, want %q in it", got[3], want)
		}
	}
}

// COPY goes by the order of the columns: a file whose columns are in another order would be loaded all the same.
func TestCopyHasTheColumnsOfTheSampleDataInTheirOrder(t *testing.T) {
	file, err := sampledata.Files.ReadFile("weather/year=2012/month=01/weather.csv")
	if err != nil {
		t.Fatal(err)
	}
	header, _, _ := strings.Cut(string(file), "\n")
	want := "COPY weather_daily (" + strings.ReplaceAll(strings.Replace(strings.TrimSpace(header), "date", "day", 1), ",", ", ") + ")\n"
	if got := sqls(t, lab())[2]; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want it to begin with %q", got, want)
	}
}

func TestRedshiftWritesTheExportAlone(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, kept()), nil)
	folder := func(bucket, name string) map[string]any {
		return map[string]any{"Fn::Join": []any{"", []any{map[string]any{"Fn::GetAtt": []any{assertions.Match_StringLikeRegexp(jsii.String("^" + bucket)), "Arn"}}, name}}}
	}
	template.HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{
		"PolicyDocument": map[string]any{"Statement": assertions.Match_ArrayWith(&[]any{
			map[string]any{"Action": "s3:GetObject", "Effect": "Allow", "Resource": folder("Landing", "/raw/*")},
			map[string]any{"Action": []any{"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"}, "Effect": "Allow", "Resource": folder("Exports", "/monthly/*")},
		})},
	})
	writers := 0
	for _, policy := range *template.FindResources(jsii.String("AWS::IAM::ManagedPolicy"), nil) {
		text, err := json.Marshal(*policy)
		if err != nil {
			t.Fatal(err)
		}
		writers += strings.Count(string(text), "s3:PutObject")
	}
	if writers != 1 {
		t.Errorf("got %d statements that write to S3, want one", writers)
	}
	for _, service := range []string{"redshift.amazonaws.com", "redshift-serverless.amazonaws.com"} {
		template.HasResourceProperties(jsii.String("AWS::IAM::Role"), map[string]any{
			"AssumeRolePolicyDocument": map[string]any{"Statement": assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&map[string]any{
				"Principal": map[string]any{"Service": service},
				"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": map[string]any{"Ref": "AWS::AccountId"}}},
			})})},
		})
	}
}

func TestWhoStartsTheQueryMayRunItInThisWorkgroupAlone(t *testing.T) {
	workgroup := map[string]any{"Fn::GetAtt": []any{assertions.Match_StringLikeRegexp(jsii.String("^WarehouseWorkgroup")), "Workgroup.WorkgroupArn"}}
	for name, props := range map[string]scheduledquery.Props{"the rule": kept(), "the scheduler": local()} {
		t.Run(name, func(t *testing.T) {
			assertions.Template_FromStack(stack(t, props), nil).HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{
				"PolicyDocument": map[string]any{"Statement": assertions.Match_ArrayWith(&[]any{map[string]any{
					"Action": []any{"redshift-data:BatchExecuteStatement", "redshift-serverless:GetCredentials"}, "Effect": "Allow", "Resource": workgroup,
				}})},
			})
		})
	}
}

// The table belongs to the role that runs the query. CloudFormation changes a role's trust in place if the role has the same logical id.
func TestChangingOverToLocalTimeKeepsTheRole(t *testing.T) {
	trusted := func(props scheduledquery.Props, service string) []string {
		roles := *assertions.Template_FromStack(stack(t, props), nil).FindResources(jsii.String("AWS::IAM::Role"), map[string]any{
			"Properties": map[string]any{"AssumeRolePolicyDocument": map[string]any{"Statement": []any{
				assertions.Match_ObjectLike(&map[string]any{"Principal": map[string]any{"Service": service}}),
			}}},
		})
		return slices.Collect(maps.Keys(roles))
	}
	rule, scheduler := trusted(kept(), "events.amazonaws.com"), trusted(local(), "scheduler.amazonaws.com")
	if len(rule) != 1 || !slices.Equal(rule, scheduler) {
		t.Errorf("got the roles %q for the rule and %q for the scheduler, want the same one", rule, scheduler)
	}
}

func TestTheWarehouseIsPrivateEncryptedAndSmall(t *testing.T) {
	for _, test := range []struct {
		name     string
		props    scheduledquery.Props
		capacity int
	}{
		{"a lab stays at the base capacity", lab(), 8}, {"otherwise it may grow", kept(), 32},
	} {
		t.Run(test.name, func(t *testing.T) {
			template := assertions.Template_FromStack(stack(t, test.props), nil)
			template.HasResourceProperties(jsii.String("AWS::RedshiftServerless::Namespace"), map[string]any{
				"NamespaceName": "scheduledquery", "DbName": "warehouse", "AdminUsername": "warehouse_admin", "ManageAdminPassword": true,
				"AdminUserPassword": assertions.Match_Absent(), "AdminPasswordSecretKmsKeyId": assertions.Match_AnyValue(),
				"KmsKeyId": assertions.Match_AnyValue(), "LogExports": []any{"connectionlog", "userlog", "useractivitylog"},
			})
			template.HasResourceProperties(jsii.String("AWS::RedshiftServerless::Workgroup"), map[string]any{
				"PubliclyAccessible": false, "EnhancedVpcRouting": true, "BaseCapacity": 8, "MaxCapacity": test.capacity, "Port": 5440,
				"ConfigParameters": []any{
					map[string]any{"ParameterKey": "require_ssl", "ParameterValue": "true"},
					map[string]any{"ParameterKey": "enable_user_activity_logging", "ParameterValue": "true"},
					map[string]any{"ParameterKey": "max_query_execution_time", "ParameterValue": "900"},
				},
			})
			template.HasResource(jsii.String("AWS::RedshiftServerless::Namespace"), map[string]any{"DependsOn": assertions.Match_ArrayWith(&[]any{
				assertions.Match_StringLikeRegexp(jsii.String("^WarehouseLoguseractivitylog")),
			})})
		})
	}
}

func TestTheNetworkLeadsToTheBucketsAndNowhereElse(t *testing.T) {
	template := assertions.Template_FromStack(stack(t, kept()), nil)
	template.ResourceCountIs(jsii.String("AWS::EC2::Subnet"), jsii.Number(3))
	for _, kind := range []string{"AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::Route", "AWS::EC2::SecurityGroupIngress"} {
		template.ResourceCountIs(&kind, jsii.Number(0))
	}
	for zone := range 3 {
		template.HasResourceProperties(jsii.String("AWS::EC2::Subnet"), map[string]any{
			"AvailabilityZone": map[string]any{"Fn::Select": []any{zone, map[string]any{"Fn::GetAZs": ""}}}, "MapPublicIpOnLaunch": false,
		})
	}
	template.HasResourceProperties(jsii.String("AWS::EC2::VPCEndpoint"), map[string]any{
		"VpcEndpointType": "Gateway",
		"PolicyDocument": map[string]any{"Statement": []any{assertions.Match_ObjectLike(&map[string]any{
			"Resource":  []any{assertions.Match_AnyValue(), assertions.Match_AnyValue(), assertions.Match_AnyValue(), assertions.Match_AnyValue()},
			"Condition": map[string]any{"StringEquals": map[string]any{"aws:PrincipalAccount": map[string]any{"Ref": "AWS::AccountId"}}},
		})}},
	})
	template.HasResourceProperties(jsii.String("AWS::EC2::SecurityGroup"), map[string]any{"SecurityGroupIngress": assertions.Match_Absent()})
}

func TestEveryFailureIsTold(t *testing.T) {
	common := map[string]int{"ApproximateNumberOfMessagesVisible": 1, "ComputeSeconds": 1}
	for _, test := range []struct {
		name    string
		props   scheduledquery.Props
		metrics map[string]int // with the number of alarms on them
		missed  string
	}{
		// TriggeredRules: a failed statement, and the schedule that did not start.
		{"started by the rule", lab(), map[string]int{"FailedInvocations": 2, "InvocationsFailedToBeSentToDlq": 2, "TriggeredRules": 2}, "TriggeredRules"},
		{
			"started by the scheduler", local(),
			map[string]int{
				"FailedInvocations": 1, "InvocationsFailedToBeSentToDlq": 1, "TriggeredRules": 1, "TargetErrorCount": 1, "InvocationDroppedCount": 1,
				"InvocationsFailedToBeSentToDeadLetterCount": 1, "InvocationAttemptCount": 1,
			},
			"InvocationAttemptCount",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			template := assertions.Template_FromStack(stack(t, test.props), nil)
			want := maps.Clone(common)
			maps.Copy(want, test.metrics)
			got := map[string]int{}
			for _, alarm := range *template.FindResources(jsii.String("AWS::CloudWatch::Alarm"), nil) {
				properties := (*alarm)["Properties"].(map[string]any)
				got[properties["MetricName"].(string)]++
				if properties["AlarmActions"] == nil {
					t.Errorf("the alarm on %v tells nobody", properties["MetricName"])
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("got alarms on %v, want %v", got, want)
			}
			template.HasResourceProperties(jsii.String("AWS::CloudWatch::Alarm"), map[string]any{
				"MetricName": test.missed, "ComparisonOperator": "LessThanThreshold", "Period": 86400, "EvaluationPeriods": 7,
				"DatapointsToAlarm": 7, "TreatMissingData": "breaching",
			})
			template.HasResourceProperties(jsii.String("AWS::Events::Rule"), map[string]any{
				"EventPattern": map[string]any{
					"source": []any{"aws.redshift-data"}, "detail-type": []any{"Redshift Data Statement Status Change"},
					"detail": map[string]any{"statementName": []any{"QS2-scheduledquery"}, "state": []any{"FAILED", "ABORTED"}},
				},
				"Targets": []any{assertions.Match_ObjectLike(&map[string]any{"Arn": map[string]any{"Ref": assertions.Match_StringLikeRegexp(jsii.String("^AlertsTopic"))}})},
			})
		})
	}
}

func TestOnlyALabDeletesData(t *testing.T) {
	for name, want := range map[string]struct {
		props  scheduledquery.Props
		policy string
	}{
		"a lab is removed with its stack": {lab(), "Delete"},
		"otherwise the data stays":        {kept(), "Retain"},
	} {
		t.Run(name, func(t *testing.T) {
			template := assertions.Template_FromStack(stack(t, want.props), nil)
			for _, kind := range []string{"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::RedshiftServerless::Namespace"} {
				template.AllResources(&kind, map[string]any{"DeletionPolicy": want.policy})
			}
		})
	}
}

func TestALongQueryIsStoppedAtWhatRedshiftAllows(t *testing.T) {
	props := kept()
	props.LongestMinutes = 2000
	assertions.Template_FromStack(stack(t, props), nil).HasResourceProperties(jsii.String("AWS::RedshiftServerless::Workgroup"), map[string]any{
		"ConfigParameters": assertions.Match_ArrayWith(&[]any{map[string]any{"ParameterKey": "max_query_execution_time", "ParameterValue": "86399"}}),
	})
}

func TestWithoutAMissedRunAlarmTheSynthSaysSo(t *testing.T) {
	props := kept()
	props.Schedule, props.Timezone = "cron(0 8 1 * ? *)", "UTC"
	made := stack(t, props)
	found := *assertions.Annotations_FromStack(made).FindInfo(jsii.String("*"), assertions.Match_StringLikeRegexp(jsii.String("no alarm tells that a run is missing")))
	if len(found) != 1 {
		t.Errorf("got %d notes, want 1", len(found))
	}
	assertions.Template_FromStack(made, nil).ResourcePropertiesCountIs(jsii.String("AWS::CloudWatch::Alarm"), map[string]any{"TreatMissingData": "breaching"}, jsii.Number(0))
}

func TestSettingsThatTheQueryCannotHaveFailTheStack(t *testing.T) {
	const monday = "cron(0 8 ? * MON *)"
	for _, test := range []struct {
		name  string
		props scheduledquery.Props
		want  string
	}{
		{"a prefix that ends the literal", scheduledquery.Props{Prefix: "raw'; DROP TABLE x; --/"}, "context prefix: got"},
		{"a local time for a rule", scheduledquery.Props{Schedule: monday, Timezone: "Europe/Berlin", MissedDays: 7}, "context scheduleUtc: is missing, and the rule cannot run at cron(0 8 ? * MON *) in Europe/Berlin"},
		{"a rule that runs once", scheduledquery.Props{Schedule: "at(2030-01-01T08:00:00)", MissedDays: 7}, "context schedule: got at(2030-01-01T08:00:00), a rule accepts cron(...) and rate(...)"},
		{"at() in UTC", scheduledquery.Props{Schedule: monday, ScheduleUTC: "at(2030-01-01T08:00:00)"}, `context scheduleUtc: got "at(2030-01-01T08:00:00)", expected cron(...) or rate(...)`},
		{"a name that Redshift refuses", scheduledquery.Props{Name: strings.Repeat("n", 61)}, "a warehouse is named with 3 to 60 letters, digits and hyphens"},
		{"a window for a rule", scheduledquery.Props{Flexible: 10}, "context flexibleMinutes: got 10, a rule starts at the minute"},
		{"a look too far back", scheduledquery.Props{Schedule: monday, MissedDays: 8}, "context missedDays: got 8, expected 0 (no alarm) to 7"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var texts []string
			for _, found := range *assertions.Annotations_FromStack(stack(t, test.props)).FindError(jsii.String("*"), assertions.Match_AnyValue()) {
				text, _ := found.Entry.Data.(string) //nolint:staticcheck // the assertions module returns this type
				texts = append(texts, text)
			}
			if !slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, test.want) }) {
				t.Errorf("got the errors %q, want one with %q", texts, test.want)
			}
		})
	}
}
