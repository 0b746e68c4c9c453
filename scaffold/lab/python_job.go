package lab

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// sailServer is a Spark Connect server of Sail that calls S3 with the credentials of one role.
type sailServer struct {
	child *child
	port  int
}

// script is a Python program of the pipeline, with all that a run of it takes.
type script struct {
	id      string // logical id of what runs it
	uri     string // s3:// of the program
	role    string
	argv    []string
	log     string        // file of what it prints
	timeout time.Duration // of the run, on AWS
	plain   bool          // without Spark
	glue    bool          // with Glue's own module
	overran bool          // it did not end, so that the lab ended it
}

// scriptOf is the file that is run: the object in a bucket of the lab, the asset as it would be published, else the source in the
// project; and the folder whose requirements-ENGINE.txt says what it needs. An object is copied to the folder of the run.
func (p *Programs) scriptOf(l *Lab, id, uri, folder string) (file, requirements string, err error) {
	project, err := p.project()
	if err != nil {
		return "", "", err
	}
	source, err := project.within(id, sourceOf(l.stack.Resources[id]))
	bucket, key, _ := strings.Cut(strings.TrimPrefix(uri, "s3://"), "/")
	file, published := project.object(uri)
	switch data, missing := l.store.read(bucket, key); {
	case missing == nil && folder != "":
		file = filepath.Join(folder, path.Base(key))
		if failed := os.WriteFile(file, data, 0o600); failed != nil {
			return "", "", fmt.Errorf("copy %s: %w", uri, failed)
		}
	case !published:
		file = source
	}
	if file == "" {
		return "", "", err
	}
	return file, filepath.Dir(source), nil
}

// python is the worker, started when the first script needs it.
func (p *Programs) python(requirements string) (*worker, error) {
	p.mutex.Lock()
	if p.worker == nil {
		p.worker = sync.OnceValues(func() (*worker, error) {
			python, err := p.interpreter(p.options.Engine, filepath.Join(requirements, "requirements-"+p.options.Engine+".txt"))
			if err != nil {
				return nil, err
			}
			return p.startWorker(python)
		})
	}
	get := p.worker
	p.mutex.Unlock()
	return get()
}

// warmJob starts what a Spark job needs, before it is known that it runs.
func (p *Programs) warmJob(l *Lab, id, uri, role string) {
	go func() {
		_, requirements, err := p.scriptOf(l, id, uri, "")
		if err != nil {
			return // the job says so when it runs
		}
		if p.options.Engine == EngineSail {
			_, _ = p.server(l, role, requirements)() // likewise
		} else {
			_, _ = p.python(requirements) // likewise
		}
	}()
}

// server is Sail for a role. One server has one set of credentials, so each role has its own.
func (p *Programs) server(l *Lab, role, requirements string) func() (*sailServer, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.servers[role] == nil {
		p.servers[role] = sync.OnceValues(func() (*sailServer, error) { return p.startServer(l, role, requirements) })
	}
	return p.servers[role]
}

// startingSail is how long Sail may take to listen, on a busy machine.
const startingSail = time.Minute

func (p *Programs) startServer(l *Lab, role, requirements string) (*sailServer, error) {
	w, err := p.python(requirements)
	if err != nil {
		return nil, err
	}
	environment, err := p.environment(l, role)
	if err != nil {
		return nil, err
	}
	environment["AWS_ENDPOINT_URL"], environment["AWS_ALLOW_HTTP"] = p.endpoint, "true"
	environment["RUST_LOG"] = "error"
	environment["SAIL_EXECUTION__DEFAULT_PARALLELISM"] = "1" // which of several files gets a row would be chance
	l.store.namesByChance(environment["AWS_ACCESS_KEY_ID"])
	log, err := newLog(p.options.Logs, "sail-"+last(role, "/")+".log")
	if err != nil {
		return nil, err
	}
	c, err := w.start(request{Do: "server", Env: environment, Folder: os.TempDir()}, log)
	if err != nil {
		return nil, err
	}
	limit := realLimit(startingSail).C
	for {
		select {
		case said := <-c.said:
			if said.Port != 0 {
				return &sailServer{child: c, port: said.Port}, nil
			}
			if said.Ended || said.Failure != "" {
				c.end()
				return nil, fmt.Errorf("start Sail: %s %s", said.Failure, log.last())
			}
		case <-limit:
			c.end()
			return nil, fmt.Errorf("start Sail: it did not listen within %s: %s", startingSail, log.last())
		case <-p.ctx.Done():
			return nil, p.ctx.Err()
		}
	}
}

// runScript runs a script, and says why it failed. A Go error means that the lab could not.
func (p *Programs) runScript(l *Lab, s *script) (failure string, err error) {
	if denied := p.readsScript(l, s); denied != nil {
		return denied.Error(), nil
	}
	folder, err := os.MkdirTemp("", "lab-job-")
	if err != nil {
		return "", fmt.Errorf("make a folder for %s: %w", s.id, err)
	}
	defer func() { _ = os.RemoveAll(folder) }() // what stays is the system's to remove
	file, requirements, err := p.scriptOf(l, s.id, s.uri, folder)
	if err != nil {
		return "", err
	}
	environment, err := p.environment(l, s.role)
	if err != nil {
		return "", err
	}
	environment["HOME"], environment["TMPDIR"] = folder, folder
	log, err := newLog(p.options.Logs, s.log)
	if err != nil {
		return "", err
	}
	if s.plain {
		return p.runShell(s, file, requirements, folder, environment, log)
	}
	what := request{Do: "job", Env: environment, Folder: folder, Script: file, Argv: s.argv, Shim: folder}
	if s.glue {
		if what.Shim, err = p.files(); err != nil {
			return "", err
		}
	}
	if p.options.Engine == EngineSail {
		server, failed := p.server(l, s.role, requirements)()
		if failed != nil {
			return "", failed
		}
		environment["SPARK_REMOTE"] = fmt.Sprintf("sc://localhost:%d", server.port)
	} else {
		what.Stage = filepath.Join(folder, "s3")
		p.sparkEnvironment(environment)
	}
	w, err := p.python(requirements)
	if err != nil {
		return "", err
	}
	c, err := w.start(what, log)
	if err != nil {
		return "", err
	}
	return p.await(s, c)
}

