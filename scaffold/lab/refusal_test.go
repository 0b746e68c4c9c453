package lab

import (
	"net/http"
	"strings"
	"testing"
)

// A program that tells nothing of its denial, as Sail does: the failure says who may not do what on which object, and what would mend it.
func TestAProgramThatHidesItsDenialFailsWithIt(t *testing.T) {
	e := open(t, bucketsFor(false, `{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::quiet/*"}`), Options{})
	for range 2 {
		if status, _, _ := e.request("PUT /landing/k", "data"); status != http.StatusForbidden {
			t.Fatalf("got %d, expected 403", status)
		}
	}
	role := e.stack.Attribute("Role", "Arn")
	said := e.store.explain("the job failed", role)
	for _, want := range []string{"the job failed\n", "Role may not s3:PutObject on arn:aws:s3:::landing/k", `add to the policies of Role: {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::landing/k"}`} {
		if strings.Count(said, want) != 1 {
			t.Errorf("got %q, expected %q in it, once", said, want)
		}
	}
	same(t, "said already", e.store.explain(said, role), said)
	same(t, "another's", e.store.explain("the job failed", "arn:other"), "the job failed")
	same(t, "a program that coped", e.store.explain("", role), "")
	for _, key := range []string{"b", "c", "d", "e"} {
		e.request("PUT /landing/"+key, "data")
	}
	many := e.store.explain("the job failed", role)
	if strings.Count(many, "AccessDenied") != mostRefusals || !strings.HasSuffix(many, "\nand 2 more requests were denied") {
		t.Errorf("got %q, expected %d denials and the number of the others", many, mostRefusals)
	}
	e.store.settle()
	same(t, "a later program of the same role", e.store.explain("the job failed", role), "the job failed")
	same(t, "told", len(e.details("AccessDenied")), 6)
}
