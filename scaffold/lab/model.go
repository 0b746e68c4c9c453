package lab

import "fmt"

// Modelled says how long things of a kind take in the lab, and so what of a duration is an assumption. Waiting that the template asks
// for, schedules, batch windows, retries and timeouts, is exact.
func Modelled(kind string) string {
	switch kind {
	case "job":
		return fmt.Sprintf("a job: %s to get its workers (a Python shell job %s), then %d MB a second for each DPU and %s for each object",
			sparkStart, shellStart, bytesPerSecond>>20, objectTime)
	case "crawler":
		return fmt.Sprintf("a crawler: %s to start, %s for each object, %s for each call of the catalog", crawlStart, crawlObject, crawlCall)
	case "function":
		return fmt.Sprintf("a function: %s for a call, %s more for the first; what it computes takes no time", warmCall, coldStart)
	}
	return ""
}
