package check

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

var (
	ownerTag  = regexp.MustCompile(`(?i)owner|project|app`)
	expiryTag = regexp.MustCompile(`(?i)expir|ttl|delete`)
)

var stackRules = []Rule{
	{
		ID: "ST-01", on: each(bucketType, jobType, machineType, functionType, topicType, queueType, keyType, clusterType, environmentType),
		Sentence: "What costs or holds data says whose it is and when it may go",
		Source:   "AWS Whitepaper, Best Practices for Tagging AWS Resources",
		Mend:     "tag the stack with project, owner and expiry",
		got: func(v *view, id string) string {
			tags := v.get(id, "Tags")
			keys := tagKeys(tags)
			return unless(slices.ContainsFunc(keys, ownerTag.MatchString) && slices.ContainsFunc(keys, expiryTag.MatchString), is("Tags", tags))
		},
	},
	{
		ID: "ST-02", on: func(v *view) []string { return slices.Sorted(maps.Keys(v.Resources)) },
		Sentence: "No password is in the template",
		Source:   "AWS CloudFormation User Guide, Security best practices",
		Mend:     "use a dynamic reference, {{resolve:secretsmanager:...}}",
		got: func(v *view, id string) string {
			resource := v.Resources[id]
			return unless(!literalPassword(resource.Properties) && !literalPassword(resource.Metadata), "a password as a literal text")
		},
	},
}

// tagKeys are the keys of tags, which most services write as a list and some as an object.
func tagKeys(tags any) []string {
	if object, ok := tags.(map[string]any); ok {
		return slices.Sorted(maps.Keys(object))
	}
	var keys []string
	for _, tag := range cfn.List(tags) {
		keys = append(keys, cfn.Text(cfn.Field(tag, "Key")))
	}
	return keys
}

func literalPassword(value any) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, literalPassword)
	case map[string]any:
		for key, field := range value {
			text, literal := field.(string)
			password := slices.Contains([]string{"MasterUserPassword", "Password", "PASSWORD"}, key)
			if password && literal && text != "" && !strings.HasPrefix(text, "{{resolve:") || literalPassword(field) {
				return true
			}
		}
	}
	return false
}
