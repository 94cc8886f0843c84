package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

type connKey struct{}

func connOf(r *http.Request) *conn { return r.Context().Value(connKey{}).(*conn) }

// conn is a client's connection. While no handler runs on it, it makes problem documents
// of what net/http itself answers to requests that it cannot read, says 408 where net/http
// closes without a word, and refuses what two servers could read as two different requests.
type conn struct {
	*net.TCPConn
	from   *boundListener
	closed sync.Once
	// leftoverUntil is when what is left of an answered request must have come, in nanoseconds since 1970.
	leftoverUntil atomic.Int64
	// bodyOver: all of the request has been read.
	bodyOver atomic.Bool
	// spent: a read of what was left failed; no more of it may be taken for another request.
	spent atomic.Bool
	// handling is true from the handler's start until the next request is waited for.
	handling atomic.Bool
	// head is what has come of the next request's headers; net/http reads from one goroutine at a time.
	head []byte
}

func newConn(c *net.TCPConn, from *boundListener) *conn { return &conn{TCPConn: c, from: from} }

// leftover is the time for the rest of a request once it is answered. net/http takes 256 KiB of
// it at most, and would wait for them for ever.
const leftover = 5 * time.Second

// serving answers the request with a body that notes its end.
func (c *conn) serving(r *http.Request) *http.Request {
	c.handling.Store(true)
	c.bodyOver.Store(r.ContentLength == 0)
	// A copy: net/http looks at its own request's body when the handler is done.
	r = r.WithContext(r.Context())
	r.Body = &notingBody{r.Body, &c.bodyOver}
	return r
}

type notingBody struct {
	io.ReadCloser
	over *atomic.Bool
}

func (b *notingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		b.over.Store(true)
	}
	return n, err
}

// answered is for the handler's end.
func (c *conn) answered() {
	until := time.Now().Add(leftover)
	c.leftoverUntil.Store(until.UnixNano())
	_ = c.SetReadDeadline(until)
}

// SetReadDeadline: net/http, too, interrupts a read of the body at the handler's end, and lifts
// the deadline afterwards.
func (c *conn) SetReadDeadline(at time.Time) error {
	if until := c.leftoverUntil.Load(); at.IsZero() && until > 0 {
		at = time.Unix(0, until)
	}
	return c.TCPConn.SetReadDeadline(at)
}

// CloseWrite ends this side, and drops what the client still sends: a reset would take the
// answer from it.
func (c *conn) CloseWrite() error {
	err := c.TCPConn.CloseWrite()
	_ = c.TCPConn.SetReadDeadline(time.Now().Add(leftover))
	_, _ = io.Copy(io.Discard, c.TCPConn)
	return err
}

func (c *conn) idle() {
	c.head = nil
	c.leftoverUntil.Store(0)
	c.handling.Store(false)
}

func (c *conn) Close() error {
	if c.spent.Load() {
		_ = c.CloseWrite()
	}
	c.closed.Do(func() { atomic.AddInt64(&c.from.count.open, -1) })
	return c.TCPConn.Close()
}

func (c *conn) Read(p []byte) (int, error) {
	if c.spent.Load() {
		return 0, io.EOF
	}
	n, err := c.TCPConn.Read(p)
	if c.handling.Load() {
		if err != nil && c.leftoverUntil.Load() > 0 && !c.bodyOver.Load() {
			c.spent.Store(true)
		}
		return n, err
	}
	if os.IsTimeout(err) && len(c.head) > 0 {
		c.refuse(refuse(http.StatusRequestTimeout, "RequestTimeout", "The request came too slowly."))
		return n, err
	}
	if len(c.head) < c.from.headerBytes {
		c.head = append(c.head, p[:n]...)
		if isAmbiguous(c.head) {
			c.refuse(malformed("the request has a length and chunks at once"))
			return 0, net.ErrClosed
		}
	}
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	if c.handling.Load() {
		return c.TCPConn.Write(p)
	}
	match := plainError.FindSubmatch(p)
	if match == nil {
		return c.TCPConn.Write(p)
	}
	status, _ := strconv.Atoi(string(match[1]))
	if status == http.StatusRequestHeaderFieldsTooLarge {
		detail := fmt.Sprintf("The request's headers are longer than %d bytes.", c.from.headerBytes)
		c.refuse(refuse(status, "HeadersTooLarge", detail))
	} else {
		problem := malformed(string(match[2]))
		problem.status = status
		c.refuse(problem)
	}
	return len(p), nil
}

// plainError is an answer that net/http gives without asking a handler.
var plainError = regexp.MustCompile(`^HTTP/1\.1 ([45]\d\d) ([^\r]*)\r\n`)

func malformed(why string) *refusal {
	return refuse(http.StatusBadRequest, "RequestMalformed", "This is no HTTP: "+why+".")
}

func (c *conn) refuse(r *refusal) {
	body := r.document(newRequestID(), nil)
	_, _ = fmt.Fprintf(c.TCPConn,
		"HTTP/1.1 %d %s\r\ncontent-type: application/problem+json\r\ncontent-length: %d\r\n"+
			"osv-faas-error: %s\r\nconnection: close\r\n\r\n%s",
		r.status, http.StatusText(r.status), len(body), r.reason, body)
	// The next read of net/http ends the connection.
	_ = c.TCPConn.CloseWrite()
}

var (
	headEnd = []byte("\r\n\r\n")
	length  = regexp.MustCompile(`(?i)\ncontent-length:`)
	chunks  = regexp.MustCompile(`(?i)\ntransfer-encoding:`)
)

// isAmbiguous: net/http takes the chunks and drops the length; another server may do otherwise.
func isAmbiguous(head []byte) bool {
	end := bytes.Index(head, headEnd)
	return end >= 0 && length.Match(head[:end]) && chunks.Match(head[:end])
}

// newRequestID is for whoever calls without one: a random UUID.
func newRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
