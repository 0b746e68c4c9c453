package cloud

import (
	"errors"
	"fmt"
	"slices"

	"example.com/pipewright/scaffold/cost"
)

// listing is how the Price List names an item: the service, and the usage type without the Region before it.
type listing struct {
	service, usage string
	units          int64 // of the list in one of ours: 3600 seconds in an hour; 0 means 1
}

// listings are the items whose names in the list are known. They are taken from public code and records that use the list, some by their
// pattern alone (the larger classes of MWAA), and were never tried on the list itself: a name that it has not is reported as missing.
var listings = map[cost.Item]listing{
	cost.StateTransition: {"AmazonStates", "StateTransition", 0},
	cost.ExpressRequest:  {"AmazonStates", "StepFunctions-Request", 0},
	cost.ExpressGBHour:   {"AmazonStates", "StepFunctions-GB-Second", 3600},

	cost.LambdaRequest:     {"AWSLambda", "Request", 0},
	cost.LambdaGBSecond:    {"AWSLambda", "Lambda-GB-Second-ARM", 0},
	cost.LambdaX86GBSecond: {"AWSLambda", "Lambda-GB-Second", 0},

	cost.GlueDPUHour:    {"AWSGlue", "ETL-DPU-Hour", 0},
	cost.FlexDPUHour:    {"AWSGlue", "ETL-Flex-DPU-Hour", 0},
	cost.ShellDPUHour:   {"AWSGlue", "ETL-DPU-Hour", 0}, // a job as well
	cost.CrawlerDPUHour: {"AWSGlue", "Crawler-DPU-Hour", 0},

	cost.CustomEvent: {"AWSEvents", "Event-64K-Chunks", 0},

	cost.EMRVCPUHour:    {"ElasticMapReduce", "EMR-SERVERLESS-ARM-vCPUHours", 0},
	cost.EMRGBHour:      {"ElasticMapReduce", "EMR-SERVERLESS-ARM-MemoryGBHours", 0},
	cost.EMRX86VCPUHour: {"ElasticMapReduce", "EMR-SERVERLESS-vCPUHours", 0},
	cost.EMRX86GBHour:   {"ElasticMapReduce", "EMR-SERVERLESS-MemoryGBHours", 0},

	cost.FargateVCPUHour:    {"AmazonECS", "Fargate-ARM-vCPU-Hours:perCPU", 0},
	cost.FargateGBHour:      {"AmazonECS", "Fargate-ARM-GB-Hours", 0},
	cost.FargateX86VCPUHour: {"AmazonECS", "Fargate-vCPU-Hours:perCPU", 0},
	cost.FargateX86GBHour:   {"AmazonECS", "Fargate-GB-Hours", 0},

	cost.WriteUnit: {"AmazonDynamoDB", "WriteRequestUnits", 0},
	cost.ReadUnit:  {"AmazonDynamoDB", "ReadRequestUnits", 0},

	cost.RPUHour:         {"AmazonRedshift", "Redshift:ServerlessUsage", 0},
	cost.RedshiftStorage: {"AmazonRedshift", "RMS:Serverless", 0},

	cost.MWAAMicro:        {"AmazonMWAA", "Airflow-MicroEnvironment", 0},
	cost.MWAASmall:        {"AmazonMWAA", "Airflow-SmallEnvironment", 0},
	cost.MWAAMedium:       {"AmazonMWAA", "Airflow-MediumEnvironment", 0},
	cost.MWAALarge:        {"AmazonMWAA", "Airflow-LargeEnvironment", 0},
	cost.MWAASmallWorker:  {"AmazonMWAA", "Airflow-SmallWorker", 0},
	cost.MWAAMediumWorker: {"AmazonMWAA", "Airflow-MediumWorker", 0},
	cost.MWAALargeWorker:  {"AmazonMWAA", "Airflow-LargeWorker", 0},

	cost.Alarm:  {"AmazonCloudWatch", "CW:AlarmMonitorUsage", 0},
	cost.Metric: {"AmazonCloudWatch", "CW:MetricMonitorUsage", 0},

	cost.Publish: {"AmazonSNS", "Requests-Tier1", 0},
	cost.Email:   {"AmazonSNS", "DeliveryAttempts-SMTP", 0},
	cost.Message: {"AWSQueueService", "Requests-RBP", 0},

	cost.Key:          {"awskms", "KMS-Keys", 0},
	cost.Secret:       {"AWSSecretsManager", "AWSSecretsManager-Secrets", 0},
	cost.NATHour:      {"AmazonEC2", "NatGateway-Hours", 0},
	cost.NATGB:        {"AmazonEC2", "NatGateway-Bytes", 0},
	cost.EndpointHour: {"AmazonVPC", "VpcEndpoint-Hours", 0},
	cost.AddressHour:  {"AmazonVPC", "PublicIPv4:InUseAddress", 0},
	cost.VPNHour:      {"AmazonVPC", "VPN-Usage-Hours:ipsec.1", 0},
}

// price is that of the products. Several with the same price, such as one for each operation, are one.
func (l listing) price(found []product) (cost.Price, error) {
	var all []cost.Price
	for _, p := range found {
		for _, term := range p.Terms.OnDemand {
			price, err := l.tiers(term.PriceDimensions)
			if err != nil {
				return price, fmt.Errorf("%s %s: %w", p.Product.SKU, p.Product.Attributes["usagetype"], err)
			}
			same := func(other cost.Price) bool { return other.Same(price) }
			if len(price.Tiers) > 0 && !slices.ContainsFunc(all, same) {
				all = append(all, price)
			}
		}
	}
	switch len(all) {
	case 0:
		return cost.Price{}, fmt.Errorf("the Price List has no price of %s %s in this Region", l.service, l.usage)
	case 1:
		return all[0], nil
	}
	return cost.Price{}, fmt.Errorf("the Price List has %d different prices of %s %s", len(all), l.service, l.usage)
}

// tiers reads the price's tiers. What the list has for nothing at first is the free tier, which stands elsewhere.
func (l listing) tiers(dimensions map[string]dimension) (cost.Price, error) {
	units := cost.Whole(max(l.units, 1))
	type read struct{ from, usd cost.Decimal }
	var all []read
	for _, d := range dimensions {
		usd, ok := d.PricePerUnit["USD"]
		if !ok {
			return cost.Price{}, errors.New("it has no price in USD")
		}
		amount, err := cost.ParseDecimal(usd)
		if err != nil {
			return cost.Price{}, fmt.Errorf("pricePerUnit: %w", err)
		}
		from, err := cost.ParseDecimal(d.BeginRange)
		if err != nil {
			return cost.Price{}, fmt.Errorf("beginRange: %w", err)
		}
		all = append(all, read{from.Div(units), amount.Mul(units)})
	}
	slices.SortFunc(all, func(one, other read) int { return one.from.Cmp(other.from) })
	for len(all) > 0 && all[0].usd.Sign() == 0 {
		all = all[1:]
	}
	price := cost.Price{Per: cost.Whole(1)}
	for i, tier := range all {
		entry := cost.Tier{USD: tier.usd}
		if i+1 < len(all) {
			entry.UpTo = all[i+1].from
		}
		price.Tiers = append(price.Tiers, entry)
	}
	return price, nil
}
