package main

import (
	"runtime"
	"time"
)

// account is one function's; running and startShares serve what has not ended yet.
type account struct {
	invocations, errors, running int
	cpuMs, wallMs, startShares   float64
}

// meterMark is what an invocation had when it began.
type meterMark struct {
	share float64
	at    time.Time
}

// meter shares CPU out as src/agent/meter.ts does: between two marks each running
// invocation is charged an equal part. It is guarded by the VM's lock.
type meter struct {
	cpu        func() float64
	accounts   map[string]*account
	share      float64
	running    int
	lastCPU    float64
	beforeBind float64
	bound      bool
}

func newMeter(cpu func() float64) *meter {
	return &meter{cpu: cpu, accounts: map[string]*account{}, lastCPU: cpu()}
}

func (m *meter) markBound() { m.beforeBind, m.bound = m.cpu(), true }

func (m *meter) begin(name string) meterMark {
	m.advance()
	m.running++
	a := m.account(name)
	a.running++
	a.invocations++
	a.startShares += m.share
	return meterMark{m.share, time.Now()}
}

func (m *meter) end(name string, mark meterMark, failed bool) {
	m.advance()
	m.running--
	a := m.account(name)
	a.running--
	a.startShares -= mark.share
	a.cpuMs += m.share - mark.share
	a.wallMs += float64(time.Since(mark.at).Microseconds()) / 1000
	if failed {
		a.errors++
	}
}

type functionMeter struct {
	Name        string  `json:"name"`
	Invocations int     `json:"invocations"`
	Errors      int     `json:"errors"`
	CPUMs       float64 `json:"cpuMs"`
	WallMs      float64 `json:"wallMs"`
}

// read is a MeterReading. There is no event loop to be busy.
func (m *meter) read(vmID string, functions []*function) map[string]any {
	m.advance()
	before := m.lastCPU
	if m.bound {
		before = m.beforeBind
	}
	readings := []functionMeter{}
	for _, fn := range functions {
		a := m.account(fn.spec.name)
		cpu := a.cpuMs + float64(a.running)*m.share - a.startShares
		readings = append(readings, functionMeter{fn.spec.name, a.invocations, a.errors, cpu, a.wallMs})
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return map[string]any{
		"vmId": vmID, "uptimeMs": time.Since(startedAt).Milliseconds(),
		"cpuMs": m.lastCPU, "cpuBeforeBindMs": before,
		"eventLoopUtilization": 0, "heapBytes": memory.HeapAlloc, "functions": readings,
	}
}

func (m *meter) advance() {
	// A child that was just reaped may be counted a moment later: totals only grow.
	now := max(m.cpu(), m.lastCPU)
	if m.running > 0 {
		m.share += (now - m.lastCPU) / float64(m.running)
	}
	m.lastCPU = now
}

func (m *meter) account(name string) *account {
	if m.accounts[name] == nil {
		m.accounts[name] = &account{}
	}
	return m.accounts[name]
}
