package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/google/go-cmp/cmp"

	"example.com/pipewright/scaffold/advisor"
	"example.com/pipewright/scaffold/answers"
	"example.com/pipewright/scaffold/cost"
)

// talkAbout is an interview with these replies, each of which was agreed to.
func talkAbout(replies map[string]string) *interview {
	talk := newInterview("orders", "orders", time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))
	talk.resume = resume{Replies: replies}
	talk.takeUp()
	talk.resume = resume{}
	return talk
}

// everywhere asks every question that there is in one of two interviews.
var everywhere = []map[string]string{
	{
		"start.on": answers.OnSchedule, "work": "http-api, sql-server, batch-job, redshift-sql", "network.on_premises": answers.VPN,
		"redshift.workgroup": strings.Repeat("long", 16), "notify": strings.Repeat("long", 15) + "@" + strings.Repeat("long", 10) + ".example",
	},
	{"start.on": answers.OnObject, "work": "http-api, sql-server", "network.on_premises": answers.Peering, "team.airflow": yes},
	{"start.on": answers.OnEvent, "start.pattern": `{"source":["` + strings.Repeat("x", 200) + `"]}`},
}

// TestEveryScreenFits draws every page in windows of all shapes: no line is too long, there are not too many, and the line that is on
// is among them.
func TestEveryScreenFits(t *testing.T) {
	t.Parallel()
	const tooLong = "a-reply-of-one-very-long-word-that-no-window-holds-in-a-line-of-its-own-and-that-was-refused"
	for _, width := range []int{22, 40, sideBySide - 1, sideBySide, 120} {
		for _, height := range []int{5, 15, 24} {
			t.Run(fmt.Sprintf("%dx%d", width, height), func(t *testing.T) {
				t.Parallel()
				for _, replies := range everywhere {
					s := newScreen(talkAbout(replies))
					s.width, s.height = width, height
					for _, i := range s.talk.asked() {
						s.show(i)
						checkFits(t, s, questions[i].path)
						s.problem = errors.New(tooLong)
						checkFits(t, s, questions[i].path+", refused")
					}
					s.show(len(questions))
					for s.picked = range s.list() {
						checkFits(t, s, fmt.Sprintf("the summary, line %d", s.picked))
					}
					s.talk.resume = resume{Replies: replies}
					s.page, s.picked = offerPage, goOn
					checkFits(t, s, "the offer")
				}
			})
		}
	}
}

func checkFits(t *testing.T, s *screen, page string) {
	t.Helper()
	view := s.View()
	lines := strings.Split(view.Content, "\n")
	if len(lines) > s.height {
		t.Errorf("%s: got %d lines, the window has %d:\n%s", page, len(lines), s.height, view.Content)
	}
	for _, line := range lines {
		if lipgloss.Width(line) > s.width {
			t.Errorf("%s: got the line %q, the window has %d columns", page, line, s.width)
		}
	}
	if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "> ") }) {
		t.Errorf("%s: the line that is on is not to be seen:\n%s", page, view.Content)
	}
	if c := view.Cursor; c != nil && (c.X >= s.width || c.Y >= len(lines) || !strings.Contains(lines[c.Y], "> ")) {
		t.Errorf("%s: the cursor is at %d, %d, not in the line that is typed:\n%s", page, c.X, c.Y, view.Content)
	}
}

func TestAllQuestionsAreDrawn(t *testing.T) {
	drawn := map[int]bool{}
	for _, replies := range everywhere {
		for _, i := range talkAbout(replies).asked() {
			drawn[i] = true
		}
	}
	for i, question := range questions {
		if !drawn[i] && question.path != "network.peer_route_tables" && question.path != "control.backfill" {
			t.Errorf("no screen of %s was drawn", question.path)
		}
	}
}

