package lab

import (
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// What jobs run on.
const (
	EngineSail  = "sail"
	EngineSpark = "spark"
)

// ProgramOptions of the programs of a run.
type ProgramOptions struct {
	Source    Source
	Engine    string                        // of Spark jobs: sail (default) or spark
	Cache     string                        // default: that of Cache()
	Python    map[string]string             // interpreters that have an engine's requirements already, by engine
	Logs      string                        // folder for what programs print; empty: it is not kept
	Warehouse string                        // folder for the databases of Redshift, to look into; empty: they stay in memory
	Progress  func(line string)             // what takes long, before it begins
	Working   func(id string) (done func()) // the program of a resource works for real, until it calls done
	Longest   time.Duration                 // that a job may really take; default 10 minutes
}

// longest is how long a job may really take: the data of a lab is small, so that one which takes longer hangs.
const longest = 10 * time.Minute

// Programs run what a pipeline ships: Lambda functions and jobs, as processes of this machine, with the credentials of their roles.
type Programs struct {
	ctx     context.Context //nolint:containedctx // of the run: programs end with it, whoever started them
	cancel  context.CancelFunc
	options ProgramOptions
	starter starter
	project func() (Project, error)

	store    *store
	endpoint string // of S3
	refuser  *refuser

	mutex     sync.Mutex
	builds    map[string]func() (string, error) // of each function: the file to run
	sandboxes map[string]*sandbox               // by logical id
	worker    func() (*worker, error)
	servers   map[string]func() (*sailServer, error) // by role
	sql       func() (*duckDB, error)                // nil: the template runs no SQL
}

// NewPrograms prepares to run programs. Close ends them.
func NewPrograms(ctx context.Context, options ProgramOptions) (*Programs, error) {
	if err := supported(); err != nil {
		return nil, err
	}
	options.Engine = cmp.Or(options.Engine, EngineSail)
	if options.Engine != EngineSail && options.Engine != EngineSpark {
		return nil, fmt.Errorf("got the engine %q, expected %s or %s", options.Engine, EngineSail, EngineSpark)
	}
	if options.Cache == "" {
		var err error
		if options.Cache, err = Cache(); err != nil {
			return nil, err
		}
	}
	if options.Progress == nil {
		options.Progress = func(string) {}
	}
	if options.Working == nil {
		options.Working = func(string) func() { return func() {} }
	}
	options.Longest = cmp.Or(options.Longest, longest)
	p := &Programs{
		options: options, builds: map[string]func() (string, error){}, sandboxes: map[string]*sandbox{}, servers: map[string]func() (*sailServer, error){},
	}
	p.ctx, p.cancel = context.WithCancel(ctx)
	p.project = sync.OnceValues(func() (Project, error) { return options.Source.Project(p.ctx) })
	return p, nil
}

// Close ends all programs, and what they started.
func (p *Programs) Close() {
	p.cancel()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, s := range p.sandboxes {
		s.close()
	}
	if p.worker != nil {
		if w, err := p.worker(); err == nil {
			w.close()
		}
	}
	if p.sql != nil {
		if d, err := p.sql(); err == nil {
			d.close()
		}
	}
	if p.refuser != nil {
		p.refuser.close()
	}
	if p.store != nil {
		p.store.close()
	}
	p.starter.close()
}

// warm gets ready what the template may need, while the run begins: functions are built, Python is started.
func (p *Programs) warm(l *Lab) error {
	p.store = l.store
	var err error
	if p.endpoint, err = l.store.serve(); err != nil {
		return err
	}
	if p.refuser, err = newRefuser(p.ctx); err != nil {
		return err
	}
	for _, id := range l.stack.ByType("AWS::Lambda::Function") {
		if resource := l.stack.Resources[id]; isGo(resource) && sourceOf(resource) != "" {
			go p.build(id, sourceOf(resource))() //nolint:errcheck // whoever needs it gets the error
		}
	}
	for _, id := range l.stack.ByType("AWS::Batch::JobDefinition") {
		if source := sourceOf(l.stack.Resources[id]); source != "" {
			go p.build(id, source)() //nolint:errcheck // likewise
		}
	}
	for _, j := range l.glueJobs {
		if j.kind == "glueetl" {
			p.warmJob(l, j.id, j.script, j.role)
		}
	}
	p.warmSpark(l)
	if l.warehouse.asked {
		p.warmSQL(l)
	}
	return nil
}

// environment is what a program of AWS finds in its environment to call AWS with: the credentials of its role, and where S3 is.
// Every other service is refused by name, and is never called for real.
// Source: AWS SDKs and Tools Reference Guide, "Environment variables support", "Service-specific endpoints"; read 2026-11.
func (p *Programs) environment(l *Lab, role string) (map[string]string, error) {
	files, err := p.files()
	if err != nil {
		return nil, err
	}
	region := l.stack.Place().Region
	return map[string]string{
		"PATH": os.Getenv("PATH"), "LANG": "C.UTF-8", "TZ": "UTC", "HOME": os.TempDir(),
		"AWS_REGION": region, "AWS_DEFAULT_REGION": region,
		"AWS_ACCESS_KEY_ID": l.store.session(role), "AWS_SECRET_ACCESS_KEY": "lab", "AWS_SESSION_TOKEN": "lab",
		"AWS_ENDPOINT_URL": p.refuser.address, "AWS_ENDPOINT_URL_S3": p.endpoint,
		"AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required", // the lab's S3 keeps none, which the SDK for Go would remark at each object
		"AWS_EC2_METADATA_DISABLED":        "true", "AWS_CONFIG_FILE": filepath.Join(files, "aws.config"), "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	}, nil
}

// worker holds the Python side of the lab.
//
//go:embed worker/*.py worker/awsglue/*.py worker/aws.config worker/requirements-sql.txt
var workerFiles embed.FS

// files is the folder in the cache that has the Python side, written once for each version of it.
func (p *Programs) files() (string, error) {
	content, err := fs.Sub(workerFiles, "worker")
	if err != nil {
		return "", err
	}
	generated := Generated{Cache: p.options.Cache, Files: func() (map[string][]byte, error) {
		all := map[string][]byte{}
		return all, fs.WalkDir(content, ".", func(name string, entry fs.DirEntry, problem error) error {
			if problem == nil && !entry.IsDir() {
				all[name], problem = fs.ReadFile(content, name)
			}
			return problem
		})
	}}
	project, err := generated.Project(p.ctx)
	return project.Folder, err
}

// digest names something in the cache.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])[:16]
}

func list(environment map[string]string) []string {
	all := make([]string, 0, len(environment))
	for name, value := range environment {
		all = append(all, name+"="+value)
	}
	return all
}

// refuser answers for every service but S3. What the lab does not have breaks the run: an answer would be made up.
type refuser struct {
	address string
	server  *http.Server
	mutex   sync.Mutex
	asked   []string
}

func newRefuser(ctx context.Context) (*refuser, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the lab's endpoint: %w", err)
	}
	r := &refuser{address: "http://" + listener.Addr().String()}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = r.server.Serve(listener) }() // it ends with close
	return r, nil
}

