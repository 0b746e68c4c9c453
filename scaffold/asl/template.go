package asl

import (
	"fmt"
	"strconv"
	"strings"
)

// Template is a payload template: a JSON value with ".$" keys (JSONPath) or "{% %}" strings (JSONata) anywhere in it.
// A field that holds one JSONata expression (Output, Condition, Seconds, Items ...) is a template too.
type Template struct {
	constant any
	kind     templateKind
	field    string
	path     *Expr
	jsonata  *jsonataExpr
	keys     []string
	parts    []*Template
}

type templateKind uint8

const (
	templateConstant templateKind = iota
	templatePath
	templateJSONata
	templateObject
	templateArray
)

// CompileTemplate compiles a value. field is the field's name (Output, Assign, Parameters) for the failure's text.
func CompileTemplate(v any, lang QueryLanguage, field string) (*Template, error) {
	t, err := compileTemplate(v, lang, field)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return &Template{constant: v, field: field}, nil
	}
	return t, nil
}

// compileTemplate is nil for a value without an expression.
func compileTemplate(v any, lang QueryLanguage, field string) (*Template, error) {
	switch x := v.(type) {
	case string:
		if lang != JSONata || !strings.HasPrefix(x, "{%") {
			return nil, nil
		}
		if !IsJSONata(x) {
			return nil, fmt.Errorf("%s: the JSONata expression %q starts with {%% and does not end with %%}", field, x)
		}
		j, err := compileJSONata(x)
		return &Template{kind: templateJSONata, field: field, jsonata: j}, err
	case []any:
		return compileArray(x, lang, field)
	case *Object:
		return compileObject(x, lang, field)
	}
	return nil, nil
}

func compileArray(items []any, lang QueryLanguage, field string) (*Template, error) {
	t := &Template{kind: templateArray, field: field, parts: make([]*Template, len(items))}
	dynamic := false
	for i, item := range items {
		part, err := compileTemplate(item, lang, field+"["+strconv.Itoa(i)+"]")
		if err != nil {
			return nil, err
		}
		dynamic = dynamic || part != nil
		if part == nil {
			part = &Template{constant: item}
		}
		t.parts[i] = part
	}
	if !dynamic {
		return nil, nil
	}
	return t, nil
}

// compileObject puts the ".$" keys last: the service takes them out of the object and sets their values at the end.
func compileObject(o *Object, lang QueryLanguage, field string) (*Template, error) {
	t := &Template{kind: templateObject, field: field}
	var last []*Template
	var lastKeys []string
	dynamic := false
	for key, v := range o.All() {
		name, isPath := strings.CutSuffix(key, ".$")
		if lang == JSONPath && isPath {
			part, err := compileField(key, v)
			if err != nil {
				return nil, err
			}
			last, lastKeys = append(last, part), append(lastKeys, name)
			continue
		}
		part, err := compileTemplate(v, lang, field+"/"+key)
		if err != nil {
			return nil, err
		}
		dynamic = dynamic || part != nil
		if part == nil {
			part = &Template{constant: v}
		}
		t.keys, t.parts = append(t.keys, key), append(t.parts, part)
	}
	if !dynamic && last == nil {
		return nil, nil
	}
	for i, key := range lastKeys {
		if _, both := o.Get(key); both {
			return nil, fmt.Errorf("both %q and %q are set, expected one of them", key, key+".$")
		}
		t.keys, t.parts = append(t.keys, key), append(t.parts, last[i])
	}
	return t, nil
}

func compileField(key string, v any) (*Template, error) {
	text, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("the value for the field %q is %s, expected a JSONPath or a call of an intrinsic function", key, EncodeString(v))
	}
	e, err := CompileExpr(text, key)
	return &Template{kind: templatePath, field: key, path: e}, err
}

// Constant is the template's value when it holds no expression.
func (t *Template) Constant() (any, bool) { return t.constant, t.kind == templateConstant }

// Eval is the template's value.
func (t *Template) Eval(s *Scope) (any, *Error) {
	switch t.kind {
	case templatePath:
		return t.path.Eval(s)
	case templateJSONata:
		return t.jsonata.eval(s, t.field)
	case templateObject:
		object := newObjectSize(len(t.parts))
		for i, part := range t.parts {
			value, err := part.Eval(s)
			if err != nil {
				return nil, err
			}
			object.fields = append(object.fields, field{t.keys[i], value})
		}
		if len(object.fields) >= indexAt {
			object.reindex()
		}
		return object, nil
	case templateArray:
		items := make([]any, len(t.parts))
		for i, part := range t.parts {
			value, err := part.Eval(s)
			if err != nil {
				return nil, err
			}
			items[i] = value
		}
		return items, nil
	}
	return t.constant, nil
}
