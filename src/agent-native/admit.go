package main

import (
	"crypto/subtle"
	"net/http"
	"strings"
)

// admit takes a slot for a request that may run now, or says why not. Nothing of the
// request was given to a program yet: another VM may take it.
func (v *vm) admit(r *http.Request, requestID string) (*invocation, *refusal) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.bound == nil {
		if v.phase == "binding" {
			return nil, refuse(503, "Binding", "This VM is being bound at this moment.")
		}
		return nil, refuse(409, "NotBound", "This VM belongs to no application yet.")
	}
	given := []byte(r.Header.Get(headerToken))
	if subtle.ConstantTimeCompare(given, []byte(v.bound.manifest.token)) != 1 {
		return nil, refuse(401, "TokenInvalid", "The header osv-faas-token is missing or wrong.")
	}
	fn, ok := v.bound.functions[r.Header.Get(headerFunction)]
	if !ok {
		return nil, refuse(404, "FunctionUnknown", "This VM holds no function of that name.")
	}
	if no := v.unavailable(r); no != nil {
		return nil, no
	}
	inv := newInvocation(fn, requestID, v.meter.begin(fn.spec.name))
	v.running[inv] = true
	return inv, nil
}

func (v *vm) unavailable(r *http.Request) *refusal {
	switch {
	case v.broken != "":
		return refuse(503, "VmBroken", "User code broke this VM; it is about to be replaced.")
	case v.drained:
		return refuse(503, "Draining", "This VM takes no new invocations.")
	case len(v.running) >= v.bound.manifest.slots:
		return refuse(429, "SlotsFull", "Every slot of this VM is taken.")
	case !strings.HasPrefix(r.RequestURI, "/") && r.RequestURI != "*":
		return refuse(400, "TargetInvalid", `The request target must be a path that begins with "/".`)
	}
	return nil
}

// close gives the slot back, once.
func (v *vm) close(inv *invocation) {
	v.mu.Lock()
	if !v.running[inv] {
		v.mu.Unlock()
		return
	}
	delete(v.running, inv)
	v.meter.end(inv.fn.spec.name, inv.mark, inv.failed.Load())
	broken := v.broken != ""
	v.mu.Unlock()
	if broken {
		v.onChange()
	}
}

// abandon: the program ignores that nobody waits; its slot is lost and the VM with it.
func (v *vm) abandon(inv *invocation) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	inv.abandoned = v.running[inv]
	return inv.abandoned
}
