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
	case "EMR job":
		return fmt.Sprintf("an EMR job: %s until it has workers, %s for its session, then as a job", sparkWorkers, sparkSession)
	case "Batch job":
		return fmt.Sprintf("a Batch job: %s until its container runs, then as a job", containerStart)
	case "statement":
		return fmt.Sprintf("a statement: %s until the workgroup is there, %s for each of its queries, more by rows and bytes", pickTime+connectTime, sqlTime)
	}
	return ""
}
