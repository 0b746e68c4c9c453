package schedule_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/winebarrel/cronplan/v2"

	"example.com/pipewright/scaffold/schedule"
)

// Random expressions start when cronplan says, in UTC. What cronplan does otherwise is not generated: see the package's
// documentation, and steps through a wrap, which it leaves out.
func TestStartsAgreeWithCronplan(t *testing.T) {
	random := rand.New(rand.NewPCG(2026, 11))
	for range 3000 {
		expression := randomCron(random)
		other, err := cronplan.Parse(expression)
		if err != nil {
			t.Fatalf("%s: cronplan refuses it: %v", expression, err)
		}
		parsed, err := schedule.PutRule.Parse("cron(" + expression + ")")
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(1970+random.IntN(225), 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(random.IntN(365*24*60)) * time.Minute)
		for range 5 {
			want := other.Next(at.Add(time.Minute)) // which counts its argument
			got, ok := parsed.Next(at, time.UTC)
			if ok == want.IsZero() || (ok && !got.Equal(want)) {
				t.Fatalf("cron(%s) after %s: got %s, cronplan says %s", expression, at, got, want)
			}
			if !ok {
				break
			}
			if back, ok := parsed.Prev(got.Add(time.Second), time.UTC); !ok || !back.Equal(got) {
				t.Fatalf("cron(%s): the start before %s is %s, want %s", expression, got.Add(time.Second), back, got)
			}
			at = got
		}
	}
}

// Around clock changes, each minute is looked at: it starts if cronplan matches what the clock shows, and the clock shows it
// for the first time.
func TestStartsAgreeWithAClockThatIsWatched(t *testing.T) {
	random := rand.New(rand.NewPCG(2026, 12))
	for _, name := range []string{
		"America/New_York", "Europe/Berlin", "Europe/Dublin", "Australia/Lord_Howe", "America/Santiago", "America/Sao_Paulo",
		"Africa/Casablanca", "Antarctica/Troll", "Pacific/Apia", "Asia/Tehran", "Asia/Gaza", "America/Havana", "Pacific/Chatham", "America/St_Johns", "UTC",
	} {
		zone := zone(t, name)
		for range 40 {
			expression := fmt.Sprintf("%s %s * * ? *", randomField(random, 0, 59, nil), randomField(random, 0, 23, nil))
			watched, err := cronplan.Parse(expression)
			if err != nil {
				t.Fatal(err)
			}
			from := time.Date(2005+random.IntN(25), time.Month(1+random.IntN(12)), 1+random.IntN(28), 0, 0, 0, 0, time.UTC)
			if _, change := from.In(zone).ZoneBounds(); !change.IsZero() {
				from = change.Add(-time.Duration(random.IntN(4*60)) * time.Minute).UTC()
			}
			from = from.Truncate(time.Minute) // the database ends with a change that is none, at 2038-01-19T03:14:07Z
			to := from.Add(30 * time.Hour)
			sameStarts(t, parse(t, "cron("+expression+")"), zone, from, to, watch(watched, zone, from, to))
		}
	}
}

// watch is every start after from and before to.
func watch(expression *cronplan.Expression, zone *time.Location, from, to time.Time) []time.Time {
	const show = "2006-01-02 15:04"
	shown := map[string]bool{}
	var all []time.Time
	for at := from.Add(-30 * time.Hour); at.Before(to); at = at.Add(time.Minute) {
		local := at.In(zone)
		if clock := local.Format(show); !shown[clock] {
			shown[clock] = true
			if wall, _ := time.Parse(show, clock); at.After(from) && expression.Match(wall) {
				all = append(all, local)
			}
		}
	}
	return all
}

func sameStarts(t *testing.T, parsed *schedule.Schedule, zone *time.Location, from, to time.Time, want []time.Time) {
	t.Helper()
	at := from
	for _, start := range want {
		next, ok := parsed.Next(at, zone)
		if !ok || !next.Equal(start) {
			t.Fatalf("%s after %s: got %s, want %s", zone, at.In(zone), text(next, ok), start)
		}
		at = next
	}
	if next, ok := parsed.Next(at, zone); ok && next.Before(to) {
		t.Fatalf("%s after %s: got %s, want none before %s", zone, at.In(zone), next, to)
	}
	at = to
	for _, start := range slices.Backward(want) {
		last, ok := parsed.Prev(at, zone)
		if !ok || !last.Equal(start) {
			t.Fatalf("%s before %s: got %s, want %s", zone, at.In(zone), text(last, ok), start)
		}
		at = last
	}
}

var (
	monthNames   = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	weekdayNames = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

// randomCron is six fields without brackets.
func randomCron(random *rand.Rand) string {
	date, weekday := "?", "?"
	if random.IntN(2) == 0 {
		date = randomDate(random)
	} else {
		weekday = randomWeekday(random)
	}
	year := "*"
	if random.IntN(4) == 0 {
		year = randomField(random, 1970, 2199, nil)
	}
	return strings.Join([]string{
		randomField(random, 0, 59, nil), randomField(random, 0, 23, nil), date, randomField(random, 1, 12, monthNames), weekday, year,
	}, " ")
}

func randomDate(random *rand.Rand) string {
	switch random.IntN(6) {
	case 0:
		return "L"
	case 1:
		return "LW"
	case 2:
		return fmt.Sprintf("L-%d", 1+random.IntN(30))
	case 3:
		return fmt.Sprintf("%dW", 1+random.IntN(31))
	case 4:
		low := 1 + random.IntN(28)
		return fmt.Sprintf("%d-%d", low, low+random.IntN(32-low))
	}
	return randomField(random, 1, 28, nil)
}

func randomWeekday(random *rand.Rand) string {
	weekday := weekdayNames[random.IntN(7)]
	if random.IntN(2) == 0 {
		weekday = fmt.Sprint(1 + random.IntN(7))
	}
	switch random.IntN(4) {
	case 0:
		return weekday + "L"
	case 1:
		return fmt.Sprintf("%s#%d", weekday, 1+random.IntN(5))
	case 2:
		return weekday + "-" + weekdayNames[random.IntN(7)] // which may wrap
	}
	return randomField(random, 1, 7, weekdayNames)
}

// randomField is a list of values, ranges and steps.
func randomField(random *rand.Rand, low, high int, names []string) string {
	value := func(n int) string {
		if names != nil && random.IntN(2) == 0 {
			return names[n-low]
		}
		return fmt.Sprint(n)
	}
	parts := make([]string, 1+random.IntN(3))
	for i := range parts {
		from := low + random.IntN(high-low+1)
		to := from + random.IntN(high-from+1)
		step := 1 + random.IntN(high-low)
		switch random.IntN(6) {
		case 0:
			parts[i] = "*"
		case 1:
			parts[i] = fmt.Sprintf("*/%d", step)
		case 2:
			parts[i] = fmt.Sprintf("%s/%d", value(from), step)
		case 3:
			parts[i] = value(from) + "-" + value(to)
		case 4:
			parts[i] = fmt.Sprintf("%s-%s/%d", value(from), value(to), step)
		default:
			parts[i] = value(from)
		}
	}
	return strings.Join(parts, ",")
}
