package schedule_test

import (
	"errors"
	"fmt"
	"time"

	"example.com/pipewright/scaffold/schedule"
)

func ExampleSchedule_Next() {
	parsed, _ := schedule.Parse("cron(30 2 * * ? *)")
	berlin, _ := schedule.LoadZone("Europe/Berlin")
	at := time.Date(2026, 3, 28, 0, 0, 0, 0, berlin)
	for range 2 {
		at, _ = parsed.Next(at, berlin)
		fmt.Println(at)
	}
	// Output:
	// 2026-03-28 02:30:00 +0100 CET
	// 2026-03-30 02:30:00 +0200 CEST
}

func ExampleAPI_Parse() {
	_, err := schedule.PutRule.Parse("at(2026-12-24T18:00:00)")
	if refused, ok := errors.AsType[*schedule.Error](err); ok {
		fmt.Printf("%v\n%s: %s\n", refused, refused.Code, refused.Message)
	}
	_, err = schedule.CreateSchedule.Parse("at(2026-12-24T18:00:00)")
	fmt.Println(err)
	// Output:
	// "at(2026-12-24T18:00:00)": it is at(...), a rule accepts cron(...) and rate(...)
	// ValidationException: Parameter ScheduleExpression is not valid.
	// <nil>
}

func ExampleSchedule_Shifts() {
	parsed, _ := schedule.Parse("cron(0/30 2 ? * SUN *)")
	newYork, _ := schedule.LoadZone("America/New_York")
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, newYork)
	for _, shift := range parsed.Shifts(from, from.AddDate(1, 0, 0), newYork) {
		for _, local := range shift.Times {
			fmt.Println(local.Format("2006-01-02 15:04"), "repeated:", shift.Repeated)
		}
	}
	// Output:
	// 2026-03-08 02:00 repeated: false
	// 2026-03-08 02:30 repeated: false
}
