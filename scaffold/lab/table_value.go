package lab

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
)

// dynamoItem is an item, or its key: attribute values in DynamoDB's own form, {"S": "text"}, by name.
// Source: Amazon DynamoDB API Reference, AttributeValue, read 2026-11.
type dynamoItem map[string]any

// kindOf is the type of a value (S, N, M ...) and what it holds.
func kindOf(value any) (kind string, held any) {
	only, _ := value.(map[string]any)
	for kind, held := range only {
		return kind, held
	}
	return "", nil
}

// checkValue says what is wrong with a value; each has one type.
func checkValue(value any) *apiError {
	only, ok := value.(map[string]any)
	if !ok || len(only) != 1 {
		return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	}
	kind, held := kindOf(value)
	wrong := false
	switch kind {
	case "S":
		_, ok := held.(string)
		wrong = !ok
	case "B":
		_, wrong = decodeBinary(held)
		wrong = !wrong
	case "N":
		_, err := decimal(held)
		return err
	case "BOOL", "NULL":
		_, ok := held.(bool)
		wrong = !ok
	case "SS", "NS", "BS":
		return checkSet(kind, held)
	case "L":
		list, ok := held.([]any)
		wrong = !ok
		for _, element := range list {
			if err := checkValue(element); err != nil {
				return err
			}
		}
	case "M":
		fields, ok := held.(map[string]any)
		wrong = !ok
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if err := checkValue(fields[name]); err != nil {
				return err
			}
		}
	default:
		return invalid("Supplied AttributeValue has the datatype %s, expected S, N, B, SS, NS, BS, M, L, NULL or BOOL", kind)
	}
	if wrong {
		return failed("SerializationException", "an attribute of the type %s cannot hold %v", kind, held)
	}
	return nil
}

func checkSet(kind string, held any) *apiError {
	list, ok := held.([]any)
	if !ok {
		return failed("SerializationException", "an attribute of the type %s cannot hold %v", kind, held)
	}
	if len(list) == 0 {
		return invalid("One or more parameter values were invalid: An %s set may not be empty", map[string]string{"SS": "string", "NS": "number", "BS": "binary"}[kind])
	}
	for i, element := range list {
		one := map[string]any{kind[:1]: element}
		if err := checkValue(one); err != nil {
			return err
		}
		for _, before := range list[:i] {
			if equal(one, map[string]any{kind[:1]: before}) {
				return invalid("One or more parameter values were invalid: Input collection %v contains duplicates.", list)
			}
		}
	}
	return nil
}

// mostDigits is how many a number may have. Source: Amazon DynamoDB Developer Guide, "Quotas in Amazon DynamoDB", Number, read 2026-11.
const mostDigits = 38

func decimal(held any) (*big.Rat, *apiError) {
	text, ok := held.(string)
	if !ok {
		return nil, failed("SerializationException", "a number is written as a text, as in {\"N\": \"1\"}; got %v", held)
	}
	parsed, ok := new(big.Rat).SetString(text)
	if !ok || strings.ContainsAny(text, "/_xXpP") {
		return nil, invalid("The parameter cannot be converted to a numeric value: %s", text)
	}
	digits, _, _ := strings.Cut(strings.ToLower(text), "e")
	digits = strings.Trim(strings.ReplaceAll(strings.TrimLeft(digits, "+-"), ".", ""), "0")
	if len(digits) > mostDigits {
		return nil, invalid("Attempting to store more than %d significant digits in a Number", mostDigits)
	}
	return parsed, nil
}

// number writes a sum as DynamoDB gives it back, without zeros at its end.
func written(value *big.Rat) string {
	if value.IsInt() {
		return value.RatString()
	}
	return strings.TrimRight(value.FloatString(mostDigits+mostDigits), "0")
}

func decodeBinary(held any) ([]byte, bool) {
	text, ok := held.(string)
	if !ok {
		return nil, false
	}
	data, err := base64.StdEncoding.DecodeString(text)
	return data, err == nil
}

