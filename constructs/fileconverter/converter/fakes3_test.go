package main

import (
	"log/slog"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"example.com/pipewright/constructs/fakes3"
)

func newFakeS3(t testing.TB) (*fakes3.Server, *converter) {
	t.Helper()
	fake := fakes3.New(t)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": fake.URL, "LANDING": "landing", "PREFIX": "raw/", "SUFFIX": ".csv", "CURATED": "curated",
	} {
		t.Setenv(name, value)
	}
	c := newConverter(aws.Config{
		Region: "us-east-1", BaseEndpoint: &fake.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
	c.log = slog.New(slog.DiscardHandler)
	return fake, c
}
