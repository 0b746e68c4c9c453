package lab

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// change is an object that was written or removed.
type change struct {
	bucket, key, reason, requester, sourceIP string
	deleted, marker                          bool // removed; by a delete marker
	version, etag                            string
	size                                     int64
	cause                                    *cause
}

// remember keeps a change that has just happened, as it was then: the object may be another when it becomes an event.
func (s *store) remember(n need, requester, version string) {
	b := s.buckets[n.bucket]
	if b == nil {
		return
	}
	c := change{bucket: n.bucket, key: n.key, reason: n.reason, deleted: n.deletes, requester: requester, sourceIP: "127.0.0.1", cause: s.lab.cause.Load()}
	switch {
	case n.deletes && n.version != "":
		c.version = n.version
	case n.deletes && b.versioned:
		c.marker, c.etag, c.version = true, emptyETag, version
		if version == "" {
			c.version = s.markerOf(n)
		}
	case !n.deletes:
		found, err := s.objects.HeadObject(n.bucket, n.key)
		if err != nil {
			return // removed again by a request at the same time, which is remembered too
		}
		c.size, c.etag = found.Size, hex.EncodeToString(found.Hash)
		if b.versioned {
			c.version = string(found.VersionID)
		}
	}
	s.mutex.Lock()
	s.changes = append(s.changes, c)
	s.mutex.Unlock()
	s.lab.lineage.changes(requester, c)
}

// emptyETag is that of a delete marker in its event. Source: Amazon S3 User Guide, "EventBridge event message structure", read 2026-11.
const emptyETag = "d41d8cd98f00b204e9800998ecf8427e"

// markerOf is the version of the delete marker that was just made; the answer to DeleteObjects does not tell.
func (s *store) markerOf(n need) string {
	for _, v := range s.objects.of(n.bucket, n.key) {
		if v.newest && v.marker {
			return v.id
		}
	}
	return ""
}

// settle makes events of what programs have changed since the last time, in the order of keys where two were changed at once: the
// order in which parallel requests arrive differs from run to run.
func (s *store) settle() {
	s.now.Store(s.lab.clock.Now().UnixNano())
	s.mutex.Lock()
	changes := s.changes
	denials := s.denials
	s.changes, s.denials = nil, nil
	s.mutex.Unlock()
	for _, denied := range denials {
		s.lab.tell("s3", "AccessDenied", "", map[string]any{"message": denied.message})
	}
	slices.SortStableFunc(changes, func(a, b change) int {
		return strings.Compare(a.bucket+"/"+a.key, b.bucket+"/"+b.key)
	})
	for _, c := range changes {
		s.lab.because(c.cause, func() { s.publish(c) })
	}
}

// publish mirrors a change to the folder, tells it, and sends S3's event.
// Source: Amazon S3 User Guide, "EventBridge event message structure", read 2026-11, and recorded events.
func (s *store) publish(c change) {
	b := s.buckets[c.bucket]
	if b == nil {
		return
	}
	s.sequence++
	object := map[string]any{"key": c.key, "sequencer": fmt.Sprintf("%016X%04X", s.lab.clock.Now().UnixNano(), s.sequence&0xFFFF)}
	kind := "Object Deleted"
	if !c.deleted {
		kind, object["size"] = "Object Created", c.size
	}
	if c.etag != "" {
		object["etag"] = c.etag
	}
	if c.version != "" {
		object["version-id"] = c.version
	}
	if err := s.mirror(c); err != nil {
		s.lab.broken(err)
		return
	}
	s.lab.tell("s3", strings.ReplaceAll(kind, " ", ""), b.id, map[string]any{"key": c.key, "size": object["size"]})
	if !b.sendsEvents {
		return
	}
	detail := map[string]any{
		"version": "0", "bucket": map[string]any{"name": b.name}, "object": object, "request-id": requestID(s.lab.clock.UUID()),
		"requester": s.lab.stack.Place().Account, "source-ip-address": c.sourceIP, "reason": c.reason,
	}
	if c.deleted {
		detail["deletion-type"] = "Permanently Deleted"
		if c.marker {
			detail["deletion-type"] = "Delete Marker Created"
		}
	}
	s.lab.emit("aws.s3", kind, []string{b.arn}, detail)
}

// requestID has the form of S3's: sixteen letters and digits.
func requestID(uuid string) string {
	return strings.ToUpper(strings.ReplaceAll(uuid, "-", "")[:16])
}
