package lab

import "strings"

// How near a statement came: the higher the nearer.
const (
	farAway = iota
	otherAction
	otherPrincipal
	otherResource
	failedCondition
)

// nearest finds the Allow statement that came nearest: one of which only a condition failed, or that allows the same action on another
// resource, the same to somebody else, or another action of the service on this resource. Of several the one with the most in common.
func nearest(context *policyContext, onResource *policyOfResource) *NearMiss {
	var candidates []*policyStatement
	if context.role != nil {
		for _, attached := range context.role.identity {
			candidates = append(candidates, attached.policyStatement)
		}
	}
	if onResource != nil {
		candidates = append(candidates, onResource.statements...)
	}
	var best *NearMiss
	score, common := farAway, 0
	for _, statement := range candidates {
		if statement.deny {
			continue
		}
		miss, reached := missOf(context, statement)
		shared := sharedStart(miss.Expected, miss.Got)
		if reached > score || reached == score && score > farAway && shared > common {
			best, score, common = &miss, reached, shared
		}
	}
	return best
}

// missOf says in what a statement differs, and how near it is nevertheless.
func missOf(context *policyContext, statement *policyStatement) (NearMiss, int) {
	miss := NearMiss{PolicySource: statement.source}
	action, resource, principal := statement.hasAction(context), statement.hasResource(context), statement.hasPrincipal(context)
	switch failed := statement.failedCondition(context); {
	case action && resource && principal && failed != nil:
		miss.Differs, miss.Condition = "condition", failed.operator+" "+failed.key
		miss.Got, miss.Expected = context.values(failed.lowerKey), failed.expected
		return miss, failedCondition
	case action && principal && !resource:
		miss.Differs, miss.Got, miss.Expected = "resource", []string{context.resource}, writtenTexts(statement.resources, statement.notRes)
		return miss, otherResource
	case action && resource && !principal:
		miss.Differs, miss.Got, miss.Expected = "principal", []string{context.request.Principal}, statement.principals.written()
		return miss, otherPrincipal
	case resource && principal && !action && statement.sameService(context):
		miss.Differs, miss.Got, miss.Expected = "action", []string{context.request.Action}, writtenTexts(statement.actions, statement.notAction)
		return miss, otherAction
	}
	return miss, farAway
}

func (s *policyStatement) sameService(context *policyContext) bool {
	service, _, _ := strings.Cut(context.action, ":")
	for _, action := range s.actions {
		if strings.HasPrefix(strings.ToLower(action.written), service+":") {
			return true
		}
	}
	return false
}

func (p *statementPrincipals) written() []string {
	var names []string
	names = append(append(append(names, p.roles...), p.accounts...), p.services...)
	if p.everybody {
		names = append(names, "*")
	}
	if p.excepted {
		return []string{"not " + strings.Join(names, ", not ")}
	}
	return names
}

// sharedStart is the length of the longest start that two texts of the lists have in common.
func sharedStart(some, others []string) int {
	longest := 0
	for _, one := range some {
		for _, other := range others {
			length := 0
			for length < min(len(one), len(other)) && one[length] == other[length] {
				length++
			}
			longest = max(longest, length)
		}
	}
	return longest
}
