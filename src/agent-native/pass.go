package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"strconv"
	"strings"

	stdlog "log"
)

// What the program is told in headers of its request.
const (
	toldRequestID = "X-Request-Id"
	toldFunction  = "X-Faas-Function"
	// toldDeadline is when the agent gives up, in milliseconds since 1970.
	toldDeadline = "X-Faas-Deadline-Ms"
)

// transport opens a connection for each request. On one that is kept open the program's
// end could not be told from an idle close, and net/http would send some requests twice.
var transport = &http.Transport{
	DisableKeepAlives:  true,
	DisableCompression: true,
	DialContext:        dialProgram,
}

// pass gives the request to the program and its answer to the client; it returns when the
// program is done.
func (a *agent) pass(inv *invocation, answer *answer, r *http.Request) {
	// A program that breaks its answer off makes the proxy panic.
	defer func() {
		if broken := recover(); broken != nil {
			a.fail(inv, answer, fmt.Errorf("the answer broke off: %v", broken))
		}
	}()
	p, err := inv.fn.load()
	if err != nil {
		inv.failed.Store(true)
		answer.refuse(loadRefusal(err.(*loadFailure)), inv.requestID)
		return
	}
	select {
	case <-inv.aborted:
		return
	default:
	}
	r = inv.traced(r)
	r.Body = &body{r.Body, inv}
	a.proxy(inv, answer, p).ServeHTTP(answer, r)
}

func loadRefusal(failure *loadFailure) *refusal {
	detail := failure.detail
	if failure.reason == "LoadFailed" {
		detail = "The function's program failed to load; the function's status and log say why."
	}
	return refuseFunction(500, failure.reason, detail)
}

func (a *agent) proxy(inv *invocation, answer *answer, p *program) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Transport: transport,
		ErrorLog:  stdlog.New(io.Discard, "", 0),
		Rewrite:   func(pr *httputil.ProxyRequest) { inv.rewrite(pr, p.port) },
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) {
			a.fail(inv, answer, err)
		},
	}
}

// traced learns the connection to the program, which is its own.
func (inv *invocation) traced(r *http.Request) *http.Request {
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { inv.connected(info.Conn) }}
	return r.WithContext(httptrace.WithClientTrace(r.Context(), trace))
}

func (inv *invocation) rewrite(pr *httputil.ProxyRequest, port int) {
	out := pr.Out
	out.Host = pr.In.Host
	out.URL.Scheme, out.URL.Host = "http", fmt.Sprintf("127.0.0.1:%d", port)
	// As it came: net/url would write some paths and queries in another way.
	target, query, _ := strings.Cut(pr.In.RequestURI, "?")
	if !strings.HasPrefix(target, "//") {
		out.URL.Opaque = target
	}
	out.URL.RawQuery = query
	for name := range out.Header {
		if strings.HasPrefix(name, ownPrefix) {
			out.Header.Del(name)
		}
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values := pr.In.Header.Values(name); len(values) > 0 {
			out.Header[name] = values
		}
	}
	out.Header.Set(toldRequestID, inv.requestID)
	out.Header.Set(toldFunction, inv.fn.spec.name)
	deadline := inv.mark.at.Add(inv.fn.spec.timeout)
	out.Header.Set(toldDeadline, strconv.FormatInt(deadline.UnixMilli(), 10))
}

// body is the request's. When nobody waits for the answer it neither ends nor goes on: the
// program must not take half a body for a whole one.
type body struct {
	io.ReadCloser
	inv *invocation
}

// Close leaves the rest to the client's connection, which has a time for it; net/http would wait
// here for a read that is under way, and the slot with it.
func (b *body) Close() error { return nil }

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.inv.leave()
		<-b.inv.over
	}
	select {
	case <-b.inv.aborted:
		<-b.inv.over
	default:
	}
	return n, err
}

// fail answers for a program that did not: it has ended, broke off, or speaks no HTTP.
func (a *agent) fail(inv *invocation, answer *answer, err error) {
	inv.failed.Store(true)
	no := refuseFunction(500, "FunctionError",
		"The function's program closed the connection before its answer was complete; its log has the rest.")
	if strings.Contains(err.Error(), "malformed HTTP") || strings.Contains(err.Error(), "switch protocol") {
		no = refuseFunction(500, "InvalidAnswer", "The function's program answered what is no HTTP: "+err.Error())
	}
	if inv.fn.program.hasEnded() {
		no = inv.fn.program.endedRefusal()
	}
	select {
	case <-inv.aborted:
		return
	default:
	}
	a.log.error("the function failed", fields{
		"function": inv.fn.spec.name, "requestId": inv.requestID, "reason": no.reason, "cause": err.Error(),
	})
	answer.refuse(no, inv.requestID)
}
