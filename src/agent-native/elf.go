package main

import (
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// checkProgram reads a file's headers before it is loaded: OSv has no process that could
// fail in the place of the VM.
func checkProgram(path string, g guest) *loadFailure {
	name := filepath.Base(path)
	file, err := elf.Open(path)
	if err != nil {
		return &loadFailure{"SyntaxError", fmt.Sprintf("%s is no Linux executable: %s", name, err)}
	}
	defer file.Close()
	if file.Machine != elf.EM_X86_64 || (file.Type != elf.ET_EXEC && file.Type != elf.ET_DYN) || file.Entry == 0 {
		detail := fmt.Sprintf("%s is no x86-64 executable but %s %s", name, file.Machine, file.Type)
		return &loadFailure{"SyntaxError", detail}
	}
	if folders, supplied := g.libraries(); folders != nil {
		if failure := checkLibraries(path, file, folders, supplied, map[string]bool{}); failure != nil {
			return failure
		}
		return checkForOSv(path, name, file, g.maxTLS())
	}
	return nil
}

// checkLibraries finds every library as OSv's linker does; OSv itself would go on without.
func checkLibraries(path string, file *elf.File, folders, supplied []string, seen map[string]bool) *loadFailure {
	needed, _ := file.ImportedLibraries()
	for _, library := range needed {
		if seen[library] || contains(supplied, library) {
			continue
		}
		seen[library] = true
		found := find(library, append(runPath(path, file), folders...))
		if found == "" {
			detail := fmt.Sprintf("%s needs the library %s, which is neither in the image nor beside it (DT_RUNPATH)",
				filepath.Base(path), library)
			return &loadFailure{"ModuleNotFound", detail}
		}
		opened, err := elf.Open(found)
		if err != nil {
			return &loadFailure{"LoadFailed", fmt.Sprintf("the library %s cannot be read: %s", library, err)}
		}
		failure := checkLibraries(found, opened, folders, supplied, seen)
		_ = opened.Close()
		if failure != nil {
			return failure
		}
	}
	return nil
}

func runPath(path string, file *elf.File) []string {
	var folders []string
	for _, tag := range []elf.DynTag{elf.DT_RUNPATH, elf.DT_RPATH} {
		entries, _ := file.DynString(tag)
		for _, entry := range entries {
			folders = append(folders, strings.Split(strings.ReplaceAll(entry, "$ORIGIN", filepath.Dir(path)), ":")...)
		}
	}
	return folders
}

func find(library string, folders []string) string {
	for _, folder := range folders {
		candidate := filepath.Join(folder, library)
		if info, err := os.Stat(candidate); err == nil && info.Mode().IsRegular() {
			return candidate
		}
	}
	return ""
}

// checkForOSv refuses what hangs or corrupts the guest instead of failing.
func checkForOSv(path, name string, file *elf.File, maxTLS int) *loadFailure {
	dynamic := interpreter(file)
	if info, err := buildinfo.ReadFile(path); err == nil {
		libraries, _ := file.ImportedLibraries()
		if len(libraries) == 0 {
			detail := fmt.Sprintf("%s is a Go program (%s) without cgo, which OSv cannot run: build it with "+
				"CGO_ENABLED=1 go build -buildmode=pie -ldflags=-linkmode=external", name, info.GoVersion)
			return &loadFailure{"LoadFailed", detail}
		}
	}
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_TLS && dynamic && int(segment.Memsz) > maxTLS {
			detail := fmt.Sprintf("%s has %d bytes of thread-local variables; the kernel has room for %d of a "+
				"dynamic executable: link it statically (-static-pie)", name, segment.Memsz, maxTLS)
			return &loadFailure{"LoadFailed", detail}
		}
	}
	return nil
}

// isDynamic is whether OSv's linker puts the executable together.
func isDynamic(path string) bool {
	file, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	return interpreter(file)
}

func interpreter(file *elf.File) bool {
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			return true
		}
	}
	return false
}

func contains(list []string, text string) bool {
	for _, entry := range list {
		if entry == text {
			return true
		}
	}
	return false
}
