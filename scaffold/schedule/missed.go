package schedule

import (
	"math"
	"sync"
	"time"
)

// maxMissedDays is how far back an alarm can look. Source: Amazon CloudWatch API, PutMetricAlarm, read 2026-11.
const maxMissedDays = 7

// missedDays remembers the days by expression: a bill asks for them, a questionnaire makes dozens of bills for each key that is pressed, and
// it takes two years of starts to know.
var missedDays sync.Map

// MissedDays are after how many days without a run an alarm tells: a day more than the longest pause, and seven at most.
// It is 0, no alarm, for what pauses longer than an alarm can look back, or runs once. The pause is that of the clock on the wall: the hour
// by which clocks are put back makes no day of its own.
func MissedDays(expression string) (int, error) {
	known, _ := missedDays.Load(expression)
	if days, ok := known.(int); ok {
		return days, nil
	}
	parsed, err := CreateSchedule.Parse(expression)
	if err != nil {
		return 0, err
	}
	days := parsed.missedDays()
	missedDays.Store(expression, days)
	return days, nil
}

func (s *Schedule) missedDays() int {
	const year = 2027 // any: what is generated must not depend on the day on which it is
	from := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
	pause, twice := s.LongestPause(from, from.AddDate(2, 0, 0), time.UTC)
	days := int(math.Ceil(pause.Hours() / 24))
	if !twice || days > maxMissedDays {
		return 0
	}
	return min(days+1, maxMissedDays)
}
