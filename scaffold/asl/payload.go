package asl

import "fmt"

// dataLimit is the failure of a state, or of the service that is named, whose result is too large.
func dataLimit(name string) *Error {
	return &Error{Name: ErrorDataLimit, Cause: fmt.Sprintf(
		"The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", name)}
}

// inputText is the state's input as JSON, made once.
func (t *thread) inputText() string {
	if t.text == "" {
		t.text = EncodeString(t.input)
	}
	return t.text
}

// outputText is the output as JSON, as far as somebody will read it, and whether it is too large. An output that is
// the input keeps its text, white space included, as the service does.
func (t *thread) outputText(output any) (text string, tooLarge bool) {
	switch {
	case same(output, t.input):
		if t.x.recording {
			return t.inputText(), false
		}
		return t.text, false
	case t.x.recording:
		text = EncodeString(output)
		return text, len(text) > maxPayload
	}
	return "", tooLong(output)
}

// same reports whether two values are one and the same, without comparing what they hold.
func same(a, b any) bool {
	switch x := a.(type) {
	case *Object:
		y, ok := b.(*Object)
		return ok && x == y
	case []any:
		y, ok := b.([]any)
		return ok && len(x) == len(y) && (len(x) == 0 || &x[0] == &y[0])
	case string:
		y, ok := b.(string)
		return ok && x == y
	case int64:
		y, ok := b.(int64)
		return ok && x == y
	case bool:
		y, ok := b.(bool)
		return ok && x == y
	}
	return a == nil && b == nil
}

// tooLong reports whether the value's JSON is larger than a payload may be, without writing it.
func tooLong(v any) bool { return measure(v, maxPayload) < 0 }

// measure is what is left of room bytes when the value is written; negative when it does not fit.
func measure(v any, room int) int {
	switch x := v.(type) {
	case nil:
		return room - len("null")
	case bool:
		if x {
			return room - len("true")
		}
		return room - len("false")
	case int64:
		return room - digits(x)
	case string:
		return room - quotedLen(x)
	case []any:
		room -= 2 + max(len(x)-1, 0)
		for i := 0; i < len(x) && room >= 0; i++ {
			room = measure(x[i], room)
		}
		return room
	case *Object:
		room -= 2 + max(len(x.fields)-1, 0)
		for i := 0; i < len(x.fields) && room >= 0; i++ {
			room = measure(x.fields[i].value, room-1-quotedLen(x.fields[i].key))
		}
		return room
	}
	var buffer [32]byte
	return room - len(AppendJSON(buffer[:0], v))
}

func digits(n int64) int {
	size := 1
	if n < 0 {
		size++
	}
	for n /= 10; n != 0; n /= 10 {
		size++
	}
	return size
}

func quotedLen(s string) int {
	size := len(s) + 2
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"', c == '\\', c == '\b', c == '\f', c == '\n', c == '\r', c == '\t':
			size++
		case c < ' ':
			size += len(`\u0000`) - 1
		}
	}
	return size
}
