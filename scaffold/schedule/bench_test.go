package schedule_test

import (
	"testing"
	"time"

	"example.com/pipewright/scaffold/schedule"
)

var benchmarks = []struct{ name, expression, zone string }{
	{"every minute", "cron(* * * * ? *)", "UTC"},
	{"Mondays in UTC", "cron(0 8 ? * MON *)", "UTC"},
	{"Mondays in Los Angeles", "cron(0 8 ? * MON *)", "America/Los_Angeles"},
	{"last weekday", "cron(0 8 LW * ? *)", "America/Los_Angeles"},
	{"leap day", "cron(0 8 29 2 ? *)", "America/Los_Angeles"},
	{"never", "cron(0 8 31 2 ? *)", "America/Los_Angeles"},
}

func BenchmarkParse(b *testing.B) {
	for _, test := range benchmarks {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := schedule.CreateSchedule.Parse(test.expression); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNext(b *testing.B) { benchmarkStarts(b, (*schedule.Schedule).Next) }
func BenchmarkPrev(b *testing.B) { benchmarkStarts(b, (*schedule.Schedule).Prev) }

func benchmarkStarts(b *testing.B, start func(*schedule.Schedule, time.Time, *time.Location) (time.Time, bool)) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range benchmarks {
		parsed, err := schedule.CreateSchedule.Parse(test.expression)
		if err != nil {
			b.Fatal(err)
		}
		zone := zone(b, test.zone)
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				start(parsed, from, zone)
			}
		})
	}
}
