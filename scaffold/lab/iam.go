package lab

import "strings"

// Policies are the permissions that a template grants: those of its roles, and those on its resources.
//
// They are evaluated as AWS does it for requests within one account: an explicit deny, then the role's own policies or the resource's,
// limited by the role's permissions boundary. A service that calls for itself needs the resource's policy. A KMS key's policy must
// delegate to the account before a role's policies count for it, and a role's trust policy likewise.
// Service and resource control policies, session policies, VPC endpoint policies, KMS grants, ACLs, the default policy of a topic and
// other accounts are not evaluated; Ignored lists what the template has of them.
// Source: IAM User Guide, "Policy evaluation for requests within a single account"; AWS KMS Developer Guide, "Key policies in AWS KMS";
// read 2026-11. They may be used by several goroutines at once.
type Policies struct {
	account      string
	accountValue []string
	regionValue  []string
	roles        map[string]*policyRole       // by ARN
	onResources  map[string]*policyOfResource // by the ARN of the resource
	owners       map[string]string            // logical ids by ARN, of resources that may have a policy
	ignored      []string
}

// policyRole is a role and what is attached to it.
type policyRole struct {
	id       string
	name     string
	arn      string
	arnValue []string
	tags     map[string][]string
	identity []*attachedStatement
	bounded  bool
	boundary []*policyStatement
	limit    string // where the boundary stands
}

// policyOfResource is the policy of a resource.
type policyOfResource struct {
	where      string
	statements []*policyStatement
	decides    bool // the account's policies count only when this one says so: those of KMS keys and roles
	trust      bool // it has no resources
}

// verdict is what the policies say, before somebody asks why.
type verdict struct {
	deny      *policyStatement
	direct    *policyStatement // of the resource's policy, which names who asks
	delegates *policyStatement // of the resource's policy, which names the account
	unlimited bool             // direct names the session
	identity  *policyStatement
	using     []*attachedStatement // all of the role's that allow it
	limited   bool                 // the boundary does not allow it
}

// Allow decides about a call. It remembers what was used of the permissions, for Unused.
func (p *Policies) Allow(request PolicyRequest) PolicyDecision {
	context, decision := p.understand(&request)
	if decision.Reason != "" {
		return decision
	}
	if context.action == "sts:getcalleridentity" {
		decision.Allowed = true // needs no permission. Source: AWS STS API Reference, GetCallerIdentity, read 2026-11
		return decision
	}
	onResource := p.policyOn(context)
	found := p.weigh(context, onResource)
	if statement := found.allows(context, onResource); statement != nil && found.deny == nil {
		decision.Allowed, decision.Statement = true, &statement.source
		for _, attached := range found.using { // also where a resource's policy would have been enough
			attached.mark(context)
		}
		return decision
	}
	p.explain(context, onResource, found, &decision)
	return decision
}

// MayAssume decides whether a service may work as a role: whether the role's trust policy lets it. The context has aws:SourceArn, the
// resource for which the service works, and aws:CurrentTime where a trust policy asks for it.
func (p *Policies) MayAssume(service, roleARN string, context map[string][]string) PolicyDecision {
	return p.Allow(PolicyRequest{Principal: service, Action: "sts:AssumeRole", Resource: roleARN, Context: context})
}

// Ignored lists what the template has and the lab does not evaluate.
func (p *Policies) Ignored() []string { return p.ignored }

// understand reads the request. A request that the policies say nothing about is decided at once.
func (p *Policies) understand(request *PolicyRequest) (*policyContext, PolicyDecision) {
	decision := PolicyDecision{Principal: request.Principal, Action: request.Action, Resource: request.Resource}
	context := &policyContext{policies: p, request: request, action: strings.ToLower(request.Action), resource: request.Resource}
	service, name, ok := strings.Cut(context.action, ":")
	switch {
	case !ok || name == "" || !isServicePrefix(service) || strings.ContainsAny(name, "*?"):
		decision.Reason = NoSuchRequest
		decision.Detail = "the action is no action, expected one such as s3:GetObject"
		return context, decision
	case request.Resource != "*" && !strings.HasPrefix(request.Resource, "arn:"):
		decision.Reason = NoSuchRequest
		decision.Detail = "the resource is no ARN, expected one, or *"
		return context, decision
	}
	if withoutResource[context.action] {
		context.resource = "*"
	}
	if isService(request.Principal) {
		context.service = request.Principal
	} else if context.role, context.session = p.roleOf(request.Principal); context.role == nil {
		decision.Reason = UnknownPrincipal
		decision.Detail = "it is neither a role of the template nor a service such as events.amazonaws.com"
		return context, decision
	} else {
		decision.Role = context.role.id
	}
	p.refuseUnknown(context, &decision)
	return context, decision
}

