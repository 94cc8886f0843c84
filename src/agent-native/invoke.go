package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// invocation is one call of a program, from the slot that it takes to the slot that it
// gives back: when the program has answered or closed its connection.
type invocation struct {
	fn        *function
	requestID string
	mark      meterMark
	failed    atomic.Bool
	// abandoned is guarded by the VM's lock.
	abandoned bool
	// over is closed when the program is done with it.
	over chan struct{}
	// context is the program's; cancel breaks the connection to it.
	context context.Context
	cancel  context.CancelFunc
	// aborted is closed when nobody waits for the answer any more.
	aborted chan struct{}
	// left is closed when the client broke off in the middle of its body.
	left       chan struct{}
	abortOnce  sync.Once
	leaveOnce  sync.Once
	mu         sync.Mutex
	connection net.Conn
}

func newInvocation(fn *function, requestID string, mark meterMark) *invocation {
	inv := &invocation{
		fn: fn, requestID: requestID, mark: mark,
		over: make(chan struct{}), aborted: make(chan struct{}), left: make(chan struct{}),
	}
	// The proxy panics out of a broken answer only where it finds a server.
	server := context.WithValue(context.Background(), http.ServerContextKey, &http.Server{})
	inv.context, inv.cancel = context.WithCancel(server)
	return inv
}

// invoke answers one invocation: admits it, passes it on beside itself, and waits for the
// program, the timeout or the client's leaving, whatever is first.
func (a *agent) invoke(w http.ResponseWriter, r *http.Request) {
	requestID := r.Header.Get(headerRequestID)
	if requestID == "" {
		requestID = newRequestID()
	}
	inv, no := a.vm.admit(r, requestID)
	if no != nil {
		no.send(w, requestID, nil)
		return
	}
	answer := newAnswer(w, func() { a.vm.close(inv) })
	go func() {
		defer close(inv.over)
		defer inv.cancel()
		a.pass(inv, answer, r.WithContext(inv.context))
	}()
	a.await(inv, answer, r)
}

func (a *agent) await(inv *invocation, answer *answer, r *http.Request) {
	timer := time.NewTimer(inv.fn.spec.timeout)
	defer timer.Stop()
	for {
		select {
		case <-inv.over:
			a.vm.close(inv)
			answer.finish()
			return
		case <-timer.C:
			if answer.upgraded() {
				// A connection that was taken may last.
				continue
			}
			detail := fmt.Sprintf("The function did not finish within %d ms.", inv.fn.spec.timeout.Milliseconds())
			inv.failed.Store(true)
			// First: what the program says to its abort is no answer any more.
			begun := answer.take()
			inv.abort()
			go a.giveGrace(inv)
			answer.cutOff(begun, refuseFunction(504, "FunctionTimeout", detail), inv.requestID)
			return
		case <-r.Context().Done():
			a.clientLeft(inv, answer)
		case <-inv.left:
			a.clientLeft(inv, answer)
		}
	}
}

// clientLeft tells the program and gives it until its timeout and the grace after it.
func (a *agent) clientLeft(inv *invocation, answer *answer) {
	inv.abort()
	go func() {
		rest := inv.fn.spec.timeout - time.Since(inv.mark.at)
		select {
		case <-inv.over:
			a.vm.close(inv)
		case <-time.After(rest):
			a.giveGrace(inv)
		}
	}()
	answer.breakOff()
}

func (a *agent) giveGrace(inv *invocation) {
	grace := a.cfg.limits.grace
	select {
	case <-inv.over:
		a.vm.close(inv)
	case <-time.After(grace):
		if !a.vm.abandon(inv) {
			return
		}
		name := inv.fn.spec.name
		a.log.error("the function ignores its timeout", fields{"function": name, "requestId": inv.requestID})
		a.vm.markBroken(fmt.Sprintf("%s did not end within %d ms of its timeout", name, grace.Milliseconds()))
		a.vm.onChange()
		// It may end yet; the slot is its own until then.
		<-inv.over
		a.vm.close(inv)
	}
}

// abort tells the program that nobody waits: it sees the end of file on its connection.
// What it says from now on is read and dropped, so that its end is seen.
func (inv *invocation) abort() {
	inv.abortOnce.Do(func() {
		close(inv.aborted)
		inv.mu.Lock()
		defer inv.mu.Unlock()
		inv.halfClose()
	})
}

func (inv *invocation) connected(c net.Conn) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.connection = c
	select {
	case <-inv.aborted:
		inv.halfClose()
	default:
	}
}

func (inv *invocation) halfClose() {
	if c, ok := inv.connection.(programConn); ok {
		_ = c.CloseWrite()
	}
}

func (inv *invocation) leave() { inv.leaveOnce.Do(func() { close(inv.left) }) }
