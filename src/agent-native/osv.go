package main

// #include <stdlib.h>
// #include "osv.h"
import "C"

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"unsafe"
)

// osvGuest is the real thing: programs are loaded beside the agent into the one process.
type osvGuest struct {
	mu       sync.Mutex
	terminal *os.File
	started  []launch
	ports    map[int]bool
	// fixed are the programs that lie at addresses of their own choice.
	fixed []fixedProgram
}

func newGuest() guest {
	if C.osv_is_guest() == 0 {
		return &host{pids: map[int]bool{}}
	}
	g := &osvGuest{ports: map[int]bool{}}
	g.capture()
	return g
}

// capture reads what programs write on descriptors 1 and 2, which all of them share.
func (g *osvGuest) capture() {
	g.terminal = os.Stdout
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		return
	}
	errRead, errWrite, err := os.Pipe()
	if err != nil {
		return
	}
	console := C.osv_capture(C.int(outWrite.Fd()), C.int(errWrite.Fd()))
	if console < 0 {
		return
	}
	g.terminal = os.NewFile(uintptr(console), "console")
	// A crash of the agent's own would otherwise be written to a pipe that nobody reads any more.
	_ = debug.SetCrashOutput(g.terminal, debug.CrashOptions{})
	go readLines(outRead, func(text string) { g.line("info", text) })
	go readLines(errRead, func(text string) { g.line("error", text) })
}

// line is of the only program's function, or of one that cannot be told.
func (g *osvGuest) line(level, text string) {
	g.mu.Lock()
	started := append([]launch(nil), g.started...)
	g.mu.Unlock()
	switch len(started) {
	case 0:
		_, _ = fmt.Fprintln(g.terminal, text)
	case 1:
		started[0].line(started[0].function, level, text)
	default:
		started[0].line("", level, text)
	}
}

// claimPort: the guest's network is this agent's own.
func (g *osvGuest) claimPort(port int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	claimed := g.ports[port]
	g.ports[port] = true
	return !claimed
}

func (g *osvGuest) console() io.Writer { return g.terminal }

// cpuMs of the one process.
func (g *osvGuest) cpuMs() float64 { return clockMs(processClock) }

// env: OSv delivers a signal to the process, not to a thread, and Go preempts its threads by one.
func (g *osvGuest) env() []string { return []string{"GODEBUG=asyncpreemptoff=1"} }

func (g *osvGuest) sharesFolder() bool { return true }

func (g *osvGuest) libraries() (folders, supplied []string) {
	return []string{"/", "/usr/lib"}, suppliedByKernel
}

// suppliedByKernel are the libraries that OSv's kernel stands for (elf::program).
var suppliedByKernel = []string{
	"ld-linux-x86-64.so.2", "libresolv.so.2", "libc.so.6", "libm.so.6", "libc.musl-x86_64.so.1",
	"ld-musl-x86_64.so.1", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libstdc++.so.6",
	"libaio.so.1", "libxenstore.so.3.0", "libcrypt.so.1", "libutil.so",
}

// maxTLS is app_local_exec_tls_size, as OSv is built unless told otherwise.
func (g *osvGuest) maxTLS() int { return 512 }

const messageSize = 512

// start loads one program at a time: the environment and the working directory are the process's.
func (g *osvGuest) start(l launch) (*program, error) {
	g.mu.Lock()
	g.started = append(g.started, l)
	g.mu.Unlock()
	loading.Lock()
	defer loading.Unlock()
	fixed, err := g.placeFixed(l)
	if err != nil {
		return nil, err
	}
	if err := os.Chdir(l.folder); err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p := newProgram()
	go awaitReport(read, p)
	path, message := C.CString(l.path), make([]byte, messageSize)
	defer C.free(unsafe.Pointer(path))
	env := l.env
	if isDynamic(l.path) {
		env = append(env, fmt.Sprintf("%s=%d", reportVariable, write.Fd()))
	}
	if C.osv_start(path, cStrings(env), C.int(write.Fd()), (*C.char)(unsafe.Pointer(&message[0])), messageSize) != 0 {
		_ = write.Close()
		return nil, errors.New(strings.TrimRight(string(message), "\x00"))
	}
	g.fixed = append(g.fixed, fixed...)
	return p, nil
}

var loading sync.Mutex

// reportVariable tells libenviron.so where to write when the program ends; it does not pass
// it on. A static program has no use for libraries, and ends the guest when it exits.
const reportVariable = "OSV_FAAS_REPORT_FD"

// awaitReport reads how the program ended: "returned 0", "exited 3", "aborted 0".
func awaitReport(read io.Reader, p *program) {
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		return
	}
	var how string
	var status int
	_, _ = fmt.Sscan(line, &how, &status)
	if how == "aborted" {
		p.ended(programEnd{crashed: true, text: "aborted"})
		return
	}
	p.ended(exitedWith(status))
}

// cStrings is a list for environ. It is the program's for ever, so it is never freed.
func cStrings(texts []string) **C.char {
	size := C.size_t(len(texts)+1) * C.size_t(unsafe.Sizeof((*C.char)(nil)))
	list := (**C.char)(C.calloc(1, size))
	for index, text := range texts {
		unsafe.Slice(list, len(texts))[index] = C.CString(text)
	}
	return list
}

// endAll: there is nothing to end but the guest.
func (g *osvGuest) endAll() { C.osv_end() }

func osvHas(name string) bool {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	return C.osv_has(text) != 0
}