func TestTheOutlookSaysWhatRecommendAndCostSay(t *testing.T) {
	for name, replies := range map[string]map[string]string{
		"crawler and job": {"work": "crawler, glue-job"},
		"joined":          {"work": "http-api, sql-server", "start.on": answers.OnSchedule, "start.schedule": "rate(1 hour)"},
		"branches":        {"work": "lambda, glue-job", "control.branches": yes, "volume.runs_per_month": "3000", "volume.gb_per_run": "10"},
		"a query":         {"work": "redshift-sql", "start.on": answers.OnSchedule},
		"a function":      {"work": "lambda", "control.longest_minutes": "2"},
	} {
		t.Run(name, func(t *testing.T) {
			talk := talkAbout(replies)
			look, err := talk.outlook()
			if err != nil {
				t.Fatal(err)
			}
			want := advisor.Recommend(talk.given())
			type shown struct{ Service, Month, Idle, Run string }
			got := shown{look.service, look.bill.PerMonth.Short(), look.bill.PerIdle.Short(), look.bill.PerRun.Short()}
			if diff := cmp.Diff(shown{want.Service, want.Bill.Choice.Month.Short(), want.Bill.Choice.Idle.Short(), want.Bill.Choice.Run.Short()}, got); diff != "" {
				t.Errorf("-recommend +shown:\n%s", diff)
			}
			if second := want.Bill.RunnerUp; second != nil {
				if first := look.others[0]; first.service != advisor.Service(second.Example) || !first.bill.PerMonth.Equal(second.Month) {
					t.Errorf("got %+v as the first of the others, recommend has %+v", first, second)
				}
			} else if look.others[0].bill != nil {
				t.Errorf("got a bill of %s, which cannot do it", look.others[0].service)
			}
			if look.reason == "" {
				t.Error("the service has no reason")
			}
			// The answers that are shown are those that would be written.
			written, err := answers.Parse("answers.yaml", talk.given().YAML(), talk.now)
			if err != nil {
				t.Fatal(err)
			}
			if e := cost.Of(want.Example, written, cost.Options{}); !e.PerMonth.Equal(look.bill.PerMonth) {
				t.Errorf("got %s USD, scaffold cost says %s of the answers as they are written", look.bill.PerMonth, e.PerMonth)
			}
		})
	}
}

func TestABillThatLacksAPriceSaysSo(t *testing.T) {
	talk := talkAbout(map[string]string{"work": "http-api, sql-server", "airflow.class": answers.MicroClass})
	s := newScreen(talk)
	s.show(len(questions))
	s.width, s.height = 120, 40
	content := s.View().Content
	for _, want := range []string{"USD a month at least", "left out: MWAA: environment mw1.micro: not"} {
		if !strings.Contains(content, want) {
			t.Errorf("never saw %q, but:\n%s", want, content)
		}
	}
	look, err := talk.outlook()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := look.line(), "Amazon MWAA, at least "; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q at its beginning", got, want)
	}
}

func TestAmountsStandBelowEachOther(t *testing.T) {
	if diff := cmp.Diff([]string{"    7.54 ", "1,402.84 ", "    0.088"}, aligned("7.54", "1,402.84", "0.088")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheOfferShowsWhatTheKeptAnswersLeadTo(t *testing.T) {
	talk := newInterview("orders", "orders", time.Now())
	talk.resume = resume{Replies: map[string]string{"work": "redshift-sql"}, kept: time.Date(2026, 11, 25, 9, 30, 0, 0, time.UTC)}
	s := newScreen(talk)
	s.Update(tea.WindowSizeMsg{}) // of a terminal that does not know its size
	if content := s.View().Content; !strings.Contains(content, "1 answer of Wednesday, 25 November 2026,") || !strings.Contains(content, " 09:30 is kept.") || !strings.Contains(content, "AWS Step Functions") {
		t.Errorf("got\n%s", content)
	}
	s.Update(tea.KeyPressMsg{Code: tea.KeyDown})
	if content := s.View().Content; !strings.Contains(content, "> begin anew") || !strings.Contains(content, "AWS Glue workflow") {
		t.Errorf("got\n%s", content)
	}
}
