package diagram

import (
	"math"
	"strconv"
	"testing"
)

// Source: WCAG 2.2, "contrast ratio" and "relative luminance"; success criteria 1.4.3 and 1.4.11, read 2026-11.
func TestColorsHaveTheContrastThatReadersNeed(t *testing.T) {
	for _, p := range palette {
		for name, look := range map[string]struct{ colors, page colors }{"light": {p.light, page.light}, "dark": {p.dark, page.dark}} {
			if got := contrast(t, look.colors.text, look.colors.fill); got < 4.5 {
				t.Errorf("%s, %s: the text has a contrast of %.1f to 1 with its fill, expected 4.5", p.class, name, got)
			}
			if got := contrast(t, look.colors.line, look.page.fill); got < 3 {
				t.Errorf("%s, %s: the outline has a contrast of %.1f to 1 with the page, expected 3", p.class, name, got)
			}
		}
	}
	for name, look := range map[string]colors{"light": page.light, "dark": page.dark} {
		if got := contrast(t, look.text, look.fill); got < 4.5 {
			t.Errorf("the page, %s: the text has a contrast of %.1f to 1, expected 4.5", name, got)
		}
	}
}

func contrast(t *testing.T, one, other string) float64 {
	t.Helper()
	a, b := luminance(t, one), luminance(t, other)
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

func luminance(t *testing.T, color string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		part, err := strconv.ParseUint(color[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		value := float64(part) / 255
		if value <= 0.04045 {
			value /= 12.92
		} else {
			value = math.Pow((value+0.055)/1.055, 2.4)
		}
		sum += weight * value
	}
	return sum
}