// refuseUnknown denies what depends on policies that the template does not have.
func (p *Policies) refuseUnknown(context *policyContext, decision *PolicyDecision) {
	known := p.policyOn(context) != nil
	other := accountOf(context.resource)
	owned := context.values("aws:resourceaccount")
	switch {
	case known:
		return
	case isAccount(other) && other != p.account, len(owned) == 1 && owned[0] != p.account:
		decision.Reason = OtherAccount
		decision.Detail = "the resource is in another account, whose policies are not in the template"
	case strings.HasPrefix(context.action, "kms:") && context.resource != "*":
		decision.Reason = UnknownPolicy
		decision.Detail = "the key is not in the template, and so its key policy is not known"
	case context.action == "sts:assumerole":
		decision.Reason = UnknownPolicy
		decision.Detail = "the role is not in the template, and so its trust policy is not known"
	}
}

// roleOf finds the role of an ARN, and the session when it is that of a session.
func (p *Policies) roleOf(principal string) (*policyRole, string) {
	if role := p.roles[principal]; role != nil {
		return role, ""
	}
	_, session, ok := strings.Cut(principal, ":assumed-role/")
	if !ok || accountOf(principal) != p.account {
		return nil, ""
	}
	name, _, ok := strings.Cut(session, "/")
	for _, role := range p.roles {
		if ok && role.name == name {
			return role, principal
		}
	}
	return nil, ""
}

// weigh asks all policies that have a say.
func (p *Policies) weigh(context *policyContext, onResource *policyOfResource) verdict {
	var found verdict
	if context.role != nil {
		for _, attached := range context.role.identity {
			if !attached.applies(context) {
				continue
			}
			if attached.deny {
				found.denies(attached.policyStatement)
				continue
			}
			found.using = append(found.using, attached)
		}
		if len(found.using) > 0 {
			found.identity = found.using[0].policyStatement
		}
		found.weighBoundary(context)
	}
	if onResource != nil {
		found.weighResource(context, onResource)
	}
	return found
}

// denies keeps the first statement that denies the call.
func (v *verdict) denies(statement *policyStatement) {
	if v.deny == nil {
		v.deny = statement
	}
}

func (v *verdict) weighBoundary(context *policyContext) {
	v.limited = context.role.bounded
	for _, statement := range context.role.boundary {
		if !statement.applies(context) {
			continue
		}
		if statement.deny {
			v.denies(statement)
		} else {
			v.limited = false
		}
	}
}

func (v *verdict) weighResource(context *policyContext, onResource *policyOfResource) {
	for _, statement := range onResource.statements {
		if !statement.applies(context) {
			continue
		}
		how := statement.principals.match(context)
		switch {
		case statement.deny:
			v.denies(statement)
		case how == namedAccount:
			v.delegates = statement
		case v.direct == nil || how == namedSession:
			v.direct, v.unlimited = statement, how == namedSession
		}
	}
}

// allows is the statement that allows the call; nil when none does.
func (v *verdict) allows(context *policyContext, onResource *policyOfResource) *policyStatement {
	switch decides := onResource != nil && onResource.decides; {
	case v.direct != nil && (context.role == nil || v.unlimited || !v.limited):
		return v.direct
	case context.role == nil || v.limited:
		return nil
	case decides && v.delegates == nil:
		return nil
	}
	return v.identity
}

// policyOn is the policy of what the call is about; nil when it has none. A role's trust policy is about who becomes the role, and
// nothing else: not about iam:PassRole, for example.
func (p *Policies) policyOn(context *policyContext) *policyOfResource {
	policy := p.onResources[resourceOwner(context.resource)]
	if policy != nil && policy.trust && !strings.HasPrefix(context.action, "sts:") {
		return nil
	}
	return policy
}

// resourceOwner is the ARN of what has the policy: of an object its bucket, of all else the resource itself.
func resourceOwner(resource string) string {
	if at := strings.Index(resource, ":s3:::"); at > 0 {
		bucket, _, _ := strings.Cut(resource, "/")
		return bucket
	}
	return resource
}

// withoutResource are actions that take no resource: for them a request is about *, and only a statement about * allows it. Others that
// take none are asked about with the resource *.
// Source: Service Authorization Reference, "Actions, resources, and condition keys", of each service, read 2026-11.
var withoutResource = map[string]bool{
	"cloudwatch:putmetricdata": true, "ecr:getauthorizationtoken": true, "s3:listallmybuckets": true, "sts:getcalleridentity": true,
	"logs:createlogdelivery": true, "logs:getlogdelivery": true, "logs:updatelogdelivery": true, "logs:deletelogdelivery": true,
	"logs:listlogdeliveries": true, "logs:putresourcepolicy": true, "logs:describeresourcepolicies": true,
	"xray:puttracesegments": true, "xray:puttelemetryrecords": true, "xray:getsamplingrules": true, "xray:getsamplingtargets": true,
	"redshift-data:describestatement": true, "redshift-data:getstatementresult": true, "redshift-data:cancelstatement": true, "redshift-data:liststatements": true,
	"kms:listkeys": true, "kms:listaliases": true, "kms:generaterandom": true, "kms:createkey": true,
}
