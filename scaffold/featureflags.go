package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// featureFlags are the CDK's feature flags with the values that AWS recommends for a new project, as `cdk init` would write them for the version
// of the CDK that is pinned. Without them the CDK behaves as its first version did, and `cdk synth` ends with a warning about how many it misses.
// One differs: aws-iam:minimizePolicies is off, because statements that are merged and sorted are no longer those of the source.
// Source: aws-cdk-lib, recommended-feature-flags.json; AWS CDK v2 Developer Guide, "AWS CDK feature flags", read 2026-11.
//
//go:embed featureflags.json
var featureFlags []byte

// addFeatureFlags puts the flags into the context.
func addFeatureFlags(context map[string]any) error {
	if err := json.Unmarshal(featureFlags, &context); err != nil {
		return fmt.Errorf("read featureflags.json: %w", err)
	}
	return nil
}
