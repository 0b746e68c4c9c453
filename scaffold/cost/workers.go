package cost

// The workers' billed hours as they grow with the data, in GB. The same lines price one run and draw the curves.

// spark are the DPU-hours of a Spark job.
func (m *model) spark() Curve {
	dpu := m.assumed("glue_dpu")
	return timed(dpu, m.assumed("spark_fixed_seconds"), m.perGB(dpu.Mul(Whole(vcpuOfDPU))))
}

// shell are the DPU-hours of a Python shell job.
func (m *model) shell() Curve {
	dpu := m.assumed("shell_dpu")
	return timed(dpu, m.assumed("shell_fixed_seconds"), m.perGB(dpu.Mul(Whole(vcpuOfDPU))))
}

// emr are the hours of all workers of an EMR Serverless job together.
func (m *model) emr() Curve {
	workers := m.assumed("emr_workers")
	return timed(workers, m.assumed("spark_fixed_seconds").Add(m.assumed("emr_wait_seconds")), m.perGB(workers.Mul(Whole(emrVCPU))))
}

// vcpuOfDPU is what a DPU has: 4 vCPU and 16 GB. Source: AWS Glue pricing, read 2026-11.
const vcpuOfDPU = 4

// perGB are the seconds that so many vCPU take for a GB.
func (m *model) perGB(vcpu Decimal) Decimal {
	return Whole(1024).Div(vcpu.Mul(m.assumed("mb_per_vcpu_second")))
}

// timed are the hours of so many units that take a fixed time and more with the data, of which a minute is billed at least.
func timed(units, fixed, perGB Decimal) Curve {
	return line(fixed, perGB).max(line(jobMinimum, Decimal{})).scale(units.Div(secondsOfHour))
}
