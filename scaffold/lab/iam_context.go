package lab

import (
	"strings"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// PolicyRequest is one call that somebody makes.
type PolicyRequest struct {
	Principal string              // the ARN of a role or of its session, or a service such as events.amazonaws.com that calls for itself
	Action    string              // such as s3:GetObject
	Resource  string              // its ARN; * for actions that have none. A call about several resources is several requests
	Time      time.Time           // of the virtual clock; zero leaves out aws:CurrentTime
	Context   map[string][]string // further condition keys, such as s3:prefix, kms:ViaService, or aws:SourceArn of a service's call
}

// policyContext is a request as the policies see it.
type policyContext struct {
	policies *Policies
	request  *PolicyRequest
	role     *policyRole // nil when a service calls for itself
	session  string      // the ARN of the role's session, when it is known
	service  string
	action   string // in lower case
	resource string
}

// Values of the keys that are the same for each call in the lab.
var (
	contextTrue  = []string{"true"}
	contextFalse = []string{"false"}
	contextTLS   = []string{"1.3"}
	assumedRole  = []string{"AssumedRole"}
)

const principalTags = "aws:principaltag/"

// values are those of a condition key, which is in lower case; nothing when the request has no such key. Who asks is known here and
// not to be changed by the request; of the other keys the request's own go first.
// Source: IAM User Guide, "AWS global condition context keys", read 2026-11.
func (c *policyContext) values(key string) []string {
	if values, ok := c.ofPrincipal(key); ok {
		return values
	}
	for written, values := range c.request.Context {
		if len(written) == len(key) && strings.EqualFold(written, key) {
			return values
		}
	}
	return c.ofLab(key)
}

// ofPrincipal are the keys that describe who asks.
func (c *policyContext) ofPrincipal(key string) ([]string, bool) {
	switch key {
	case "aws:principalisawsservice":
		if c.role == nil {
			return contextTrue, true
		}
		return contextFalse, true
	case "aws:principalservicename":
		if c.role == nil {
			return []string{c.service}, true
		}
		return nil, true
	case "aws:principalaccount", "aws:principalarn", "aws:principaltype":
		if c.role == nil {
			return nil, true
		}
		return c.ofRole(key), true
	}
	tag, ok := strings.CutPrefix(key, principalTags)
	if ok && c.role != nil {
		return c.role.tags[tag], true
	}
	return nil, ok
}

func (c *policyContext) ofRole(key string) []string {
	switch key {
	case "aws:principalaccount":
		return c.policies.accountValue
	case "aws:principalarn":
		return c.role.arnValue
	}
	return assumedRole
}

// ofLab are the keys that the lab adds.
func (c *policyContext) ofLab(key string) []string {
	switch key {
	case "aws:securetransport":
		return contextTrue
	case "s3:tlsversion":
		if strings.HasPrefix(c.action, "s3:") {
			return contextTLS
		}
	case "aws:viaawsservice":
		return contextFalse
	case "aws:requestedregion":
		return c.policies.regionValue
	case "aws:resourceaccount":
		return c.policies.accountValue
	case "aws:currenttime":
		if !c.request.Time.IsZero() {
			return []string{c.request.Time.UTC().Format(time.RFC3339)}
		}
	case "aws:sourceaccount":
		return c.sourceAccount()
	}
	return nil
}

// sourceAccount is the account for which a service calls: that in the ARN of the source, of which some, such as a bucket's, have none.
func (c *policyContext) sourceAccount() []string {
	if c.role != nil {
		return nil
	}
	if arns := c.values("aws:sourcearn"); len(arns) == 1 {
		if account := accountOf(arns[0]); isAccount(account) {
			return []string{account}
		}
	}
	return c.policies.accountValue
}

// accountOf is the account in an ARN; empty where there is none.
func accountOf(arn string) string {
	for range arnColons - 1 {
		_, arn, _ = strings.Cut(arn, ":")
	}
	account, _, _ := strings.Cut(arn, ":")
	return account
}

// tagValues are the tags of a role by key in lower case, since the keys of conditions have no case.
func tagValues(resource cfn.Resource) map[string][]string {
	tags := map[string][]string{}
	for _, tag := range cfn.List(resource.Get("Tags")) {
		key, _ := cfn.Field(tag, "Key").(string)
		tags[strings.ToLower(key)] = []string{cfn.Text(cfn.Field(tag, "Value"))}
	}
	return tags
}
