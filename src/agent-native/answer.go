package main

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// answer stands between the program's answer and the client's. It can be taken away from
// the program at any moment: what the program says after that goes nowhere.
type answer struct {
	client http.ResponseWriter
	header http.Header
	// complete is called before the last byte goes out: a client that has its answer finds the slot free.
	complete func()
	mu       sync.Mutex
	begun    bool
	detached bool
	broken   bool
	missing  int64
	// hijacked is asked for while a write may hold the lock.
	hijacked atomic.Bool
}

var errDetached = errors.New("nobody waits for the answer")

func newAnswer(client http.ResponseWriter, complete func()) *answer {
	return &answer{client: client, header: http.Header{}, complete: complete, missing: -1}
}

func (w *answer) Header() http.Header { return w.header }

func (w *answer) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.detached || w.begun {
		return
	}
	w.copyHeader()
	if status >= 200 {
		w.begun = true
		if length, err := strconv.ParseInt(w.header.Get("Content-Length"), 10, 64); err == nil {
			w.missing = length
		}
	}
	w.client.WriteHeader(status)
}

// copyHeader: the agent's own headers may not come from a function.
func (w *answer) copyHeader() {
	for name, values := range w.header {
		if !strings.HasPrefix(name, ownPrefix) {
			w.client.Header()[name] = values
		}
	}
}

func (w *answer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.detached || w.broken {
		return len(p), nil
	}
	if w.missing >= 0 {
		if w.missing -= int64(len(p)); w.missing <= 0 {
			w.complete()
		}
	}
	n, err := w.client.Write(p)
	if err != nil {
		// The client is gone. What the program still says is dropped, so that its end is seen.
		w.broken = true
		return len(p), nil
	}
	return n, nil
}

func (w *answer) FlushError() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.detached || w.broken {
		return nil
	}
	return http.NewResponseController(w.client).Flush()
}

func (w *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.detached {
		return nil, nil, errDetached
	}
	c, buffer, err := http.NewResponseController(w.client).Hijack()
	w.hijacked.Store(err == nil)
	return c, buffer, err
}

func (w *answer) upgraded() bool { return w.hijacked.Load() }

// refuse answers with a problem, or breaks the connection when an answer has begun.
func (w *answer) refuse(no *refusal, requestID string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.detached || w.upgraded():
	case w.begun:
		w.broken = true
	default:
		w.begun = true
		w.complete()
		no.send(w.client, requestID, nil)
	}
}

// finish ends the answer in the handler's goroutine, which panics to break a connection.
func (w *answer) finish() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken {
		panic(http.ErrAbortHandler)
	}
	if !w.upgraded() && w.begun {
		// Trailers came after the header.
		w.copyHeader()
	}
}

// cutOff answers with a problem in the program's place, or breaks the connection. The
// answer was taken from the program before.
func (w *answer) cutOff(begun bool, no *refusal, requestID string) {
	if begun {
		panic(http.ErrAbortHandler)
	}
	// The program may still read the request's body from this connection.
	w.client.Header().Set("Connection", "close")
	no.send(w.client, requestID, nil)
}

// breakOff ends the connection of a client that has left.
func (w *answer) breakOff() {
	w.take()
	panic(http.ErrAbortHandler)
}

// take detaches the program. It answers whether bytes of its answer are out.
func (w *answer) take() bool {
	// A write that waits for a client which does not read ends now.
	_ = http.NewResponseController(w.client).SetWriteDeadline(time.Now())
	w.mu.Lock()
	defer w.mu.Unlock()
	w.detached = true
	if !w.begun {
		_ = http.NewResponseController(w.client).SetWriteDeadline(time.Time{})
	}
	return w.begun
}
