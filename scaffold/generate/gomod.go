package generate

import (
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/mod/modfile"
)

// addModule makes the root's go.mod and go.sum. The example's own win over the skeleton's: they pin just what it needs.
func (c *collector) addModule() error {
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := fs.ReadFile(c.src.Stacks, c.project.Example+"/"+name+".txt")
		switch {
		case err == nil:
			c.files[name] = data
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("read the embedded source: %w", err)
		}
	}
	origin := "stacks/" + c.project.Example + "/go.mod.txt"
	data, ok := c.files["go.mod"]
	if !ok {
		return fmt.Errorf("%s: there is none, nor scaffold/base/go.mod.txt; expected one that pins what the example requires", origin)
	}
	data, err := renamed(origin, data, c.project.Module)
	if err != nil {
		return err
	}
	c.files["go.mod"] = data
	return nil
}

// renamed is a go.mod for another module, with everything else as it was.
func renamed(origin string, data []byte, modulePath string) ([]byte, error) {
	file, err := modfile.Parse(origin, data, nil)
	if err != nil {
		return nil, fmt.Errorf("parse go.mod: %w", err)
	}
	for _, require := range file.Require {
		if require.Mod.Path == modulePath {
			return nil, refuse("choose a module path of your own",
				"module path %q: the project requires a module of that name", modulePath)
		}
	}
	if err := file.AddModuleStmt(modulePath); err != nil {
		return nil, fmt.Errorf("%s: set the module path: %w", origin, err)
	}
	return modfile.Format(file.Syntax), nil
}
