package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// markdownFiles are those of this repository by their path from its top, each with its lines.
func markdownFiles(t *testing.T) map[string][]string {
	t.Helper()
	files := map[string][]string{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && path != ".." && (name[0] == '.' || slices.Contains([]string{"node_modules", "cdk.out", "demo", "bin"}, name)) {
			return fs.SkipDir
		}
		if entry.IsDir() || filepath.Ext(path) != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		files[filepath.ToSlash(path)] = strings.Split(string(text), "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if files["../README.md"] == nil || files["../docs/README.md"] == nil {
		t.Fatalf("got %d Markdown files, without the README of this repository or of docs", len(files))
	}
	return files
}

var (
	markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	inlineCode   = regexp.MustCompile("`([^`]+)`")
	heading      = regexp.MustCompile(`^#{1,6} +(.+?) *#*$`)
)

func TestLinksInMarkdownLeadSomewhere(t *testing.T) {
	files := markdownFiles(t)
	for file, lines := range files {
		fenced := false
		for i, line := range lines {
			if fenced = fenced != strings.HasPrefix(line, "```"); fenced {
				continue
			}
			for _, link := range markdownLink.FindAllStringSubmatch(inlineCode.ReplaceAllString(line, ""), -1) {
				if err := followLink(files, file, link[1]); err != nil {
					t.Errorf("%s:%d: the link to %s: %v", file, i+1, link[1], err)
				}
			}
		}
	}
}

// followLink looks whether there is what a link leads to. Other sites are not asked, but have to be named by https.
func followLink(files map[string][]string, from, link string) error {
	if strings.Contains(link, ":") {
		if !strings.HasPrefix(link, "https://") {
			return errors.New("expected https, or a path of this repository")
		}
		return nil
	}
	path, anchor, anchored := strings.Cut(link, "#")
	target := from
	if path != "" {
		target = filepath.ToSlash(filepath.Join(filepath.Dir(from), path))
	}
	if _, err := os.Stat(target); err != nil {
		return err
	}
	if anchored && !slices.Contains(anchors(files[target]), anchor) {
		return fmt.Errorf("%s has no heading for #%s", target, anchor)
	}
	return nil
}

// anchors are the fragments that GitHub gives to the headings of a page.
func anchors(lines []string) []string {
	var all []string
	seen := map[string]int{}
	fenced := false
	for _, line := range lines {
		if fenced = fenced != strings.HasPrefix(line, "```"); fenced {
			continue
		}
		title := heading.FindStringSubmatch(line)
		if title == nil {
			continue
		}
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, title[1])
		if seen[anchor]++; seen[anchor] > 1 {
			anchor += fmt.Sprintf("-%d", seen[anchor]-1)
		}
		all = append(all, anchor)
	}
	return all
}

func TestAnchorsAreThoseOfGitHub(t *testing.T) {
	got := anchors([]string{"# One `two`: three?", "## a_b - c", "```", "# no", "```", "## a_b - c", "text"})
	if want := []string{"one-two-three", "a_b---c", "a_b---c-1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, expected %q", got, want)
	}
}

// A command that a reader copies must be one that this version has.
func TestCommandsInMarkdownAreCommandsOfScaffold(t *testing.T) {
	found := 0
	for file, lines := range markdownFiles(t) {
		for _, line := range commandLines(lines) {
			for _, words := range pipeline(line.text) {
				args, ok := scaffoldArgs(words)
				if !ok {
					continue
				}
				found++
				if err := parses(args); err != nil {
					t.Errorf("%s:%d: %s: %v", file, line.number, strings.Join(words, " "), err)
				}
			}
		}
	}
	if found < 50 {
		t.Errorf("got %d commands, expected those of README.md and docs", found)
	}
}

type commandLine struct {
	number int
	text   string
}

// commandLines are the lines of fenced and indented blocks, those of a console without what is printed, and what is written as code in text.
func commandLines(lines []string) []commandLine {
	var all []commandLine
	fenced, console := false, false
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
			console = fenced && strings.HasPrefix(line, sessionFence)
		case console:
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				all = append(all, commandLine{i + 1, command})
			}
		case fenced, strings.HasPrefix(line, "    "):
			all = append(all, commandLine{i + 1, line})
		default:
			for _, code := range inlineCode.FindAllStringSubmatch(line, -1) {
				all = append(all, commandLine{i + 1, code[1]})
			}
		}
	}
	return all
}

