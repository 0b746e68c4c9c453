package lab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// PolicyDecision is whether a call is allowed, and if not, why and what would mend it.
type PolicyDecision struct {
	Allowed   bool          `json:"allowed"`
	Principal string        `json:"principal"`
	Action    string        `json:"action"`
	Resource  string        `json:"resource"`
	Role      string        `json:"role,omitempty"`      // the logical id of the role that asked
	Statement *PolicySource `json:"statement,omitempty"` // that allowed it, or denied it explicitly
	Reason    DenialReason  `json:"reason,omitempty"`
	Detail    string        `json:"detail,omitempty"`    // the reason in words
	Missing   string        `json:"missing,omitempty"`   // the statement that would allow it, in JSON
	MissingIn string        `json:"missingIn,omitempty"` // where it belongs
	Nearest   *NearMiss     `json:"nearest,omitempty"`
}

// DenialReason is why a call is denied.
type DenialReason string

// Reasons for which calls are denied.
const (
	ExplicitDeny     DenialReason = "ExplicitDeny"     // a statement denies it
	NoStatement      DenialReason = "NoStatement"      // no statement allows it
	OutsideBoundary  DenialReason = "OutsideBoundary"  // the role's permissions boundary does not allow it
	NotDelegated     DenialReason = "NotDelegated"     // the role's policies allow it, but the key's or the other role's policy does not let them
	UnknownPrincipal DenialReason = "UnknownPrincipal" // nobody in the template asks
	UnknownPolicy    DenialReason = "UnknownPolicy"    // the policy that decides is not in the template
	OtherAccount     DenialReason = "OtherAccount"     // the resource is elsewhere
	NoSuchRequest    DenialReason = "NoSuchRequest"    // the request has no such form
)

// NearMiss is the statement that came nearest to allowing a call.
type NearMiss struct {
	PolicySource
	Differs   string   `json:"differs"`             // condition, resource, principal or action
	Condition string   `json:"condition,omitempty"` // the condition that failed: its operator and key
	Got       []string `json:"got,omitempty"`       // from the request; nothing when it lacks the key
	Expected  []string `json:"expected"`            // in the statement
}

// String is the decision for people: what, why, what came near, and how to mend it.
func (d PolicyDecision) String() string {
	if d.Allowed {
		return fmt.Sprintf("%s may %s on %s", d.who(), d.Action, d.Resource)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "AccessDenied: %s may not %s on %s: %s", d.who(), d.Action, d.Resource, d.Detail)
	if d.Nearest != nil {
		fmt.Fprintf(&out, "\n  nearest: %s", d.Nearest)
	}
	if d.Missing != "" {
		fmt.Fprintf(&out, "\n  hint: add to %s: %s", d.MissingIn, d.Missing)
	}
	return out.String()
}

func (d PolicyDecision) who() string {
	if d.Role != "" {
		return d.Role
	}
	return d.Principal
}

func (n *NearMiss) String() string {
	differs := n.Differs
	if n.Condition != "" {
		differs = n.Condition
	}
	return fmt.Sprintf("%s: its %s: got %s, expected %s", n.PolicySource, differs, listed(n.Got), listed(n.Expected))
}

// explain says why a call is denied.
func (p *Policies) explain(context *policyContext, onResource *policyOfResource, found verdict, decision *PolicyDecision) {
	switch {
	case found.deny != nil:
		decision.Reason, decision.Statement = ExplicitDeny, &found.deny.source
		decision.Detail = fmt.Sprintf("%s denies it%s", found.deny.source, conditionsOf(found.deny, context))
		return
	case found.limited && (found.identity != nil || found.direct != nil):
		decision.Reason = OutsideBoundary
		decision.Detail = fmt.Sprintf("a policy allows it, but the permissions boundary %s does not", context.role.limit)
		decision.MissingIn = context.role.limit
	case found.identity != nil:
		decision.Reason = NotDelegated
		decision.Detail = fmt.Sprintf("%s allows it, but %s lets neither the role nor the account", found.identity.source, onResource.where)
		decision.MissingIn = onResource.where
	default:
		decision.Reason = NoStatement
		decision.Detail = "no statement allows it"
		decision.MissingIn = p.missingIn(context, onResource)
	}
	decision.Missing = missingStatement(context, decision)
	decision.Nearest = nearest(context, onResource)
}

// conditionsOf says under which conditions a statement applied, and what the request had.
func conditionsOf(statement *policyStatement, context *policyContext) string {
	var out strings.Builder
	for i := range statement.conditions {
		condition := &statement.conditions[i]
		fmt.Fprintf(&out, ", since %s %s: got %s, with %s", condition.operator, condition.key, listed(context.values(condition.lowerKey)), listed(condition.expected))
	}
	return out.String()
}

func listed(values []string) string {
	if len(values) == 0 {
		return "nothing"
	}
	return strings.Join(values, ", ")
}

// missingIn is where the missing statement belongs: to a role into its own policies, unless the account's policies do not count.
func (p *Policies) missingIn(context *policyContext, onResource *policyOfResource) string {
	switch {
	case context.role != nil && (onResource == nil || !onResource.trust):
		return "the policies of " + context.role.id
	case onResource != nil:
		return onResource.where
	}
	owner := resourceOwner(context.resource)
	if id := p.owners[owner]; id != "" {
		owner = id
	}
	return "the resource policy of " + owner
}

// writtenStatement is a statement, its elements in the usual order.
type writtenStatement struct {
	Effect    string
	Principal map[string]string `json:",omitempty"`
	Action    string
	Resource  string                       `json:",omitempty"`
	Condition map[string]map[string]string `json:",omitempty"`
}

// missingStatement is the least that would allow the call. For a service it is bound to the source, or at least to the account.
// Source: IAM User Guide, "The confused deputy problem", read 2026-11.
func missingStatement(context *policyContext, decision *PolicyDecision) string {
	statement := writtenStatement{Effect: "Allow", Action: context.request.Action, Resource: context.resource}
	onResource := context.policies.policyOn(context)
	switch {
	case context.role == nil:
		statement.Principal = map[string]string{"Service": context.service}
		if source := context.values("aws:sourcearn"); len(source) == 1 {
			statement.Condition = map[string]map[string]string{"ArnEquals": {"aws:SourceArn": source[0]}}
		} else {
			statement.Condition = map[string]map[string]string{"StringEquals": {"aws:SourceAccount": context.sourceAccount()[0]}}
		}
	case onResource != nil && decision.MissingIn == onResource.where:
		statement.Principal = map[string]string{"AWS": context.role.arn}
	}
	switch {
	case onResource != nil && onResource.trust && statement.Principal != nil:
		statement.Resource = ""
	case strings.HasPrefix(context.action, "kms:") && statement.Principal != nil:
		statement.Resource = "*" // in a key policy: this key
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(statement); err != nil {
		return ""
	}
	return strings.TrimSpace(out.String())
}