// compare orders two values of one type that has an order; false for any others.
func compare(a, b any) (int, bool) {
	kind, one := kindOf(a)
	other, two := kindOf(b)
	if kind != other {
		return 0, false
	}
	switch kind {
	case "S":
		return strings.Compare(fmt.Sprint(one), fmt.Sprint(two)), true
	case "N":
		x, err := decimal(one)
		y, wrong := decimal(two)
		if err != nil || wrong != nil {
			return 0, false
		}
		return x.Cmp(y), true
	case "B":
		x, _ := decodeBinary(one)
		y, _ := decodeBinary(two)
		return bytes.Compare(x, y), true
	}
	return 0, false
}

// equal compares two values: numbers by what they are, sets in any order.
func equal(a, b any) bool {
	kind, one := kindOf(a)
	other, two := kindOf(b)
	if kind != other {
		return false
	}
	switch kind {
	case "S", "N", "B":
		order, ok := compare(a, b)
		return ok && order == 0
	case "L":
		return slices.EqualFunc(asAny(one), asAny(two), equal)
	case "M":
		x, _ := one.(map[string]any)
		y, _ := two.(map[string]any)
		return maps.EqualFunc(x, y, equal)
	case "SS", "NS", "BS":
		x, y := asAny(one), asAny(two)
		return len(x) == len(y) && !slices.ContainsFunc(x, func(element any) bool { return !contains(b, map[string]any{kind[:1]: element}) })
	}
	return one == two
}

func asAny(value any) []any {
	list, _ := value.([]any)
	return list
}

// contains says whether a text has a part, or a list or set an element.
// Source: Amazon DynamoDB Developer Guide, "Condition and filter expressions, operators, and functions", contains, read 2026-11.
func contains(whole, part any) bool {
	kind, held := kindOf(whole)
	other, wanted := kindOf(part)
	switch kind {
	case "S":
		return other == "S" && strings.Contains(fmt.Sprint(held), fmt.Sprint(wanted))
	case "B":
		x, _ := decodeBinary(held)
		y, _ := decodeBinary(wanted)
		return other == "B" && bytes.Contains(x, y)
	case "L":
		return slices.ContainsFunc(asAny(held), func(element any) bool { return equal(element, part) })
	case "SS", "NS", "BS":
		return other == kind[:1] && slices.ContainsFunc(asAny(held), func(element any) bool { return equal(map[string]any{other: element}, part) })
	}
	return false
}

// sizeOfValue is what the function size gives: bytes of a text, elements of a list.
func sizeOfValue(value any) (int, bool) {
	kind, held := kindOf(value)
	switch kind {
	case "S":
		return len(fmt.Sprint(held)), true
	case "B":
		data, _ := decodeBinary(held)
		return len(data), true
	case "M":
		fields, _ := held.(map[string]any)
		return len(fields), true
	case "L", "SS", "NS", "BS":
		return len(asAny(held)), true
	}
	return 0, false
}

// bytesOf is about how large a value is in a table: its text, and a few bytes for what it is made of.
// Source: Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats", read 2026-11.
func bytesOf(value any) int {
	kind, held := kindOf(value)
	switch kind {
	case "S":
		return len(fmt.Sprint(held))
	case "N":
		return len(fmt.Sprint(held))/2 + 1
	case "B":
		data, _ := decodeBinary(held)
		return len(data)
	case "M":
		fields, _ := held.(map[string]any)
		return dynamoItem(fields).bytes() + 3 + len(fields)
	case "L":
		sum := 3
		for _, element := range asAny(held) {
			sum += bytesOf(element) + 1
		}
		return sum
	case "SS", "NS", "BS":
		sum := 0
		for _, element := range asAny(held) {
			sum += bytesOf(map[string]any{kind[:1]: element})
		}
		return sum
	}
	return 1
}

func (a dynamoItem) bytes() int {
	sum := 0
	for name, value := range a {
		sum += len(name) + bytesOf(value)
	}
	return sum
}
