package lab

import (
	"time"
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
	changed map[string]bool  // whether it was removed, by bucket/key
}

// observe gives what happened to the store since the last time.
func (s *store) observe() touched {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	seen := s.touched
	s.touched = touched{read: map[string]int64{}, changed: map[string]bool{}}
	return seen
}

// touch remembers a request that was answered; the mutex is held.
func (s *store) touch(n need) {
	switch {
	case s.touched.read == nil:
	case n.reason != "":
		s.touched.written++
		s.touched.changed[n.bucket+"/"+n.key] = n.deletes
	case n.action == "s3:GetObject":
		if _, seen := s.touched.read[n.bucket+"/"+n.key]; seen {
			return
		}
		if object, err := s.objects.HeadObject(n.bucket, n.key); err == nil {
			s.touched.read[n.bucket+"/"+n.key] = object.Size
		}
	}
}

func jobDuration(j *glueJob, seen touched) time.Duration {
	start, dpu := sparkStart, j.dpu
	if j.kind == "pythonshell" {
		start = shellStart
	}
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
