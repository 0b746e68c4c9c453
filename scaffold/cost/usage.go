package cost

// Usage is what was used, in the units that AWS bills. Minimums are part of it: a job of a second has used its billed minute.
type Usage struct {
	Transitions     Decimal // of Standard state machines
	ExpressRequests Decimal
	ExpressGBHours  Decimal

	FunctionCalls        Decimal
	FunctionGBSeconds    Decimal // arm64
	FunctionX86GBSeconds Decimal

	GlueDPUHours    Decimal
	FlexDPUHours    Decimal
	ShellDPUHours   Decimal
	CrawlerDPUHours Decimal

	Events          Decimal // custom and partner events
	ScheduledStarts Decimal

	EMRVCPUHours        Decimal // arm64
	EMRGBHours          Decimal
	EMRX86VCPUHours     Decimal
	EMRX86GBHours       Decimal
	FargateVCPUHours    Decimal // arm64
	FargateGBHours      Decimal
	FargateX86VCPUHours Decimal
	FargateX86GBHours   Decimal
	RPUHours            Decimal
	WorkerHours         Decimal // of an Airflow environment, beyond its first worker
	NATGB               Decimal

	Publishes Decimal
	Emails    Decimal
	Messages  Decimal // sent to queues

	WriteUnits Decimal // of tables on demand
	ReadUnits  Decimal
}

// quantity is some of an item.
type quantity struct {
	item  Item
	count Decimal
}

// quantities are the usage by item, in the order of a bill. worker is the item of further Airflow workers.
func (u Usage) quantities(worker Item) []quantity {
	return []quantity{
		{StateTransition, u.Transitions},
		{ExpressRequest, u.ExpressRequests},
		{ExpressGBHour, u.ExpressGBHours},
		{LambdaRequest, u.FunctionCalls},
		{LambdaGBSecond, u.FunctionGBSeconds},
		{LambdaX86GBSecond, u.FunctionX86GBSeconds},
		{GlueDPUHour, u.GlueDPUHours},
		{FlexDPUHour, u.FlexDPUHours},
		{ShellDPUHour, u.ShellDPUHours},
		{CrawlerDPUHour, u.CrawlerDPUHours},
		{CustomEvent, u.Events},
		{ScheduledStart, u.ScheduledStarts},
		{EMRVCPUHour, u.EMRVCPUHours},
		{EMRGBHour, u.EMRGBHours},
		{EMRX86VCPUHour, u.EMRX86VCPUHours},
		{EMRX86GBHour, u.EMRX86GBHours},
		{FargateVCPUHour, u.FargateVCPUHours},
		{FargateGBHour, u.FargateGBHours},
		{FargateX86VCPUHour, u.FargateX86VCPUHours},
		{FargateX86GBHour, u.FargateX86GBHours},
		{RPUHour, u.RPUHours},
		{worker, u.WorkerHours},
		{NATGB, u.NATGB},
		{Publish, u.Publishes},
		{Email, u.Emails},
		{Message, u.Messages},
		{WriteUnit, u.WriteUnits},
		{ReadUnit, u.ReadUnits},
	}
}

// Minimums that AWS bills at least, in seconds.
// Sources: AWS Glue pricing (Spark and Python shell jobs 1 minute, crawlers 10), Amazon EMR pricing (each worker 1 minute), AWS Fargate
// pricing (1 minute), Amazon Redshift pricing (Serverless, 60 seconds), read 2026-11.
var (
	jobMinimum     = Whole(60)
	crawlerMinimum = Whole(600)
)

var secondsOfHour = Whole(3600)

// Hours are what something costs that takes so many seconds, of which a minimum is billed: units times the billed time.
func hours(units, seconds, minimum Decimal) Decimal {
	return units.Mul(larger(seconds, minimum)).Div(secondsOfHour)
}

// GlueJob is a run of a Spark job of so many DPU: DPU-hours.
func GlueJob(dpu, seconds Decimal) Decimal { return hours(dpu, seconds, jobMinimum) }

// Worker is a worker of EMR Serverless or a container on Fargate that has so many vCPU, or GB: hours of them. Seconds are rounded up.
// Sources: Amazon EMR pricing, AWS Fargate pricing, read 2026-11.
func Worker(units, seconds Decimal) Decimal { return hours(units, seconds.Ceil(), jobMinimum) }

// Warehouse is Redshift Serverless with so many RPU, busy for so long, the minimum included: RPU-hours.
func Warehouse(rpu, seconds Decimal) Decimal { return hours(rpu, seconds, Decimal{}) }

// Crawl is a run of a crawler of so many DPU: DPU-hours.
func Crawl(dpu, seconds Decimal) Decimal { return hours(dpu, seconds, crawlerMinimum) }

// Call is one call of a function with so much memory: GB-seconds.
func Call(memoryMB, seconds Decimal) Decimal { return memoryMB.Div(Whole(1024)).Mul(seconds) }
