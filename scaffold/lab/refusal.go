package lab

import (
	"fmt"
	"strings"
)

// refusal is a request that the endpoint denied to a role.
type refusal struct{ role, message string }

// mostRefusals is how many are told of in full: a job that may not read is denied each of its files.
const mostRefusals = 3

// explain adds to the reason why a program failed what S3 has denied to it since the last events: engines report a denial in words of
// their own, some without action or resource, and what is missing stands in none.
func (s *store) explain(failure, role string) string {
	if failure == "" {
		return ""
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	seen, more := map[string]bool{}, 0
	for _, denied := range s.denials {
		if denied.role != role || seen[denied.message] || strings.Contains(failure, denied.message) {
			continue
		}
		seen[denied.message] = true
		if len(seen) > mostRefusals {
			more++
			continue
		}
		failure += "\n" + denied.message
	}
	if more > 0 {
		failure += fmt.Sprintf("\nand %d more requests were denied", more)
	}
	return failure
}
