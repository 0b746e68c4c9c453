package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// segment is a piece of a template: text, or a variable.
type segment struct {
	text     string
	variable string
	quoted   bool // the variable stands within a JSON string
}

// parse cuts the template at its variables and checks what AWS checks: that each variable is known, that none is the name of a
// member, and that the template is JSON once it is filled.
func (t *Transformer) parse(template string) error {
	if template == "" || len([]rune(template)) > MaxTemplateSize {
		return fmt.Errorf("InputTemplate has %d characters, AWS accepts 1 to %d", len([]rune(template)), MaxTemplateSize)
	}
	t.text = strings.HasPrefix(strings.TrimSpace(template), `"`)
	start, quoted, named := 0, false, false
	for i := 0; i < len(template); i++ {
		switch template[i] {
		case '\\':
			if quoted {
				i++
			}
		case '"':
			if quoted && named && strings.HasPrefix(strings.TrimLeft(template[i+1:], " \t\r\n"), ":") {
				return errors.New("InputTemplate: a variable cannot be the name of a member of a JSON object\n  hint: write the name as text, and the variable behind the colon")
			}
			quoted, named = !quoted, false
		case '<':
			name, ok := t.variableAt(template[i:])
			if !ok {
				continue
			}
			if !slices.Contains(predefined, name) && t.paths[name] == nil {
				return fmt.Errorf("InputTemplate contains invalid placeholder %s\n  hint: give it a path in InputPathsMap, or use one of the predefined variables %s", name, strings.Join(predefined, ", "))
			}
			t.segments = append(t.segments, segment{text: template[start:i]}, segment{variable: name, quoted: quoted})
			named = true
			i += len(name) + 1
			start = i + 1
		}
	}
	t.segments = append(t.segments, segment{text: template[start:]})
	if quoted {
		return errors.New("InputTemplate: a string is not closed with a quote")
	}
	return t.check()
}

// variableAt reads <name>. Other uses of < are text.
func (t *Transformer) variableAt(text string) (name string, ok bool) {
	end := strings.IndexByte(text, '>')
	if end < 0 {
		return "", false
	}
	name = text[1:end]
	return name, variableName.MatchString(strings.ReplaceAll(name, ".", "-"))
}

// check fills the template with values that fit everywhere, and looks whether that is JSON. A template of text may have several
// strings, and line breaks within them.
func (t *Transformer) check() error {
	var b strings.Builder
	for _, s := range t.segments {
		b.WriteString(s.text)
		if s.variable != "" && !s.quoted {
			b.WriteString("0")
		}
	}
	sample := b.String()
	if t.text {
		sample = strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(sample)
	}
	decoder := json.NewDecoder(strings.NewReader(sample))
	for n := 0; ; n++ {
		var value any
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) && n > 0 {
			return nil
		}
		if err == nil && n > 0 && !t.text {
			err = errors.New("there is text behind the value")
		}
		if _, isString := value.(string); err == nil && t.text && !isString {
			err = errors.New("a template that begins with a quote has strings only")
		}
		if err != nil {
			return fmt.Errorf("InputTemplate is not valid JSON once its variables are filled: %w\n  hint: write text in quotes, \"Job <name> ended\", or data as JSON, {\"name\": <name>}", err)
		}
	}
}
