package check

const logGroupType = "AWS::Logs::LogGroup"

var logRules = []Rule{
	{ID: "LG-01", Sentence: "Logs are kept for a stated time", Source: "Security Hub CloudWatch.16", Mend: "set Retention", on: each(logGroupType), got: written("RetentionInDays")},
	{ID: "LG-02", Sentence: "Logs are encrypted with a customer key", Source: "Amazon CloudWatch Logs User Guide, Encrypt log data using AWS KMS", Switch: true, Mend: "set EncryptionKey", on: each(logGroupType), got: has("KmsKeyId")},
}
