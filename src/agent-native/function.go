package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"
)

// loadFailure says why a function cannot be called; it goes into state and bind answer.
type loadFailure struct{ reason, detail string }

func (f *loadFailure) Error() string { return f.detail }

// functionLoad is a FunctionLoad of the contract.
type functionLoad struct {
	Name   string `json:"name"`
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// function is one of the application that this VM is bound to: a program of its own.
type function struct {
	spec  *functionSpec
	agent *agent
	// alone: the only function of its VM.
	alone   bool
	once    sync.Once
	mu      sync.Mutex
	program *program
	failure *loadFailure
}

// load starts the program once, however many ask, and waits until it listens.
func (f *function) load() (*program, error) {
	f.once.Do(func() {
		p, err := f.start()
		f.mu.Lock()
		f.program, f.failure = p, err
		f.mu.Unlock()
		if err != nil {
			f.agent.log.error("the function cannot be loaded",
				fields{"function": f.spec.name, "reason": err.reason, "error": err.detail})
			return
		}
		go f.agent.watch(f, p)
	})
	if f.failure != nil {
		return nil, f.failure
	}
	return f.program, nil
}

func (f *function) status() functionLoad {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.failure != nil:
		return functionLoad{f.spec.name, "failed", f.failure.reason, f.failure.detail}
	case f.program != nil:
		return functionLoad{Name: f.spec.name, State: "loaded"}
	default:
		return functionLoad{Name: f.spec.name, State: "unloaded"}
	}
}

func loadsOf(functions []*function) []functionLoad {
	loads := []functionLoad{}
	for _, fn := range functions {
		loads = append(loads, fn.status())
	}
	return loads
}

func (f *function) start() (*program, *loadFailure) {
	path := filepath.Join(rootOf(*f.spec), f.spec.handler)
	if !f.holds(filepath.Clean(f.spec.handler)) {
		detail := fmt.Sprintf("There is no file %q; there is: %s", f.spec.handler, f.listing())
		return nil, &loadFailure{"HandlerNotFound", detail}
	}
	if failure := checkProgram(path, f.agent.guest); failure != nil {
		return nil, failure
	}
	if lacking := f.agent.guest.lacking(path); len(lacking) > 0 {
		f.agent.log.error("the program ends the VM if it calls one of the functions that OSv does not have",
			fields{"function": f.spec.name, "functions": lacking})
	}
	port, err := choosePort(f.agent.guest)
	if err != nil {
		return nil, &loadFailure{"LoadFailed", "no port is free: " + err.Error()}
	}
	said := &output{}
	p, err := f.agent.guest.start(launch{
		path: path, folder: f.folder(), env: f.environ(port), function: f.spec.name,
		line: func(function, level, text string) {
			said.add(text)
			f.agent.log.program(function, level, text)
		},
	})
	if err != nil {
		return nil, &loadFailure{"LoadFailed", "the program cannot be started: " + err.Error()}
	}
	p.port = port
	return f.awaitListening(p, said)
}

// awaitListening asks the port until it answers, the program is gone or the time is over.
func (f *function) awaitListening(p *program, said *output) (*program, *loadFailure) {
	address := fmt.Sprintf("127.0.0.1:%d", p.port)
	limit := f.agent.cfg.limits.load
	late := time.After(limit)
	for pause := time.Millisecond; ; pause = min(2*pause, 20*time.Millisecond) {
		if c, err := net.DialTimeout("tcp", address, time.Second); err == nil {
			_ = c.Close()
			return p, nil
		}
		select {
		case <-p.exited:
			// Its last lines may still be on their way.
			time.Sleep(20 * time.Millisecond)
			detail := fmt.Sprintf("the program %s before it listened on $PORT%s", p.how, quote(said))
			if p.lacksLibrary(said) {
				return nil, &loadFailure{"ModuleNotFound", detail}
			}
			return nil, &loadFailure{"LoadFailed", detail}
		case <-late:
			p.end()
			detail := fmt.Sprintf("the program did not listen on $PORT (127.0.0.1:%d) within %d ms%s",
				p.port, limit.Milliseconds(), quote(said))
			return nil, &loadFailure{"LoadFailed", detail}
		case <-time.After(pause):
		}
	}
}

func quote(said *output) string {
	if text := said.text(); text != "" {
		return "; it said: " + text
	}
	return "; it said nothing"
}

func (f *function) holds(path string) bool {
	for _, file := range f.spec.files {
		if file.path == path {
			return true
		}
	}
	return false
}

const listed = 20

func (f *function) listing() string {
	paths := []string{}
	for _, file := range f.spec.files {
		paths = append(paths, file.path)
	}
	sort.Strings(paths)
	if len(paths) > listed {
		paths = append(paths[:listed], "…")
	}
	return strings.Join(paths, ", ")
}

// folder is where the program starts. OSv has one working directory for all programs.
func (f *function) folder() string {
	if f.alone || !f.agent.guest.sharesFolder() {
		return rootOf(*f.spec)
	}
	return os.TempDir()
}
