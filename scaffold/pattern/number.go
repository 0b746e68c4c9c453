package pattern

import (
	"bytes"
	"math"
	"strconv"
)

// Powers of ten that a double holds exactly.
var powers = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// double reads a JSON number as AWS's engine compares it: as a double, if that double, written as shortly as possible, is
// the same number again; else the number cannot be compared and equals only its own text.
// Source: event-ruler 2.1, ComparableNumber.
func double(text []byte) (float64, bool) {
	digits, exponent, negative, ok := decimal(text, nil)
	if !ok {
		return 0, false
	}
	if f, ok := exactly(digits, exponent); ok {
		if negative && f != 0 {
			f = -f
		}
		return f, true
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(f, 0) {
		return 0, false
	}
	var buffer [32]byte
	digits, exponent, _, _ = decimal(text, nil)
	shortest, exponent2, _, _ := decimal(strconv.AppendFloat(buffer[:0], math.Abs(f), 'e', -1, 64), nil)
	if len(shortest) == 1 { // Java writes two digits, the nearest ones: 4.9e-324, not 5e-324
		shortest, exponent2, _, _ = decimal(strconv.AppendFloat(buffer[:0], math.Abs(f), 'e', 1, 64), nil)
	}
	return f, bytes.Equal(digits, shortest) && (exponent == exponent2 || len(digits) == 0)
}

// exactly computes digits * 10^exponent where both factors and the result are exact or correctly rounded doubles.
func exactly(digits []byte, exponent int) (float64, bool) {
	if len(digits) > 15 {
		return 0, false
	}
	var mantissa int64
	for _, digit := range digits {
		mantissa = mantissa*10 + int64(digit-'0')
	}
	switch {
	case mantissa == 0:
		return 0, true
	case exponent >= 0 && exponent < len(powers):
		return float64(mantissa) * powers[exponent], true
	case exponent < 0 && -exponent < len(powers):
		return float64(mantissa) / powers[-exponent], true
	}
	return 0, false
}

// maxExponent is far beyond what a double holds; larger exponents are cut to it, so that they cannot overflow.
const maxExponent = 1 << 30

// decimal splits a JSON number into its significant digits, without zeros at either end, and the power of ten they are
// multiplied with. Digits that stand in one piece are not copied; else they are appended to buffer.
func decimal(text, buffer []byte) (digits []byte, exponent int, negative, ok bool) {
	if len(text) > 0 && text[0] == '-' {
		negative, text = true, text[1:]
	}
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		exponent = readExponent(text[i+1:])
		text = text[:i]
	}
	if len(text) == 0 {
		return nil, 0, false, false
	}
	if point := bytes.IndexByte(text, '.'); point >= 0 {
		exponent -= len(text) - point - 1
		digits = append(append(buffer, text[:point]...), text[point+1:]...)
	} else {
		digits = text
	}
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
		exponent++
	}
	for len(digits) > 0 && digits[0] == '0' {
		digits = digits[1:]
	}
	for _, digit := range digits {
		if digit < '0' || digit > '9' {
			return nil, 0, false, false
		}
	}
	return digits, exponent, negative, true
}

func readExponent(text []byte) int {
	sign := 1
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		if text[0] == '-' {
			sign = -1
		}
		text = text[1:]
	}
	exponent := 0
	for _, digit := range text {
		if exponent = exponent*10 + int(digit-'0'); exponent > maxExponent {
			exponent = maxExponent
		}
	}
	return sign * exponent
}
