package answers

import (
	"slices"
	"strconv"
	"strings"
)

// fargate is the memory that a container on Fargate may have with each number of vCPUs, in MiB: from, to, and by which step.
// 0.25 vCPU take three amounts that no step makes.
// Source: AWS Batch API Reference, ResourceRequirement; the same table is Amazon ECS Developer Guide, "Task CPU and memory", read 2026-11.
var fargate = []struct {
	vcpu           string
	from, to, step int
}{
	{"0.25", 512, 2048, 0},
	{"0.5", 1024, 4096, 1024},
	{"1", 2048, 8192, 1024},
	{"2", 4096, 16384, 1024},
	{"4", 8192, 30720, 1024},
	{"8", 16384, 61440, 4096},
	{"16", 32768, 122880, 8192},
}

const maxMemoryMiB = 122880

// The size of a container job if nothing was said.
const (
	DefaultVCPU      = "1"
	DefaultMemoryMiB = 2048
)

func vcpus() []string {
	var all []string
	for _, row := range fargate {
		all = append(all, row.vcpu)
	}
	return all
}

// memories are the amounts that go with the vCPUs, the least first.
func memories(vcpu string) []int {
	var found []int
	for _, row := range fargate {
		if row.vcpu != vcpu {
			continue
		}
		if row.step == 0 {
			return []int{512, 1024, 2048}
		}
		for memory := row.from; memory <= row.to; memory += row.step {
			found = append(found, memory)
		}
	}
	return found
}

// memoryText names the amounts: all of a few, else the first and the last with the step between.
func memoryText(vcpu string) string {
	all := memories(vcpu)
	const few = 7
	if len(all) > few {
		return strconv.Itoa(all[0]) + " to " + strconv.Itoa(all[len(all)-1]) + " in steps of " + strconv.Itoa(all[1]-all[0])
	}
	var texts []string
	for _, memory := range all {
		texts = append(texts, strconv.Itoa(memory))
	}
	last := len(texts) - 1
	return strings.Join(texts[:last], ", ") + " or " + texts[last]
}

// leastVCPU is the smallest number of vCPUs that goes with the memory, or "".
func leastVCPU(memory int) string {
	for _, row := range fargate {
		if slices.Contains(memories(row.vcpu), memory) {
			return row.vcpu
		}
	}
	return ""
}

func checkVCPU(value string) *fault {
	if slices.Contains(vcpus(), value) {
		return nil
	}
	hint := ""
	if number, err := strconv.ParseFloat(value, 64); err == nil {
		for _, vcpu := range vcpus() {
			if size, err := strconv.ParseFloat(vcpu, 64); err == nil && size >= number && hint == "" {
				hint = "the next is " + vcpu
			}
		}
	}
	return blame(value, hint, "is no size of a container on Fargate, expected one of %s", strings.Join(vcpus(), ", "))
}

// checkMemory refuses an amount that goes with no number of vCPUs.
func checkMemory(memory int) *fault {
	if leastVCPU(memory) != "" {
		return nil
	}
	next := maxMemoryMiB
	for _, vcpu := range vcpus() {
		for _, candidate := range memories(vcpu) {
			if candidate > memory {
				next = min(next, candidate)
			}
		}
	}
	return &fault{"got " + strconv.Itoa(memory) + ", which no container on Fargate can have", "the next is " + strconv.Itoa(next)}
}

// settleBatch fills in the size that belongs to the given one, and refuses what does not go together.
func (r *reader) settleBatch() {
	batch := &r.answers.Batch
	switch {
	case batch.VCPU == "" && batch.MemoryMiB == 0:
	case batch.VCPU == "":
		batch.VCPU = DefaultVCPU
		if !slices.Contains(memories(DefaultVCPU), batch.MemoryMiB) {
			batch.VCPU = leastVCPU(batch.MemoryMiB)
		}
	case batch.MemoryMiB == 0:
		all := memories(batch.VCPU)
		batch.MemoryMiB = max(all[0], min(DefaultMemoryMiB, all[len(all)-1]))
	case !slices.Contains(memories(batch.VCPU), batch.MemoryMiB):
		r.fail("batch.memory_mib", r.seen["batch.memory_mib"], "the smallest vcpu for "+strconv.Itoa(batch.MemoryMiB)+" is "+leastVCPU(batch.MemoryMiB),
			"got %d, a container of %s vCPU on Fargate takes %s", batch.MemoryMiB, batch.VCPU, memoryText(batch.VCPU))
	}
}
