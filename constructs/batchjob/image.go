package batchjob

import (
	"os"
	"path/filepath"
	"reflect"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"example.com/pipewright/constructs/gofunction"
)

// dockerfile has nothing to run while the image is built, so that any machine can build it for ARM.
const dockerfile = `FROM scratch
COPY profiler /profiler
ENTRYPOINT ["/profiler"]
`

// program is the package of the container's program.
func program() string { return reflect.TypeFor[Props]().PkgPath() + "/profiler" }

// newImage is a folder with the program and a Dockerfile, which the CDK builds and pushes when it deploys.
func newImage(scope constructs.Construct) awsecrassets.DockerImageAsset {
	folder, err := os.MkdirTemp("", "batchjob")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }() // the asset has been copied to the cloud assembly by then
	gofunction.Build(program(), filepath.Join(folder, "profiler"), "")
	if err := os.WriteFile(filepath.Join(folder, "Dockerfile"), []byte(dockerfile), 0o600); err != nil {
		panic(err)
	}
	return awsecrassets.NewDockerImageAsset(scope, jsii.String("Image"), &awsecrassets.DockerImageAssetProps{
		Directory: &folder, Platform: awsecrassets.Platform_LINUX_ARM64(), DisplayName: jsii.String("profiler"),
	})
}
