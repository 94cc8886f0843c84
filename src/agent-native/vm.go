package main

import (
	"sync"
	"time"
)

var startedAt = time.Now()

// binding is what a bind made of this VM, for the rest of its life.
type binding struct {
	manifest  *manifest
	functions map[string]*function
	order     []*function
	// answered is closed when answer is there: the same for a bind that is sent again.
	answered chan struct{}
	answer   bindAnswer
}

// vm is the state of this VM. It goes from generic over binding to bound, perhaps to
// draining, and never back once bound.
type vm struct {
	mu       sync.Mutex
	id       string
	phase    string
	drained  bool
	broken   string
	warm     bool
	bound    *binding
	running  map[*invocation]bool
	meter    *meter
	onChange func()
}

func newVM(id string, m *meter) *vm {
	return &vm{id: id, phase: "generic", running: map[*invocation]bool{}, meter: m}
}

// beginBind is false when a bind is under way or done: only a generic VM begins one.
func (v *vm) beginBind() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.phase != "generic" || v.drained {
		return false
	}
	v.phase = "binding"
	return true
}

func (v *vm) isGeneric() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.phase == "generic"
}

// abandonBind: the bind failed and left nothing behind.
func (v *vm) abandonBind() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.phase = "generic"
}

func (v *vm) completeBind(b *binding) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.phase, v.bound = "bound", b
	v.meter.markBound()
}

// sameBind is the binding that m would make, if the VM is bound to it already.
func (v *vm) sameBind(m *manifest) *binding {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.bound != nil && v.bound.manifest.application == m.application &&
		v.bound.manifest.revision == m.revision {
		return v.bound
	}
	return nil
}

func (v *vm) drain() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.drained = true
}

// markBroken keeps the first cause.
func (v *vm) markBroken(cause string) {
	v.mu.Lock()
	first := v.broken == ""
	if first {
		v.broken = cause
	}
	v.mu.Unlock()
	if first {
		v.onChange()
	}
}

// markWarm: the rehearsal is over, whatever came of it.
func (v *vm) markWarm() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.warm = true
}

// over says why the VM is to end, once nothing runs any more but what was given up: so many of each function.
func (v *vm) over() (cause string, givenUp map[string]int, over bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	givenUp = map[string]int{}
	for inv := range v.running {
		if !inv.abandoned {
			return "", nil, false
		}
		givenUp[inv.fn.spec.name]++
	}
	return v.broken, givenUp, v.broken != ""
}

// state is what the operator asks for (AgentState).
func (v *vm) state() map[string]any {
	v.mu.Lock()
	defer v.mu.Unlock()
	state := map[string]any{
		"version": protocolVersion, "vmId": v.id, "state": v.phase, "inFlight": len(v.running),
		"functions": []functionLoad{}, "uptimeMs": time.Since(startedAt).Milliseconds(), "warm": v.warm,
	}
	if v.drained {
		state["state"] = "draining"
	}
	if v.bound != nil {
		m := v.bound.manifest
		state["application"], state["revision"], state["slots"] = m.application, m.revision, m.slots
		state["binding"] = m.binding
		state["functions"] = loadsOf(v.bound.order)
	}
	if v.broken != "" {
		state["broken"] = v.broken
	}
	return state
}
