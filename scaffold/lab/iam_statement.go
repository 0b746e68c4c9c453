package lab

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

// policyStatement is one statement, compiled.
type policyStatement struct {
	source     PolicySource
	deny       bool
	principals *statementPrincipals // nil in the policies of a role
	actions    []policyText
	notAction  bool // the actions are those that it does not have
	resources  []policyText
	notRes     bool
	conditions []statementCondition
}

// PolicySource says where a statement stands.
type PolicySource struct {
	Where string `json:"where"`         // in the template, such as EtlRolePolicy.PolicyDocument.Statement[0]; or the name of an AWS managed policy
	Sid   string `json:"sid,omitempty"` // as the statement has it
}

func (s PolicySource) String() string {
	if s.Sid == "" {
		return s.Where
	}
	return s.Where + " (" + s.Sid + ")"
}

// policyKind is what a policy is attached to, which decides about the elements of its statements.
type policyKind int

const (
	identityPolicy policyKind = iota // to a role: its statements have no principals
	resourcePolicy                   // to a resource: they have
	trustPolicy                      // to a role, as a resource: they have principals, and no resources
)

// statementElements are all that a statement may have.
// Source: IAM User Guide, "IAM JSON policy element reference", read 2026-11.
var statementElements = []string{"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}

// variablesSince is the version of the policy language that has variables. A policy without a version is of the one before.
const (
	variablesSince = "2012-10-17"
	earlierVersion = "2008-10-17"
)

// compilePolicy reads a policy document. Where is its place in the template.
func compilePolicy(document any, kind policyKind, where string) ([]*policyStatement, error) {
	object, ok := document.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is %s, expected a policy document", where, cfn.Text(document))
	}
	version := object["Version"]
	if version != nil && version != variablesSince && version != earlierVersion {
		return nil, fmt.Errorf("%s.Version is %s, expected %s or %s", where, cfn.Text(version), variablesSince, earlierVersion)
	}
	written := cfn.List(object["Statement"])
	if len(written) == 0 {
		return nil, fmt.Errorf("%s has no Statement, expected at least one", where)
	}
	var statements []*policyStatement
	var problems []error
	for i, each := range written {
		place := fmt.Sprintf("%s.Statement[%d]", where, i)
		statement, err := compileStatement(each, kind, version == variablesSince)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", place, err))
			continue
		}
		statement.source.Where = place
		statements = append(statements, statement)
	}
	return statements, errors.Join(problems...)
}

func compileStatement(written any, kind policyKind, variables bool) (*policyStatement, error) {
	object, ok := written.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("got %s, expected a statement", cfn.Text(written))
	}
	for _, element := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(statementElements, element) {
			return nil, fmt.Errorf("got the element %s, expected one of %s", element, strings.Join(statementElements, ", "))
		}
	}
	statement := &policyStatement{deny: object["Effect"] == "Deny"}
	if !statement.deny && object["Effect"] != "Allow" {
		return nil, fmt.Errorf("the Effect is %s, expected Allow or Deny", cfn.Text(object["Effect"]))
	}
	if sid, ok := object["Sid"].(string); ok {
		statement.source.Sid = sid
	}
	var err error
	if statement.actions, statement.notAction, err = statementTexts(object, "Action", compileAction); err != nil {
		return nil, err
	}
	if err = statement.compileScope(object, kind, variables); err != nil {
		return nil, err
	}
	statement.conditions, err = compileConditions(object["Condition"], variables)
	return statement, err
}

// compileScope reads whom and what the statement is about.
func (s *policyStatement) compileScope(object map[string]any, kind policyKind, variables bool) error {
	resource := func(written string) (policyText, error) { return compileResource(written, variables) }
	var err error
	switch {
	case kind != trustPolicy:
		if s.resources, s.notRes, err = statementTexts(object, "Resource", resource); err != nil {
			return err
		}
	case object["Resource"] != nil || object["NotResource"] != nil:
		return errors.New("got a Resource in a trust policy, expected none: it is about its own role")
	}
	named, excepted := object["Principal"], object["NotPrincipal"]
	switch {
	case kind == identityPolicy && (named != nil || excepted != nil):
		return errors.New("got a Principal in a policy of a role, expected none: it is about its own role")
	case kind == identityPolicy:
		return nil
	case (named == nil) == (excepted == nil):
		return errors.New("expected either Principal or NotPrincipal")
	case excepted != nil && (!s.deny || kind == trustPolicy):
		return errors.New("got a NotPrincipal, expected it only with the Effect Deny, and not in a trust policy")
	}
	if named == nil {
		named = excepted
	}
	s.principals, err = compilePrincipals(named)
	if err == nil {
		s.principals.excepted = excepted != nil
	}
	return err
}

// statementTexts reads an element that is written as Name or as NotName.
func statementTexts(object map[string]any, name string, compile func(string) (policyText, error)) ([]policyText, bool, error) {
	values, not := object[name], object["Not"+name]
	if (values == nil) == (not == nil) {
		return nil, false, fmt.Errorf("expected either %s or Not%s", name, name)
	}
	if values == nil {
		values, name = not, "Not"+name
	}
	var texts []policyText
	for _, value := range cfn.List(values) {
		written, ok := value.(string)
		if !ok {
			return nil, false, fmt.Errorf("%s: got %s, expected a text, or a list of texts", name, cfn.Text(value))
		}
		text, err := compile(written)
		if err != nil {
			return nil, false, fmt.Errorf("%s: %w", name, err)
		}
		texts = append(texts, text)
	}
	if len(texts) == 0 {
		return nil, false, fmt.Errorf("%s: got no values, expected at least one", name)
	}
	return texts, not != nil, nil
}

func (s *policyStatement) hasAction(context *policyContext) bool {
	return anyMatches(s.actions, context, context.action) != s.notAction
}

func (s *policyStatement) hasResource(context *policyContext) bool {
	if s.resources == nil {
		return true // of a trust policy
	}
	return anyMatches(s.resources, context, context.resource) != s.notRes
}

func (s *policyStatement) hasPrincipal(context *policyContext) bool {
	return s.principals == nil || s.principals.match(context) != notNamed
}

// failedCondition is the first condition that does not hold; nil when all do.
func (s *policyStatement) failedCondition(context *policyContext) *statementCondition {
	for i := range s.conditions {
		if !s.conditions[i].holds(context) {
			return &s.conditions[i]
		}
	}
	return nil
}

func (s *policyStatement) applies(context *policyContext) bool {
	return s.hasAction(context) && s.hasResource(context) && s.hasPrincipal(context) && s.failedCondition(context) == nil
}

// writtenTexts are the texts as the policy has them; "Not" stands before those of NotAction and NotResource.
func writtenTexts(texts []policyText, not bool) []string {
	written := make([]string, len(texts))
	for i, text := range texts {
		written[i] = text.written
	}
	if not {
		return []string{"not " + strings.Join(written, ", not ")}
	}
	return written
}
