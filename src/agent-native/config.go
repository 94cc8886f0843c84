package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	envVMID      = "OSV_FAAS_VM_ID"
	envPublicKey = "OSV_FAAS_PUBLIC_KEY"
	envPort      = "OSV_FAAS_PORT"
	envHost      = "OSV_FAAS_HOST"
	limitPrefix  = "OSV_FAAS_LIMIT_"
)

// config is what a generic VM is started with.
type config struct {
	vmID   string
	key    ed25519.PublicKey
	port   int
	host   string
	limits limits
}

// limits bound everything that comes from outside, and the times that the agent waits.
// Names and defaults are the Node agent's (docs/agent.md).
type limits struct {
	manifestBytes, payloadBytes, files int
	headerBytes, logCharacters         int
	bind, load, grace, linger, headers time.Duration
}

// readConfig reads the agent's variables; its errors name variable, rule and value.
func readConfig(environ []string) (config, error) {
	r := &envReader{env: map[string]string{}}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		r.env[name] = value
	}
	cfg := config{
		vmID: r.required(envVMID),
		key:  r.key(envPublicKey),
		port: r.integer(envPort, 8080, 65_535),
		host: r.env[envHost],
	}
	cfg.limits = limits{
		manifestBytes: r.limit("MANIFEST_BYTES", 4<<20),
		payloadBytes:  r.limit("PAYLOAD_BYTES", 256<<20),
		files:         r.limit("FILES", 50_000),
		headerBytes:   r.limit("HEADER_BYTES", 32<<10),
		logCharacters: r.limit("LOG_CHARACTERS", 16<<10),
		bind:          r.ms("BIND_MS", 30_000),
		load:          r.ms("LOAD_MS", 10_000),
		grace:         r.ms("GRACE_MS", 3_000),
		linger:        r.ms("LINGER_MS", 10_000),
		headers:       r.ms("HEADERS_MS", 15_000),
	}
	return cfg, r.err
}

// envReader keeps the first error, so that reading reads as a list.
type envReader struct {
	env map[string]string
	err error
}

func (r *envReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *envReader) required(name string) string {
	value := r.env[name]
	if value == "" {
		r.fail("%s must be set", name)
	}
	return value
}

func (r *envReader) key(name string) ed25519.PublicKey {
	text := r.required(name)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != ed25519.PublicKeySize {
		r.fail("%s must be 32 bytes in base64url, got %q", name, text)
	}
	return raw
}

func (r *envReader) integer(name string, fallback, max int) int {
	text, ok := r.env[name]
	if !ok {
		return fallback
	}
	value, err := strconv.ParseUint(text, 10, 31)
	if err != nil || int(value) > max {
		r.fail("%s must be an integer from 0 to %d, got %q", name, max, text)
	}
	return int(value)
}

func (r *envReader) limit(name string, fallback int) int {
	return r.integer(limitPrefix+name, fallback, 1<<31-1)
}

func (r *envReader) ms(name string, fallback int) time.Duration {
	return time.Duration(r.limit(name, fallback)) * time.Millisecond
}
