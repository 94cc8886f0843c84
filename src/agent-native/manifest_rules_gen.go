// Generated from src/api/manifest-schema.ts by `npm run generate`; do not edit.

package main

const (
	manifestVersion = 1
	maxFunctions    = 1000
	maxSlots        = 10000
	maxTimeoutMs    = 2147483647
	maxFiles        = 1000000
	maxFileSize     = 1099511627776
	maxPathBytes    = 1024
	maxPartBytes    = 255
)

const (
	namePattern   = `^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$`
	sha256Pattern = `^[0-9a-f]{64}$`
)

var signatures = []string{"Auto", "Fetch", "Lambda", "Node"}
