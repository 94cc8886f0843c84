package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// manifest is a BindManifest that was checked.
type manifest struct {
	vmID, application, namespace, revision, token, payloadSHA256 string
	// binding is the operator's signed word for whose this VM is: shown, not read.
	binding   string
	slots     int
	functions []functionSpec
}

type functionSpec struct {
	name, handler, digest string
	timeout               time.Duration
	env                   map[string]string
	files                 []bindFile
	preload               bool
}

type bindFile struct {
	path string
	size int
}

var (
	functionName = regexp.MustCompile(namePattern)
	hexDigest    = regexp.MustCompile(sha256Pattern)
)

// parseManifest checks a manifest from the wire; a refusal names field, rule and value.
func parseManifest(text []byte, l limits) (m *manifest, err error) {
	defer recoverInvalid(&err)
	var value any
	if problem := json.Unmarshal(text, &value); problem != nil {
		invalid("manifest", "must be JSON", problem.Error())
	}
	f := object(value, "manifest")
	if f["version"] != float64(manifestVersion) {
		invalid("version", fmt.Sprintf("must be %d", manifestVersion), f["version"])
	}
	m = &manifest{
		vmID:          str(f, "vmId", ""),
		application:   str(f, "application", ""),
		namespace:     str(f, "namespace", ""),
		revision:      str(f, "revision", ""),
		slots:         integer(f["slots"], "slots", 1, maxSlots),
		token:         str(f, "token", ""),
		binding:       str(f, "binding", ""),
		payloadSHA256: str(f, "payloadSha256", ""),
	}
	if !hexDigest.MatchString(m.payloadSHA256) {
		invalid("payloadSha256", "must be 64 lower-case hex digits", m.payloadSHA256)
	}
	for index, item := range array(f["functions"], "functions", maxFunctions) {
		m.functions = append(m.functions, parseFunction(item, fmt.Sprintf("functions[%d]", index)))
	}
	checkTogether(m.functions, l)
	return m, nil
}

func parseFunction(value any, at string) functionSpec {
	f := object(value, at)
	name := str(f, "name", at)
	if !functionName.MatchString(name) {
		invalid(at+".name", "must be the name of a Kubernetes object", name)
	}
	// Which one it is means nothing to a program that speaks HTTP.
	if signature, _ := f["signature"].(string); !slices.Contains(signatures, signature) {
		invalid(at+".signature", "must be one of "+strings.Join(signatures, ", "), f["signature"])
	}
	preload, ok := f["preload"].(bool)
	if !ok {
		invalid(at+".preload", "must be a boolean", f["preload"])
	}
	return functionSpec{
		name:    name,
		handler: str(f, "handler", at),
		timeout: time.Duration(integer(f["timeoutMs"], at+".timeoutMs", 1, maxTimeoutMs)) * time.Millisecond,
		digest:  str(f, "digest", at),
		env:     stringMap(f["env"], at+".env"),
		files:   parseFiles(f["files"], at+".files"),
		preload: preload,
	}
}

func checkTogether(functions []functionSpec, l limits) {
	if len(functions) == 0 {
		invalid("functions", "must not be empty", "[]")
	}
	seen, files, names := map[string]bool{}, 0, []string{}
	for _, fn := range functions {
		seen[fn.name] = true
		files += len(fn.files)
		names = append(names, fn.name)
	}
	if len(seen) < len(functions) {
		invalid("functions", "must have different names", strings.Join(names, ", "))
	}
	if files > l.files {
		invalid("functions", fmt.Sprintf("must have at most %d files in all", l.files), files)
	}
}

// payloadSize is the number of bytes that follow the manifest.
func (m *manifest) payloadSize() int {
	size := 0
	for _, fn := range m.functions {
		for _, file := range fn.files {
			size += file.size
		}
	}
	return size
}
