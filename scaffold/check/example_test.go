package check_test

import (
	"fmt"
	"os"

	"example.com/pipewright/scaffold/cfn"
	"example.com/pipewright/scaffold/check"
)

func Example() {
	template, err := cfn.Parse([]byte(`{"Resources": {
		"Letters": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "hunter2"}}
	}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	report := check.Run(template)
	report.Template = "orders.template.json"
	if err := report.WriteText(os.Stdout); err != nil {
		fmt.Println(err)
	}
	fmt.Println("failed:", report.Failed())
	// Output:
	// orders.template.json
	//   FAILED   SE-02 A secret's value is not in the template
	//            Letters: SecretString is in the template
	//            to mend: let it be generated, or put it in by hand (AWS Secrets Manager User Guide, Best practices)
	//   off      SE-01 A secret rotates
	//            Letters: no rotation schedule
	//            to turn on: add a rotation schedule (Security Hub SecretsManager.1)
	//   1 passed, 1 failed, 0 accepted, 1 switch off
	// failed: true
}

// A finding that may stay is accepted in the metadata of its resource, with the reason.
func ExampleRun_accepted() {
	template, err := cfn.Parse([]byte(`{"Resources": {
		"Logs": {
			"Type": "AWS::Logs::LogGroup",
			"Metadata": {"pipewright": {"accept": [{"id": "LG-01", "reason": "an auditor asks for all of them"}]}}
		}
	}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, result := range check.Run(template).Results {
		if result.Status == check.Accepted {
			fmt.Println(result.ID, result.Resource, result.Reason)
		}
	}
	// Output: LG-01 Logs an auditor asks for all of them
}
