package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"
)

// Programs listen below the ports that Linux gives to outgoing connections and to whoever
// asks for any (32768 up), which may be gone before a program binds them, and below the
// node ports of Kubernetes.
const (
	firstPort = 22000
	lastPort  = 29999
	portTries = 200
)

// choosePort is one that a program can bind, whatever it sets on its socket, and that no
// other program is given.
func choosePort(g guest) (int, error) {
	for range portTries {
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		if canBind(port) && g.claimPort(port) {
			return port, nil
		}
	}
	return 0, fmt.Errorf("none of %d tried between %d and %d is free", portTries, firstPort, lastPort)
}

// canBind tries without SO_REUSEADDR, which net.Listen sets: not every program does, and without
// it a connection that ended a moment ago is in the way.
func canBind(port int) bool {
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) {
			failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 0)
		})
		if err != nil {
			return err
		}
		return failed
	}}
	// Every address: a program may bind any of them.
	listener, err := config.Listen(context.Background(), "tcp4", fmt.Sprintf(":%d", port))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}
