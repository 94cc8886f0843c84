package main

import (
	"context"
	"net"
	"time"
)

// programConn is the connection to a program. One that answers and closes without reading all
// of a body makes writes fail; what it said before that is still there to be read.
type programConn struct{ net.Conn }

func dialProgram(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 2 * time.Second}
	c, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return programConn{c}, nil
}

// Write never fails: that the program is gone is for reads to say.
func (c programConn) Write(p []byte) (int, error) {
	_, _ = c.Conn.Write(p)
	return len(p), nil
}

func (c programConn) CloseWrite() error { return c.Conn.(*net.TCPConn).CloseWrite() }
