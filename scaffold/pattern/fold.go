package pattern

import (
	"unicode"
)

// letter is one character of a text that is compared without regard to case: either form will do.
type letter struct{ lower, upper string }

// fold prepares a text for equals-ignore-case. AWS's engine looks at each UTF-16 unit by itself, and half a surrogate pair becomes
// a question mark in UTF-8, so that a character beyond U+FFFF turns into two of them. Source: event-ruler 2.1, EqualsIgnoreCaseParser.
func fold(text string) []letter {
	letters := make([]letter, 0, len(text))
	for _, r := range text {
		if r > 0xffff {
			letters = append(letters, letter{"?", "?"}, letter{"?", "?"})
			continue
		}
		l := letter{string(unicode.ToLower(r)), string(unicode.ToUpper(r))}
		if special, ok := lowerSpecial[r]; ok {
			l.lower = special
		}
		if special, ok := upperSpecial[r]; ok {
			l.upper = special
		}
		letters = append(letters, l)
	}
	return letters
}

// foldPrefix returns the rest of text after letters, and how many letters it had.
func foldPrefix(text []byte, letters []letter) (rest []byte, found int) {
	for i, l := range letters {
		switch {
		case hasPrefix(text, l.lower):
			text = text[len(l.lower):]
		case hasPrefix(text, l.upper):
			text = text[len(l.upper):]
		default:
			return text, i
		}
	}
	return text, len(letters)
}

// foldSuffix returns the text before letters, and how many letters it had, counted from the end.
func foldSuffix(text []byte, letters []letter) (rest []byte, found int) {
	for i := range letters {
		switch l := letters[len(letters)-1-i]; {
		case hasSuffix(text, l.lower):
			text = text[:len(text)-len(l.lower)]
		case hasSuffix(text, l.upper):
			text = text[:len(text)-len(l.upper)]
		default:
			return text, i
		}
	}
	return text, len(letters)
}

func hasPrefix(text []byte, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}

func hasSuffix(text []byte, suffix string) bool {
	return len(text) >= len(suffix) && string(text[len(text)-len(suffix):]) == suffix
}
