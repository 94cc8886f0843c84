package main

import (
	"fmt"
	"syscall"
)

// endOf says what became of a child process.
func endOf(status syscall.WaitStatus) programEnd {
	if status.Signaled() {
		return programEnd{crashed: true, text: fmt.Sprintf("was ended by a signal: %s", status.Signal())}
	}
	return exitedWith(status.ExitStatus())
}

// exitedWith is for a program that ended by itself.
func exitedWith(status int) programEnd {
	return programEnd{text: fmt.Sprintf("exited with status %d", status), status: status}
}
