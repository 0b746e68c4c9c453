//go:build programs

package main

// withPrograms says that the blocks of the pages that run a pipeline's own programs are run too.
const withPrograms = true

// docsTags are the flags of go test that this build was made with.
const docsTags = "-tags programs "
