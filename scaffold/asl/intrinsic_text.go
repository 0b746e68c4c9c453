package asl

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"
)

func text(function string, v any) (string, error) {
	s, ok := plain(v).(string)
	if !ok {
		return "", wrongType(function, "a string", v)
	}
	return s, nil
}

func shortText(function string, v any) (string, error) {
	s, err := text(function, v)
	if err == nil && utf8.RuneCountInString(s) > maxEncoded {
		err = refuse("Invalid arguments in %s: the string is longer than %d characters", function, maxEncoded)
	}
	return s, err
}

func base64Encode(_ *Scope, args []any) (any, error) {
	s, err := shortText("States.Base64Encode", args[0])
	return base64.StdEncoding.EncodeToString([]byte(s)), err
}

func base64Decode(_ *Scope, args []any) (any, error) {
	s, err := shortText("States.Base64Decode", args[0])
	if err != nil {
		return nil, err
	}
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	if err != nil {
		return nil, refuse("Invalid arguments in States.Base64Decode: the string is not Base64")
	}
	return strings.ToValidUTF8(string(decoded), "\uFFFD"), nil
}

// hashOf is the digest in hexadecimal. What is not a string is hashed as its JSON text.
func hashOf(a, b any) (any, error) {
	const name = "States.Hash"
	algorithm, err := text(name, b)
	if err != nil {
		return nil, err
	}
	data, isText := plain(a).(string)
	if !isText {
		data = EncodeString(a)
	}
	if utf8.RuneCountInString(data) > maxEncoded {
		return nil, refuse("Invalid arguments in %s: the data is longer than %d characters", name, maxEncoded)
	}
	sum, ok := digest(algorithm, data)
	if !ok {
		return nil, wrongType(name, "the algorithm MD5, SHA-1, SHA-256, SHA-384 or SHA-512", b)
	}
	return sum, nil
}

func digest(algorithm, data string) (string, bool) {
	var sum []byte
	switch algorithm {
	case "MD5":
		s := md5.Sum([]byte(data))
		sum = s[:]
	case "SHA-1":
		s := sha1.Sum([]byte(data))
		sum = s[:]
	case "SHA-256":
		s := sha256.Sum256([]byte(data))
		sum = s[:]
	case "SHA-384":
		s := sha512.Sum384([]byte(data))
		sum = s[:]
	case "SHA-512":
		s := sha512.Sum512([]byte(data))
		sum = s[:]
	default:
		return "", false
	}
	return hex.EncodeToString(sum), true
}

// jsonMerge lets the second object's keys win. Only the shallow merge exists.
func jsonMerge(_ *Scope, args []any) (any, error) {
	const name = "States.JsonMerge"
	a, ok := args[0].(*Object)
	if !ok {
		return nil, wrongType(name, "an object", args[0])
	}
	b, ok := args[1].(*Object)
	if !ok {
		return nil, wrongType(name, "an object", args[1])
	}
	switch args[2] {
	case false:
	case true:
		return nil, refuse("Deep merging is not supported: the third argument of States.JsonMerge must be false")
	default:
		return nil, wrongType(name, "false", args[2])
	}
	merged := a.Clone()
	for key, value := range b.All() {
		merged.Set(key, value)
	}
	return javaHashOrder(merged), nil
}

// javaHashOrder puts the keys in the order of Java's HashMap, in which the service's merge gives them.
func javaHashOrder(o *Object) *Object {
	size := uint32(16)
	for o.Len() > int(size)*3/4 {
		size *= 2
	}
	bucket := func(key string) uint32 {
		h := uint32(0)
		for _, r := range key {
			if r > 0xFFFF {
				r -= 0x10000
				h = 31*h + uint32(0xD800+r>>10)
				r = 0xDC00 + r&0x3FF
			}
			h = 31*h + uint32(r)
		}
		return (h ^ h>>16) & (size - 1)
	}
	slices.SortStableFunc(o.fields, func(a, b field) int { return int(bucket(a.key)) - int(bucket(b.key)) })
	o.reindex()
	return o
}

func stringToJSON(_ *Scope, args []any) (any, error) {
	s, err := text("States.StringToJson", args[0])
	if err != nil {
		return nil, err
	}
	value, err := DecodeString(s)
	if err != nil {
		return nil, refuse("Invalid arguments in States.StringToJson: %v", err)
	}
	return value, nil
}

func jsonToString(_ *Scope, args []any) (any, error) { return EncodeString(plain(args[0])), nil }

// stringSplit splits at each of the characters of the second string; nothing between two of them gives no item.
func stringSplit(a, b any) (any, error) {
	s, err := text("States.StringSplit", a)
	if err != nil {
		return nil, err
	}
	splitters, err := text("States.StringSplit", b)
	if err != nil {
		return nil, err
	}
	parts := []any{}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(splitters, r) }) {
		parts = append(parts, part)
	}
	return parts, nil
}
