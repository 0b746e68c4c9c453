package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// minorPython is the oldest Python 3 that runs the programs: Glue 5.1 has 3.11.
// Source: AWS Glue Developer Guide, "AWS Glue version 5.1", read 2026-11.
const minorPython = 11

// findPython is a Python of this machine that is new enough, and its version.
func findPython(ctx context.Context) (path, version string, err error) {
	got := "none"
	for _, name := range []string{"python3.11", "python3.12", "python3.13", "python3"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		// Asked of itself: a launcher may be there without the version that it is named after.
		output, err := exec.CommandContext(ctx, path, "-c", "import sys; print(sys.executable, *sys.version_info[:2])").Output() //nolint:gosec // from the PATH
		if err != nil {
			continue
		}
		words := strings.Fields(string(output))
		if len(words) < 3 {
			continue
		}
		major, minor := words[len(words)-2], words[len(words)-1]
		executable := strings.Join(words[:len(words)-2], " ")
		if n, err := strconv.Atoi(minor); err == nil && major == "3" && n >= minorPython {
			return executable, major + "." + minor, nil
		}
		got = "Python " + major + "." + minor
	}
	if err := ctx.Err(); err != nil {
		return "", "", err
	}
	return "", "", fmt.Errorf("the lab runs scripts with Python: got %s on the PATH, expected Python 3.%d or later\n"+
		"  hint: install it from https://www.python.org/downloads or with your system's packages (apt install python3 python3-venv)", got, minorPython)
}

// interpreter is a Python that has what a script's requirements-ENGINE.txt lists, made once for each content of that file.
func (p *Programs) interpreter(engine, requirements string) (string, error) {
	if python := p.options.Python[engine]; python != "" {
		return python, nil
	}
	text, err := os.ReadFile(requirements)
	if err != nil {
		return "", fmt.Errorf("the lab installs what a script needs: got no %s, expected it beside the script, with hashes\n"+
			"  hint: pip-compile --generate-hashes makes it", filepath.Base(requirements))
	}
	base, version, err := findPython(p.ctx)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(p.options.Cache, "venv", engine+"-"+digest(string(text), version))
	python := filepath.Join(folder, "bin", "python")
	if _, missing := os.Stat(python); missing == nil {
		return python, nil
	}
	what := engine + " for the scripts"
	if engine == EngineSQL {
		what = "DuckDB for the SQL"
	}
	p.options.Progress(fmt.Sprintf("setting up %s, once, in %s (about a minute)", what, folder))
	if err = os.MkdirAll(filepath.Dir(folder), 0o750); err != nil {
		return "", fmt.Errorf("make the cache: %w", err)
	}
	part, err := os.MkdirTemp(filepath.Dir(folder), ".part")
	if err != nil {
		return "", fmt.Errorf("make the cache: %w", err)
	}
	defer func() { _ = os.RemoveAll(part) }() // gone when it was renamed
	if err := p.install(base, part, requirements); err != nil {
		return "", err
	}
	// An environment works wherever it lies; only the launchers in its bin name its first place, and none of them is used.
	if err := os.Rename(part, folder); err != nil {
		if _, there := os.Stat(python); there != nil { // another run may have been faster
			return "", fmt.Errorf("set up Python: %w", err)
		}
	}
	return python, nil
}

func (p *Programs) install(python, folder, requirements string) error {
	steps := [][]string{
		{python, "-m", "venv", folder},
		{filepath.Join(folder, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "-r", requirements},
	}
	for _, step := range steps {
		command := exec.CommandContext(p.ctx, step[0], step[1:]...) //nolint:gosec // Python's own tools
		log, err := newLog("", "")
		if err != nil {
			return err
		}
		command.Stdout, command.Stderr = log, log
		if err = p.starter.start(command); err == nil {
			err = command.Wait()
			p.starter.kill(command.Process.Pid)
		}
		if p.ctx.Err() != nil {
			return p.ctx.Err()
		}
		if err != nil {
			return errors.Join(fmt.Errorf("set up Python with %s: %w: %s", filepath.Base(requirements), err, log.last()),
				errors.New("  hint: the packages come from PyPI: see that pip reaches it, or install python3-venv where venv is missing"))
		}
	}
	return nil
}
