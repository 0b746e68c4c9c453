// Package constructs embeds the source of every construct below it.
//
// It imports none of them, so that the generator can ship them without compiling the CDK.
package constructs

import "embed"

// Source holds each construct's folder: its Go files and the code that it deploys.
//
//go:embed [a-z]*
var Source embed.FS
