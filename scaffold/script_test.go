package main

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what the scripts compare their output with anew")

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"scaffold": main}) }

func TestScripts(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "cache") // one for all: Graphviz is compiled once
	testscript.Run(t, testscript.Params{Dir: "testdata/script", UpdateScripts: *update, Setup: func(env *testscript.Env) error {
		env.Setenv("XDG_CACHE_HOME", cache)
		return nil
	}})
}
