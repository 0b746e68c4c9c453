package cost

import "slices"

// Curve is a function of a quantity from 0 on, made of straight pieces: what all of these bills are, once minimums and tiers are seen as
// corners. It may jump nowhere.
type Curve []piece

// piece is a straight line from a quantity on, to the next piece.
type piece struct{ from, value, slope Decimal }

// line is a straight line.
func line(value, slope Decimal) Curve { return Curve{{value: value, slope: slope}} }

// at is the curve's value at a quantity.
func (c Curve) at(x Decimal) Decimal {
	p := c.piece(x)
	return p.value.Add(p.slope.Mul(x.Sub(p.from)))
}

// piece is the one that a quantity lies on.
func (c Curve) piece(x Decimal) piece {
	at := 0
	for i, p := range c {
		if p.from.Cmp(x) <= 0 {
			at = i
		}
	}
	return c[at]
}

func (c Curve) scale(by Decimal) Curve {
	scaled := slices.Clone(c)
	for i := range scaled {
		scaled[i].value, scaled[i].slope = scaled[i].value.Mul(by), scaled[i].slope.Mul(by)
	}
	return scaled
}

// corners are where a piece of any of the curves begins, sorted.
func corners(curves ...Curve) []Decimal {
	var all []Decimal
	for _, c := range curves {
		for _, p := range c {
			all = append(all, p.from)
		}
	}
	slices.SortFunc(all, Decimal.Cmp)
	return slices.CompactFunc(all, func(one, other Decimal) bool { return one.Cmp(other) == 0 })
}

func (c Curve) add(other Curve) Curve {
	var sum Curve
	for _, x := range corners(c, other) {
		sum = append(sum, piece{x, c.at(x).Add(other.at(x)), c.piece(x).slope.Add(other.piece(x).slope)})
	}
	return sum
}

func (c Curve) sub(other Curve) Curve { return c.add(other.scale(Whole(-1))) }

// max is the larger of two curves everywhere: a line and its minimum.
func (c Curve) max(other Curve) Curve {
	at := corners(c, other)
	at = append(at, c.Crossings(other)...)
	slices.SortFunc(at, Decimal.Cmp)
	at = slices.CompactFunc(at, func(one, other Decimal) bool { return one.Cmp(other) == 0 })
	var top Curve
	for _, x := range at {
		upper := c
		if order := c.at(x).Cmp(other.at(x)); order < 0 || order == 0 && c.piece(x).slope.Cmp(other.piece(x).slope) < 0 {
			upper = other
		}
		top = append(top, piece{x, upper.at(x), upper.piece(x).slope})
	}
	return top
}

// Crossings are the quantities at which one curve becomes the cheaper one, sorted. Curves that touch, or run on each other, do not cross
// there; where they part again to the other side, they cross at the parting.
func (c Curve) Crossings(other Curve) []Decimal {
	difference := c.sub(other)
	var found []Decimal
	sign := 0 // of the difference so far
	for i, p := range difference {
		before, after := p.value.Sign(), p.slope.Sign()
		if before == 0 {
			if after != 0 {
				if sign != 0 && after != sign {
					found = append(found, p.from)
				}
				sign = after
			}
			continue
		}
		sign = before
		if after == 0 || after == sign {
			continue
		}
		if zero := p.from.Sub(p.value.Div(p.slope)); i == len(difference)-1 || zero.Cmp(difference[i+1].from) < 0 {
			found, sign = append(found, zero), after
		}
	}
	return found
}
