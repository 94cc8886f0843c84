package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

type fields map[string]any

// log writes one JSON object a line, at once and whole: a VM that dies has said its last word.
type log struct {
	mu            sync.Mutex
	out           io.Writer
	maxCharacters int
}

func newLog(out io.Writer, maxCharacters int) *log {
	return &log{out: out, maxCharacters: maxCharacters}
}

func (l *log) info(message string, f fields)  { l.agents("info", message, f) }
func (l *log) error(message string, f fields) { l.agents("error", message, f) }

func (l *log) agents(level, message string, f fields) {
	all := fields{"source": "agent"}
	for name, value := range f {
		all[name] = value
	}
	l.line(level, message, all)
}

func (l *log) line(level, message string, f fields) {
	members := fields{}
	for name, value := range f {
		if text, ok := value.(string); ok {
			value = bound(text, l.maxCharacters)
		}
		members[name] = value
	}
	for _, name := range []string{"time", "level", "message"} {
		delete(members, name)
	}
	first, _ := json.Marshal(struct {
		Time    string `json:"time"`
		Level   string `json:"level"`
		Message string `json:"message"`
	}{time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), level, bound(message, l.maxCharacters)})
	line, err := json.Marshal(members)
	if err != nil {
		return
	}
	if len(members) > 0 {
		line = append(append(first[:len(first)-1], ','), line[1:]...)
	} else {
		line = first
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.out.Write(append(line, '\n'))
}

// program logs what a program wrote. A line that is a JSON object keeps its members:
// that is how a program says which request a line belongs to.
func (l *log) program(function, level, text string) {
	message, f := text, fields{}
	if strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &f) == nil {
		message = ""
		if said, ok := f["message"].(string); ok {
			message = said
		}
		if said, ok := f["level"].(string); ok && isLevel(said) {
			level = said
		}
	}
	delete(f, "source")
	if function != "" {
		f["function"] = function
	}
	l.line(level, message, f)
}

func isLevel(text string) bool {
	return text == "debug" || text == "info" || text == "warn" || text == "error"
}

func bound(text string, max int) string {
	characters := []rune(text)
	if len(characters) <= max {
		return text
	}
	return fmt.Sprintf("%s… %d characters cut", string(characters[:max]), len(characters)-max)
}
