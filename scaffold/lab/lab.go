// Package lab runs a synthesized template on this machine: what the template would make on AWS, its events, jobs, state machines and
// permissions, on a virtual clock and without an account. It deploys nothing, calls no AWS service and never reads the wall clock.
// Each part cites the AWS page that it follows; what would behave differently from AWS is refused by name.
package lab
