// Package fargatesize knows which sizes of a container AWS Fargate offers: a few numbers of vCPU, each with a few amounts of memory.
//
// CloudFormation takes any pair and fails only when the job definition is registered. The package deploys nothing.
// Source: AWS Batch API, ResourceRequirement (Fargate: VCPU and MEMORY), read 2026-11.
package fargatesize

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The default size.
const (
	DefaultVCPU      = "1"
	DefaultMemoryMiB = 2048
)

// memory is the amounts from the least to the most, in MiB.
type memory struct{ least, most, step int }

// sizes is the memory that each number of vCPU takes. The smallest has three amounts, which are no steps.
var sizes = []struct {
	vcpu   string
	memory memory
}{
	{"0.25", memory{512, 2048, 0}},
	{"0.5", memory{1024, 4096, 1024}},
	{"1", memory{2048, 8192, 1024}},
	{"2", memory{4096, 16384, 1024}},
	{"4", memory{8192, 30720, 1024}},
	{"8", memory{16384, 61440, 4096}},
	{"16", memory{32768, 122880, 8192}},
}

var smallest = []int{512, 1024, 2048}

func (m memory) takes(mib int) bool {
	if m.step == 0 {
		return slices.Contains(smallest, mib)
	}
	return mib >= m.least && mib <= m.most && (mib-m.least)%m.step == 0
}

func (m memory) text() string {
	if m.step == 0 {
		return "512, 1024 or 2048"
	}
	return fmt.Sprintf("%d to %d in steps of %d", m.least, m.most, m.step)
}

// Check reports a size that Fargate does not offer, with what it offers instead.
func Check(vcpu string, memoryMiB int) error {
	offered := make([]string, 0, len(sizes))
	for _, size := range sizes {
		if size.vcpu != vcpu {
			offered = append(offered, size.vcpu)
			continue
		}
		if !size.memory.takes(memoryMiB) {
			return fmt.Errorf("memoryMib: got %d, with %s vCPU Fargate offers %s", memoryMiB, vcpu, size.memory.text())
		}
		return nil
	}
	return fmt.Errorf("vcpu: got %q, Fargate offers %s", vcpu, strings.Join(offered, ", "))
}

// Ceil is the whole vCPUs that a container of a checked size counts for.
func Ceil(vcpu string) int {
	number, err := strconv.ParseFloat(vcpu, 64)
	if err != nil || number < 1 {
		return 1
	}
	return int(math.Ceil(number))
}
