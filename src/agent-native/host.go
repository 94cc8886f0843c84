package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"unsafe"
)

// host is a machine of the developer's: each program is a child process.
type host struct {
	mu     sync.Mutex
	pids   map[int]bool
	claims []net.Listener
}

func (h *host) console() io.Writer               { return os.Stdout }
func (h *host) env() []string                    { return nil }
func (h *host) sharesFolder() bool               { return false }
func (h *host) libraries() (folders, _ []string) { return nil, nil }
func (h *host) lacking(string) []string          { return nil }
func (h *host) maxTLS() int                      { return 0 }

func (h *host) start(l launch) (*program, error) {
	cmd := exec.Command(l.path)
	cmd.Dir, cmd.Env = l.folder, l.env
	// It may not outlive its VM.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := newProgram()
	p.end = func() { _ = cmd.Process.Kill() }
	h.note(cmd.Process.Pid, true)
	var read sync.WaitGroup
	for level, stream := range map[string]io.Reader{"info": stdout, "error": stderr} {
		read.Add(1)
		go func() {
			defer read.Done()
			readLines(stream, func(text string) { l.line(l.function, level, text) })
		}()
	}
	go func() {
		state, err := cmd.Process.Wait()
		h.note(cmd.Process.Pid, false)
		if err != nil {
			p.ended(programEnd{crashed: true, text: "was lost: " + err.Error()})
			return
		}
		p.ended(endOf(state.Sys().(syscall.WaitStatus)))
		read.Wait()
		_ = stdout.Close()
		_ = stderr.Close()
	}()
	return p, nil
}

// claimPort takes a name that the kernel gives to one process of a network, and takes back when that ends.
func (h *host) claimPort(port int) bool {
	claim, err := net.Listen("unix", fmt.Sprintf("@osv-faas-program-port-%d", port))
	if err != nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.claims = append(h.claims, claim)
	return true
}

func (h *host) note(pid int, alive bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if alive {
		h.pids[pid] = true
	} else {
		delete(h.pids, pid)
	}
}

func (h *host) endAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for pid := range h.pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// cpuMs: the agent's, that of programs that ended, and that of each that runs.
func (h *host) cpuMs() float64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	total := clockMs(processClock)
	var ended syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_CHILDREN, &ended) == nil {
		total += float64(ended.Utime.Nano()+ended.Stime.Nano()) / 1e6
	}
	for pid := range h.pids {
		total += clockMs(^pid<<3 | 2)
	}
	return total
}

// processClock is CLOCK_PROCESS_CPUTIME_ID; another process's is made of its id (clock_getcpuclockid).
const processClock = 2

func clockMs(clock int) float64 {
	var t syscall.Timespec
	_, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&t)), 0)
	if errno != 0 {
		return 0
	}
	return float64(t.Nano()) / 1e6
}
