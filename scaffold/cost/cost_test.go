package cost

import "testing"

func TestSmoke(t *testing.T) {
	if _, err := ParsePrices("prices.yaml", shipped); err != nil {
		t.Fatal(err)
	}
}
