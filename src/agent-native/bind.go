package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"
)

type bindAnswer struct {
	Functions []functionLoad     `json:"functions"`
	Phases    map[string]float64 `json:"phases"`
}

// runBind reads a bind and carries it out. All or nothing: until the last byte was checked
// the VM is binding; a failure leaves it generic with nothing on its disk. A program that
// does not load is no failure, the answer says so.
func runBind(a *agent, w http.ResponseWriter, r *http.Request) (any, error) {
	began := time.Now()
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(began.Add(a.cfg.limits.bind))
	answer, err := a.bind(r, began)
	_ = control.SetReadDeadline(time.Time{})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		detail := fmt.Sprintf("The bind did not arrive within %d ms.", a.cfg.limits.bind.Milliseconds())
		return nil, refuse(408, "BindTimeout", detail)
	}
	return answer, err
}

func (a *agent) bind(r *http.Request, began time.Time) (any, error) {
	m, err := a.readManifest(r)
	if err != nil {
		return nil, err
	}
	if m.vmID != a.vm.id {
		return nil, refuse(403, "WrongVm", fmt.Sprintf("This VM is %s, the bind is for %s.", a.vm.id, m.vmID))
	}
	if same := a.vm.sameBind(m); same != nil {
		<-same.answered
		return same.answer, nil
	}
	if size, max := m.payloadSize(), a.cfg.limits.payloadBytes; size > max {
		return nil, refuse(413, "PayloadTooLarge", fmt.Sprintf("The files have %d bytes, %d are allowed.", size, max))
	}
	if !a.vm.beginBind() {
		return nil, refuse(409, "AlreadyBound", "This VM is bound already, or is being bound or drained.")
	}
	writing, err := receive(m, r.Body)
	if err != nil {
		a.undoBind()
		return nil, asRefusal(err)
	}
	return a.complete(m, time.Since(began)-writing, writing), nil
}

func (a *agent) readManifest(r *http.Request) (*manifest, error) {
	var size uint32
	if err := binary.Read(r.Body, binary.BigEndian, &size); err != nil {
		return nil, truncated(err)
	}
	if max := a.cfg.limits.manifestBytes; int64(size) > int64(max) {
		return nil, refuse(413, "ManifestTooLarge", fmt.Sprintf("The manifest has %d bytes, %d are allowed.", size, max))
	}
	var text bytes.Buffer
	if _, err := io.CopyN(&text, r.Body, int64(size)); err != nil {
		return nil, truncated(err)
	}
	digest := sha256.Sum256(text.Bytes())
	if err := a.checkSignature(r, hex.EncodeToString(digest[:])); err != nil {
		return nil, err
	}
	return parseManifest(text.Bytes(), a.cfg.limits)
}

// receive writes the payload as it arrives; it answers the time spent on writing.
func receive(m *manifest, body io.Reader) (time.Duration, error) {
	source := &payload{body: body, digest: sha256.New()}
	began := time.Now()
	for _, fn := range m.functions {
		for _, file := range fn.files {
			if err := writeFile(pathOf(fn, file.path), source, int64(file.size)); err != nil {
				return 0, err
			}
		}
	}
	writing := time.Since(began) - source.waiting
	if n, err := source.Read(make([]byte, 1)); n > 0 {
		return 0, refuse(400, "PayloadTooLong", "The payload goes on after the last file.")
	} else if err != io.EOF {
		return 0, truncated(err)
	}
	if hex.EncodeToString(source.digest.Sum(nil)) != m.payloadSHA256 {
		return 0, refuse(400, "DigestMismatch", "The payload has not the digest that the manifest names.")
	}
	return writing, nil
}

// payload hashes what is read and keeps the time that reading took.
type payload struct {
	body    io.Reader
	digest  hash.Hash
	waiting time.Duration
}

func (p *payload) Read(buffer []byte) (int, error) {
	began := time.Now()
	n, err := p.body.Read(buffer)
	p.waiting += time.Since(began)
	p.digest.Write(buffer[:n])
	return n, err
}

func truncated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return refuse(400, "BodyTruncated", "The body ends before the last file is complete.")
	}
	return err
}

func asRefusal(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.ENOMEM) {
		return refuse(507, "DiskFull", "The files do not fit into this VM.")
	}
	return err
}

func (a *agent) undoBind() {
	if err := os.RemoveAll(home()); err != nil {
		a.vm.markBroken("a failed bind left files behind: " + err.Error())
		return
	}
	a.vm.abandonBind()
}

func (a *agent) complete(m *manifest, receiving, writing time.Duration) bindAnswer {
	b := &binding{manifest: m, functions: map[string]*function{}, answered: make(chan struct{})}
	for index := range m.functions {
		fn := &function{spec: &m.functions[index], agent: a, alone: len(m.functions) == 1}
		b.functions[fn.spec.name] = fn
		b.order = append(b.order, fn)
	}
	a.admits.allow(m.slots)
	a.vm.completeBind(b)
	loading := time.Now()
	preload(b.order)
	b.answer = bindAnswer{loadsOf(b.order), map[string]float64{
		"receive": ms(receiving), "write": ms(writing), "load": ms(time.Since(loading)),
	}}
	close(b.answered)
	return b.answer
}

// preload starts those that ask for it, all at once.
func preload(functions []*function) {
	var loads sync.WaitGroup
	for _, fn := range functions {
		if fn.spec.preload {
			loads.Add(1)
			go func() {
				defer loads.Done()
				_, _ = fn.load()
			}()
		}
	}
	loads.Wait()
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