// readsScript is how a service gets the script: with the role that runs it, from the bucket of the assets.
func (p *Programs) readsScript(l *Lab, s *script) *apiError {
	object, ok := strings.CutPrefix(s.uri, "s3://")
	if !ok {
		return failed("InvalidInputException", "got the script location %q, expected s3://BUCKET/KEY", s.uri)
	}
	return l.authorize(caller{Role: s.role}, "s3:GetObject", "arn:"+l.stack.Place().Partition+":s3:::"+object, nil)
}

// sparkEnvironment lets Spark run on this machine alone, and find Java.
func (p *Programs) sparkEnvironment(environment map[string]string) {
	if home := os.Getenv("JAVA_HOME"); home != "" {
		environment["JAVA_HOME"] = home
	}
	environment["SPARK_LOCAL_IP"] = "127.0.0.1"
	environment["PYSPARK_SUBMIT_ARGS"] = "--master local[2] --conf spark.ui.enabled=false --conf spark.ui.showConsoleProgress=false --conf spark.sql.session.timeZone=UTC pyspark-shell"
}

// argv are a script's arguments as Glue passes them: its own before those of the job, a run's instead of the job's.
// Source: AWS Glue Developer Guide, "Using job parameters in AWS Glue jobs", read 2026-11.
func (r *jobRun) argv() []string {
	all := []string{"--JOB_ID", "j_" + digest(r.job.name), "--JOB_RUN_ID", r.id, "--JOB_NAME", r.job.name}
	for _, name := range slices.Sorted(maps.Keys(r.arguments)) {
		all = append(all, name, r.arguments[name])
	}
	return all
}

// limit is how long a script may really take.
func (p *Programs) limit(s *script) time.Duration { return min(s.timeout, p.options.Longest) }

// await waits for the end of a script. One that takes too long is ended, and with it Sail, which may still work for it.
func (p *Programs) await(s *script, c *child) (string, error) {
	limit := realLimit(p.limit(s))
	defer limit.Stop()
	for {
		select {
		case said := <-c.said:
			if !said.Ended {
				continue
			}
			c.end()
			return said.reason(c.log), nil
		case <-limit.C:
			c.end()
			p.dropServer(s.role)
			s.overran = true
			return "", nil
		case <-p.ctx.Done():
			c.end()
			return "", p.ctx.Err()
		}
	}
}

func (p *Programs) dropServer(role string) {
	p.mutex.Lock()
	get := p.servers[role]
	delete(p.servers, role)
	p.mutex.Unlock()
	if get == nil {
		return
	}
	if server, err := get(); err == nil {
		server.child.end()
	}
}

// reason is why a script failed; empty when it did not.
func (r report) reason(log *boundedLog) string {
	switch {
	case r.Failure != "":
		return r.Failure
	case r.Signal != 0:
		return fmt.Sprintf("the script was ended by the signal %d (%s)", r.Signal, syscall.Signal(r.Signal))
	case r.Exit != 0:
		return strings.TrimSpace(fmt.Sprintf("exit status %d: %s", r.Exit, log.last()))
	}
	return ""
}

// runShell runs a Python shell job: a plain script, with what its requirements-python.txt lists if there is one.
func (p *Programs) runShell(s *script, file, requirements, folder string, environment map[string]string, log *boundedLog) (string, error) {
	defer func() { _ = log.close() }() // the run goes on without the end of a log
	python, _, err := findPython(p.ctx)
	if needs := filepath.Join(requirements, "requirements-python.txt"); err == nil && requirements != "." {
		if _, there := os.Stat(needs); there == nil {
			python, err = p.interpreter("python", needs)
		}
	}
	if err != nil {
		return "", err
	}
	shim, err := p.files()
	if err != nil {
		return "", err
	}
	environment["PYTHONPATH"] = shim
	command := exec.CommandContext(p.ctx, python, append([]string{file}, s.argv...)...) //nolint:gosec // the user's own script
	command.Dir, command.Env, command.WaitDelay = folder, list(environment), time.Second
	command.Stdout, command.Stderr = log, log
	if err = p.starter.start(command); err != nil {
		return "", fmt.Errorf("start the job %s: %w", s.id, err)
	}
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	limit := realLimit(p.limit(s))
	defer limit.Stop()
	select {
	case err = <-done:
	case <-limit.C:
		p.starter.kill(command.Process.Pid)
		<-done //nolint:errcheck // it was killed
		s.overran = true
		return "", nil
	}
	p.starter.kill(command.Process.Pid)
	if p.ctx.Err() != nil {
		return "", p.ctx.Err()
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return strings.TrimSpace(fmt.Sprintf("%s (%s)", cfn.Text(log.last()), exit)), nil
	}
	return "", err
}
