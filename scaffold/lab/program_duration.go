package lab

import (
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// How long a job would take on AWS. The model is coarse and always the same: it is made of what the job read and wrote, never of how
// long this machine took.
const (
	// sparkStart is how long Glue takes to give a Spark job its workers. AWS promises "under a minute"; 35 s is what a small job waits.
	// Source: AWS Glue Developer Guide, "Running Spark ETL jobs with reduced startup times", read 2026-11.
	sparkStart = 35 * time.Second
	// shellStart is the same for a Python shell job, which has no cluster.
	shellStart = 15 * time.Second
	// objectTime is what an object takes besides its bytes: S3 answers a small request in 100 to 200 ms, and about eight are under way.
	// Source: Amazon S3 User Guide, "Performance design patterns for Amazon S3", read 2026-11.
	objectTime = 20 * time.Millisecond
	// bytesPerSecond is what a DPU, 4 vCPUs, gets done of text that is parsed, cleaned and written as Parquet: an assumption, 5 MB a vCPU.
	bytesPerSecond = 20 << 20
)

// touched is what a program did to the store.
type touched struct {
	read    map[string]int64 // size by bucket/key
	written int              // objects written or removed
}

// observe gives what happened to the store since the last time.
func (s *store) observe() touched {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	seen := s.touched
	s.touched = touched{read: map[string]int64{}}
	return seen
}

// touch remembers a request that was answered; the mutex is held.
func (s *store) touch(n need) {
	switch {
	case s.touched.read == nil:
	case n.reason != "":
		s.touched.written++
	case n.action == "s3:GetObject":
		if _, seen := s.touched.read[n.bucket+"/"+n.key]; seen {
			return
		}
		if object, err := s.objects.HeadObject(n.bucket, n.key); err == nil {
			s.touched.read[n.bucket+"/"+n.key] = object.Size
		}
	}
}

// JobSize is what a job of a template takes: its DPU, how long its workers take to come, and whether it is a Python shell job, which by
// default has 1/16 DPU. Source: AWS Glue API, CreateJob, MaxCapacity, read 2026-11.
func JobSize(resource cfn.Resource) (dpu float64, start time.Duration, shell bool) {
	const shellDPU, most = 0.0625, 10
	shell = cfn.Text(resource.Get("Command", "Name")) == "pythonshell"
	dpu = number(resource.Get("NumberOfWorkers")) * workerDPU[cfn.Text(resource.Get("WorkerType"))]
	if capacity := number(resource.Get("MaxCapacity")); dpu == 0 && capacity > 0 {
		dpu = capacity
	}
	switch {
	case shell && dpu == 0:
		return shellDPU, shellStart, shell
	case shell:
		return dpu, shellStart, shell
	case dpu == 0:
		dpu = most
	}
	return dpu, sparkStart, shell
}

func jobDuration(j *glueJob, seen touched) time.Duration {
	start, dpu := sparkStart, j.dpu
	if j.kind == "pythonshell" {
		start = shellStart
	}
	return workDuration(start, dpu, seen)
}

// workDuration is what a program takes that has so many times 4 vCPUs.
func workDuration(start time.Duration, dpu float64, seen touched) time.Duration {
	if dpu <= 0 {
		dpu = 1
	}
	var bytes int64
	for _, size := range seen.read {
		bytes += size
	}
	work := time.Duration(float64(bytes) / (bytesPerSecond * dpu) * float64(time.Second))
	return (start + work + time.Duration(len(seen.read)+seen.written)*objectTime).Round(time.Millisecond)
}
