package check

import (
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const topicType = "AWS::SNS::Topic"

var snsRules = []Rule{
	{
		ID: "SN-01", on: each(topicType),
		Sentence: "A topic is encrypted with a customer key",
		Source:   "Security Hub SNS.1; Amazon SNS Developer Guide, Key management (alarms cannot use aws/sns)",
		Mend:     "set MasterKey",
		got: func(v *view, id string) string {
			key := v.get(id, "KmsMasterKeyId")
			return unless(given(key) && !strings.Contains(cfn.Text(key), "alias/aws/sns"), is("KmsMasterKeyId", key))
		},
	},
	{
		ID: "SN-02", on: each(topicType),
		Sentence: "A topic denies messages without TLS",
		Source:   "Amazon SNS Developer Guide, Security best practices",
		Mend:     "set EnforceSSL",
		got:      onlyTLS("AWS::SNS::TopicPolicy", "Topics"),
	},
}
