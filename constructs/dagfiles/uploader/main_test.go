package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// bucket is a versioned bucket: the versions of each key, of which "" is a delete marker.
type bucket struct {
	versions map[string][]string
	puts     []string
	fail     error
}

func (b *bucket) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	versions := b.versions[*in.Key]
	if b.fail != nil {
		return nil, b.fail
	}
	if len(versions) == 0 || versions[len(versions)-1] == "" {
		return nil, fmt.Errorf("operation error S3: GetObject: %w", &types.NoSuchKey{})
	}
	id := fmt.Sprintf("%s-v%d", *in.Key, len(versions))
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(versions[len(versions)-1])), VersionId: &id}, nil
}

func (b *bucket) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	var content bytes.Buffer
	if _, err := content.ReadFrom(in.Body); err != nil {
		return nil, err
	}
	b.versions[*in.Key] = append(b.versions[*in.Key], content.String())
	b.puts = append(b.puts, *in.Key)
	id := fmt.Sprintf("%s-v%d", *in.Key, len(b.versions[*in.Key]))
	return &s3.PutObjectOutput{VersionId: &id}, nil
}

func (b *bucket) DeleteObject(_ context.Context, in *s3.DeleteObjectInput, _ ...func(*s3.Options)) (*s3.DeleteObjectOutput, error) {
	b.versions[*in.Key] = append(b.versions[*in.Key], "")
	return &s3.DeleteObjectOutput{}, nil
}

// deploy calls the function as CloudFormation does, with the files in its package.
func deploy(t *testing.T, there *bucket, kind cfn.RequestType, files, before map[string]string) (string, map[string]any, error) {
	t.Helper()
	folder := t.TempDir()
	for key, content := range files {
		file := filepath.Join(folder, key)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	u := &uploader{store: there, folder: folder}
	return u.handle(t.Context(), cfn.Event{
		RequestType: kind, PhysicalResourceID: "environment",
		ResourceProperties: template(files), OldResourceProperties: template(before),
	})
}

func template(files map[string]string) map[string]any {
	sums := map[string]any{}
	for key, content := range files {
		sum := sha256.Sum256([]byte(content))
		sums[key] = hex.EncodeToString(sum[:])
	}
	return map[string]any{
		"ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:uploader", "ServiceTimeout": "1200",
		"Bucket": "environment", "Files": sums, "Versions": map[string]any{"Requirements": "requirements.txt"},
	}
}

func (b *bucket) now() map[string]string {
	current := map[string]string{}
	for key, versions := range b.versions {
		if last := versions[len(versions)-1]; last != "" {
			current[key] = last
		}
	}
	return current
}

func TestADeploymentPutsWhatHasChangedAndNothingElse(t *testing.T) {
	there := &bucket{versions: map[string][]string{"dags/of_the_user.py": {"mine"}}}
	first := map[string]string{"requirements.txt": "pymssql==2.3.7", "dags/one.py": "1", "dags/two.py": "2"}
	id, data, err := deploy(t, there, cfn.RequestCreate, first, nil)
	if err != nil || id != "environment" || data["Requirements"] != "requirements.txt-v1" {
		t.Fatalf("got %q, %v, %v, want the bucket and the first version", id, data, err)
	}

	second := map[string]string{"requirements.txt": "pymssql==2.3.7", "dags/one.py": "changed", "dags/three.py": "3"}
	there.puts = nil
	_, data, err = deploy(t, there, cfn.RequestUpdate, second, first)
	if err != nil || data["Requirements"] != "requirements.txt-v1" {
		t.Fatalf("got %v, %v, want the version of requirements.txt as it was: another would update the environment for nothing", data, err)
	}
	if want := []string{"dags/one.py", "dags/three.py"}; !slices.Equal(there.puts, want) {
		t.Errorf("put %q, want %q", there.puts, want)
	}
	want := maps.Clone(second)
	want["dags/of_the_user.py"] = "mine"
	if got := there.now(); !maps.Equal(got, want) {
		t.Errorf("the bucket has %v, want %v", got, want)
	}
}

func TestADeletionTouchesNothing(t *testing.T) {
	there := &bucket{versions: map[string][]string{"dags/one.py": {"1"}}}
	id, _, err := deploy(t, there, cfn.RequestDelete, map[string]string{"dags/one.py": "1"}, nil)
	if err != nil || id != "environment" || len(there.versions["dags/one.py"]) != 1 {
		t.Errorf("got %q, %v and %v, want the id as it was and the object too", id, err, there.versions)
	}
}

func TestWhatCannotBePutFailsTheDeployment(t *testing.T) {
	denied := errors.New("AccessDenied")
	for _, test := range []struct {
		name     string
		there    *bucket
		file     string
		tampered bool
		want     string
	}{
		{"S3 refuses", &bucket{fail: denied}, "requirements.txt", false, "put s3://environment/requirements.txt: AccessDenied"},
		{"an old function answers", &bucket{versions: map[string][]string{}}, "requirements.txt", true, "the template says 0000"},
		{"a version of no file", &bucket{versions: map[string][]string{}}, "startup.sh", false, "the version of requirements.txt is asked for, which is none of the files"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, test.file), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
			given := template(map[string]string{test.file: "x"})
			if test.tampered {
				given["Files"] = map[string]any{test.file: strings.Repeat("0", 64)}
			}
			u := &uploader{store: test.there, folder: folder}
			_, _, err := u.handle(t.Context(), cfn.Event{RequestType: cfn.RequestCreate, ResourceProperties: given})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if len(test.there.puts) > 0 && test.tampered {
				t.Errorf("put %q all the same", test.there.puts)
			}
		})
	}
}
