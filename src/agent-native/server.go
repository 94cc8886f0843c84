package main

import (
	"context"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	// keepAlive is longer than any gateway keeps an idle connection, so that only gateways close them.
	keepAlive = 75 * time.Second
	// baseConnections are those of a generic VM; a bound one has more, by its slots.
	baseConnections    = 64
	connectionsPerSlot = 4
	// headerSlop is what net/http reads beyond MaxHeaderBytes.
	headerSlop = 4096
)

// serve answers requests: bounded headers and connections, no limit on how long an answer takes.
func (a *agent) serve(listener net.Listener) error {
	limits := a.cfg.limits
	server := &http.Server{
		Handler:           a,
		MaxHeaderBytes:    max(1, limits.headerBytes-headerSlop),
		ReadHeaderTimeout: limits.headers,
		IdleTimeout:       keepAlive,
		ErrorLog:          stdlog.New(io.Discard, "", 0),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
		ConnState: func(c net.Conn, state http.ConnState) {
			if state == http.StateIdle {
				c.(*conn).idle()
			}
		},
	}
	return server.Serve(&boundListener{listener, a.admits, limits.headerBytes})
}

// connections counts what is open; beyond max a connection is closed at once.
type connections struct {
	open, max int64
}

func (c *connections) allow(slots int) {
	atomic.StoreInt64(&c.max, baseConnections+connectionsPerSlot*int64(slots))
}

type boundListener struct {
	net.Listener
	count       *connections
	headerBytes int
}

func (l *boundListener) Accept() (net.Conn, error) {
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if atomic.AddInt64(&l.count.open, 1) > atomic.LoadInt64(&l.count.max) {
			_ = accepted.Close()
			atomic.AddInt64(&l.count.open, -1)
			continue
		}
		return newConn(accepted.(*net.TCPConn), l), nil
	}
}
