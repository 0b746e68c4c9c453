package diagram

import "strings"

// Sizes of text, in pixels.
const (
	labelSize = 14.0
	kindSize  = 11.0
	lineRatio = 1.3 // height of a line, by the size of its letters
)

// widths are those of the letters from space to tilde in Helvetica, in thousandths of their size.
// Source: Adobe Core 14 AFM files, Helvetica, character metrics.
var widths = [...]int{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
	1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
	333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
}

// spare is how much wider than Helvetica a letter may be: a page without it and without Arial takes a font such as DejaVu Sans.
const spare = 1.13

// textWidth is how wide a line may become.
func textWidth(line string, size float64) float64 {
	sum := 0
	for _, letter := range line {
		switch at := int(letter) - ' '; {
		case at >= 0 && at < len(widths):
			sum += widths[at]
		case letter < 0x2e80:
			sum += 600
		default: // ideographs are as wide as high
			sum += 1000
		}
	}
	return float64(sum) / 1000 * size * spare
}

// extent is how large a text of several lines becomes.
func extent(text string, size float64) (width, height float64) {
	for line := range strings.SplitSeq(text, "\n") {
		width = max(width, textWidth(line, size))
		height += size * lineRatio
	}
	return width, height
}
