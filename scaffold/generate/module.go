package generate

import (
	"errors"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// maxModule bounds a module path, in bytes: it is part of every import and of the paths in the module cache.
const maxModule = 200

// standard are the first elements that the Go command takes for itself: the top level of the standard library, its
// patterns (all, cmd, std, tool, work) and main. Source: `go list std` of Go 1.26 and `go help packages`, read 2026-11.
var standard = strings.Fields(`
	all archive arena bufio builtin bytes cmd cmp compress container context crypto database debug embed encoding errors
	expvar flag fmt go hash html image index internal io iter log main maps math mime net os path plugin reflect regexp
	runtime simd slices sort std strconv strings structs sync syscall testing text time tool unicode unique unsafe vendor
	weak work`)

const moduleHint = "for example orders, or example.com/orders when it will be published"

// CheckModule says whether the path can name the user's module. It takes the rules of golang.org/x/mod/module.CheckPath,
// but lets the first element be a plain name, and refuses what would hide the standard library. Its error is a *Refusal.
func CheckModule(name string) error {
	if name == "" {
		return refuse(moduleHint, "module path: got an empty one, expected a name")
	}
	if len(name) > maxModule {
		return refuse(moduleHint, "module path: got %d bytes, expected at most %d", len(name), maxModule)
	}
	first, _, _ := strings.Cut(name, "/")
	if name[0] == '-' {
		return refuse(moduleHint, "module path %q: got a hyphen first, which commands take for a flag", name)
	}
	if slices.Contains(standard, first) {
		return refuse("put a name of your own first: "+moduleHint,
			"module path %q: %s belongs to Go itself, expected a first element that is no standard package", name, first)
	}
	candidate := name
	if first != "" && !strings.Contains(first, ".") {
		if i := strings.IndexFunc(first, notPlain); i >= 0 {
			return refuse(moduleHint, "module path %q: got %q in its first element, expected lower-case letters, digits, - and _",
				name, first[i:i+1])
		}
		candidate = "example.com/" + name
	}
	if err := module.CheckPath(candidate); err != nil {
		reason := err
		if invalid, ok := errors.AsType[*module.InvalidPathError](err); ok {
			reason = invalid.Err
		}
		return refuse(moduleHint, "module path %q: %v; expected elements of letters, digits and -._~ between slashes", name, reason)
	}
	if slices.Contains(strings.Split(name, "/"), "vendor") {
		return refuse("choose another name for that element: "+moduleHint, "module path %q: the Go command keeps the element vendor for itself", name)
	}
	return nil
}

func notPlain(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
}
