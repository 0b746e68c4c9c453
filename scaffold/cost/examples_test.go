package cost

import "testing"

// pages is a table as a page had it when its example was worked out, where that was before prices.yaml.
func pages(t *testing.T, prices string) *Prices {
	t.Helper()
	read, err := ParsePrices("page", []byte("version: 1\nregions: {us-east-1: {prices: {"+prices+"}}}"))
	if err != nil {
		t.Fatal(err)
	}
	return Shipped().Over(read)
}

const source = ", source: https://aws.amazon.com/, read: '2026-11-25'}"

// TestOtherWorkedFigures are no examples of AWS: a public comparison, and prices that are commonly told for a month or an hour.
func TestOtherWorkedFigures(t *testing.T) {
	for _, test := range []struct {
		name, want string
		item       Item
		count      Decimal
	}{
		{"EMR Serverless, 1,200 vCPU-hours, in a public comparison of EMR's deployments", "63.15", EMRX86VCPUHour, Whole(1200)},
		{"EMR Serverless, 9,600 GB-hours, in the same", "55.47", EMRX86GBHour, Whole(9600)},
		{"a NAT gateway for 730 hours", "32.85", NATHour, Whole(730)},
		{"an interface endpoint in one zone for 730 hours", "7.30", EndpointHour, Whole(730)},
		{"ten hours of a Python shell job of 1/16 DPU", "0.28", ShellDPUHour, hours(exact("0.0625"), Whole(36_000), jobMinimum)}, // 0.275
	} {
		price, err := Shipped().In(DefaultRegion, test.item)
		if err != nil {
			t.Fatal(err)
		}
		if got := price.Of(test.count).value().FloatString(2); got != test.want {
			t.Errorf("%s: got %s, expected %s", test.name, got, test.want)
		}
	}
}

// TestTheExamplesOfThePricingPages computes what stored copies of the pages compute, and gets the same to the cent.
func TestTheExamplesOfThePricingPages(t *testing.T) {
	sum := func(prices *Prices, quantities ...quantity) Decimal {
		var total Decimal
		for _, q := range quantities {
			price, err := prices.In(DefaultRegion, q.item)
			if err != nil {
				t.Fatal(err)
			}
			total = total.Add(price.Of(q.count))
		}
		return total
	}
	for _, test := range []struct {
		name string // page, example, day on which a stored copy was read
		got  Decimal
		want string // as the page writes it, rounded to cents
	}{
		{
			// 100 million executions of 10 s in 64 MB: 100 million requests, 17,361.11 GB-hours in three tiers: 60.00 + 120.00 + 202.97.
			"AWS Step Functions pricing, Express Workflows, a Map of 400 steps, read 2026-11",
			sum(pages(t, `states.express_gb_hour: {tiers: [{up_to: "1000", usd: "0.06"}, {up_to: "5000", usd: "0.03"}, {usd: "0.01642"}]`+source),
				quantity{ExpressRequest, Whole(100_000_000)}, quantity{ExpressGBHour, Call(Whole(64), Whole(10)).Mul(Whole(100_000_000)).Div(Whole(3600))}),
			"482.97",
		},
		{
			"AWS Glue pricing, ETL job: 6 DPU for 15 minutes, read 2026-11",
			sum(Shipped(), quantity{GlueDPUHour, GlueJob(Whole(6), Whole(15*60))}), "0.66",
		},
		{
			"AWS Glue pricing, interactive session: 5 DPU for 24 minutes, at the price of a job, read 2026-11",
			sum(Shipped(), quantity{GlueDPUHour, GlueJob(Whole(5), Whole(24*60))}), "0.88",
		},
		{
			// 3 million calls of 1 s in 512 MB, less 400,000 GB-s and a million requests: 1,100,000 × 0.00001667 + 2 × 0.20 = 18.34 + 0.40.
			"AWS Lambda pricing, example 1, in the page's earlier rounding of 0.00001667, read 2026-11",
			sum(pages(t, `lambda.gb_second_arm64: {usd: "0.00001667"`+source),
				quantity{LambdaGBSecond, Call(Whole(512), Whole(1)).Mul(Whole(3_000_000)).Sub(free[LambdaGBSecond])},
				quantity{LambdaRequest, Whole(3_000_000).Sub(free[LambdaRequest])}), "18.74",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.got.value().FloatString(2); got != test.want {
				t.Errorf("got %s, the page has %s", got, test.want)
			}
		})
	}
}

// TestMinimumsAreBilled computes by hand what short runs cost.
func TestMinimumsAreBilled(t *testing.T) {
	for _, test := range []struct {
		name      string
		got, want Decimal
	}{
		{"a Spark job of a second is billed a minute of 2 DPU", GlueJob(Whole(2), Whole(1)), Whole(2).Div(Whole(60))},
		{"a Spark job of 61 seconds is billed 61", GlueJob(Whole(2), Whole(61)), Whole(122).Div(Whole(3600))},
		{"a crawler of a minute is billed ten", Crawl(Whole(1), Whole(60)), Whole(1).Div(Whole(6))},
		{"a crawler of eleven minutes is billed eleven", Crawl(Whole(1), Whole(660)), Whole(11).Div(Whole(60))},
	} {
		if !test.got.Equal(test.want) {
			t.Errorf("%s: got %s hours, expected %s", test.name, test.got, test.want)
		}
	}
}

