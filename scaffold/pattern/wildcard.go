package pattern

import (
	"bytes"
	"fmt"
)

// wildcard is a pattern cut at its stars. Without a star there is one piece, which is the whole text.
type wildcard [][]byte

// parseWildcard reads a wildcard pattern: * is any text, \* a star, \\ a backslash. The positions of its errors count the quote
// before the text, as in AWS's messages. Source: event-ruler 2.1, WildcardParser.
func parseWildcard(text string) (wildcard, error) {
	pieces, piece := wildcard{}, []byte{}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '*':
			if i+1 < len(text) && text[i+1] == '*' {
				return nil, fmt.Errorf("Consecutive wildcard characters at pos %d", i+1) //nolint:staticcheck // AWS's words
			}
			pieces, piece = append(pieces, piece), []byte{}
		case '\\':
			if i+1 >= len(text) || text[i+1] != '*' && text[i+1] != '\\' {
				return nil, fmt.Errorf("Invalid escape character at pos %d", i+1) //nolint:staticcheck // AWS's words
			}
			i++
			piece = append(piece, text[i])
		default:
			piece = append(piece, text[i])
		}
	}
	return append(pieces, piece), nil
}

func (w wildcard) matches(text []byte) bool {
	first, last := w[0], w[len(w)-1]
	if len(w) == 1 {
		return bytes.Equal(text, first)
	}
	if len(text) < len(first)+len(last) || !bytes.HasPrefix(text, first) || !bytes.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, piece := range w[1 : len(w)-1] {
		i := bytes.Index(text, piece)
		if i < 0 {
			return false
		}
		text = text[i+len(piece):]
	}
	return true
}
