package main

import (
	"os"
	"sync"
	"time"
)

var ending sync.Once

// endWhenBroken ends a broken VM once nothing runs in it any more (but for what was given
// up) and the linger time has passed; an operator who is up deletes it before.
func (a *agent) endWhenBroken() {
	cause, running, over := a.vm.over()
	if !over {
		return
	}
	ending.Do(func() {
		a.log.error("user code broke this VM; it takes no more and ends",
			fields{"broken": cause, "running": running})
		time.AfterFunc(a.cfg.limits.linger, func() {
			a.guest.endAll()
			os.Exit(1)
		})
	})
}
