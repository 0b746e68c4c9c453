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
// Source: event-ruler 2.1, ComparableNumber; Java 19 or later, which writes doubles as shortly as possible. Earlier ones write
// some beyond 2^53 longer, and so compare less.
func double(text []byte) (float64, bool) {
	if f, ok := short(text); ok {
		return f, true
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsInf(f, 0) {
		return 0, false
	}
	digits, exponent, ok := decimal(text)
	if !ok {
		return 0, false
	}
	shortest, exponent2, _ := decimal(strconv.AppendFloat(nil, math.Abs(f), 'e', -1, 64))
	if len(shortest) == 1 { // Java writes two digits, the nearest ones: 4.9e-324, not 5e-324
		shortest, exponent2, _ = decimal(strconv.AppendFloat(nil, math.Abs(f), 'e', 1, 64))
	}
	return f, bytes.Equal(digits, shortest) && (exponent == exponent2 || len(digits) == 0)
}

// shortDigits is how many decimal digits a double always holds.
const shortDigits = 15

// short reads numbers of few digits, nearly all that there are, without allocating. A product or quotient of two numbers that a
// double holds exactly is rounded correctly.
func short(text []byte) (float64, bool) {
	var mantissa int64
	digits, exponent := 0, 0
	negative, fraction := false, false
	for i, c := range text {
		switch {
		case c == '-':
			negative = true
		case c == '.':
			fraction = true
		case c|0x20 == 'e':
			return scale(mantissa, exponent+readExponent(text[i+1:]), negative)
		case c < '0' || c > '9':
			return 0, false
		default:
			if mantissa = mantissa*10 + int64(c-'0'); mantissa > 0 {
				digits++
			}
			if fraction {
				exponent--
			}
		}
		if digits > shortDigits {
			return 0, false
		}
	}
	return scale(mantissa, exponent, negative)
}

func scale(mantissa int64, exponent int, negative bool) (float64, bool) {
	f := float64(mantissa)
	switch {
	case mantissa == 0:
		return 0, true
	case exponent >= 0 && exponent < len(powers):
		f *= powers[exponent]
	case exponent < 0 && -exponent < len(powers):
		f /= powers[-exponent]
	default:
		return 0, false
	}
	if negative {
		f = -f
	}
	return f, true
}

// maxExponent is far beyond what a double holds; larger exponents are cut to it, so that they cannot overflow.
const maxExponent = 1 << 30

// decimal splits a number into its significant digits, without zeros at either end, and the power of ten they are
// multiplied with. The sign is left out: it is the same in all ways to write a number.
func decimal(text []byte) (digits []byte, exponent int, ok bool) {
	text = bytes.TrimPrefix(text, []byte("-"))
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		exponent = readExponent(text[i+1:])
		text = text[:i]
	}
	whole, fraction, _ := bytes.Cut(text, []byte("."))
	exponent -= len(fraction)
	digits = append(append(digits, whole...), fraction...)
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
		exponent++
	}
	digits = bytes.TrimLeft(digits, "0")
	return digits, exponent, len(bytes.Trim(digits, "0123456789")) == 0
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
