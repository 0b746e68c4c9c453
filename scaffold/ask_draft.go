package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// draft is the file that keeps the replies of a questionnaire that was left. It lies in the working folder, below which
// every target is, so that whoever left sees it and can remove it.
type draft string

func draftOf(dir string) draft {
	const longest = 200 // bytes; most file systems end at 255
	name := strings.ReplaceAll(dir, "/", "_")
	if len(name) > longest {
		name = strings.ToValidUTF8(name[len(name)-longest:], "")
	}
	return draft("." + name + ".answers.draft.yaml")
}

// resume is what was answered, by the path of the question. The zero value is that there is nothing to take up.
type resume struct {
	Replies map[string]string `yaml:"replies"`

	kept time.Time
}

const draftHead = "# The answers so far to the questions of scaffold new. It goes on from here; remove the file to begin anew.\n"

// read returns what was kept, or the zero value if nothing was.
func (d draft) read() (resume, error) {
	file, err := os.Open(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return resume{}, nil
	} else if err != nil {
		return resume{}, fmt.Errorf("read the draft of your answers: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	info, err := file.Stat()
	if err != nil {
		return resume{}, fmt.Errorf("read the draft of your answers: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxAnswers+1))
	if err != nil {
		return resume{}, fmt.Errorf("read the draft of your answers: %w", err)
	}
	found := resume{kept: info.ModTime()}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if len(data) > maxAnswers {
		err = fmt.Errorf("it has more than %d bytes", maxAnswers)
	} else if err = decoder.Decode(&found); err == nil {
		err = found.known()
	}
	if err != nil {
		return resume{}, fmt.Errorf("%s is no draft of answers: %w\n  hint: remove it to begin anew", d, err)
	}
	return found, nil
}

// known refuses what no question asks for.
func (r *resume) known() error {
	paths := map[string]bool{}
	for _, question := range questions {
		paths[question.path] = true
	}
	for path := range r.Replies {
		if !paths[path] {
			return fmt.Errorf("replies: got %q, which is no question", path)
		}
	}
	return nil
}

// keep writes what was answered, all of it or nothing. Without an answer it writes nothing and says so. A reply that was
// refused is left out: it may hold a password, which answers refuse for the very reason that they are files.
func (d draft) keep(talk *interview) (bool, error) {
	now := resume{Replies: map[string]string{}}
	for _, i := range talk.asked() {
		if talk.met[i] && talk.check(i) == nil {
			now.Replies[questions[i].path] = talk.replies[i]
		}
	}
	if len(now.Replies) == 0 {
		return false, nil
	}
	text, err := yaml.Marshal(now)
	if err == nil {
		err = writeWhole(string(d), append([]byte(draftHead), text...), 0o600) // for its owner alone
	}
	if err != nil {
		return false, fmt.Errorf("keep the draft of your answers: %w", err)
	}
	return true, nil
}

// remove is for when the project has been written.
func (d draft) remove() error {
	if err := os.Remove(string(d)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the draft of your answers: %w", err)
	}
	return nil
}

// takeUp puts the replies of an earlier time into the interview, as if they had just been agreed to.
func (t *interview) takeUp() {
	for i, question := range questions {
		if reply, answered := t.resume.Replies[question.path]; answered {
			t.replies[i], t.met[i] = reply, true
		}
	}
}

// offer says what there is to take up.
func (r *resume) offer() string {
	answered, are := "1 answer", "is"
	if n := len(r.Replies); n != 1 {
		answered, are = fmt.Sprintf("%d answers", n), "are"
	}
	return fmt.Sprintf("%s of %s %s kept.", answered, r.kept.Format("Monday, 2 January 2006, 15:04"), are)
}
