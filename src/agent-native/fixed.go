package main

import (
	"debug/elf"
	"fmt"
)

// fixedProgram is an executable that is linked to addresses: it can lie nowhere else.
type fixedProgram struct {
	function string
	from, to uint64
}

// placeFixed refuses a program that would lie over another one. In a guest all share one
// address space; compilers give every position-dependent program the same place in it.
func (g *osvGuest) placeFixed(l launch) ([]fixedProgram, error) {
	file, err := elf.Open(l.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if file.Type != elf.ET_EXEC {
		return nil, nil
	}
	place := fixedProgram{function: l.function, from: ^uint64(0)}
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_LOAD {
			place.from = min(place.from, segment.Vaddr)
			place.to = max(place.to, segment.Vaddr+segment.Memsz)
		}
	}
	for _, other := range g.fixed {
		if place.from < other.to && other.from < place.to {
			return nil, fmt.Errorf("it is linked to the address 0x%x, where the program of %s lies: "+
				"link it as -pie or -static-pie", place.from, other.function)
		}
	}
	return []fixedProgram{place}, nil
}
