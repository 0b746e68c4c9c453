package lab

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Codes of calls that the lab itself looks at. Those of roles that cannot be assumed differ from service to service; none is shown.
const (
	accessDenied = "AccessDeniedException" // the policies do not allow it
	cannotAssume = "AssumeRoleDenied"      // a service may not work as a role
	throttled    = "ThrottlingException"
)

// authorize checks a call against the policies in the template. A denial is told once for each of its kind, with the statement
// that would mend it.
func (l *Lab) authorize(by caller, action, resource string, context map[string][]string) *apiError {
	if by.Service == operator {
		return nil
	}
	if l.faults.find("deny", action) != nil {
		return failed(accessDenied, "%s is not authorized to perform: %s on resource: %s (a fault that was asked for)", by.name(), action, resource)
	}
	decision := l.policies.Allow(PolicyRequest{
		Principal: by.name(), Action: action, Resource: resource, Context: by.context(context, l.stack.Place().Account), Time: l.store.Now(),
	})
	if decision.Allowed {
		return nil
	}
	l.denied(decision)
	return failed(accessDenied, "%s", decision)
}

// authorizeKey checks the use of the KMS key that encrypts something. AWS's own key of a service serves the roles of the account, and no
// other service. Source: AWS KMS Developer Guide, "AWS managed keys"; Amazon CloudWatch User Guide, "Notifying users on alarm changes",
// encrypted topics; read 2026-11.
func (l *Lab) authorizeKey(by caller, key, service string, actions ...string) *apiError {
	if key == "" {
		return nil
	}
	if strings.HasPrefix(last(key, ":"), "alias/aws/") {
		if by.Role != "" || by.Service == operator {
			return nil
		}
		return failed("KMSAccessDeniedException", "%s cannot use the key %s, which serves no other service", by.name(), key)
	}
	for _, action := range actions {
		via := service + "." + l.stack.Place().Region + ".amazonaws.com"
		if err := l.authorize(by, action, l.keyARN(key), map[string][]string{"kms:ViaService": {via}}); err != nil {
			return err
		}
	}
	return nil
}

// keyARN is the ARN of a key that may be given by its id.
func (l *Lab) keyARN(key string) string {
	if strings.HasPrefix(key, "arn:") {
		return key
	}
	place := l.stack.Place()
	return fmt.Sprintf("arn:%s:kms:%s:%s:key/%s", place.Partition, place.Region, place.Account, key)
}

// assume checks whether a service may work as a role.
func (l *Lab) assume(by caller, role string) *apiError {
	decision := l.policies.MayAssume(by.Service, role, by.context(nil, l.stack.Place().Account))
	if decision.Allowed {
		return nil
	}
	l.denied(decision)
	return failed(cannotAssume, "%s", decision)
}

func (l *Lab) denied(decision PolicyDecision) {
	l.denials.Lock()
	defer l.denials.Unlock()
	same := func(d PolicyDecision) bool {
		return d.Action == decision.Action && d.Resource == decision.Resource && d.Principal == decision.Principal
	}
	if !slices.ContainsFunc(l.denials.all, same) {
		l.denials.all = append(l.denials.all, decision)
	}
}

func (c caller) name() string {
	if c.Role != "" {
		return c.Role
	}
	return c.Service
}

// context is what a request of a service tells of itself. Source: IAM User Guide, "AWS global condition context keys", read 2026-11.
func (c caller) context(more map[string][]string, account string) map[string][]string {
	if c.Role != "" || c.Source == "" {
		return more
	}
	context := map[string][]string{"aws:SourceArn": {c.Source}, "aws:SourceAccount": {account}}
	maps.Copy(context, more)
	return context
}
