package settings

import (
	"fmt"
	"slices"
	"strings"
)

// Keys of the context that not every example has a use for. A group stands and falls together.
const (
	Concurrency  = "concurrency"
	Query        = "scheduleUtc, keepLocalTime"
	Steps        = "work"
	Decisions    = "branches, approval"
	Connected    = "onPremises, onPremisesCidr, peerVpcId, peerAccount, peerRegion, peerRouteTables, customerGatewayIp, bgpAsn"
	InVPC        = "cidr, outbound"
	Environment  = "airflowVersion, environmentClass, minWorkers, maxWorkers"
	ContainerJob = "vcpu, memoryMib"
	Warehouse    = "workgroup, database"
)

// Uses is what an example does with the settings that not every example has a use for.
type Uses struct {
	Starts []string // what may start it
	Keys   []string // of Concurrency, Query ...
}

// optional are the settings that an example may ignore, and what it then has not.
var optional = []struct {
	keys string
	got  func(Settings) any // nil where nothing is set
	lack string
}{
	{Concurrency, func(s Settings) any { return s.Concurrency }, "has no function of which it could be reserved"},
	{Query, func(s Settings) any { return [2]any{s.ScheduleUTC, s.KeepLocalTime} }, "has no scheduled query, which alone has a use for them"},
	{Steps, func(s Settings) any { return strings.Join(s.Work, ", ") }, "has steps of its own, which cannot be chosen"},
	{Decisions, func(s Settings) any { return [2]bool{s.Branches, s.Approval} }, "has no state machine, which alone decides or waits for a person"},
	{Connected, func(s Settings) any { return s.Network.connection() }, "reaches no network on your premises"},
	{InVPC, func(s Settings) any { return [2]string{s.Network.Cidr, s.Network.Outbound} }, "has no network of its own that these could shape"},
	{Environment, func(s Settings) any { return s.Airflow }, "has no Airflow environment"},
	{ContainerJob, func(s Settings) any { return s.Container }, "runs no container"},
	{Warehouse, func(s Settings) any { return s.Existing }, "asks no data warehouse"},
}

// Unused reports the first setting that an example would ignore, so that nobody waits for its effect.
func (s Settings) Unused(uses Uses) error {
	if start := s.Start(); !slices.Contains(uses.Starts, start) {
		return fmt.Errorf("context %s: this example cannot start by it, it starts by %s alone", startKeys[start], strings.Join(uses.Starts, " or "))
	}
	for _, setting := range optional {
		if got, none := setting.got(s), setting.got(Settings{}); got != none && !slices.Contains(uses.Keys, setting.keys) {
			return fmt.Errorf("context %s: got %v, this example %s", setting.keys, got, setting.lack)
		}
	}
	return nil
}
