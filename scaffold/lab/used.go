package lab

import (
	"maps"
	"slices"
	"time"
)

// Used is what a run held of a service that is billed by capacity and time, as its end tells in the field "used" of the detail. It is what
// was held: what AWS rounds up, and the least that it bills, are no part of it.
type Used struct {
	VCPU     float64 `json:"vcpu,omitempty"`
	MemoryGB float64 `json:"memory_gb,omitempty"`
	DiskGB   float64 `json:"disk_gb,omitempty"` // beyond what each worker has for nothing
	RPU      float64 `json:"rpu,omitempty"`
	Seconds  float64 `json:"seconds"`
}

// used is what a run of EMR Serverless held: its workers, from when they were there.
// Source: Amazon EMR pricing, "Amazon EMR Serverless", with 20 GB of storage for each worker included; read 2026-11.
func (r *sparkRun) used(now time.Time) *Used {
	if r.started.IsZero() {
		return nil
	}
	free := sparkDisk * (r.executors + 1)
	return &Used{VCPU: r.workers.vcpu, MemoryGB: r.workers.memory, DiskGB: max(0, r.workers.disk-free), Seconds: now.Sub(r.started).Seconds()}
}

// used is what a container of a job held, from when its image was pulled.
// Source: AWS Fargate pricing, read 2026-11.
func (j *batchJob) used(a attempt) *Used {
	return &Used{VCPU: j.vcpu, MemoryGB: j.memory / 1024, Seconds: (imagePull + a.stopped.Sub(a.started)).Seconds()}
}

// used is what a statement held of its workgroup: the base capacity, from when it ran.
// Source: Amazon Redshift Management Guide, "Billing for Amazon Redshift Serverless", read 2026-11.
func (s *statement) used() *Used {
	if s.began.IsZero() {
		return nil
	}
	return &Used{RPU: s.workgroup.capacity, Seconds: s.ended.Sub(s.began).Seconds()}
}

// Types are the types of resources that the lab plays, sorted.
func Types() []string { return slices.Sorted(maps.Keys(played)) }

// Actions are the actions of APIs that the lab answers, sorted, in lower case: glue:startjobrun.
func Actions() []string { return slices.Sorted(maps.Keys((&Lab{}).handlers())) }
