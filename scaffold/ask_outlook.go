package main

import (
	"fmt"
	"strings"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
)

// outlook is what the answers so far lead to.
type outlook struct {
	service string
	reason  string   // the weightiest
	bill    []string // lines about what it would cost
	against []string // the other services, each with what speaks most against it
	changes []string // single answers that would lead elsewhere
	hurdle  error    // why no project can be written of it, as things are
}

func (t *interview) outlook() (*outlook, error) {
	given := t.given()
	recommendation := advisor.Recommend(given)
	changes, err := recommendation.Changes()
	if err != nil {
		return nil, err
	}
	look := &outlook{
		service: recommendation.Service, bill: bill(given, &recommendation), changes: changes,
		hurdle: writable(recommendation.Example, given),
	}
	for i, rank := range recommendation.Ranking {
		effect := advisor.Avoids
		switch {
		case i == 0:
			effect = advisor.Prefers
		case !rank.Possible:
			effect = advisor.Cannot
		}
		for _, reason := range rank.Reasons {
			if reason.Effect != effect {
				continue
			}
			if i == 0 {
				look.reason = reason.Text
			} else {
				look.against = append(look.against, rank.Service+": "+reason.Text)
			}
			break
		}
	}
	return look, nil
}

// line is the outlook in few words.
func (o *outlook) line() string {
	text := "So far this leads to " + o.service
	if len(o.bill) > 0 {
		text += ", " + o.bill[0]
	}
	return text + "."
}

// summary is every answer that was asked for, as it would stand in answers.yaml.
func (t *interview) summary() []string {
	widest := 0
	asked := t.asked()
	for _, i := range asked {
		widest = max(widest, len(questions[i].path))
	}
	var lines []string
	for _, i := range asked {
		reply := t.replies[i]
		if reply == "" {
			reply = "(none)"
		}
		lines = append(lines, fmt.Sprintf("%-*s  %s", widest, questions[i].path, strings.TrimSpace(reply)))
	}
	return lines
}

// bill is what the leading service would cost, the most important line first.
func bill(*answers.Answers, *advisor.Recommendation) []string { return nil }
