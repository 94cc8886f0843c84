package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// invalid ends the parse with a ManifestInvalid refusal; recoverInvalid turns it into an error.
func invalid(field, rule string, value any) {
	shown, ok := value.(string)
	if !ok {
		text, _ := json.Marshal(value)
		shown = string(text)
	}
	panic(refuse(400, "ManifestInvalid", fmt.Sprintf("%s %s, got %.100s", field, rule, shown)))
}

func recoverInvalid(err *error) {
	switch failure := recover().(type) {
	case nil:
	case *refusal:
		*err = failure
	default:
		panic(failure)
	}
}

func object(value any, at string) map[string]any {
	f, ok := value.(map[string]any)
	if !ok {
		invalid(at, "must be an object", value)
	}
	return f
}

func array(value any, at string, max int) []any {
	list, ok := value.([]any)
	if !ok || len(list) > max {
		invalid(at, fmt.Sprintf("must be an array of at most %d", max), value)
	}
	return list
}

// str is a non-empty string member.
func str(f map[string]any, name, at string) string {
	text, _ := f[name].(string)
	if text == "" {
		invalid(strings.TrimPrefix(at+"."+name, "."), "must be a non-empty string", f[name])
	}
	return text
}

func integer(value any, at string, min, max int) int {
	number, ok := value.(float64)
	if !ok || number != math.Trunc(number) || number < float64(min) || number > float64(max) {
		invalid(at, fmt.Sprintf("must be an integer from %d to %d", min, max), value)
	}
	return int(number)
}

// stringMap is an environment: no "=" or NUL in names, no NUL in values.
func stringMap(value any, at string) map[string]string {
	texts := map[string]string{}
	for name, entry := range object(value, at) {
		text, ok := entry.(string)
		if !ok || strings.Contains(text, "\x00") {
			invalid(at+"."+name, "must be a string without NUL", entry)
		}
		if name == "" || strings.ContainsAny(name, "=\x00") {
			invalid(at, `must have names without "=" and NUL`, name)
		}
		texts[name] = text
	}
	return texts
}
