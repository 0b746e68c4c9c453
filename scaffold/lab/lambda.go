package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// sandbox is the one environment in which a function's process stays warm between calls.
// Source: AWS Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle", read 2026-11.
type sandbox struct {
	f       *function
	starter *starter
	server  *http.Server
	api     runtimeAPI
	log     *boundedLog
	pipe    *linePipe // nil: nothing measures what it prints
	printed []string  // before it ended
	command *exec.Cmd
	exited  chan struct{} // closed when the process has ended
	ended   bool
}

func isGo(resource cfn.Resource) bool {
	switch resource.Get("Runtime") {
	case "provided.al2023", "provided.al2":
		return true
	}
	return false
}

// build is how the program of a Go function becomes a file for this machine: the asset in cdk.out is for Linux on ARM.
func (p *Programs) build(id, source string) func() (string, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.builds[id] == nil {
		p.builds[id] = sync.OnceValues(func() (string, error) {
			project, err := p.project()
			if err != nil {
				return "", err
			}
			folder, err := project.within(id, source)
			if err != nil {
				return "", err
			}
			return p.goBuild(project.Folder, folder)
		})
	}
	return p.builds[id]
}

// goBuild lets the go command compile what changed. The file keeps its place, so that nothing is linked again without need.
func (p *Programs) goBuild(project, folder string) (string, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return "", errors.New("go is missing: the lab builds the Go functions for this machine\n  hint: install Go from https://go.dev/dl and see that it is on the PATH")
	}
	name, err := filepath.Rel(project, folder)
	if err != nil {
		return "", fmt.Errorf("find the source of a function: %w", err)
	}
	file := filepath.Join(p.options.Cache, "bin", digest(folder, runtime.GOOS, runtime.GOARCH), filepath.Base(folder))
	command := exec.CommandContext(p.ctx, "go", "build", "-buildvcs=false", "-tags=lambda.norpc", "-o", file, "./"+filepath.ToSlash(name)) //nolint:gosec // the user's own project
	command.Dir = project
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=mod")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./%s in %s: %w\n%s", filepath.ToSlash(name), project, err, strings.TrimSpace(string(output)))
	}
	return file, nil
}

// invoke calls a function. A Go error means that the lab could not.
func (p *Programs) invoke(l *Lab, f *function, payload json.RawMessage) (json.RawMessage, *functionError, error) {
	s := p.sandboxes[f.id]
	if s == nil || s.ended {
		var err error
		if s, err = p.startSandbox(l, f); err != nil {
			return nil, nil, err
		}
		p.mutex.Lock()
		p.sandboxes[f.id] = s
		p.mutex.Unlock()
	}
	answer := s.call(p.ctx, l.clock.UUID(), payload)
	f.logged = s.take()
	if err := p.ctx.Err(); err != nil {
		return nil, nil, err
	}
	if !answer.failed {
		return answer.body, nil, nil
	}
	failure := &functionError{}
	if err := json.Unmarshal(answer.body, failure); err != nil {
		return nil, nil, fmt.Errorf("function %s reported an error that is no JSON: %.200s", f.id, answer.body)
	}
	return answer.body, failure, nil
}

// startSandbox starts the function's process.
func (p *Programs) startSandbox(l *Lab, f *function) (*sandbox, error) {
	environment, err := p.environment(l, f.role)
	if err != nil {
		return nil, err
	}
	args, root, err := p.commandOf(l, f)
	if err != nil {
		return nil, err
	}
	s := &sandbox{f: f, starter: &p.starter, exited: make(chan struct{}), api: newRuntimeAPI(f)}
	if s.log, err = newLog(p.options.Logs, fmt.Sprintf("%s/%03d.log", f.id, f.started())); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(p.ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the Lambda runtime API: %w", err)
	}
	s.server = &http.Server{Handler: s.api.handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }() // it ends with close
	maps.Copy(environment, f.environment)
	maps.Copy(environment, f.runtimeEnvironment(l.stack.Resources[f.id], root, listener.Addr().String()))
	s.command = exec.CommandContext(p.ctx, args[0], args[1:]...) //nolint:gosec // the user's own program
	s.command.Env, s.command.Dir = list(environment), root
	s.command.Stdout, s.command.Stderr = s.log, s.log
	s.command.WaitDelay = time.Second // for a child of its own that keeps the pipe open
	if len(f.filters) > 0 {
		if s.pipe, err = newLinePipe(s.log); err != nil {
			s.close()
			return nil, err
		}
		s.command.Stdout, s.command.Stderr = s.pipe.in, s.pipe.in
	}
	if err := p.starter.start(s.command); err != nil {
		s.close()
		return nil, fmt.Errorf("start the function %s: %w", f.id, err)
	}
	go func() {
		_ = s.command.Wait() // ProcessState tells
		p.starter.kill(s.command.Process.Pid)
		close(s.exited)
	}()
	return s, nil
}

