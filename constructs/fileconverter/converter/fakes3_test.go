package main

import (
	"log/slog"
	"testing"

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
	c := newConverter(fake.Config())
	c.log = slog.New(slog.DiscardHandler)
	return fake, c
}
