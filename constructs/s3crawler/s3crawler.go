// Package s3crawler keeps the Data Catalog's table of the objects under a prefix up to date: a database and a crawler.
//
// The crawler never deletes a table or changes a column's type by itself; it logs what it would have done.
// Source: AWS Glue Developer Guide, "Customizing crawler behavior", "Updating the schema, and adding new partitions".
package s3crawler

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglue"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/gluesecurity"
	"example.com/pipewright/constructs/servicerole"
)

// configuration makes new partitions inherit the table's schema, and groups the files of a prefix into one table.
const configuration = `{"Version":1.0,` +
	`"CrawlerOutput":{"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"}},` +
	`"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas"}}`

// Props of the crawler.
type Props struct {
	Bucket   awss3.IBucket
	Prefix   string
	Objects  string // what descriptions call them; default "landed objects"
	Key      awskms.IKey
	Security awsglue.CfnSecurityConfiguration
}

// Crawler is the crawler and the database that it writes to.
type Crawler struct {
	Name     *string // as other resources refer to it
	Database *string
}

// New makes the database and the crawler. Nothing starts it but a trigger.
func New(scope constructs.Construct, id string, props *Props) *Crawler {
	crawl := constructs.NewConstruct(scope, &id)
	objects := cmp.Or(props.Objects, "landed objects")
	name := awscdk.Names_UniqueResourceName(crawl, &awscdk.UniqueResourceNameOptions{
		Separator: jsii.String("_"), AllowedSpecialCharacters: jsii.String("_"),
	})
	database := awsglue.NewCfnDatabase(crawl, jsii.String("Database"), &awsglue.CfnDatabaseProps{
		CatalogId: awscdk.Stack_Of(crawl).Account(),
		DatabaseInput: &awsglue.CfnDatabase_DatabaseInputProperty{
			Name: jsii.String(strings.ToLower(*name)), Description: jsii.String("Tables over the " + objects),
		},
	})
	crawler := &Crawler{Database: database.Ref()}
	resource := awsglue.NewCfnCrawler(crawl, jsii.String("Crawler"), &awsglue.CfnCrawlerProps{
		Description:  jsii.String("Adds new partitions of the " + objects + " to the Data Catalog"),
		Role:         role(crawl, crawler.Database, objects, props).RoleArn(),
		DatabaseName: crawler.Database,
		Targets: &awsglue.CfnCrawler_TargetsProperty{S3Targets: &[]any{&awsglue.CfnCrawler_S3TargetProperty{
			Path: jsii.String("s3://" + *props.Bucket.BucketName() + "/" + props.Prefix),
		}}},
		// New folders only would be cheaper, but would forbid to update the table when a column is added.
		RecrawlPolicy: &awsglue.CfnCrawler_RecrawlPolicyProperty{RecrawlBehavior: jsii.String("CRAWL_EVERYTHING")},
		SchemaChangePolicy: &awsglue.CfnCrawler_SchemaChangePolicyProperty{
			UpdateBehavior: jsii.String("UPDATE_IN_DATABASE"), DeleteBehavior: jsii.String("LOG"),
		},
		Configuration:                jsii.String(configuration),
		CrawlerSecurityConfiguration: props.Security.Ref(),
	})
	crawler.Name = resource.Ref()
	return crawler
}

func role(scope constructs.Construct, database *string, objects string, props *Props) awsiam.Role {
	statements := []awsiam.PolicyStatement{
		servicerole.Allow([]string{"s3:GetObject"}, props.Bucket.ArnForObjects(jsii.String(props.Prefix+"*"))),
		servicerole.Allow([]string{"s3:ListBucket", "s3:GetBucketLocation"}, props.Bucket.BucketArn()),
		servicerole.Allow([]string{
			"glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable",
			"glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition", "glue:CreatePartition",
			"glue:BatchCreatePartition", "glue:UpdatePartition", "glue:BatchUpdatePartition",
		},
			servicerole.Arn(scope, "glue", "catalog"),
			servicerole.Arn(scope, "glue", fmt.Sprintf("database/%s", *database)),
			servicerole.Arn(scope, "glue", fmt.Sprintf("table/%s/*", *database))),
	}
	return servicerole.New(scope, "Role", &servicerole.Props{
		Service:     "glue.amazonaws.com",
		Description: "Reads " + objects + ", writes their table",
		Statements:  append(statements, gluesecurity.Statements(scope, props.Key)...),
	})
}
