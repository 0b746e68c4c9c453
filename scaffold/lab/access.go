package lab

import "slices"

// accessDenied is the code of a call that the policies do not allow.
const accessDenied = "AccessDeniedException"

// authorize checks a call against the policies in the template. A denial is told once for each of its kind, with the statement
// that would mend it.
func (l *Lab) authorize(by caller, action, resource string, context map[string][]string) *apiError {
	if by.Service == operator {
		return nil
	}
	if l.faults.find("deny", action, 0) != nil {
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

// assume checks whether a service may work as a role.
func (l *Lab) assume(by caller, role string) *apiError {
	decision := l.policies.MayAssume(by.Service, role, by.context(nil, l.stack.Place().Account))
	if decision.Allowed {
		return nil
	}
	l.denied(decision)
	return failed(accessDenied, "%s", decision)
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
	for key, values := range more {
		context[key] = values
	}
	return context
}