func (r *refuser) close() { _ = r.server.Close() }

// ServeHTTP reads the service from the scope of the request's signature.
// Source: AWS General Reference, "Elements of an AWS API request signature", Credential; read 2026-11.
func (r *refuser) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	service := "a service of AWS"
	_, scope, _ := strings.Cut(request.Header.Get("Authorization"), "Credential=")
	if parts := strings.Split(scope, "/"); len(parts) > 3 {
		service = parts[3]
	}
	if target := request.Header.Get("X-Amz-Target"); target != "" {
		service += " (" + target + ")"
	}
	r.mutex.Lock()
	r.asked = append(r.asked, service)
	r.mutex.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotImplemented)
	_, _ = w.Write([]byte(`{"__type": "NotImplemented", "message": "the lab serves programs S3 alone"}`)) // the caller may be gone
}

// take says what was asked for since the last time.
func (r *refuser) take(who string) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	asked := r.asked
	r.asked = nil
	if len(asked) == 0 {
		return nil
	}
	return fmt.Errorf("%s called %s: the lab serves programs S3 alone\n  hint: let the state machine or an event do that, or leave it out with a variable of the environment", who, asked[0])
}

// Function implements programs.
func (p *Programs) Function(l *Lab, f *function, payload json.RawMessage) (json.RawMessage, *functionError) {
	defer p.options.Working(f.id)()
	answer, failure, err := p.invoke(l, f, payload)
	if err == nil {
		err = p.refuser.take("function " + f.id)
	}
	if err != nil {
		l.broken(p.interrupted(err))
	}
	return answer, failure
}

// Job implements programs.
func (p *Programs) Job(l *Lab, run *jobRun) outcome {
	l.store.observe()
	s := &script{
		id: run.job.id, uri: run.job.script, role: run.job.role, argv: run.argv(), log: fmt.Sprintf("%s/%03d.log", run.job.id, len(l.jobRuns)),
		timeout: run.timeout, plain: run.job.kind == "pythonshell", glue: true,
	}
	failure := p.script(l, s)
	if s.overran {
		return l.endless(s.id, p.limit(s))
	}
	return outcome{failure: failure, duration: jobDuration(run.job, l.store.observe())}
}

// script runs a script, and breaks the run when the lab could not.
func (p *Programs) script(l *Lab, s *script) (failure string) {
	defer p.options.Working(s.id)()
	failure, err := p.runScript(l, s)
	if err == nil {
		err = p.refuser.take("job " + s.id)
	}
	if err != nil {
		l.broken(p.interrupted(err))
	}
	return l.store.explain(failure, s.role)
}

// interrupted is the reason why a run ended early, rather than what came of it.
func (p *Programs) interrupted(err error) error {
	if p.ctx.Err() != nil {
		return errors.Join(errors.New("the run was interrupted"), p.ctx.Err())
	}
	return err
}
