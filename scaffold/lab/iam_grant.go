package lab

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"
)

// Grant is a permission of a role: an action on a resource, both as the policy has them.
type Grant struct {
	Role     string `json:"role"` // its logical id
	RoleARN  string `json:"roleArn"`
	Action   string `json:"action"`
	Resource string `json:"resource"`
	PolicySource
}

// attachedStatement is a statement of a role's policy, with what was used of it by this role.
type attachedStatement struct {
	*policyStatement
	used []atomic.Bool // of each action with each resource
}

// units are how many actions, or resources, are used each for itself: those of a NotAction or NotResource only together.
func units(texts []policyText, not bool) int {
	if not {
		return 1
	}
	return len(texts)
}

func attachStatements(statements []*policyStatement) []*attachedStatement {
	attached := make([]*attachedStatement, len(statements))
	for i, statement := range statements {
		size := units(statement.actions, statement.notAction) * units(statement.resources, statement.notRes)
		attached[i] = &attachedStatement{statement, make([]atomic.Bool, size)}
	}
	return attached
}

// mark remembers which of the statement's permissions allow the call.
func (a *attachedStatement) mark(context *policyContext) {
	resources := units(a.resources, a.notRes)
	for i := range a.used {
		action, resource := i/resources, i%resources
		if (a.notAction || a.actions[action].matches(context, context.action)) && (a.notRes || a.resources[resource].matches(context, context.resource)) {
			a.used[i].Store(true)
		}
	}
}

// Unused are the permissions of the roles that no allowed request has needed so far: by role, in the order of its policies.
// AWS calls them unused access, and finds them over 90 days of calls. Source: IAM User Guide, "IAM Access Analyzer", read 2026-11.
func (p *Policies) Unused() []Grant {
	var unused []Grant
	roles := slices.SortedFunc(maps.Values(p.roles), func(one, other *policyRole) int { return strings.Compare(one.id, other.id) })
	for _, role := range roles {
		for _, attached := range role.identity {
			if attached.deny {
				continue
			}
			actions, resources := writtenTexts(attached.actions, attached.notAction), writtenTexts(attached.resources, attached.notRes)
			for i := range attached.used {
				if !attached.used[i].Load() {
					unused = append(unused, Grant{role.id, role.arn, actions[i/len(resources)], resources[i%len(resources)], attached.source})
				}
			}
		}
	}
	return unused
}