// pipeline splits a line into its commands and their words as a shell does, as far as documents need it: quotes, comments, redirections.
func pipeline(line string) [][]string {
	var commands [][]string
	var words []string
	var word strings.Builder
	quote, inWord := rune(0), false
	endWord := func() {
		if inWord {
			words = append(words, word.String())
		}
		word.Reset()
		inWord = false
	}
	for _, r := range line + "\n" {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case r == '#' && !inWord:
			return append(commands, words)
		case strings.ContainsRune("|&;\n", r):
			endWord()
			commands, words = append(commands, words), nil
		case unicode.IsSpace(r):
			endWord()
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	return commands
}

// scaffoldArgs are the arguments of a call of scaffold. Its name alone, and words such as scaffold/cost, are none.
func scaffoldArgs(words []string) ([]string, bool) {
	if len(words) < 2 || words[0] != "scaffold" && words[0] != "bin/scaffold" {
		return nil, false
	}
	args := words[1:]
	if at := slices.IndexFunc(args, func(word string) bool {
		return strings.HasPrefix(word, ">") || strings.HasPrefix(word, "<") || word == "2>"
	}); at >= 0 {
		args = args[:at]
	}
	return args, true
}

// parses says whether scaffold has the command, the flags and so many arguments, without running it.
func parses(args []string) error {
	var chosen command
	var name []string
	for _, known := range slices.Concat(commands, labCommands, []command{costRefreshCommand}) {
		words := strings.Fields(known.name)
		if len(words) > len(name) && len(args) >= len(words) && slices.Equal(args[:len(words)], words) {
			chosen, name = known, words
		}
	}
	if name == nil {
		return fmt.Errorf("there is no command %q", args[0])
	}
	flags := flag.NewFlagSet(chosen.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	args = args[len(name):]
	if len(args) == 0 || slices.Contains(args, "--help") {
		return nil // a bare name speaks of the command
	}
	// Asked for help, a command defines its flags and stops.
	if err := chosen.run(&shell{stdout: io.Discard, stderr: io.Discard}, flags, []string{"--help"}); !errors.Is(err, flag.ErrHelp) {
		return errors.New("asked for help, it does something else")
	}
	rest, err := parse(flags, args, mostArguments(chosen.args))
	if err != nil {
		return err
	}
	for _, file := range rest {
		if top, _, ok := strings.Cut(file, "/"); ok && slices.Contains([]string{"scaffold", "stacks", "constructs", "docs"}, top) {
			if _, err := os.Stat(filepath.Join("..", file)); err != nil {
				return err
			}
		}
	}
	return nil
}

var optionalFlags = regexp.MustCompile(`\[-[^\[\]]*(\[[^\]]*\][^\[\]]*)*\]`)

// mostArguments is how many arguments a command takes beside its flags, as its usage says: DIR, [FILE], PATTERN EVENT.
func mostArguments(usage string) int {
	return len(strings.Fields(optionalFlags.ReplaceAllString(usage, "")))
}

func TestParsesRefusesWhatScaffoldRefuses(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{"scaffold recommend answers.yaml --json", ""},
		{"scaffold cost refresh --region eu-central-1 --output prices.yaml", ""},
		{"scaffold lab next 'cron(0 8 ? * MON *)' -n 3", ""},
		{"scaffold lab match pattern.json event.json # a comment", ""},
		{"scaffold lab show --lineage --mermaid", ""},
		{"scaffold suggest answers.yaml", `there is no command "suggest"`},
		{"scaffold recommend answers.yaml --yaml", "flag provided but not defined: -yaml"},
		{"scaffold recommend a.yaml b.yaml", `got the argument "b.yaml", expected at most 1`},
		{"scaffold lab next 'cron(0 8 ? * MON *)' -n many", `invalid value "many" for flag -n`},
		{"scaffold lab show 1 2", "expected at most 1"},
		{"scaffold cost scaffold/examples/gluejob.yaml", "no such file"},
	} {
		args, _ := scaffoldArgs(pipeline(test.line)[0])
		err := parses(args)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, expected %q", test.line, err, test.want)
		}
	}
}
