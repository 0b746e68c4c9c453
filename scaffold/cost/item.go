package cost

// Item names what AWS bills for. It is the key of a price in prices.yaml.
type Item string

// The items. What one of them is stands in Units.
const (
	StateTransition Item = "states.transition"
	ExpressRequest  Item = "states.express_request"
	ExpressGBHour   Item = "states.express_gb_hour"

	LambdaRequest     Item = "lambda.request"
	LambdaGBSecond    Item = "lambda.gb_second_arm64"
	LambdaX86GBSecond Item = "lambda.gb_second_x86"

	GlueDPUHour    Item = "glue.dpu_hour"
	FlexDPUHour    Item = "glue.flex_dpu_hour"
	ShellDPUHour   Item = "glue.shell_dpu_hour"
	CrawlerDPUHour Item = "glue.crawler_dpu_hour"

	CustomEvent    Item = "events.custom_event"
	ScheduledStart Item = "scheduler.invocation"

	EMRVCPUHour    Item = "emr.vcpu_hour_arm64"
	EMRGBHour      Item = "emr.gb_hour_arm64"
	EMRX86VCPUHour Item = "emr.vcpu_hour_x86"
	EMRX86GBHour   Item = "emr.gb_hour_x86"

	FargateVCPUHour    Item = "fargate.vcpu_hour_arm64"
	FargateGBHour      Item = "fargate.gb_hour_arm64"
	FargateX86VCPUHour Item = "fargate.vcpu_hour_x86"
	FargateX86GBHour   Item = "fargate.gb_hour_x86"

	WriteUnit Item = "dynamodb.write_request_unit"
	ReadUnit  Item = "dynamodb.read_request_unit"

	RPUHour         Item = "redshift.rpu_hour"
	RedshiftStorage Item = "redshift.gb_month"

	MWAAMicro        Item = "mwaa.micro_hour"
	MWAASmall        Item = "mwaa.small_hour"
	MWAAMedium       Item = "mwaa.medium_hour"
	MWAALarge        Item = "mwaa.large_hour"
	MWAAXLarge       Item = "mwaa.xlarge_hour"
	MWAA2XLarge      Item = "mwaa.2xlarge_hour"
	MWAASmallWorker  Item = "mwaa.small_worker_hour"
	MWAAMediumWorker Item = "mwaa.medium_worker_hour"
	MWAALargeWorker  Item = "mwaa.large_worker_hour"
	MWAAXLargeWorker Item = "mwaa.xlarge_worker_hour"
	MWAA2XLWorker    Item = "mwaa.2xlarge_worker_hour"
	MWAAMetadata     Item = "mwaa.metadata_gb_month"

	Alarm     Item = "cloudwatch.alarm_month"
	Dashboard Item = "cloudwatch.dashboard_month"
	Metric    Item = "cloudwatch.metric_month"

	Publish Item = "sns.publish"
	Email   Item = "sns.email"
	Message Item = "sqs.request"

	Key          Item = "kms.key_month"
	Secret       Item = "secretsmanager.secret_month"
	NATHour      Item = "vpc.nat_hour"
	NATGB        Item = "vpc.nat_gb"
	EndpointHour Item = "vpc.endpoint_hour"
	AddressHour  Item = "vpc.public_ipv4_hour"
	VPNHour      Item = "vpn.connection_hour"
)

// Units says what one of each item is, and what the line of a bill is called.
var Units = map[Item]struct{ What, Unit string }{
	StateTransition: {"Step Functions Standard: state transitions", "transition"},
	ExpressRequest:  {"Step Functions Express: executions", "execution"},
	ExpressGBHour:   {"Step Functions Express: duration × memory", "GB-hour"},

	LambdaRequest:     {"Lambda: calls", "call"},
	LambdaGBSecond:    {"Lambda: duration × memory, arm64", "GB-second"},
	LambdaX86GBSecond: {"Lambda: duration × memory, x86", "GB-second"},

	GlueDPUHour:    {"Glue: Spark job", "DPU-hour"},
	FlexDPUHour:    {"Glue: Spark job, Flex", "DPU-hour"},
	ShellDPUHour:   {"Glue: Python shell job", "DPU-hour"},
	CrawlerDPUHour: {"Glue: crawler", "DPU-hour"},

	CustomEvent:    {"EventBridge: custom and partner events", "event"},
	ScheduledStart: {"EventBridge Scheduler: starts", "invocation"},

	EMRVCPUHour:    {"EMR Serverless: vCPU, arm64", "vCPU-hour"},
	EMRGBHour:      {"EMR Serverless: memory, arm64", "GB-hour"},
	EMRX86VCPUHour: {"EMR Serverless: vCPU, at the price of x86", "vCPU-hour"},
	EMRX86GBHour:   {"EMR Serverless: memory, at the price of x86", "GB-hour"},

	FargateVCPUHour:    {"Batch on Fargate: vCPU, arm64", "vCPU-hour"},
	FargateGBHour:      {"Batch on Fargate: memory, arm64", "GB-hour"},
	FargateX86VCPUHour: {"Batch on Fargate: vCPU, x86", "vCPU-hour"},
	FargateX86GBHour:   {"Batch on Fargate: memory, x86", "GB-hour"},

	WriteUnit: {"DynamoDB on demand: writes", "request unit"},
	ReadUnit:  {"DynamoDB on demand: reads", "request unit"},

	RPUHour:         {"Redshift Serverless: compute", "RPU-hour"},
	RedshiftStorage: {"Redshift Serverless: storage", "GB-month"},

	MWAAMicro:        {"MWAA: environment mw1.micro", "hour"},
	MWAASmall:        {"MWAA: environment mw1.small, its first worker included", "hour"},
	MWAAMedium:       {"MWAA: environment mw1.medium, its first worker included", "hour"},
	MWAALarge:        {"MWAA: environment mw1.large, its first worker included", "hour"},
	MWAAXLarge:       {"MWAA: environment mw1.xlarge, its first worker included", "hour"},
	MWAA2XLarge:      {"MWAA: environment mw1.2xlarge, its first worker included", "hour"},
	MWAASmallWorker:  {"MWAA: further workers of mw1.small", "worker-hour"},
	MWAAMediumWorker: {"MWAA: further workers of mw1.medium", "worker-hour"},
	MWAALargeWorker:  {"MWAA: further workers of mw1.large", "worker-hour"},
	MWAAXLargeWorker: {"MWAA: further workers of mw1.xlarge", "worker-hour"},
	MWAA2XLWorker:    {"MWAA: further workers of mw1.2xlarge", "worker-hour"},
	MWAAMetadata:     {"MWAA: metadata database", "GB-month"},

	Alarm:     {"CloudWatch: alarms", "alarm-month"},
	Dashboard: {"CloudWatch: dashboards", "dashboard-month"},
	Metric:    {"CloudWatch: metrics made of a log", "metric-month"},

	Publish: {"SNS: messages published", "request"},
	Email:   {"SNS: e-mails", "e-mail"},
	Message: {"SQS: messages sent to queues", "request"},

	Key:          {"KMS: customer keys", "key-month"},
	Secret:       {"Secrets Manager: secrets", "secret-month"},
	NATHour:      {"VPC: NAT gateways", "hour"},
	NATGB:        {"VPC: data through the NAT gateway", "GB"},
	EndpointHour: {"VPC: interface endpoints, in each zone", "hour"},
	AddressHour:  {"VPC: public IPv4 addresses", "hour"},
	VPNHour:      {"VPN: site-to-site connections", "hour"},
}
