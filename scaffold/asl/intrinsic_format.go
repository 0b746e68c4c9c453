package asl

import (
	"strings"
)

// format puts the arguments at the places {} of the first one. \{ and \} are braces.
func format(_ *Scope, args []any) (any, error) {
	s, err := text("States.Format", args[0])
	if err != nil {
		return nil, err
	}
	args = args[1:]
	b := make([]byte, 0, len(s)+16*len(args))
	used := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && strings.IndexByte(`{}\`, s[i+1]) >= 0:
			i++
			b = append(b, s[i])
		case s[i] == '{' && i+1 < len(s) && s[i+1] == '}':
			if used == len(args) {
				return nil, refuse("Invalid arguments in States.Format: the template has more places {} than the %d arguments", len(args))
			}
			b = appendJavaText(b, args[used])
			used++
			i++
		default:
			b = append(b, s[i])
		}
	}
	if used < len(args) {
		return nil, refuse("Invalid arguments in States.Format: got %d arguments for %d places {}", len(args), used)
	}
	return string(b), nil
}

// appendJavaText writes a value as Java's toString does: {a=1, b=[x]}.
func appendJavaText(b []byte, v any) []byte {
	switch x := v.(type) {
	case string:
		return append(b, x...)
	case template:
		return append(b, x...)
	case []any:
		b = append(b, '[')
		for i, item := range x {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendJavaText(b, item)
		}
		return append(b, ']')
	case *Object:
		b = append(b, '{')
		first := true
		for key, item := range x.All() {
			if !first {
				b = append(b, ", "...)
			}
			first = false
			b = append(append(b, key...), '=')
			b = appendJavaText(b, item)
		}
		return append(b, '}')
	}
	return AppendJSON(b, v)
}
