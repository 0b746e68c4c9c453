package lab

import "time"

// Event is one thing that happened, as the timeline shows it.
type Event struct {
	Time     time.Time `json:"time"`
	Service  string    `json:"service"`            // as the ARN names it: s3, events, glue, states
	Type     string    `json:"type"`               // what happened, for example ObjectCreated
	Resource string    `json:"resource,omitempty"` // the logical id, or a name where the template has none
	Detail   any       `json:"detail,omitempty"`
}

// tell adds to the timeline.
func (l *Lab) tell(service, kind, resource string, detail any) {
	e := Event{Time: l.clock.Now(), Service: service, Type: kind, Resource: resource, Detail: detail}
	l.options.Report(e)
	l.lineage.saw(&e)
}
