package main

import (
	"io"
	"os"
	"path/filepath"
)

// home is the one folder that a bind writes; /tmp is memory in OSv.
func home() string { return filepath.Join(os.TempDir(), "osv-faas") }

func rootOf(fn functionSpec) string { return filepath.Join(home(), "code", fn.name) }

func pathOf(fn functionSpec, path string) string { return filepath.Join(rootOf(fn), path) }

// writeFile copies size bytes into a new file. A file of the manifest may be a program, and
// the archive's mode bits do not matter: each may be executed.
func writeFile(path string, source io.Reader, size int64) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.CopyN(file, source, size); err != nil {
		_ = file.Close()
		return truncated(err)
	}
	return file.Close()
}
