package answers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	nameHint   = "3-30 of a-z, 0-9 and hyphen, a letter first, for example orders"
	keyHintS3  = "for example raw/ or sales/2026/"
	secretHint = "answers hold no secrets: keep it in AWS Secrets Manager and give only the secret's ARN to the code that needs it"
)

// secrets are what people paste: a password in a URL or before an Oracle database, a key=value pair, keys of a known form.
var secrets = regexp.MustCompile(strings.Join([]string{
	`(?i:[a-z][a-z0-9+.:-]*://[^/\s:@]*:[^/\s@]+@)`,
	`(?i:\bjdbc:oracle:[a-z0-9]+:[^\s/@]+/[^\s@]+@)`,
	`(?i:(?:password|passwd|passphrase|\bpass|pwd|secret|credentials?|(?:api|access|private)[_-]?key|accountkey|token)["']?\s*[=:]\s*\S)`,
	`(?i:-----BEGIN [A-Z ]*PRIVATE KEY)`,
	`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`,
	`\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{20,})`,
	`\bxox[abprs]-[A-Za-z0-9-]{10,}`,
	`\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}`,
	`\bAIza[A-Za-z0-9_-]{35}`,
	`\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.`,
}, "|"))

var secretKey = regexp.MustCompile(`(?i)passw|pwd|secret|token|api[_-]?key|access[_-]?key|credential|jdbc|odbc|dsn|connection|conn_str`)

// harmful is what would mean something else to a template, a shell, a terminal or a reader than to the user.
func harmful(value string) *fault {
	if secrets.MatchString(value) {
		return &fault{"the value holds a password or a key (not shown)", secretHint}
	}
	for _, r := range value {
		switch {
		case r == utf8.RuneError:
			return blame(value, "", "got bytes that are not UTF-8, expected text")
		case r < ' ' || r == 0x7f:
			return blame(value, "", "got the control character U+%04X, expected one line of visible text", r)
		case !unicode.IsPrint(r):
			return blame(value, "", "got the invisible character U+%04X, which can hide or reorder text", r)
		}
	}
	for _, mark := range []string{"${", "{{"} {
		if strings.Contains(value, mark) {
			return blame(value, "", "got %s, which a template would evaluate, expected plain text", mark)
		}
	}
	return nil
}

// plain also refuses quotes and the backslash, for values that end up in file names, source, SQL and ARNs.
func plain(value string) *fault {
	if i := strings.IndexAny(value, "\"'`\\"); i >= 0 {
		return blame(value, "", "got the character %c, expected none of \" ' ` \\", value[i])
	}
	return nil
}

// Names that Windows keeps for devices; Go refuses them in module paths.
// Source: golang.org/x/mod/module.CheckPath and "Naming Files, Paths, and Namespaces" (Microsoft Learn), read 2026-11.
var reserved = strings.Fields("con prn aux nul com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9")

// checkName follows the name of a CloudFormation stack, which begins with a letter, and of an S3 bucket, in lower case.
func checkName(name string) *fault {
	if fault := plain(name); fault != nil {
		return fault
	}
	if bad := strings.IndexFunc(name, notInName); bad >= 0 {
		r, _ := utf8.DecodeRuneInString(name[bad:])
		hint := nameHint
		if near := nearestName(name); near != "" {
			hint = "did you mean " + near + "?"
		}
		return blame(name, hint, "got the character %q, expected only a-z, 0-9 and hyphen", r)
	}
	switch {
	case len(name) < 3 || len(name) > 30:
		unit := "characters"
		if len(name) == 1 {
			unit = "character"
		}
		return blame(name, nameHint, "has %d %s, expected 3 to 30: account and region follow it in a bucket's name of at most 63", len(name), unit)
	case name[0] < 'a':
		return blame(name, nameHint, "begins with %q, expected a letter: CloudFormation names a stack so", name[0])
	case strings.HasSuffix(name, "-"):
		return blame(name, nameHint, "ends with a hyphen, expected a letter or a digit")
	case slices.Contains(reserved, name):
		return blame(name, "for example "+name+"-data", "is a device on Windows, and Go refuses it in a module path")
	case name == "vendor":
		return blame(name, "for example vendor-data", "is kept by the Go command for itself")
	}
	return nil
}

// nearestName is the name in lower case with hyphens, if that would do.
func nearestName(name string) string {
	near := strings.NewReplacer("_", "-", " ", "-", ".", "-").Replace(strings.ToLower(name))
	if strings.ContainsFunc(near, notInName) || checkName(near) != nil {
		return ""
	}
	return near
}

func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
}

// maxKey is the longest key of an S3 object, in bytes of UTF-8.
// Source: Amazon S3 User Guide, "Naming Amazon S3 objects", read 2026-11.
const maxKey = 1024

func checkPrefix(prefix string) *fault {
	if strings.HasPrefix(prefix, "/") {
		return blame(prefix, "write "+strings.TrimLeft(prefix, "/"), "begins with a slash, keys in S3 do not")
	}
	if strings.Contains(prefix, "//") {
		return blame(prefix, keyHintS3, "got an empty folder name, expected one slash between names")
	}
	for part := range strings.SplitSeq(prefix, "/") {
		if part == "." || part == ".." {
			return blame(prefix, keyHintS3, "got the folder name %s, expected a key prefix: S3 has no folders to climb", part)
		}
	}
	return checkKeyPart(prefix)
}

func checkSuffix(suffix string) *fault {
	return checkKeyPart(suffix)
}

func checkKeyPart(part string) *fault {
	if fault := plain(part); fault != nil {
		return fault
	}
	if len(part) > maxKey {
		return blame(part, keyHintS3, "has %d bytes, an S3 key has at most %d", len(part), maxKey)
	}
	if i := strings.IndexAny(part, "*?"); i >= 0 {
		return blame(part, "leave it out: every key that begins and ends so matches", "got the wildcard %c, expected literal text", part[i])
	}
	return nil
}

var mail = regexp.MustCompile(`^[A-Za-z0-9!#%&+/=_~-]+(\.[A-Za-z0-9!#%&+/=_~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$`)

// maxMail is the longest e-mail address. Source: RFC 5321, errata 1690.
const maxMail = 254

func checkNotify(address string) *fault {
	if address == "" {
		return nil
	}
	if fault := plain(address); fault != nil {
		return fault
	}
	const hint = "for example data-team@example.com"
	switch {
	case len(address) > maxMail:
		return blame(address, hint, "has %d characters, an e-mail address has at most %d", len(address), maxMail)
	case !strings.Contains(address, "@"):
		return blame(address, hint, "has no @, expected an e-mail address")
	case !mail.MatchString(address):
		return blame(address, hint, "is not an e-mail address")
	}
	return nil
}

// oneOf checks a value of an enumeration.
func oneOf(value string, allowed []string) *fault {
	if slices.Contains(allowed, value) {
		return nil
	}
	hint := ""
	if near := nearest(value, allowed); near != "" {
		hint = "did you mean " + near + "?"
	}
	return &fault{fmt.Sprintf("got %s, expected one of %s", quote(value), strings.Join(allowed, ", ")), hint}
}
