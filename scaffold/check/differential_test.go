package check

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/pipewright/scaffold/cfn"
)

var every = flag.Int("every", 400, "compare every n-th mutation of a golden template, and every n/40-th of a fixture, with the requirements in Python; 1 takes minutes")

// How a rule and its requirement can disagree.
const (
	stricter = "stricter" // it applies, or fails, where the requirement does not
	looser   = "looser"   // the other way round
	switched = "switch"   // one of them is a switch
	unknown  = "unknown"  // one of them is not there
)

// improvements are where a rule deliberately says more or less than its requirement, and why. Whatever else differs is a bug.
var improvements = map[string]map[string]string{
	"BA-03": {
		stricter: "the port of a registry and the colon in the JSON of an intrinsic function are no tag",
		looser:   "latest in the name of a repository is no tag",
	},
	"BA-06": {stricter: "root is not a user of its own"},
	"EM-01": {stricter: "its title says 15 minutes"},
	"EV-04": {stricter: "a target that runs SQL in Redshift needs a role, too"},
	"EV-06": {
		stricter: "the metric Invocations counts what was delivered",
		looser:   "an alarm on an expression is an alarm",
	},
	"GL-02": {stricter: "each of the three is looked at by itself, and DISABLED is no encryption"},
	"GL-07": {looser: "a version can be a number, and 10.0 is later than 4.0"},
	"GL-15": {looser: "an alarm on an expression is an alarm"},
	"IA-02": {stricter: morePolicies + "; NotAction allows whatever is added later"},
	"IA-03": {
		stricter: morePolicies + "; NotResource is nearly every resource",
		looser:   "to look at the jobs of AWS Batch takes no resource, too",
	},
	"IA-05": {stricter: morePolicies},
	"IA-07": {stricter: "an empty boundary is none"},
	"IA-08": {stricter: morePolicies},
	"KM-02": {stricter: "* in a list of principals is everybody, too"},
	"LA-01": {stricter: "runtimes of Go, Java, Ruby and .NET and on Amazon Linux 2 are deprecated, too"},
	"LA-03": {stricter: "PassThrough traces only what was traced before"},
	"LA-04": {stricter: "a destination of successes keeps no failure"},
	"RS-01": {stricter: serverless},
	"RS-02": {stricter: serverless},
	"RS-03": {stricter: serverless},
	"RS-04": {stricter: serverless},
	"RS-05": {stricter: serverless},
	"RS-06": {stricter: "the cluster must use the group, and the group must say true; " + serverless},
	"RS-07": {stricter: serverless},
	"RS-08": {stricter: serverless},
	"S3-06": {stricter: "a disabled lifecycle rule does nothing, and a transition keeps the old version"},
	"S3-10": {stricter: "an empty policy is none"},
	"SF-03": {
		stricter: filledIn,
		looser:   "HeartbeatSecondsPath is a heartbeat, too",
	},
	"SF-04": {stricter: filledIn},
	"SF-05": {stricter: filledIn},
	"SF-06": {stricter: filledIn},
	"SF-07": {stricter: filledIn},
	"SF-10": {stricter: "an alarm on another state machine says nothing of this one"},
	"SQ-01": {stricter: `"false" is not true`},
	"SQ-03": {looser: "CloudFormation takes a number as a text; " + noLetters},
	"SQ-04": {looser: noLetters},
	"SQ-05": {stricter: noLetters},
	"ST-01": {stricter: "a value that contains app or delete is not the tag"},
	"ST-02": {stricter: "of texts in braces, only {{resolve:...}} is a dynamic reference"},
	"VP-03": {stricter: openNetworks, looser: "a description opens nothing"},
	"VP-04": {stricter: openNetworks, looser: "a description opens nothing"},
}

const (
	morePolicies = "policies of roles, users and groups as resources of their own are policies, too"
	filledIn     = "a definition with a number that CloudFormation fills in is read, too"
	noLetters    = "the target of a rule is a working queue, not its dead-letter queue"
	serverless   = "Redshift Serverless is judged, too"
	openNetworks = "::/0 and rules beside the group open it, too"
)

// pythonJudge reads a template a line and writes what requirements.py says of it: by id, the resources that fail. Null is a template that it cannot read.
const pythonJudge = `
import io, json, os, sys
sys.path.insert(0, os.path.dirname(sys.argv[1]))
sys.dont_write_bytecode = True
import requirements
requirements.open = io.StringIO
for line in sys.stdin:
    try:
        said = requirements.run(line)
        verdict = {id.split()[0]: bad for id, (_, bad) in said.items()}
        verdict["ST-02"] = ["the template"] if verdict["ST-02"] else []
        switches = {id.split()[0]: "[switch]" in id for id in said}
    except Exception:
        verdict, switches = None, None
    print(json.dumps([verdict, switches]), flush=True)
`

// requirements is the file of the 106 requirements, which lies beside the recorded behavior.
func requirements(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("PIPEWRIGHT_CONFORMANCE")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "conformance")
	}
	file := filepath.Join(filepath.Dir(folder), "requirements.py")
	if _, err := os.Stat(file); err != nil {
		t.Skipf("%v: set PIPEWRIGHT_CONFORMANCE to the folder of recorded behavior, which lies beside requirements.py", err)
	}
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skipf("%v: the requirements are compared by running them", err)
	}
	return file
}

// verdict is by rule the resources that do not pass; a rule that does not apply is absent.
type verdict map[string][]string

