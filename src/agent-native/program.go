package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"
)

// launch is what a guest needs to start a program.
type launch struct {
	path, folder, function string
	env                    []string
	// line takes what the program writes. Its function is empty when the guest cannot tell.
	line func(function, level, text string)
}

// program is one that runs.
type program struct {
	port int
	// exited is closed when it has ended.
	exited chan struct{}
	// settled is closed after that, when its VM takes no more: who is told of the end can rely on it.
	settled chan struct{}
	once    sync.Once
	how     programEnd
	// end stops it, where the guest can.
	end func()
}

// programEnd says how a program ended.
type programEnd struct {
	crashed bool
	text    string
	status  int
}

func (e programEnd) String() string { return e.text }

func newProgram() *program {
	return &program{exited: make(chan struct{}), settled: make(chan struct{}), end: func() {}}
}

func (p *program) ended(how programEnd) {
	p.once.Do(func() {
		p.how = how
		close(p.exited)
	})
}

// lacksLibrary: what the dynamic linkers of Linux say and do when a library is not there.
func (p *program) lacksLibrary(said *output) bool {
	return p.how.status == 127 && strings.Contains(said.text(), "shared librar")
}

// guest is what the agent runs in: OSv, or a process on a machine of the developer's.
type guest interface {
	console() io.Writer
	// cpuMs is the CPU of agent and programs so far.
	cpuMs() float64
	// claimPort is true for one agent of those that share this network, and once.
	claimPort(port int) bool
	// env is what programs need to run in this guest.
	env() []string
	sharesFolder() bool
	// libraries are folders and names of shared libraries; nil when the guest's linker answers for itself.
	libraries() (folders, supplied []string)
	// maxTLS is the room for thread-local variables of a dynamic executable; 0 is no limit.
	maxTLS() int
	// lacking names what the executable imports and this guest does not have.
	lacking(path string) []string
	start(l launch) (*program, error)
	endAll()
}

// watch fails what runs when a program ends, and gives the VM up.
func (a *agent) watch(f *function, p *program) {
	<-p.exited
	a.log.error("the program of the function ended", fields{"function": f.spec.name, "how": p.how.text})
	a.vm.markBroken("the program of " + f.spec.name + " " + p.how.text)
	close(p.settled)
	a.vm.mu.Lock()
	defer a.vm.mu.Unlock()
	for inv := range a.vm.running {
		if inv.fn == f {
			inv.cancel()
		}
	}
}

// endedRefusal is for an invocation whose program is gone.
func (p *program) endedRefusal() *refusal {
	detail := "The function's program " + p.how.text + "."
	if p.how.crashed {
		return refuseFunction(500, "FunctionCrashed", detail)
	}
	return refuseFunction(500, "FunctionExited", detail)
}

// Between the end of a program's connection and the news that the program has ended.
const (
	newsWait = 100 * time.Millisecond
	// deadWait is for one that listens no more: the news is sure to come, on a busy machine late.
	deadWait = 2 * time.Second
)

// hasEnded waits for that news.
func (p *program) hasEnded() bool {
	select {
	case <-p.settled:
		return true
	default:
	}
	wait := newsWait
	c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", p.port), newsWait)
	switch {
	case err == nil:
		_ = c.Close()
	case errors.Is(err, syscall.ECONNREFUSED):
		wait = deadWait
	}
	select {
	case <-p.settled:
		return true
	case <-time.After(wait):
		return false
	}
}
