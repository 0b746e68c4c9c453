// Package stacks embeds the source of every worked example below it.
//
// It imports none of them, so that the generator can ship them without compiling the CDK.
package stacks

import "embed"

// Source holds each example's folder: the stack, its tests and its golden templates.
//
//go:embed [a-z]*
var Source embed.FS