func TestRulesSayWhatTheRequirementsSayOfMutatedTemplates(t *testing.T) {
	c := comparison{oracle: startOracle(t), differ: map[string][]string{}}
	for name, template := range originals(t) {
		c.add(t, name, template)
		step := max(1, *every/40)
		if strings.HasPrefix(name, "../../stacks") {
			step = *every
		}
		count := 0
		mutate(template, func(what string) {
			if count++; count%step == 0 {
				c.add(t, name+" "+what, template)
			}
		})
	}
	c.oracle.stop(t)
	t.Logf("%d templates compared, %d that the requirements cannot read", c.compared, c.unread)
	for _, key := range slices.Sorted(maps.Keys(c.differ)) {
		id, how, _ := strings.Cut(key, " ")
		if improvements[id][how] == "" {
			examples := c.differ[key][:min(5, len(c.differ[key]))]
			t.Errorf("%s is %s than its requirement in %d templates, for example\n  %s", id, how, len(c.differ[key]), strings.Join(examples, "\n  "))
		}
	}
	for id, hows := range improvements {
		for how := range hows {
			if *every == 1 && c.differ[id+" "+how] == nil {
				t.Errorf("%s is never %s than its requirement; it is no improvement", id, how)
			}
		}
	}
}

// comparison gathers by rule and kind where rules and requirements differ.
type comparison struct {
	oracle           *oracle
	differ           map[string][]string
	compared, unread int
}

func (c *comparison) add(t *testing.T, name string, template map[string]any) {
	t.Helper()
	data, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := cfn.Parse(data)
	if err != nil {
		return // the last resource or a type was removed
	}
	theirs, switches := c.oracle.ask(t, data)
	if theirs == nil {
		c.unread++
		return
	}
	c.compared++
	for _, difference := range differences(judged(parsed), theirs, switches) {
		key := difference.id + " " + difference.how
		c.differ[key] = append(c.differ[key], name+": "+difference.text)
	}
}

// oracle is a process that judges a template after the other.
type oracle struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

func startOracle(t *testing.T) *oracle {
	t.Helper()
	process := exec.CommandContext(t.Context(), "python3", "-c", pythonJudge, requirements(t))
	process.Stderr = os.Stderr
	in, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	return &oracle{process, in, bufio.NewReader(out)}
}

// ask returns what the requirements say of a template, and which of them are switches; nothing if they cannot read it.
func (o *oracle) ask(t *testing.T, template []byte) (verdict, map[string]bool) {
	t.Helper()
	if _, err := fmt.Fprintf(o.in, "%s\n", template); err != nil {
		t.Fatal(err)
	}
	line, err := o.out.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var theirs verdict
	var switches map[string]bool
	if err := json.Unmarshal(line, &[]any{&theirs, &switches}); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	for id, failing := range theirs {
		for i, resource := range failing {
			failing[i], _, _ = strings.Cut(resource, "/") // a state or metric follows
		}
		slices.Sort(failing)
		theirs[id] = slices.Compact(failing)
	}
	return theirs, switches
}

func (o *oracle) stop(t *testing.T) {
	t.Helper()
	if err := o.in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := o.process.Wait(); err != nil {
		t.Fatal(err)
	}
}

func judged(template *cfn.Template) verdict {
	ours := verdict{}
	for _, result := range Run(template).Results {
		failing := ours[result.ID]
		if failing == nil {
			failing = []string{}
		}
		if result.Status != Passed {
			failing = append(failing, result.Resource)
		}
		ours[result.ID] = failing
	}
	if len(ours["ST-02"]) > 0 {
		ours["ST-02"] = []string{"the template"}
	}
	for id, failing := range ours {
		slices.Sort(failing)
		ours[id] = slices.Compact(failing)
	}
	return ours
}

type difference struct{ id, how, text string }

// differences lists where the two disagree. Rules beyond the requirements are our own.
func differences(ours, theirs verdict, switches map[string]bool) []difference {
	var list []difference
	for _, rule := range Rules() {
		mine, applies := ours[rule.ID]
		their, required := theirs[rule.ID]
		add := func(how, text string, args ...any) {
			list = append(list, difference{rule.ID, how, fmt.Sprintf(text, args...)})
		}
		if slices.Contains(ownRules, rule.ID) {
			if required {
				add(unknown, "it is a requirement")
			}
			continue
		}
		if applies && !required || len(without(mine, their)) > 0 {
			add(stricter, "it applies: %t, fails %q; the requirement: %t, %q", applies, mine, required, their)
		}
		if !applies && required || len(without(their, mine)) > 0 {
			add(looser, "it applies: %t, fails %q; the requirement: %t, %q", applies, mine, required, their)
		}
		if required && rule.Switch != switches[rule.ID] {
			add(switched, "it is a switch: %t; the requirement: %t", rule.Switch, switches[rule.ID])
		}
	}
	for id := range theirs {
		if !slices.ContainsFunc(Rules(), func(rule Rule) bool { return rule.ID == id }) {
			list = append(list, difference{id, unknown, "it is no rule"})
		}
	}
	return list
}

// without is what only the first list has.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(element string) bool { return slices.Contains(other, element) })
}

// ownRules are no requirements of requirements.py; RELIABILITY lists most of them.
var ownRules = []string{"AC-01", "BA-07", "BA-08", "EM-04", "EM-05", "EV-05", "EV-07", "GL-16", "GL-17", "KM-03", "SF-17"}

// originals are the golden templates and the fixtures of all rules.
func originals(t *testing.T) map[string]map[string]any {
	t.Helper()
	templates := map[string]map[string]any{}
	add := func(name string, data []byte) {
		var template map[string]any
		if err := json.NewDecoder(bytes.NewReader(data)).Decode(&template); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		templates[name] = template
	}
	for _, file := range goldens(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		add(filepath.ToSlash(file), data)
	}
	for name, data := range fixtureTemplates(t) {
		add(name, data)
	}
	return templates
}
