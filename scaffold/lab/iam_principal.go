package lab

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// statementPrincipals are those whom a statement of a resource policy names.
// Source: IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal", read 2026-11.
type statementPrincipals struct {
	everybody bool
	accounts  []string // twelve digits
	roles     []string // ARNs of roles, users and sessions
	services  []string
	excepted  bool // it is a NotPrincipal: everybody but those
}

// principalMatch is how a statement names who asks.
type principalMatch int

const (
	notNamed     principalMatch = iota
	namedAccount                // only the account: its own policies must allow too
	named                       // the role, the service, or everybody
	namedSession                // the session of the role, which no permissions boundary limits
)

// strangers are the kinds of principals that name nobody in the lab, but are no mistakes.
var strangers = []string{"Federated", "CanonicalUser"}

func compilePrincipals(written any) (*statementPrincipals, error) {
	principals := &statementPrincipals{}
	if written == "*" {
		principals.everybody = true
		return principals, nil
	}
	kinds, ok := written.(map[string]any)
	if !ok || len(kinds) == 0 {
		return nil, fmt.Errorf("the Principal is %s, expected * or an object with AWS or Service", cfn.Text(written))
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if slices.Contains(strangers, kind) {
			continue
		}
		for _, value := range cfn.List(kinds[kind]) {
			name, ok := value.(string)
			if !ok {
				return nil, fmt.Errorf("the principal %s is %s, expected a text, or a list of texts", kind, cfn.Text(value))
			}
			if err := principals.add(kind, name); err != nil {
				return nil, fmt.Errorf("the principal %s: %w", kind, err)
			}
		}
	}
	return principals, nil
}

func (p *statementPrincipals) add(kind, name string) error {
	switch kind {
	case "Service":
		if !isService(name) {
			return fmt.Errorf("got %q, expected a service such as events.amazonaws.com", name)
		}
		p.services = append(p.services, name)
		return nil
	case "AWS":
		return p.addAWS(name)
	}
	return errors.New("expected AWS, Service, Federated or CanonicalUser")
}

func (p *statementPrincipals) addAWS(name string) error {
	parts := strings.SplitN(name, ":", arnColons+1)
	switch {
	case name == "*":
		p.everybody = true
	case isAccount(name):
		p.accounts = append(p.accounts, name)
	case len(parts) <= arnColons || parts[0] != "arn" || parts[2] != "iam" && parts[2] != "sts" || !isAccount(parts[4]) || strings.Contains(name, "*"):
		return fmt.Errorf("got %q, expected *, an account, or the whole ARN of a role", name)
	case parts[arnColons] == "root":
		p.accounts = append(p.accounts, parts[4])
	default:
		p.roles = append(p.roles, name)
	}
	return nil
}

func isAccount(text string) bool {
	const digits = 12
	return len(text) == digits && strings.Trim(text, "0123456789") == ""
}

func isService(text string) bool {
	return (strings.HasSuffix(text, ".amazonaws.com") || strings.HasSuffix(text, ".amazonaws.com.cn")) && !strings.ContainsAny(text, ":*")
}

// match says how the statement names who asks. NotPrincipal, which only a Deny has, spares a role when both the role and its account are
// named; a role that has a permissions boundary it never spares.
// Source: IAM User Guide, "AWS JSON policy elements: NotPrincipal", read 2026-11.
func (p *statementPrincipals) match(context *policyContext) principalMatch {
	if !p.excepted {
		return p.names(context)
	}
	spared := p.everybody
	if role := context.role; role != nil {
		spared = spared || slices.Contains(p.roles, role.arn) && slices.Contains(p.accounts, context.policies.account)
		spared = spared && !role.bounded
	} else {
		spared = p.names(context) == named
	}
	if spared {
		return notNamed
	}
	return named
}

func (p *statementPrincipals) names(context *policyContext) principalMatch {
	switch {
	case context.session != "" && slices.Contains(p.roles, context.session):
		return namedSession
	case p.everybody:
		return named
	case context.role == nil:
		if slices.ContainsFunc(p.services, context.isService) {
			return named
		}
		return notNamed
	case slices.Contains(p.roles, context.role.arn):
		return named
	case slices.Contains(p.accounts, context.policies.account):
		return namedAccount
	}
	return notNamed
}

// isService says whether a policy's service is the one that asks. Some services have a second name in each Region, such as
// logs.us-east-1.amazonaws.com.
func (c *policyContext) isService(name string) bool {
	return name == c.service || strings.Replace(name, "."+c.policies.regionValue[0]+".", ".", 1) == c.service
}
