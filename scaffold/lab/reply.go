package lab

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Reply is what a person says to a task that waits.
type Reply struct {
	Output    string        `json:"output,omitempty"` // in JSON, of a task that succeeds
	Failed    bool          `json:"failed,omitempty"`
	Error     string        `json:"error,omitempty"` // of one that fails
	Cause     string        `json:"cause,omitempty"`
	Later     time.Duration `json:"later,omitempty"`     // ask again when this has passed
	Heartbeat bool          `json:"heartbeat,omitempty"` // and send a heartbeat then
	Nothing   bool          `json:"nothing,omitempty"`   // let it time out
}

// Rejected is the error of a task that was rejected, as the commands in the e-mail of constructs/approval have it.
const Rejected = "Rejected"

// replyWords begin an answer; those with true need something after the colon.
var replyWords = []struct {
	word  string
	needs bool
}{{"approve", false}, {"reject", false}, {"success", true}, {"failure", true}, {"later", true}, {"heartbeat", true}, {"nothing", false}}

const replyForms = "approve, reject: WHY, success:JSON, failure:ERROR:CAUSE, later:DURATION, heartbeat:DURATION or nothing"

// splitReply gives the word that an answer begins with, and what follows its colon.
func splitReply(written string) (word, rest string, ok bool) {
	word, rest, colon := strings.Cut(strings.TrimSpace(written), ":")
	word, rest = strings.ToLower(strings.TrimSpace(word)), strings.TrimSpace(rest)
	for _, known := range replyWords {
		if known.word == word {
			return word, rest, colon || !known.needs
		}
	}
	return "", "", false
}

// ParseReply reads approve, reject: WHY, success:JSON, failure:ERROR:CAUSE, later:DURATION, heartbeat:DURATION or nothing.
func ParseReply(written string) (Reply, error) {
	word, rest, ok := splitReply(written)
	if !ok {
		return Reply{}, fmt.Errorf("answer %q: expected %s", written, replyForms)
	}
	switch word {
	case "approve", "nothing":
		if rest != "" {
			return Reply{}, fmt.Errorf("answer %q: got %q after %s, expected nothing there", written, rest, word)
		}
		if word == "nothing" {
			return Reply{Nothing: true}, nil
		}
		return Reply{Output: "{}"}, nil
	case "reject":
		return Reply{Failed: true, Error: Rejected, Cause: rest}, nil
	case "success":
		if !json.Valid([]byte(rest)) {
			return Reply{}, fmt.Errorf("answer %q: the output is no JSON\n  hint: for example success:{\"rows\": 12}", written)
		}
		return Reply{Output: rest}, nil
	case "failure":
		name, cause, _ := strings.Cut(rest, ":")
		return Reply{Failed: true, Error: strings.TrimSpace(name), Cause: strings.TrimSpace(cause)}, nil
	}
	after, err := time.ParseDuration(rest)
	if err != nil || after <= 0 {
		return Reply{}, fmt.Errorf("answer %q: expected a duration, for example %s:8h", written, word)
	}
	return Reply{Later: after, Heartbeat: word == "heartbeat"}, nil
}

// String is the reply as ParseReply reads it.
func (r Reply) String() string {
	switch {
	case r.Nothing:
		return "nothing"
	case r.Heartbeat:
		return "heartbeat:" + r.Later.String()
	case r.Later > 0:
		return "later:" + r.Later.String()
	case r.Failed && r.Error == Rejected && r.Cause == "":
		return "reject"
	case r.Failed && r.Error == Rejected:
		return "reject: " + r.Cause
	case r.Failed:
		return strings.TrimSuffix("failure:"+r.Error+":"+r.Cause, ":")
	case r.Output == "{}":
		return "approve"
	}
	return "success:" + r.Output
}

// ParsePrepared reads an answer, or STATE=ANSWER.
func ParsePrepared(written string) (Prepared, error) {
	if _, _, ok := splitReply(written); !ok {
		for at := range len(written) {
			if written[at] != '=' {
				continue
			}
			if _, _, ok := splitReply(written[at+1:]); ok && at > 0 {
				reply, err := ParseReply(written[at+1:])
				return Prepared{State: written[:at], Reply: reply}, err
			}
		}
	}
	reply, err := ParseReply(written)
	if err != nil {
		err = fmt.Errorf("%w\n  hint: for one state alone, STATE=ANSWER", err)
	}
	return Prepared{Reply: reply}, err
}
