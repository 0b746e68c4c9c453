//go:build unix

package lab

import (
	"fmt"
	"io"
	"os/exec"
	"sync"
	"syscall"
)

// guard ends the process groups of programs when the lab could not: when it was killed, or its terminal was closed. It is a process of its
// own that reads which groups there are, and outlives the lab by as long as it takes to end them. Groups that have ended are taken out, as
// their numbers are given to others.
type guard struct {
	mutex   sync.Mutex
	command *exec.Cmd
	tell    io.WriteCloser
	groups  map[int]bool
}

// guardScript reads lines of "+ GROUP" and "- GROUP" until the lab is gone. It is of a shell, which every Unix has.
const guardScript = `groups=" "
while read -r what group; do
	case $what in
	+) groups="$groups$group " ;;
	-) groups="${groups%% $group *} ${groups#* $group }" ;;
	esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
exit 0`

// watch has a group ended with the lab. Where there is no shell, the lab goes on without a guard.
func (g *guard) watch(group int) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if group <= 1 || g.groups[group] || !g.start() {
		return
	}
	g.groups[group] = true
	_, _ = fmt.Fprintln(g.tell, "+", group) // it fails when somebody has ended the guard
}

func (g *guard) forget(group int) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.groups[group] {
		delete(g.groups, group)
		_, _ = fmt.Fprintln(g.tell, "-", group) // likewise
	}
}

// start is called with the mutex held. The guard has a session of its own: neither Ctrl-C nor the end of a terminal is for it.
func (g *guard) start() bool {
	if g.command != nil {
		return g.groups != nil
	}
	g.command = exec.Command("/bin/sh", "-c", guardScript) //nolint:noctx // it ends when the lab does, however that comes
	g.command.SysProcAttr, g.command.Dir, g.command.Env = &syscall.SysProcAttr{Setsid: true}, "/", []string{}
	var err error
	if g.tell, err = g.command.StdinPipe(); err == nil {
		err = g.command.Start()
	}
	if err != nil {
		return false
	}
	g.groups = map[int]bool{}
	return true
}

// close lets the guard end what is left, and waits for it.
func (g *guard) close() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.groups == nil {
		return
	}
	g.groups = nil
	_ = g.tell.Close()   // upon which it ends
	_ = g.command.Wait() // what it could not end, nobody can
}
