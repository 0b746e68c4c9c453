package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mixed has results of every status.
const mixed = `{"Resources": {
	"Second": {"Type": "AWS::Logs::LogGroup"},
	"First": {"Type": "AWS::Logs::LogGroup", "Properties": {"KmsKeyId": "k"}},
	"Third": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 14}, "Metadata": {"pipewright": {"accept": [
		{"id": "LG-02", "reason": " logs of a lab "}
	]}}},
	"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": "alias/aws/sns", "Tags": [{"Key": "project"}, {"Key": "expiry"}]}, "Metadata": {"pipewright": {"accept": [
		{"id": "SN-02", "reason": "a<b"}, {"id": "SN-01"}
	]}}}
}}`

func TestTextNamesARuleOnceWithItsResourcesAndEndsWithTheCounts(t *testing.T) {
	report := Run(parse(t, []byte(mixed)))
	report.Template = "cdk.out/Weather.template.json"
	var out strings.Builder
	if err := report.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	want := `cdk.out/Weather.template.json
  FAILED   SN-01 A topic is encrypted with a customer key
           Topic: KmsMasterKeyId is alias/aws/sns
           to mend: set MasterKey (Security Hub SNS.1; Amazon SNS Developer Guide, Key management (alarms cannot use aws/sns))
  FAILED   LG-01 Logs are kept for a stated time
           First, Second: no RetentionInDays
           to mend: set Retention (Security Hub CloudWatch.16)
  FAILED   AC-01 An accepted finding names a rule and the reason
           Topic: SN-01 is accepted without a reason
           to mend: give the id of a rule and say why its finding may stay (Pipewright CONTRIBUTING, Changing a stack or a construct)
  accepted SN-02 A topic denies messages without TLS
           Topic: a<b
  accepted LG-02 Logs are encrypted with a customer key
           Third: logs of a lab
  off      LG-02 Logs are encrypted with a customer key
           Second: no KmsKeyId
           to turn on: set EncryptionKey (Amazon CloudWatch Logs User Guide, Encrypt log data using AWS KMS)
  8 passed, 4 failed, 2 accepted, 1 switch off
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJSONHasTheseFieldsInThisOrder(t *testing.T) {
	report := Run(parse(t, []byte(`{"Resources": {
		"L": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 14}, "Metadata": {"pipewright": {"accept": [{"id": "LG-02", "reason": "a lab"}]}}},
		"M": {"Type": "AWS::Logs::LogGroup"}
	}}`)))
	report.Template = "t.json"
	got, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	const retention = `"sentence":"Logs are kept for a stated time","source":"Security Hub CloudWatch.16"`
	const key = `"sentence":"Logs are encrypted with a customer key","source":"Amazon CloudWatch Logs User Guide, Encrypt log data using AWS KMS","got":"no KmsKeyId","mend":"set EncryptionKey"`
	const password = `"sentence":"No password is in the template","source":"AWS CloudFormation User Guide, Security best practices"`
	want := `{"template":"t.json","results":[` + strings.Join([]string{
		`{"id":"LG-01","status":"passed","resource":"L",` + retention + `}`,
		`{"id":"LG-01","status":"failed","resource":"M",` + retention + `,"got":"no RetentionInDays","mend":"set Retention"}`,
		`{"id":"LG-02","status":"accepted","resource":"L",` + key + `,"reason":"a lab"}`,
		`{"id":"LG-02","status":"off","resource":"M",` + key + `}`,
		`{"id":"ST-02","status":"passed","resource":"L",` + password + `}`,
		`{"id":"ST-02","status":"passed","resource":"M",` + password + `}`,
		`{"id":"AC-01","status":"passed","resource":"L","sentence":"An accepted finding names a rule and the reason","source":"Pipewright CONTRIBUTING, Changing a stack or a construct"}`,
	}, ",") + `]}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATemplateWithoutAnythingToCheckHasAnEmptyList(t *testing.T) {
	if got, err := json.Marshal(Report{Template: "t.json", Results: []Result{}}); err != nil || string(got) != `{"template":"t.json","results":[]}` {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestRunTwiceIsByteEqual(t *testing.T) {
	for _, file := range goldens(t) {
		var first []byte
		for run := range 5 {
			report := Run(read(t, file))
			var out bytes.Buffer
			if err := report.WriteText(&out); err != nil {
				t.Fatal(err)
			}
			if err := json.NewEncoder(&out).Encode(report); err != nil {
				t.Fatal(err)
			}
			if run == 0 {
				first = out.Bytes()
			} else if !bytes.Equal(first, out.Bytes()) {
				t.Fatalf("%s: run %d differs (-first +this):\n%s", file, run, cmp.Diff(string(first), out.String()))
			}
		}
	}
}

func TestOnlyAFailureFailsAReport(t *testing.T) {
	for status, want := range map[Status]bool{Passed: false, Off: false, Accepted: false, Failed: true} {
		if got := (Report{Results: []Result{{Status: Passed}, {Status: status}}}).Failed(); got != want {
			t.Errorf("a report with a result that is %s: failed is %t, expected %t", status, got, want)
		}
	}
}

// An acceptance holds for its rule and its resource, and for nothing else.
func TestAnAcceptanceHoldsWhereItStands(t *testing.T) {
	report := Run(parse(t, []byte(`{"Resources": {
		"A": {"Type": "AWS::Logs::LogGroup", "Metadata": {"pipewright": {"accept": [{"id": "LG-01", "reason": "x"}]}}},
		"B": {"Type": "AWS::Logs::LogGroup"}
	}}`)))
	if diff := cmp.Diff([]string{"LG-01 A"}, ids(report, Accepted)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"LG-01 B"}, ids(report, Failed)); diff != "" {
		t.Error(diff)
	}
}

func TestTextTellsWhenItCannotBeWritten(t *testing.T) {
	if err := (Report{}).WriteText(full{}); !errors.Is(err, errFull) {
		t.Errorf("got %v, expected %v", err, errFull)
	}
}

var errFull = errors.New("no space left on device")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
