package lab

import (
	"bufio"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"example.com/pipewright/scaffold/cfn"
)

// Spark implements workers.
func (p *Programs) Spark(l *Lab, run *sparkRun) outcome {
	l.store.observe()
	timeout := run.timeout
	if timeout == 0 {
		timeout = p.options.Longest
	}
	s := &script{
		id: run.application.id, uri: run.entry, role: run.role, argv: run.arguments, log: fmt.Sprintf("%s/%03d.log", run.application.id, len(l.sparkRuns)),
		timeout: timeout,
	}
	failure := p.script(l, s)
	switch {
	case s.overran && run.timeout > 0:
		return l.endless(s.id, p.limit(s))
	case s.overran: // nothing else would ever end it
		failure = fmt.Sprintf("the lab ended the script after %s of real time", p.limit(s))
	}
	return outcome{failure: failure, duration: workDuration(sparkSession, run.size.executor.vcpu*run.executors/vcpuOfDPU, l.store.observe())}
}

// warmSpark gets ready what EMR Serverless may need, for each role that it may work as.
func (p *Programs) warmSpark(l *Lab) {
	for _, a := range l.applications {
		for _, id := range l.stack.ByType("AWS::IAM::Role") {
			if strings.Contains(cfn.Text(l.stack.Resources[id].Get("AssumeRolePolicyDocument")), emrServerless) {
				p.warmJob(l, a.id, "", l.stack.Attribute(id, "Arn"))
			}
		}
	}
}

// vcpuOfDPU is what the model of durations counts in. Source: AWS Glue Developer Guide, "Worker types", read 2026-11.
const vcpuOfDPU = 4

// Container implements workers.
func (p *Programs) Container(l *Lab, job *batchJob) (exit, outcome) {
	l.store.observe()
	defer p.options.Working(job.name)()
	end, err := p.runContainer(l, job)
	if err == nil {
		err = p.refuser.take("job " + job.name)
	}
	if err != nil {
		l.broken(p.interrupted(err))
	}
	if end.overran > 0 && job.timeout > 0 {
		return end, l.endless(job.definition.id, end.overran)
	}
	return end, outcome{duration: workDuration(0, job.vcpu/vcpuOfDPU, l.store.observe())}
}

// runContainer runs the container's program as a process, in an empty folder. A Go error means that the lab could not.
func (p *Programs) runContainer(l *Lab, job *batchJob) (exit, error) {
	args, err := p.containerCommand(l, job)
	if err != nil {
		return exit{}, err
	}
	folder, err := os.MkdirTemp("", "lab-container-")
	if err != nil {
		return exit{}, fmt.Errorf("make a folder for the job %s: %w", job.name, err)
	}
	defer func() { _ = os.RemoveAll(folder) }() // what stays is the system's to remove
	environment, err := p.environment(l, job.definition.role)
	if err != nil {
		return exit{}, err
	}
	environment["HOME"], environment["TMPDIR"] = folder, folder
	maps.Copy(environment, job.variables)
	maps.Copy(environment, job.batchEnvironment())
	log, err := newLog(p.options.Logs, job.attempts[len(job.attempts)-1].log)
	if err != nil {
		return exit{}, err
	}
	defer func() { _ = log.close() }()                          // the run goes on without the end of a log
	command := exec.CommandContext(p.ctx, args[0], args[1:]...) //nolint:gosec // the user's own program
	command.Dir, command.Env, command.WaitDelay = folder, list(environment), time.Second
	command.Stdout, command.Stderr = log, log
	if err := p.starter.start(command); err != nil {
		return exit{}, fmt.Errorf("start the job %s: %w", job.name, err)
	}
	return p.awaitContainer(job, command, log)
}

// batchEnvironment is what AWS Batch tells a container.
// Source: AWS Batch User Guide, "AWS Batch job environment variables", read 2026-11.
func (j *batchJob) batchEnvironment() map[string]string {
	return map[string]string{
		"AWS_BATCH_JOB_ID": j.id, "AWS_BATCH_JOB_ATTEMPT": strconv.Itoa(len(j.attempts)), "AWS_BATCH_JQ_NAME": j.queue.name, "AWS_BATCH_CE_NAME": j.environment.name,
	}
}

