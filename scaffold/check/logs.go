package check

const logGroupType = "AWS::Logs::LogGroup"

var logRules = []Rule{
	{
		ID: "LG-01", on: each(logGroupType),
		Sentence: "Logs are kept for a stated time",
		Source:   "Security Hub CloudWatch.16",
		Mend:     "set Retention",
		got:      written("RetentionInDays"),
	},
	{
		ID: "LG-02", on: each(logGroupType), Switch: true,
		Sentence: "Logs are encrypted with a customer key",
		Source:   "Amazon CloudWatch Logs User Guide, Encrypt log data using AWS KMS",
		Mend:     "set EncryptionKey",
		got:      has("KmsKeyId"),
	},
}
