package schedule

import (
	"math"
	"time"
)

// maxMissedDays is how far back an alarm can look. Source: Amazon CloudWatch API, PutMetricAlarm, read 2026-11.
const maxMissedDays = 7

// MissedDays are after how many days without a run an alarm tells: a day more than the longest pause, and seven at most.
// It is 0, no alarm, for what pauses longer than an alarm can look back, or runs once. The pause is that of the clock on the wall: the hour
// by which clocks are put back makes no day of its own.
func MissedDays(expression string) (int, error) {
	parsed, err := CreateSchedule.Parse(expression)
	if err != nil {
		return 0, err
	}
	const year = 2027 // any: what is generated must not depend on the day on which it is
	from := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
	pause, twice := parsed.LongestPause(from, from.AddDate(2, 0, 0), time.UTC)
	days := int(math.Ceil(pause.Hours() / 24))
	if !twice || days > maxMissedDays {
		return 0, nil
	}
	return min(days+1, maxMissedDays), nil
}
