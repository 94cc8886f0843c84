package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	rehearsal       = "rehearsal"
	rehearsalRounds = 3
)

// rehearse lets an agent that exists for this only answer a signed call and some invocations:
// in a guest, code is read from the disk when it runs first, and no user should wait for
// that (ADR 14). It stops as soon as the real VM has something to do.
func (a *agent) rehearse() {
	defer a.vm.markWarm()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return
	}
	program, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return
	}
	defer program.Close()
	go func() { _ = http.Serve(program, http.HandlerFunc(rehearsedProgram)) }()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return
	}
	defer listener.Close()
	cfg := config{vmID: rehearsal, key: public, limits: a.cfg.limits}
	stand := newAgent(cfg, a.guest, newLog(io.Discard, 0))
	stand.bindRehearsed(program.Addr().(*net.TCPAddr).Port)
	go func() { _ = stand.serve(listener) }()
	base := "http://" + listener.Addr().String()
	client := &http.Client{Timeout: time.Second}
	defer client.CloseIdleConnections()
	_ = call(client, base+"/.osv-faas/meter", headerSignature, signed(private))
	for round := 0; round < rehearsalRounds && a.vm.isGeneric(); round++ {
		_ = call(client, base+"/", headerFunction, rehearsal)
	}
}

func rehearsedProgram(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "heard") }

func (a *agent) bindRehearsed(port int) {
	text := fmt.Sprintf(`{"version":1,"vmId":%[1]q,"application":%[1]q,"namespace":%[1]q,"revision":%[1]q,`+
		`"slots":1,"token":%[1]q,"binding":%[1]q,"payloadSha256":"%[2]s","functions":[{"name":%[1]q,"handler":%[1]q,`+
		`"signature":"Auto","timeoutMs":1000,"digest":%[1]q,"env":{},"files":[],"preload":true}]}`, rehearsal, emptySHA256)
	m, err := parseManifest([]byte(text), a.cfg.limits)
	if err != nil {
		return
	}
	fn := &function{spec: &m.functions[0], agent: a, program: newProgram()}
	fn.program.port = port
	fn.once.Do(func() {})
	a.vm.completeBind(&binding{manifest: m, functions: map[string]*function{rehearsal: fn}, order: []*function{fn}})
}

func signed(key ed25519.PrivateKey) string {
	digest := sha256.Sum256(nil)
	text := fmt.Sprintf("GET /.osv-faas/meter\n%s\n%s", rehearsal, hex.EncodeToString(digest[:]))
	return base64.StdEncoding.EncodeToString(ed25519.Sign(key, []byte(text)))
}

func call(client *http.Client, url, header, value string) error {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set(header, value)
	request.Header.Set(headerToken, rehearsal)
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}
