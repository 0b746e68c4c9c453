package diagram

import (
	"context"
	_ "embed"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// graphvizModule is Graphviz 12.1.2 as github.com/goccy/go-graphviz v0.2.10 ships it: a test compares the two, byte for byte.
//
// The package itself is not imported here. It compiles this module while the program starts, for every command: 0.6 s of CPU the first
// time and 0.03 s each time from then on, measured on two cores; and it keeps the machine code in a temporary folder that any user of
// the machine may have made. Here the first picture that needs the module starts it, and the machine code is kept with the user's own caches.
//
//go:embed graphviz.wasm
var graphvizModule []byte

// engine is one instance of the module; it serves one caller at a time.
type engine struct {
	module  api.Module
	context uint64 // GVC_t *
}

var (
	graphvizOnce   sync.Once
	graphvizLock   sync.Mutex
	graphvizShared *engine
	errGraphviz    error
)

// layoutJSON lets Graphviz lay out a graph in its language, and returns the graph with the places as JSON.
// Source: Graphviz documentation, "cgraph library", "Graphviz as a library" and "Output formats: json0", read 2026-11.
func layoutJSON(ctx context.Context, dot string) ([]byte, error) {
	graphvizOnce.Do(func() { graphvizShared, errGraphviz = startGraphviz(context.WithoutCancel(ctx)) })
	if errGraphviz != nil {
		return nil, fmt.Errorf("start Graphviz: %w", errGraphviz)
	}
	graphvizLock.Lock()
	defer graphvizLock.Unlock()
	placed, err := graphvizShared.layout(ctx, dot)
	if err != nil {
		return nil, fmt.Errorf("lay out the graph with Graphviz: %w", err)
	}
	return placed, nil
}

func startGraphviz(ctx context.Context) (*engine, error) {
	config := wazero.NewRuntimeConfig()
	if cache := machineCode(); cache != nil {
		config = config.WithCompilationCache(cache)
	}
	runtime := wazero.NewRuntimeWithConfig(ctx, config)
	compiled, err := runtime.CompileModule(ctx, graphvizModule)
	if err != nil {
		return nil, err
	}
	// The module wants to call back into Go for plugins written in Go, of which there are none.
	host := runtime.NewHostModuleBuilder("env")
	for _, function := range compiled.ImportedFunctions() {
		if module, name, _ := function.Import(); module == "env" {
			refuse := func(context.Context, api.Module, []uint64) { panic("called " + name + ", which is not there") }
			host.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(refuse), function.ParamTypes(), function.ResultTypes()).Export(name)
		}
	}
	if _, err = host.Instantiate(ctx); err != nil {
		return nil, err
	}
	if _, err = wasi_snapshot_preview1.Instantiate(ctx, runtime); err != nil {
		return nil, err
	}
	g := &engine{}
	if g.module, err = runtime.InstantiateModule(ctx, compiled, wazero.NewModuleConfig()); err != nil {
		return nil, err
	}
	plugins, err := g.plugins(ctx, "gvplugin_dot_layout_LTX_library", "gvplugin_core_LTX_library")
	if err != nil {
		return nil, err
	}
	g.context, err = g.call(ctx, "gvContextPlugins", plugins, 0)
	return g, err
}

// machineCode is where the compiled module is kept; nil where the user has no folder for caches, and it is compiled each time.
func machineCode() wazero.CompilationCache {
	folder, err := os.UserCacheDir()
	if err != nil {
		return nil
	}
	cache, err := wazero.NewCompilationCacheWithDir(filepath.Join(folder, "pipewright", "graphviz"))
	if err != nil {
		return nil
	}
	return cache
}

// plugins makes the list that tells Graphviz of what is linked into it: pairs of a name and an address, ended by zeros.
func (g *engine) plugins(ctx context.Context, names ...string) (uint64, error) {
	const pair = 8
	list := make([]byte, pair*(len(names)+1))
	for i, name := range names {
		library := g.module.ExportedGlobal(name)
		if library == nil {
			return 0, fmt.Errorf("the module has no %s", name)
		}
		text, err := g.put(ctx, append([]byte(name), 0))
		if err != nil {
			return 0, err
		}
		binary.LittleEndian.PutUint32(list[pair*i:], uint32(text))
		binary.LittleEndian.PutUint32(list[pair*i+pair/2:], uint32(library.Get()))
	}
	return g.put(ctx, list)
}

func (g *engine) layout(ctx context.Context, dot string) ([]byte, error) {
	text, err := g.put(ctx, append([]byte(dot), 0))
	if err != nil {
		return nil, err
	}
	graph, err := g.call(ctx, "agmemread", text)
	if err != nil {
		return nil, err
	}
	if graph == 0 {
		return nil, fmt.Errorf("the graph cannot be read")
	}
	engine, err := g.put(ctx, []byte("dot\x00json0\x00"))
	if err != nil {
		return nil, err
	}
	if err = g.succeed(ctx, "gvLayout", g.context, graph, engine); err != nil {
		return nil, err
	}
	const pointers = 8
	result, err := g.put(ctx, make([]byte, pointers))
	if err != nil {
		return nil, err
	}
	if err = g.succeed(ctx, "gvRenderData", g.context, graph, engine+uint64(len("dot\x00")), result, result+pointers/2); err != nil {
		return nil, err
	}
	where, _ := g.module.Memory().Read(uint32(result), pointers)
	placed, ok := g.module.Memory().Read(binary.LittleEndian.Uint32(where), binary.LittleEndian.Uint32(where[pointers/2:]))
	if !ok {
		return nil, fmt.Errorf("its output is outside the memory")
	}
	copied := append([]byte(nil), placed...)
	if _, err = g.call(ctx, "gvFreeLayout", g.context, graph); err != nil {
		return nil, err
	}
	_, err = g.call(ctx, "agclose", graph)
	return copied, err
}

// succeed calls what returns 0 when it could do its work.
func (g *engine) succeed(ctx context.Context, name string, arguments ...uint64) error {
	code, err := g.call(ctx, name, arguments...)
	if err == nil && int32(code) != 0 {
		err = fmt.Errorf("%s: it failed with %d", name, int32(code))
	}
	return err
}

// put copies bytes into the module's memory. It is freed with the module: a command draws a few pictures, each of some kilobytes.
func (g *engine) put(ctx context.Context, data []byte) (uint64, error) {
	at, err := g.call(ctx, "malloc", uint64(len(data)))
	if err != nil {
		return 0, err
	}
	if at == 0 || !g.module.Memory().Write(uint32(at), data) {
		return 0, fmt.Errorf("there is no memory for %d bytes", len(data))
	}
	return at, nil
}

func (g *engine) call(ctx context.Context, name string, arguments ...uint64) (uint64, error) {
	results, err := g.module.ExportedFunction(name).Call(ctx, arguments...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	if len(results) == 0 {
		return 0, nil
	}
	return results[0], nil
}
