//go:build programs

package main

// withPrograms says that the blocks of the pages that run a pipeline's own programs are run too.
const withPrograms = true
