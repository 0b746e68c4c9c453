package check

import (
	"strings"

	"example.com/pipewright/scaffold/cfn"
)

const topicType = "AWS::SNS::Topic"

var snsRules = []Rule{
	{
		ID: "SN-01", Sentence: "A topic is encrypted with a customer key", Source: "Security Hub SNS.1; Amazon SNS Developer Guide, Key management (alarms cannot use aws/sns)", Mend: "set MasterKey", on: each(topicType),
		got: func(v *view, id string) string {
			key := v.get(id, "KmsMasterKeyId")
			return unless(given(key) && !strings.Contains(cfn.Text(key), "alias/aws/sns"), "KmsMasterKeyId is "+cfn.Text(key))
		},
	},
	{
		ID: "SN-02", Sentence: "A topic denies messages without TLS", Source: "Amazon SNS Developer Guide, Security best practices", Mend: "set EnforceSSL", on: each(topicType),
		got: func(v *view, id string) string {
			return unless(v.onlyTLS(id, "AWS::SNS::TopicPolicy", "Topics"), "no policy denies aws:SecureTransport false")
		},
	},
}
