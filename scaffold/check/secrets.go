package check

const secretType = "AWS::SecretsManager::Secret"

var secretRules = []Rule{
	{ID: "SE-01", Sentence: "A secret rotates", Source: "Security Hub SecretsManager.1", Switch: true, Mend: "add a rotation schedule", on: each(secretType), got: func(v *view, id string) string {
		return unless(v.anyRefers("AWS::SecretsManager::RotationSchedule", id, "SecretId"), "no rotation schedule")
	}},
	{ID: "SE-02", Sentence: "A secret's value is not in the template", Source: "AWS Secrets Manager User Guide, Best practices", Mend: "let it be generated, or put it in by hand", on: each(secretType), got: func(v *view, id string) string {
		return unless(v.get(id, "SecretString") == nil, "SecretString is in the template")
	}},
}
