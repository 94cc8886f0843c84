package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
)

const protocolVersion = 1

// emptySHA256 is the digest of a call without body.
const emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

type route struct {
	method string
	// signed over an empty body; a bind checks its own.
	signed bool
	run    func(a *agent, w http.ResponseWriter, r *http.Request) (any, error)
}

var routes = map[string]route{
	"/.osv-faas/health": {"GET", false, func(*agent, http.ResponseWriter, *http.Request) (any, error) {
		return map[string]string{"status": "ok"}, nil
	}},
	"/.osv-faas/state": {"GET", false, func(a *agent, _ http.ResponseWriter, _ *http.Request) (any, error) {
		return a.vm.state(), nil
	}},
	"/.osv-faas/bind": {"POST", false, runBind},
	"/.osv-faas/drain": {"POST", true, func(a *agent, _ http.ResponseWriter, _ *http.Request) (any, error) {
		a.vm.drain()
		return a.vm.state(), nil
	}},
	"/.osv-faas/meter": {"GET", true, func(a *agent, _ http.ResponseWriter, _ *http.Request) (any, error) {
		a.vm.mu.Lock()
		defer a.vm.mu.Unlock()
		var functions []*function
		if a.vm.bound != nil {
			functions = a.vm.bound.order
		}
		return a.vm.meter.read(a.vm.id, functions), nil
	}},
}

// control answers every request that is not an invocation.
func (a *agent) control(w http.ResponseWriter, r *http.Request) {
	answer, err := a.answerControl(w, r)
	if err == nil {
		sendJSON(w, answer)
		return
	}
	var refused *refusal
	if !errors.As(err, &refused) {
		refused = refuse(500, "AgentError", "The agent failed: "+err.Error())
	}
	extra := map[string]any{}
	if refused.status == http.StatusConflict {
		extra["state"] = a.vm.state()
	}
	// Most of an unread body would otherwise be read for nothing.
	w.Header().Set("Connection", "close")
	refused.send(w, r.Header.Get(headerRequestID), extra)
}

func (a *agent) answerControl(w http.ResponseWriter, r *http.Request) (any, error) {
	route, ok := routes[r.RequestURI]
	if !ok {
		return nil, refuse(404, "RouteUnknown", "Neither an invocation nor a control call.")
	}
	if route.method != r.Method {
		return nil, refuse(405, "MethodNotAllowed", "This control call is a "+route.method+".")
	}
	if route.signed {
		if err := a.checkSignature(r, emptySHA256); err != nil {
			return nil, err
		}
	}
	return route.run(a, w, r)
}

// checkSignature fails unless the operator signed this call to this VM.
func (a *agent) checkSignature(r *http.Request, sha256 string) error {
	text := fmt.Sprintf("%s %s\n%s\n%s", r.Method, r.RequestURI, a.vm.id, sha256)
	signature, err := base64.StdEncoding.DecodeString(r.Header.Get(headerSignature))
	if err != nil || !ed25519.Verify(a.cfg.key, []byte(text), signature) {
		return refuse(401, "SignatureInvalid", "The operator did not sign this call to this VM.")
	}
	return nil
}