// awaitContainer waits for the end of a process, and ends one that takes too long.
func (p *Programs) awaitContainer(job *batchJob, command *exec.Cmd, log *boundedLog) (exit, error) {
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	longest := p.options.Longest
	if job.timeout > 0 {
		longest = min(longest, job.timeout)
	}
	limit := realLimit(longest)
	defer limit.Stop()
	var err error
	select {
	case err = <-done:
	case <-limit.C:
		p.starter.kill(command.Process.Pid)
		<-done //nolint:errcheck // it was killed
		return exit{
			ran: true, code: exitKilled, status: essentialExited, overran: longest,
			reason: fmt.Sprintf("the lab ended the program after %s of real time", longest),
		}, nil
	}
	p.starter.kill(command.Process.Pid)
	if p.ctx.Err() != nil {
		return exit{}, p.ctx.Err()
	}
	failed, ok := errors.AsType[*exec.ExitError](err)
	switch {
	case err == nil:
		return exit{ran: true}, nil
	case !ok:
		return exit{}, err
	}
	end := exit{ran: true, code: failed.ExitCode(), status: essentialExited, said: log.last()}
	if signaled, ok := failed.Sys().(syscall.WaitStatus); ok && signaled.Signaled() {
		end.code = 128 + int(signaled.Signal())
	}
	return end, nil
}

// containerCommand is the program and its arguments: built from the source that the job definition names, else the one in the image's
// own folder.
func (p *Programs) containerCommand(l *Lab, job *batchJob) ([]string, error) {
	d := job.definition
	if source := sourceOf(l.stack.Resources[d.id]); source != "" {
		file, err := p.build(d.id, source)()
		return append([]string{file}, job.command...), err
	}
	project, err := p.project()
	if err != nil {
		return nil, err
	}
	folder, ok := "", false
	if project.Assets != nil {
		folder, ok = project.Assets.Image(d.image)
	}
	if !ok {
		return nil, fmt.Errorf("job definition %s: the image %s is no asset of the template\n  hint: run npx cdk synth, and scaffold lab run in the project", d.id, d.image)
	}
	args, err := imageCommand(folder, job.command)
	if err != nil {
		return nil, fmt.Errorf("job definition %s: %w\n"+`  hint: Metadata {"pipewright": {"source": PATH}} of the job definition names the package that the program is built from`, d.id, err)
	}
	return args, nil
}

// imageCommand is the command of an image that holds one program and nothing else. The lab has no containers: what would come from
// another image, or from a command while the image is built, is not there.
// Source: Docker documentation, "Dockerfile reference", FROM, COPY, ENTRYPOINT, CMD, read 2026-11.
func imageCommand(folder string, command []string) ([]string, error) {
	file, err := os.Open(filepath.Join(folder, "Dockerfile"))
	if err != nil {
		return nil, fmt.Errorf("read the image: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	copied := map[string]string{}
	var entry, usual []string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		word, rest, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		rest = strings.TrimSpace(rest)
		switch strings.ToUpper(word) {
		case "", "#", "USER", "LABEL", "EXPOSE":
		case "FROM":
			if rest != "scratch" {
				return nil, fmt.Errorf("got an image made FROM %s, the lab runs those FROM scratch that hold one program", rest)
			}
		case "COPY":
			if names := strings.Fields(rest); len(names) == 2 {
				copied[names[1]] = names[0]
			}
		case "ENTRYPOINT", "CMD":
			var words []string
			if err := json.Unmarshal([]byte(rest), &words); err != nil {
				return nil, fmt.Errorf("got %s %s, expected it as a list in JSON", word, rest)
			}
			if strings.EqualFold(word, "CMD") {
				usual = words
			} else {
				entry = words
			}
		default:
			return nil, fmt.Errorf("got %s in the Dockerfile, the lab runs images FROM scratch that hold one program", word)
		}
	}
	if len(command) > 0 {
		usual = command
	}
	all := append(entry, usual...)
	if len(all) == 0 || !filepath.IsLocal(copied[all[0]]) {
		return nil, fmt.Errorf("got the command %s, expected a program that the Dockerfile copies", cfn.Text(asList(all)))
	}
	all[0] = filepath.Join(folder, copied[all[0]])
	return all, runsHere(all[0])
}

// machines are the names that ELF has for those of Go.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// runsHere says whether a program was compiled for this machine.
func runsHere(program string) error {
	file, err := elf.Open(program)
	if err != nil {
		return fmt.Errorf("read the image's program: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	if runtime.GOOS != "linux" || file.Machine != machines[runtime.GOARCH] {
		return fmt.Errorf("got a program for Linux on %s, this machine is %s on %s", file.Machine, runtime.GOOS, runtime.GOARCH)
	}
	return nil
}
