package cost

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is an exact number: an amount of money, a quantity or a price. The zero value is 0. It never changes; arithmetic makes new ones.
// A bill is thousands of prices of a few millionths, which binary fractions do not hold.
type Decimal struct{ rat *big.Rat }

// digits after the point are shown of a number that has more, such as a third.
const digits = 10

// ParseDecimal reads a plain decimal number, such as 0.0000166667.
func ParseDecimal(text string) (Decimal, error) {
	plain := text != "" && strings.Trim(text, "0123456789.-") == ""
	rat, ok := new(big.Rat).SetString(text)
	if !plain || !ok {
		return Decimal{}, fmt.Errorf("got %q, expected a decimal number such as 0.025", text)
	}
	return Decimal{rat}, nil
}

// Whole is a whole number.
func Whole[Integer int | int64](n Integer) Decimal { return Decimal{new(big.Rat).SetInt64(int64(n))} }

// Float is the number as it was written: 0.1 is a tenth.
func Float(value float64) Decimal {
	rat, ok := new(big.Rat).SetString(strconv.FormatFloat(value, 'g', -1, 64))
	if !ok {
		return Decimal{} // infinite or no number, which answers and flags refuse
	}
	return Decimal{rat}
}

// exact is a number that stands in this package.
func exact(text string) Decimal {
	number, err := ParseDecimal(text)
	if err != nil {
		panic(err)
	}
	return number
}

func (d Decimal) value() *big.Rat {
	if d.rat == nil {
		return new(big.Rat)
	}
	return d.rat
}

// Add is d + other.
func (d Decimal) Add(other Decimal) Decimal {
	return Decimal{new(big.Rat).Add(d.value(), other.value())}
}

// Sub is d - other.
func (d Decimal) Sub(other Decimal) Decimal {
	return Decimal{new(big.Rat).Sub(d.value(), other.value())}
}

// Mul is d × other.
func (d Decimal) Mul(other Decimal) Decimal {
	return Decimal{new(big.Rat).Mul(d.value(), other.value())}
}

// Div is d ÷ other, which must not be 0.
func (d Decimal) Div(other Decimal) Decimal {
	return Decimal{new(big.Rat).Quo(d.value(), other.value())}
}

// Cmp is -1, 0 or 1, as d is less than other, equal or more.
func (d Decimal) Cmp(other Decimal) int { return d.value().Cmp(other.value()) }

// Equal says whether both are the same number.
func (d Decimal) Equal(other Decimal) bool { return d.Cmp(other) == 0 }

// Sign is -1, 0 or 1.
func (d Decimal) Sign() int { return d.value().Sign() }

// Ceil is the next whole number that is not less.
func (d Decimal) Ceil() Decimal {
	rat := d.value()
	whole, rest := new(big.Int).QuoRem(rat.Num(), rat.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		whole.Add(whole, big.NewInt(1))
	}
	return Decimal{new(big.Rat).SetInt(whole)}
}

// Float64 is the nearest binary number, for a place in a picture.
func (d Decimal) Float64() float64 {
	value, _ := d.value().Float64()
	return value
}

// String writes the number in full, up to ten digits after the point.
func (d Decimal) String() string {
	text := d.value().FloatString(digits)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}

// exactText is the number with all of its digits, which a price always ends with.
func (d Decimal) exactText() string {
	const most = 30
	return strings.TrimSuffix(strings.TrimRight(d.value().FloatString(most), "0"), ".")
}

// Short is the number for people: two digits after the point, or three that count where it is smaller; with commas.
func (d Decimal) Short() string {
	places := 2
	for size := new(big.Rat).Abs(d.value()); size.Sign() != 0 && size.Cmp(big.NewRat(1, 1)) < 0 && places < digits; {
		size = size.Mul(size, big.NewRat(10, 1))
		if size.Cmp(big.NewRat(1, 1)) < 0 {
			places++
		}
	}
	text := d.value().FloatString(places)
	whole, fraction, _ := strings.Cut(text, ".")
	sign := ""
	if rest, negative := strings.CutPrefix(whole, "-"); negative {
		sign, whole = "-", rest
	}
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if fraction == "" {
		return sign + whole
	}
	return sign + whole + "." + fraction
}

// Plain is Short without zeros at the end: a quantity.
func (d Decimal) Plain() string {
	text := d.Short()
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// MarshalJSON writes a JSON number.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON reads a JSON number.
func (d *Decimal) UnmarshalJSON(text []byte) error {
	read, err := ParseDecimal(string(text))
	if err == nil {
		*d = read
	}
	return err
}

func larger(one, other Decimal) Decimal {
	if one.Cmp(other) < 0 {
		return other
	}
	return one
}

func smaller(one, other Decimal) Decimal {
	if one.Cmp(other) > 0 {
		return other
	}
	return one
}
