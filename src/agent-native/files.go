package main

import (
	"fmt"
	"strings"
)

// parseFiles checks a function's files: safe paths, each once, none below another.
func parseFiles(value any, at string) []bindFile {
	items := array(value, at, maxFiles)
	files, paths := make([]bindFile, len(items)), make(map[string]bool, len(items))
	for index, item := range items {
		where := fmt.Sprintf("%s[%d]", at, index)
		f := object(item, where)
		path := str(f, "path", where)
		if rule := pathProblem(path); rule != "" {
			invalid(where+".path", rule, path)
		}
		files[index] = bindFile{path, integer(f["size"], where+".size", 0, maxFileSize)}
		paths[path] = true
	}
	if len(paths) < len(files) {
		invalid(at, "must name each path once", len(files))
	}
	for path := range paths {
		for end, letter := range path {
			if letter == '/' && paths[path[:end]] {
				invalid(at, "must not have a file below another file", path)
			}
		}
	}
	return files
}

// pathProblem says why a path may not be written, or nothing.
func pathProblem(path string) string {
	if len(path) > maxPathBytes {
		return fmt.Sprintf("must have at most %d bytes", maxPathBytes)
	}
	if strings.ContainsAny(path, "\x00\\") {
		return "must have neither NUL nor backslash"
	}
	for _, part := range strings.Split(path, "/") {
		if part == "" || part == "." || part == ".." {
			return `must be relative, without empty, "." and ".." parts`
		}
		if len(part) > maxPartBytes {
			return fmt.Sprintf("must have parts of at most %d bytes", maxPartBytes)
		}
	}
	return ""
}
