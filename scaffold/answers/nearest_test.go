package answers

import "testing"

func TestANearWordIsOneThatWasMeant(t *testing.T) {
	keys := []string{"version", "name", "start", "work", "control", "longest_minutes", "notify"}
	for word, want := range map[string]string{
		"naem": "name", "notfy": "notify", "Notify": "notify", "longest minutes": "longest_minutes", "longest-minute": "longest_minutes", "controls": "control",
		"workers": "", "glue_version": "", "zebra": "", "x": "", "": "", "timeout": "",
	} {
		if got := nearest(word, keys); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
