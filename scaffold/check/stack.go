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
		ID: "ST-01", Sentence: "What costs or holds data says whose it is and when it may go", Source: "AWS Whitepaper, Best Practices for Tagging AWS Resources", Mend: "tag the stack with project, owner and expiry",
		on: each(bucket, jobType, machineType, functionType, topicType, queueType, keyType, clusterType, environmentType),
		got: func(v *view, id string) string {
			tags := cfn.Text(v.get(id, "Tags"))
			return unless(ownerTag.MatchString(tags) && expiryTag.MatchString(tags), "Tags is "+tags)
		},
	},
	{
		ID: "ST-02", Sentence: "No password is in the template", Source: "AWS CloudFormation User Guide, Security best practices", Mend: "use a dynamic reference, {{resolve:secretsmanager:...}}",
		on: func(v *view) []string { return slices.Sorted(maps.Keys(v.Resources)) },
		got: func(v *view, id string) string {
			return unless(!literalPassword(v.Resources[id].Properties), "a password as a literal text")
		},
	},
}

func literalPassword(value any) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, literalPassword)
	case map[string]any:
		for key, field := range value {
			text, literal := field.(string)
			password := key == "MasterUserPassword" || key == "Password" || key == "PASSWORD"
			if (password && literal && text != "" && !strings.HasPrefix(text, "{")) || literalPassword(field) {
				return true
			}
		}
	}
	return false
}