// commandOf is what runs a function here, and the folder that has its code.
func (p *Programs) commandOf(l *Lab, f *function) (args []string, root string, err error) {
	resource := l.stack.Resources[f.id]
	kind := cfn.Text(resource.Get("Runtime"))
	if isGo(resource) {
		file, problem := p.build(f.id, sourceOf(resource))()
		return []string{file}, filepath.Dir(file), problem
	}
	if !strings.HasPrefix(kind, "python3.") {
		return nil, "", fmt.Errorf("function %s: got the runtime %s, the lab runs Go (provided.al2023) and python3\n"+
			"  hint: take it out of what is run, or give its answers with --mocks", f.id, kind)
	}
	project, err := p.project()
	if err != nil {
		return nil, "", err
	}
	root, ok := project.object(fmt.Sprintf("s3://%s/%s", cfn.Text(resource.Get("Code", "S3Bucket")), cfn.Text(resource.Get("Code", "S3Key"))))
	if source := sourceOf(resource); !ok && source != "" {
		if root, err = project.within(f.id, source); err != nil {
			return nil, "", err
		}
	} else if !ok {
		return nil, "", fmt.Errorf("function %s: its code is no asset of the template\n  hint: run npx cdk synth, and scaffold lab run in the project", f.id)
	}
	python, _, err := findPython(p.ctx)
	if err != nil {
		return nil, "", err
	}
	files, err := p.files()
	return []string{python, filepath.Join(files, "bootstrap.py")}, root, err
}

// runtimeEnvironment is what Lambda tells a function.
// Source: AWS Lambda Developer Guide, "Working with Lambda environment variables", "Defined runtime environment variables"; read 2026-11.
func (f *function) runtimeEnvironment(resource cfn.Resource, root, api string) map[string]string {
	handler, _ := resource.Get("Handler").(string)
	memory := f.memory
	if memory == 0 {
		memory = 128
	}
	return map[string]string{
		"AWS_LAMBDA_RUNTIME_API": api, "AWS_LAMBDA_FUNCTION_NAME": f.name, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": fmt.Sprint(memory), "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME": f.group, "AWS_LAMBDA_LOG_STREAM_NAME": "lab", "LAMBDA_TASK_ROOT": root, "LAMBDA_RUNTIME_DIR": root,
		"_HANDLER": handler,
	}
}

// call hands the process an event and waits for what comes of it. The time limit is real: a program that hangs would hang the lab.
// Source: AWS Lambda Developer Guide, "Configure Lambda function timeout"; the messages are those of Invoke's answers; read 2026-11.
func (s *sandbox) call(ctx context.Context, id string, payload json.RawMessage) answer {
	limit := realLimit(s.f.timeout)
	defer limit.Stop()
	event := invocation{id: id, payload: payload, deadline: realDeadline(s.f.timeout)}
	offer, took := s.api.next, false
	for {
		select {
		case offer <- event:
			offer, took = nil, true
		case result := <-s.api.answers:
			if result.id == id || result.id == "" {
				if result.id == "" { // it could not begin
					<-s.endIn(time.Second)
				}
				return result
			}
		case <-s.exited:
			select { // it may have answered before it ended
			case result := <-s.api.answers:
				s.close()
				return result
			default:
			}
			how := "Runtime exited with error: " + s.command.ProcessState.String()
			if s.command.ProcessState.Success() {
				how = "Runtime exited without providing a reason"
			}
			s.close()
			return failedAnswer("Runtime.ExitError", "RequestId: "+id+" Error: "+how)
		case <-limit.C:
			s.close()
			return failedAnswer("Sandbox.Timedout", fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", id, s.f.timeout.Seconds()))
		case <-ctx.Done():
			s.close()
			return failedAnswer("Sandbox.Interrupted", fmt.Sprintf("the run was interrupted (%t)", took))
		}
	}
}

// take gives what the last call printed, line by line.
func (s *sandbox) take() []string {
	if s.pipe == nil {
		return nil
	}
	if s.ended {
		return s.printed
	}
	return s.pipe.lines()
}

// endIn lets the process end by itself for a moment, and ends it then.
func (s *sandbox) endIn(most time.Duration) <-chan struct{} {
	select {
	case <-s.exited:
	case <-realLimit(most).C:
	}
	s.close()
	return s.exited
}

// close ends the process, its children and the API.
func (s *sandbox) close() {
	if s.ended {
		return
	}
	s.ended = true
	if s.command != nil && s.command.Process != nil {
		s.starter.kill(s.command.Process.Pid)
		<-s.exited
	}
	if s.server != nil {
		_ = s.server.Close() // nobody calls any more
	}
	if s.pipe != nil {
		s.printed = s.pipe.lines()
		s.pipe.close()
	}
	_ = s.log.close() // the run goes on without the end of a log
}

// started counts the processes of a function.
func (f *function) started() int {
	f.processes++
	return f.processes
}
