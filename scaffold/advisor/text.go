package advisor

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
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
	if r.Bill != nil {
		r.Bill.write(&out, r)
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
	changes, err := r.Changes()
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		out.WriteString("\nNo single answer would change the choice.\n")
		return nil
	}
	out.WriteString("\nOne of these answers would change the choice\n")
	for _, change := range changes {
		fmt.Fprintf(out, "  %s\n", change)
	}
	return nil
}

// Changes are the single answers that would change the choice, a line each.
func (r Recommendation) Changes() ([]string, error) {
	var lines []string
	for _, group := range grouped(r.WhatIf) {
		text, err := oneOf(group)
		if err != nil {
			return nil, fmt.Errorf("write the change of %s: %w", group[0].Answer, err)
		}
		lines = append(lines, fmt.Sprintf("%s: %s -> %s", group[0].Answer, text, Service(group[0].Example)))
	}
	return lines, nil
}

// grouped puts changes of one answer that lead to the same choice together: a step more of any kind is one line to read.
func grouped(changes []Change) [][]Change {
	var groups [][]Change
	for _, change := range changes {
		same := slices.IndexFunc(groups, func(group []Change) bool {
			return group[0].Answer == change.Answer && group[0].Example == change.Example && head(group[0]) == head(change)
		})
		if same < 0 {
			groups = append(groups, nil)
			same = len(groups) - 1
		}
		groups[same] = append(groups[same], change)
	}
	return groups
}

// head is what work begins with, all but its last step; of another answer it is empty.
func head(change Change) string {
	if steps, ok := change.Value.([]string); ok {
		return strings.Join(steps[:len(steps)-1], ", ")
	}
	return ""
}

// oneOf lists the values of a group, any of which will do.
func oneOf(group []Change) (string, error) {
	begin := ""
	var values []string
	for _, change := range group {
		steps, ok := change.Value.([]string)
		if ok && len(group) > 1 {
			begin = "[" + head(change) + "] and then "
			values = append(values, steps[len(steps)-1])
			continue
		}
		value, err := plain(change.Value)
		if err != nil {
			return "", err
		}
		values = append(values, value)
	}
	last := len(values) - 1
	if last > 0 {
		return begin + strings.Join(values[:last], ", ") + " or " + values[last], nil
	}
	return values[0], nil
}

// plain is a value as answers.yaml would say it.
func plain(value any) (string, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return strings.NewReplacer(`"`, "", ",", ", ", ":", ": ").Replace(strings.TrimSpace(text.String())), nil
}
