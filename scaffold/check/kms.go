package check

import (
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const keyType = "AWS::KMS::Key"

var kmsRules = []Rule{
	{
		ID: "KM-01", Sentence: "A key rotates", Source: "Security Hub KMS.4", Mend: "set EnableKeyRotation", on: each(keyType),
		got: func(v *view, id string) string {
			spec, _ := v.get(id, "KeySpec").(string)
			for _, asymmetric := range []string{"RSA", "ECC", "HMAC"} {
				if strings.HasPrefix(spec, asymmetric) {
					return ""
				}
			}
			return unless(isTrue(v.get(id, "EnableKeyRotation")), "EnableKeyRotation is not true")
		},
	},
	{
		ID: "KM-02", Sentence: "A key policy lets nobody in without a condition", Source: "Security Hub KMS.5", Mend: "name the principal, or add a condition", on: each(keyType),
		got: func(v *view, id string) string {
			for _, statement := range statements(v.get(id, "KeyPolicy")) {
				principal := cfn.Text(statement["Principal"])
				if statement["Effect"] == "Allow" && !given(statement["Condition"]) && (principal == "*" || principal == `{"AWS":"*"}`) {
					return "a statement for every principal"
				}
			}
			return ""
		},
	},
	{
		ID: "KM-03", Sentence: "Only AWS services create grants on a key", Source: "Control Tower CT.KMS.PR.3", Mend: "deny kms:CreateGrant unless kms:GrantIsForAWSResource", on: each(keyType),
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
