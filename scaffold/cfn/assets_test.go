package cfn_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/cfn"
)

const deployable = `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`

func assetsOf(t *testing.T, manifest string) (*cfn.Assets, string, error) {
	t.Helper()
	folder := t.TempDir()
	file := filepath.Join(folder, "Orders.template.json")
	for name, text := range map[string]string{file: deployable, filepath.Join(folder, "Orders.assets.json"): manifest} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	template, err := cfn.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	deployed, err := template.Deploy(cfn.Place{Account: "111122223333", Region: "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	found, err := deployed.ReadAssets(file)
	return found, folder, err
}

func TestAssetsAreFoundByWhereTheyWouldBePublished(t *testing.T) {
	found, folder, err := assetsOf(t, `{"files": {
		"aa": {"source": {"path": "asset.aa.py", "packaging": "file"}, "destinations": {"current": {
			"bucketName": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}", "objectKey": "aa.py"}}},
		"bb": {"source": {"executable": ["make"]}, "destinations": {"current": {"bucketName": "b", "objectKey": "k"}}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := found.Path("cdk-hnb659fds-assets-111122223333-eu-west-1", "aa.py"); !ok || got != filepath.Join(folder, "asset.aa.py") {
		t.Errorf("got %q (%t), want asset.aa.py in %s", got, ok, folder)
	}
	for _, other := range [][2]string{{"b", "k"}, {"cdk-hnb659fds-assets-111122223333-eu-west-1", "bb.py"}} {
		if got, ok := found.Path(other[0], other[1]); ok {
			t.Errorf("%v: got %q, want no file", other, got)
		}
	}
}

func TestAnImageIsFoundByTheNameUnderWhichItWouldBePublished(t *testing.T) {
	found, folder, err := assetsOf(t, `{"dockerImages": {
		"aa": {"source": {"directory": "asset.aa"}, "destinations": {"current": {"repositoryName": "assets-${AWS::AccountId}-${AWS::Region}", "imageTag": "aa"}}},
		"bb": {"source": {"executable": ["make"]}, "destinations": {"current": {"repositoryName": "r", "imageTag": "bb"}}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	registry := "111122223333.dkr.ecr.eu-west-1.amazonaws.com/"
	if got, ok := found.Image(registry + "assets-111122223333-eu-west-1:aa"); !ok || got != filepath.Join(folder, "asset.aa") {
		t.Errorf("got %q (%t), want asset.aa in %s", got, ok, folder)
	}
	for _, other := range []string{registry + "r:bb", registry + "assets-111122223333-eu-west-1:bb", "alpine"} {
		if got, ok := found.Image(other); ok {
			t.Errorf("%s: got %q, want no folder", other, got)
		}
	}
	if _, _, err = assetsOf(t, `{"dockerImages": {"aa": {"source": {"directory": "../elsewhere"}}}}`); err == nil || !strings.Contains(err.Error(), "../elsewhere") {
		t.Errorf("got %v, want an error that names the folder outside", err)
	}
}

func TestAnAssetOutsideOfTheAssemblyIsRefused(t *testing.T) {
	_, _, err := assetsOf(t, `{"files": {"aa": {"source": {"path": "../../etc/passwd"}, "destinations": {}}}}`)
	if err == nil || !strings.Contains(err.Error(), "../../etc/passwd") {
		t.Errorf("got %v, want an error that names the path", err)
	}
}
