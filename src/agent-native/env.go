package main

import (
	"fmt"
	"strings"
)

// commonNames are variables of the guest that every function sees, unless its own say otherwise.
var commonNames = []string{"PATH", "HOME", "LANG", "TZ", "TMPDIR"}

// commonEnv is the environment as functions begin with it: of the guest's only what says
// nothing about the VM.
func commonEnv(environ []string) []string {
	common := []string{}
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		for _, known := range commonNames {
			if name == known {
				common = append(common, entry)
			}
		}
	}
	return common
}

// environ is what the program sees. Nobody but the agent can know the port.
func (f *function) environ(port int) []string {
	env := map[string]string{}
	for _, entry := range append(f.agent.guest.env(), f.agent.common...) {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	for name, value := range f.spec.env {
		env[name] = value
	}
	env["PORT"] = fmt.Sprint(port)
	entries := []string{}
	for name, value := range env {
		entries = append(entries, name+"="+value)
	}
	return entries
}
