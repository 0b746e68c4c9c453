package lab

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// sparkSize is what spark-submit asks for.
type sparkSize struct {
	driver, executor workerSize
	executors        float64
}

// What a worker has without an answer.
// Source: Amazon EMR Serverless User Guide, "Using Spark configurations when you run EMR Serverless jobs", read 2026-11.
const (
	sparkCores     = 4
	sparkMemory    = 14 // GB of heap
	sparkDisk      = 20 // GB
	sparkExecutors = 3
	// memoryOverhead is what a worker has besides its heap, at least 384 MB; the sum is rounded up to whole gigabytes.
	memoryOverhead    = 0.1
	leastOverheadInGB = 0.375
)

// sizing are the settings that say which workers a run gets. All others are not passed on.
var sizing = []string{
	"spark.driver.cores", "spark.driver.memory", "spark.executor.cores", "spark.executor.memory", "spark.executor.instances",
	"spark.dynamicAllocation.enabled", "spark.dynamicAllocation.maxExecutors", "spark.dynamicAllocation.minExecutors",
	"spark.dynamicAllocation.initialExecutors", "spark.emr-serverless.driver.disk", "spark.emr-serverless.executor.disk",
}

// readSubmit reads the parameters of spark-submit. Of its options it knows --conf alone: any other would bring a program more than
// the lab gives it.
func readSubmit(parameters string) (map[string]string, error) {
	settings := map[string]string{}
	words := strings.Fields(parameters)
	for i := 0; i < len(words); i += 2 {
		if words[i] != "--conf" || i+1 == len(words) {
			return nil, fmt.Errorf("the lab does not know %s of SparkSubmitParameters, expected --conf NAME=VALUE", words[i])
		}
		name, value, ok := strings.Cut(words[i+1], "=")
		if !ok {
			return nil, fmt.Errorf("got --conf %s, expected --conf NAME=VALUE", words[i+1])
		}
		settings[name] = value
	}
	return settings, nil
}

func sizeOf(settings map[string]string) (sparkSize, error) {
	var problem error
	amount := func(name string, otherwise float64) float64 {
		given, ok := settings[name]
		if !ok {
			return otherwise
		}
		parsed, err := gigabytes(given)
		if err != nil {
			problem = fmt.Errorf("%s: %w", name, err)
		}
		return parsed
	}
	worker := func(kind string) workerSize {
		heap := amount("spark."+kind+".memory", sparkMemory)
		return workerSize{
			vcpu:   amount("spark."+kind+".cores", sparkCores),
			memory: math.Ceil(heap + max(heap*memoryOverhead, leastOverheadInGB)),
			disk:   amount("spark.emr-serverless."+kind+".disk", sparkDisk),
		}
	}
	size := sparkSize{driver: worker("driver"), executor: worker("executor"), executors: amount("spark.executor.instances", sparkExecutors)}
	if most := amount("spark.dynamicAllocation.maxExecutors", math.Inf(1)); settings["spark.dynamicAllocation.enabled"] != "false" {
		size.executors = min(size.executors, most)
	}
	return size, problem
}

// gigabytes reads a number, or a size in Spark's way of writing it.
func gigabytes(written string) (float64, error) {
	units := map[byte]float64{'g': 1, 'm': 1.0 / 1024, 't': 1024, 'k': 1.0 / 1024 / 1024}
	text := strings.TrimSuffix(strings.ToLower(written), "b")
	factor := 1.0
	if text != "" && units[text[len(text)-1]] != 0 {
		factor, text = units[text[len(text)-1]], text[:len(text)-1]
	}
	parsed, err := strconv.ParseFloat(text, 64)
	if err != nil || parsed <= 0 {
		return 0, fmt.Errorf("got %q, expected a number, or a size such as 4g", written)
	}
	return parsed * factor, nil
}
