// Package fileconverter is the Lambda function that turns landed CSV files into JSON Lines with typed values.
//
// Its program is the Go package converter beside it, which also says how it stays idempotent.
// Source: AWS Lambda Developer Guide, "Invoking a Lambda function asynchronously".
package fileconverter

import (
	"reflect"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/gofunction"
	"example.com/pipewright/constructs/servicerole"
)

// MaxTimeoutMinutes is the longest that a function may take.
// Source: AWS Lambda Developer Guide, "Lambda quotas", Function timeout 900 seconds, read 2026-11.
const MaxTimeoutMinutes = 15

// memoryMB gives one whole processor, which conversion uses up; less would be slower and cost the same. A scan keeps the parts
// of eight files, at most about 300 MB, in memory.
// Source: AWS Lambda Developer Guide, "Configure Lambda function memory" (1,769 MB: one vCPU), read 2026-11.
const memoryMB = 1769

// Props of the function.
type Props struct {
	Landing        awss3.IBucket // read under the prefix alone
	Prefix, Suffix string
	Curated        awss3.IBucket // good rows, quarantine and reports
	Key            awskms.IKey
	Failures       awssqs.IQueue // receives the events that failed after all tries, with the error
	TimeoutMinutes int
	Reserved       int // reserved concurrent executions; 0: the account's common ones
	Lab            bool
}

// Converter is the function, and the metrics of what it says in its log.
type Converter struct {
	*gofunction.Function
	Files, Refused, BadRows awscloudwatch.IMetric

	props *Props
}

// New makes the function.
func New(scope constructs.Construct, id string, props *Props) *Converter {
	function := gofunction.New(scope, id, &gofunction.Props{
		Program:     reflect.TypeFor[Props]().PkgPath() + "/converter",
		Description: "Turns landed CSV files into JSON Lines: good rows to data/, bad ones to quarantine/, what became of a file to reports/",
		RoleMay:     "Reads landed objects, writes curated ones",
		Statements:  statements(props),
		Environment: map[string]*string{
			"LANDING": props.Landing.BucketName(), "PREFIX": &props.Prefix, "SUFFIX": &props.Suffix, "CURATED": props.Curated.BucketName(),
		},
		MemoryMB:       memoryMB,
		TimeoutSeconds: props.TimeoutMinutes * 60,
		Reserved:       props.Reserved,
		Key:            props.Key,
		Failures:       props.Failures,
		Lab:            props.Lab,
	})
	return &Converter{
		Function: function,
		Files:    count(function.Logs, "ConvertedFiles", `{ $.outcome = "converted" }`, "1"),
		Refused:  count(function.Logs, "RefusedFiles", `{ $.outcome = "refused" }`, "1"),
		BadRows:  count(function.Logs, "BadRows", `{ $.bad > 0 }`, "$.bad"),
		props:    props,
	}
}

func statements(props *Props) []awsiam.PolicyStatement {
	written := []*string{}
	for _, folder := range []string{"data/*", "quarantine/*", "reports/*"} {
		written = append(written, props.Curated.ArnForObjects(&folder))
	}
	return []awsiam.PolicyStatement{
		servicerole.Allow([]string{"s3:GetObject", "s3:GetObjectVersion"}, props.Landing.ArnForObjects(jsii.String(props.Prefix+"*"))),
		// Without the permissions to list, S3 answers 403 instead of 404 for an object or a version that is not there.
		servicerole.Allow([]string{"s3:ListBucket", "s3:ListBucketVersions"}, props.Landing.BucketArn()),
		servicerole.Allow([]string{"s3:ListBucket"}, props.Curated.BucketArn()),
		// A write that is conditional on an ETag needs the permission to read, too.
		servicerole.Allow([]string{"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"}, written...),
		servicerole.Allow([]string{"kms:Decrypt", "kms:GenerateDataKey"}, props.Key.KeyArn()),
	}
}

// count makes a metric of lines in the log; the function itself needs no permission for it.
// Source: Amazon CloudWatch Logs User Guide, "Filter pattern syntax for metric filters".
func count(group awslogs.LogGroup, name, pattern, value string) awscloudwatch.IMetric {
	namespace := "Pipewright/" + *awscdk.Aws_STACK_NAME()
	filter := awslogs.NewMetricFilter(group, &name, &awslogs.MetricFilterProps{
		LogGroup:        group,
		FilterPattern:   awslogs.FilterPattern_Literal(&pattern),
		MetricNamespace: &namespace,
		MetricName:      &name,
		MetricValue:     &value,
	})
	return filter.Metric(&awscloudwatch.MetricOptions{Statistic: jsii.String("sum"), Period: awscdk.Duration_Minutes(jsii.Number(5))})
}
