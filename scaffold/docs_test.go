package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// docsFolder has a page for each service.
const docsFolder = "../docs"

func docsPages(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(docsFolder, "*.md"))
	if err != nil || len(pages) < 2 {
		t.Fatalf("got the pages %v of %s (%v)", pages, docsFolder, err)
	}
	return pages
}

// What the pages say of rules and prices is what recommend and cost use.
func TestDocsSayWhatTheRulesAndPricesSay(t *testing.T) {
	for _, page := range docsPages(t) {
		keepCurrent(t, page, fillSections)
	}
}

// What the pages show is what the commands print. Those of a block that is marked "programs" run Go functions, Glue jobs or SQL, and so
// take a build with the tag of that name.
func TestDocsShowWhatTheCommandsPrint(t *testing.T) {
	if !withPrograms {
		t.Setenv("XDG_CACHE_HOME", filepath.Join(t.TempDir(), "cache")) // programs have a cache that is worth keeping
	}
	for _, page := range docsPages(t) {
		t.Run(filepath.Base(page), func(t *testing.T) {
			keepCurrent(t, page, func(text string) (string, error) { return fillSessions(checkout(t), text) })
		})
	}
}

// keepCurrent compares a page with what it would be now, or writes that.
func keepCurrent(t *testing.T, page string, fill func(string) (string, error)) {
	t.Helper()
	had, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want, err := fill(string(had))
	if err != nil {
		t.Errorf("%s: %v", page, err)
		return
	}
	if want == string(had) {
		return
	}
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, expected := firstDifference(string(had), want)
	t.Errorf("%s is out of date: it has\n  %s\nand now it would be\n  %s\nhint: go test %s./scaffold -run Docs -update writes it anew", page, got, expected, docsTags)
}

// firstDifference are the first lines that differ, with their number.
func firstDifference(had, want string) (got, expected string) {
	before, now := strings.Split(had, "\n"), strings.Split(want, "\n")
	for i := range max(len(before), len(now)) {
		line := func(lines []string) string {
			if i < len(lines) {
				return fmt.Sprintf("%d: %s", i+1, lines[i])
			}
			return "the end"
		}
		if line(before) != line(now) {
			return line(before), line(now)
		}
	}
	return "", ""
}

// checkout is a folder that looks like this repository with bin/scaffold built, in which commands may leave what they write.
func checkout(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	binary, err := exec.LookPath("scaffold") // this test binary, as TestMain has it
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err = os.Mkdir(filepath.Join(folder, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	links := map[string]string{"bin/scaffold": binary}
	for _, name := range []string{"scaffold", "constructs", "stacks", "docs"} {
		links[name] = filepath.Join(root, name)
	}
	for name, target := range links {
		if err = os.Symlink(target, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// The fence of a block of commands with what they print, and of one whose commands run a pipeline's own programs.
const (
	sessionFence  = "```console"
	programsFence = "```console programs"
)

// fillSessions runs the commands of a page, one after the other in the folder, and puts what they print below them.
func fillSessions(folder, text string) (string, error) {
	var out strings.Builder
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		out.WriteString(lines[i])
		if i < len(lines)-1 {
			out.WriteByte('\n')
		}
		if lines[i] != sessionFence && (lines[i] != programsFence || !withPrograms) {
			continue
		}
		end := i + 1
		for end < len(lines) && lines[end] != "```" {
			end++
		}
		commands, err := sessionCommands(lines[i+1 : end])
		if err != nil {
			return "", fmt.Errorf("line %d: %w", i+2, err)
		}
		for _, command := range commands {
			printed, err := runSession(folder, command)
			if err != nil {
				return "", fmt.Errorf("line %d: $ %s: %w", i+2, command, err)
			}
			out.WriteString("$ " + strings.ReplaceAll(command, "\n", "\n> ") + "\n" + printed)
		}
		i = end - 1
	}
	return out.String(), nil
}

// sessionCommands are the lines after "$ ", each with those after "> " that go on with it.
func sessionCommands(lines []string) ([]string, error) {
	var commands []string
	for _, line := range lines {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			commands = append(commands, command)
		} else if more, ok := strings.CutPrefix(line, "> "); ok && len(commands) > 0 {
			commands[len(commands)-1] += "\n" + more
		}
	}
	if len(commands) == 0 {
		return nil, fmt.Errorf("got a block without a command, expected a line that begins with $")
	}
	return commands, nil
}

// runSession runs a command in a shell, as a reader would. A command that is meant to fail says so: "... || echo failed".
func runSession(folder, command string) (string, error) {
	var printed, complaints bytes.Buffer
	shell := exec.Command("sh", "-c", command)
	shell.Dir, shell.Stdout, shell.Stderr = folder, &printed, &complaints
	if err := shell.Run(); err != nil {
		return "", fmt.Errorf("%w\n%s%s", err, printed.String(), complaints.String())
	}
	if printed.Len() == 0 && strings.Contains(command, " | ") {
		return "", fmt.Errorf("it printed nothing: a shell hides the failure of what stands before a pipe\n%s", complaints.String())
	}
	var text strings.Builder
	for line := range strings.Lines(printed.String()) {
		text.WriteString(strings.TrimRight(line, " \n") + "\n") // a reader sees no space at the end, and editors remove it
	}
	return text.String(), nil
}

// An answer that cannot be tried out is a claim.
func TestEachCheckpointQuestionIsAnsweredByACommand(t *testing.T) {
	var asked []string // numbers
	for _, page := range docsPages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(page) == "README.md" {
			continue
		}
		_, part, ok := strings.Cut(string(text), "\n## Checkpoint questions\n")
		if !ok {
			t.Errorf("%s has no checkpoint questions", page)
			continue
		}
		part, _, _ = strings.Cut(part, "\n## ")
		for _, question := range strings.Split(part, "\n### ")[1:] {
			title, answer, _ := strings.Cut(question, "\n")
			number, _, _ := strings.Cut(title, ".")
			asked = append(asked, number)
			if !strings.Contains(answer, "\n"+sessionFence+"\n$ ") {
				t.Errorf("%s: %q is answered by no block of commands that every test runs", page, title)
			}
		}
	}
	for number := 1; number <= 4; number++ {
		if !slices.Contains(asked, strconv.Itoa(number)) {
			t.Errorf("question %d of the study guide stands on no page", number)
		}
	}
}
