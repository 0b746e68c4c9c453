package lab

import "strings"

// leftOut are the types that generated templates have and the lab leaves out, by how they begin, and why nobody misses them in a run.
var leftOut = []struct{ begins, why string }{
	{"AWS::EC2::", "the lab has no network: programs reach its own endpoints, whatever routes and security groups there are"},
	{"AWS::SecretsManager::Secret", "the lab keeps no secrets"},
	{"Custom::S3AutoDeleteObjects", "it empties the buckets when the stack is removed"},
}

// whyLeftOut is the reason why a type is no part of the lab; empty where nobody has thought about it.
func whyLeftOut(kind string) string {
	for _, known := range leftOut {
		if strings.HasPrefix(kind, known.begins) {
			return known.why
		}
	}
	return ""
}
