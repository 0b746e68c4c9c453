package advisor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// WriteText writes the recommendation for a person: the choice and its reasons, why each other service lost, and which
// single change of an answer would change the choice. Each effect is a word, so that nothing depends on color.
func (r Recommendation) WriteText(w io.Writer) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s (example %s)\n", r.Service, r.Example)
	for i, rank := range r.Ranking {
		switch {
		case i == 1:
			out.WriteString("\nWhy not the others\n")
			fallthrough
		case i > 1:
			fmt.Fprintf(&out, "  %s: %s\n", rank.Service, r.verdict(rank))
		}
		for _, reason := range rank.Reasons {
			if i == 0 || !rank.Possible == (reason.Effect == Cannot) {
				fmt.Fprintf(&out, "    %-7s %s\n            %s\n", sign(reason.Effect), reason.Text, reason.Source)
			}
		}
	}
	if err := r.writeChanges(&out); err != nil {
		return err
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func sign(effect Effect) string {
	switch effect {
	case Prefers:
		return "for"
	case Avoids:
		return "against"
	}
	return "cannot"
}

// verdict says in a few words why a service was not chosen.
func (r Recommendation) verdict(rank Rank) string {
	switch best := r.Ranking[0]; {
	case !rank.Possible:
		return "cannot do it"
	case rank.score == best.score:
		return "would do as well, but there is more to run and pay for"
	default:
		return "could do it, but less speaks for it"
	}
}

func (r Recommendation) writeChanges(out *strings.Builder) error {
	if len(r.WhatIf) == 0 {
		out.WriteString("\nNo single answer would change the choice.\n")
		return nil
	}
	out.WriteString("\nOne of these answers would change the choice\n")
	for _, change := range r.WhatIf {
		var value strings.Builder
		encoder := json.NewEncoder(&value)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(change.Value); err != nil {
			return fmt.Errorf("write the change of %s: %w", change.Answer, err)
		}
		text := strings.NewReplacer(`"`, "", ",", ", ", ":", ": ").Replace(strings.TrimSpace(value.String()))
		fmt.Fprintf(out, "  %s: %s -> %s\n", change.Answer, text, Service(change.Example))
	}
	return nil
}