// TestTheBillsOfTheExamples are computed by hand from the prices, the counts of the golden templates and the assumptions.
func TestTheBillsOfTheExamples(t *testing.T) {
	for _, test := range []struct {
		example, answers string
		run, idle, month string
	}{
		{
			// run: 10 min × 1 DPU × 0.44 = 0.0733, 1 min × 2 DPU × 0.44 = 0.01467. idle: 9 alarms, 3.00 dashboard, 1.00 key.
			"glueworkflow", object + "work: [crawler, glue-job]\nvolume: {runs_per_month: 30, gb_per_run: 1}", "0.088", "4.90", "7.54",
		},
		{
			// run: 5 transitions 0.000125, the job 0.01467. idle: 8 alarms, 3.00, 1.00. 300 × 0.014794 + 4.80.
			"statemachine", object + "work: [lambda, glue-job]\ncontrol: {branches: true}\nvolume: {runs_per_month: 300, gb_per_run: 0.1}", "0.015", "4.80", "9.24",
		},
		{
			// run: 1,024 MB at 10 MB/s + 0.5 s = 102.9 s × 1769/1024 GB × 0.0000133334 = 0.00237. idle: 8 alarms, 3 metrics 0.90, 3.00, 1.00.
			"eventfunction", object + "work: [lambda]\nvolume: {runs_per_month: 1000, gb_per_run: 1}", "0.0024", "5.70", "8.07",
		},
		{
			// run: 60 s × 8 RPU × 0.375. idle: 8 alarms, 3.00, 1.00, secret 0.40, storage 0.024.
			"scheduledquery", monday + "work: [redshift-sql]\nvolume: {runs_per_month: 4, gb_per_run: 1}", "0.050", "5.22", "5.42",
		},
		{
			// run: a worker for 2 × 5 s + 2 × 102.4 s, a fifth of it: 0.01193 h × 0.055 = 0.00066; 1 GB through NAT 0.045.
			// idle: 0.49 × 730 = 357.70, NAT 32.85, address 3.65, metadata 1.00, 6 alarms 0.60, 3.00, 1.00, 2 secrets 0.80.
			"airflow", monday + "work: [http-api, sql-server]\nvolume: {runs_per_month: 30, gb_per_run: 1}", "0.046", "400.60", "401.95",
		},
	} {
		t.Run(test.example, func(t *testing.T) {
			got := Of(test.example, parsed(t, test.answers), Options{})
			if !got.Complete() || got.PerRun.Short() != test.run || got.PerIdle.Short() != test.idle || got.PerMonth.Short() != test.month {
				t.Errorf("got %s a run, %s idle, %s a month, missing %v; by hand %s, %s and %s",
					got.PerRun.Short(), got.PerIdle.Short(), got.PerMonth.Short(), got.Missing, test.run, test.idle, test.month)
			}
			sum := Decimal{}
			for _, line := range append(got.Month, got.Idle...) {
				sum = sum.Add(line.Amount)
			}
			if !sum.Equal(got.PerMonth) {
				t.Errorf("the lines come to %s, the month to %s", sum, got.PerMonth)
			}
		})
	}
}

// The worker's hours that the environment is paid for anyway are not billed again: 30 small runs keep no second worker busy.
func TestAnEnvironmentsFirstWorkerIsNotBilledTwice(t *testing.T) {
	given := parsed(t, monday+"work: [glue-job]\nvolume: {runs_per_month: 30, gb_per_run: 1}")
	billed := func() Decimal {
		for _, line := range Of("airflow", given, Options{}).Month {
			if line.Item == MWAASmallWorker {
				return line.Quantity
			}
		}
		return Decimal{}
	}
	if got := billed(); got.Sign() != 0 {
		t.Errorf("got %s hours of further workers for 30 runs", got)
	}
	// 5 s a task and 5 tasks at a time: a run keeps a worker busy for 1/3600 h, so 2,628,000 + 3,600,000 runs are 1,000 hours beyond the first worker's 730.
	given.Volume.RunsPerMonth = 2_628_000 + 3_600_000
	if got := billed(); !got.Equal(Whole(1000)) {
		t.Errorf("got %s hours of further workers, expected 1000", got)
	}
	given.Airflow.MinWorkers = 2 // the second is idle cost
	if got := billed(); !got.Equal(Whole(270)) {
		t.Errorf("got %s hours with two workers, expected 270", got)
	}
}

func TestTheFreeTierStandsApart(t *testing.T) {
	got := Of("eventfunction", parsed(t, object+"work: [lambda]\nvolume: {runs_per_month: 2000000, gb_per_run: 0}"), Options{})
	found := map[Item]Decimal{}
	for _, line := range got.Free {
		found[line.Item] = line.Quantity
	}
	// 2 million calls: one million is free; 8 alarms of 10.
	if !found[LambdaRequest].Equal(Whole(1_000_000)) || !found[Alarm].Equal(Whole(8)) || !found[LambdaGBSecond].Equal(Whole(400_000)) {
		t.Errorf("got the free tier %v", found)
	}
	var sum Decimal
	for _, line := range append(got.Month, got.Idle...) {
		sum = sum.Add(line.Amount)
	}
	if !sum.Equal(got.PerMonth) || got.OffFree.Sign() <= 0 {
		t.Errorf("got %s a month with the lines %s: the free tier is in it", got.PerMonth, sum)
	}
}
