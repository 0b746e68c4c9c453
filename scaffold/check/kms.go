package check

import (
	"slices"
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const keyType = "AWS::KMS::Key"

var kmsRules = []Rule{
	{
		ID: "KM-01", on: each(keyType),
		Sentence: "A key rotates",
		Source:   "Security Hub KMS.4; AWS KMS Developer Guide, Rotating AWS KMS keys (asymmetric and HMAC keys cannot)",
		Mend:     "set EnableKeyRotation",
		got: func(v *view, id string) string {
			spec, _ := v.get(id, "KeySpec").(string)
			cannot := slices.ContainsFunc([]string{"RSA", "ECC", "HMAC"}, func(kind string) bool { return strings.HasPrefix(spec, kind) })
			return unless(cannot || isTrue(v.get(id, "EnableKeyRotation")), "EnableKeyRotation is not true")
		},
	},
	{
		ID: "KM-02", on: each(keyType),
		Sentence: "A key policy lets nobody in without a condition",
		Source:   "Security Hub KMS.5",
		Mend:     "name the principal, or add a condition",
		got: func(v *view, id string) string {
			for _, statement := range statements(v.get(id, "KeyPolicy")) {
				if statement["Effect"] == "Allow" && !given(statement["Condition"]) && isEverybody(statement["Principal"]) {
					return "a statement for every principal"
				}
			}
			return ""
		},
	},
	{
		ID: "KM-03", on: each(keyType),
		Sentence: "Only AWS services create grants on a key",
		Source:   "Control Tower CT.KMS.PR.3",
		Mend:     "deny kms:CreateGrant unless kms:GrantIsForAWSResource",
		got: func(v *view, id string) string {
			for _, statement := range statements(v.get(id, "KeyPolicy")) {
				if statement["Effect"] == "Deny" && strings.Contains(cfn.Text(statement["Action"]), "kms:CreateGrant") && strings.Contains(cfn.Text(statement["Condition"]), "kms:GrantIsForAWSResource") {
					return ""
				}
			}
			return "no statement denies kms:CreateGrant"
		},
	},
}

func isEverybody(principal any) bool {
	return principal == any("*") || slices.Contains(texts(cfn.Field(principal, "AWS")), "*")
}
