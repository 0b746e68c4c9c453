package check

const secretType = "AWS::SecretsManager::Secret"

var secretRules = []Rule{
	{
		ID: "SE-01", on: each(secretType), Switch: true,
		Sentence: "A secret rotates",
		Source:   "Security Hub SecretsManager.1",
		Mend:     "add a rotation schedule",
		got: func(v *view, id string) string {
			return unless(v.anyRefers("AWS::SecretsManager::RotationSchedule", id, "SecretId"), "no rotation schedule")
		},
	},
	{
		ID: "SE-02", on: each(secretType),
		Sentence: "A secret's value is not in the template",
		Source:   "AWS Secrets Manager User Guide, Best practices",
		Mend:     "let it be generated, or put it in by hand",
		got: func(v *view, id string) string {
			return unless(v.get(id, "SecretString") == nil, "SecretString is in the template")
		},
	},
}
