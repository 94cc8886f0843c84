package main

import (
	"bufio"
	"io"
	"strings"
	"sync"
)

// maxLineBytes is what the agent holds of one line; the rest of it is dropped.
const maxLineBytes = 1 << 20

// keptLines is how much of a program's output goes into the reason for a failed load.
const keptLines = 12

// output keeps the last lines of a program.
type output struct {
	mu   sync.Mutex
	last []string
}

func (o *output) add(line string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = append(o.last, bound(line, 500))
	if len(o.last) > keptLines {
		o.last = o.last[1:]
	}
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.last, "\n")
}

// readLines calls each for every line until the stream ends. A line is never split.
func readLines(stream io.Reader, each func(line string)) {
	reader := bufio.NewReader(stream)
	var line []byte
	for {
		part, more, err := reader.ReadLine()
		if err != nil {
			if len(line) > 0 {
				each(string(line))
			}
			return
		}
		line = append(line, part[:min(len(part), maxLineBytes-len(line))]...)
		if !more {
			each(strings.ToValidUTF8(string(line), "\uFFFD"))
			line = line[:0]
		}
	}
}
