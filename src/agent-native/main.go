// Command agent-native is the agent of runtime Native: it takes one bind, runs the
// programs of that one application beside itself and passes requests on to them
// (docs/native.md). The contract is src/api/agent-protocol.ts.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
)

func main() {
	guest := newGuest()
	out := guest.console()
	cfg, err := readConfig(os.Environ())
	if err != nil {
		newLog(out, 1024).error("the agent cannot start", fields{"error": err.Error()})
		os.Exit(1)
	}
	a := newAgent(cfg, guest, newLog(out, cfg.limits.logCharacters))
	listener, err := net.Listen("tcp", net.JoinHostPort(cfg.host, fmt.Sprint(cfg.port)))
	if err != nil {
		a.log.error("the agent cannot listen", fields{"error": err.Error()})
		os.Exit(1)
	}
	a.log.info("the agent listens", fields{"address": listener.Addr().String(), "vmId": cfg.vmID})
	go a.rehearse()
	err = a.serve(listener)
	a.log.error("the agent listens no more", fields{"error": err.Error()})
	os.Exit(1)
}

// agent holds what every request needs.
type agent struct {
	cfg    config
	log    *log
	vm     *vm
	guest  guest
	common []string
	admits *connections
}

func newAgent(cfg config, g guest, l *log) *agent {
	a := &agent{cfg: cfg, log: l, guest: g, common: commonEnv(os.Environ())}
	a.admits = &connections{max: baseConnections}
	a.vm = newVM(cfg.vmID, newMeter(g.cpuMs))
	a.vm.onChange = a.endWhenBroken
	return a
}

// ServeHTTP tells invocations from control calls.
func (a *agent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := connOf(r)
	r = c.serving(r)
	// Not before the request's body has come: its client may wait for the answer.
	_ = http.NewResponseController(w).EnableFullDuplex()
	if len(r.Header.Values(headerFunction)) > 0 {
		a.invoke(w, r)
	} else {
		a.control(w, r)
	}
	c.answered()
}
