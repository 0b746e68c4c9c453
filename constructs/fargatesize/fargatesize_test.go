package fargatesize

import "testing"

// The pairs of the table in AWS's documentation, at its edges and just beside them.
func TestOnlyPairsThatFargateOffersPass(t *testing.T) {
	for _, test := range []struct {
		vcpu   string
		memory int
		want   string
	}{
		{vcpu: DefaultVCPU, memory: DefaultMemoryMiB},
		{vcpu: "0.25", memory: 512},
		{vcpu: "0.25", memory: 1024},
		{vcpu: "0.25", memory: 2048},
		{vcpu: "0.25", memory: 1536, want: "memoryMib: got 1536, with 0.25 vCPU Fargate offers 512, 1024 or 2048"},
		{vcpu: "0.25", memory: 0, want: "memoryMib: got 0, with 0.25 vCPU Fargate offers 512, 1024 or 2048"},
		{vcpu: "0.5", memory: 1024},
		{vcpu: "0.5", memory: 4096},
		{vcpu: "0.5", memory: 5120, want: "memoryMib: got 5120, with 0.5 vCPU Fargate offers 1024 to 4096 in steps of 1024"},
		{vcpu: "1", memory: 1024, want: "memoryMib: got 1024, with 1 vCPU Fargate offers 2048 to 8192 in steps of 1024"},
		{vcpu: "1", memory: 8192},
		{vcpu: "2", memory: 4096},
		{vcpu: "2", memory: 16384},
		{vcpu: "2", memory: 4097, want: "memoryMib: got 4097, with 2 vCPU Fargate offers 4096 to 16384 in steps of 1024"},
		{vcpu: "4", memory: 8192},
		{vcpu: "4", memory: 30720},
		{vcpu: "4", memory: 31744, want: "memoryMib: got 31744, with 4 vCPU Fargate offers 8192 to 30720 in steps of 1024"},
		{vcpu: "8", memory: 16384},
		{vcpu: "8", memory: 20480},
		{vcpu: "8", memory: 61440},
		{vcpu: "8", memory: 17408, want: "memoryMib: got 17408, with 8 vCPU Fargate offers 16384 to 61440 in steps of 4096"},
		{vcpu: "16", memory: 32768},
		{vcpu: "16", memory: 122880},
		{vcpu: "16", memory: 36864, want: "memoryMib: got 36864, with 16 vCPU Fargate offers 32768 to 122880 in steps of 8192"},
		{vcpu: "3", memory: 8192, want: `vcpu: got "3", Fargate offers 0.25, 0.5, 1, 2, 4, 8, 16`},
		{vcpu: "1.0", memory: 2048, want: `vcpu: got "1.0", Fargate offers 0.25, 0.5, 1, 2, 4, 8, 16`},
	} {
		got := ""
		if err := Check(test.vcpu, test.memory); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s vCPU, %d MiB: got %q, want %q", test.vcpu, test.memory, got, test.want)
		}
	}
}

func TestAPartOfAProcessorCountsAsOne(t *testing.T) {
	for vcpu, want := range map[string]int{"0.25": 1, "0.5": 1, "1": 1, "16": 16} {
		if got := Ceil(vcpu); got != want {
			t.Errorf("%s: got %d, want %d", vcpu, got, want)
		}
	}
}
