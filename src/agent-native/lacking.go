package main

import "debug/elf"

// lacking names the functions that a dynamic program imports and nobody has: neither the
// kernel nor a library beside the program. OSv looks a function up when it is called first, so
// such a program may run for long; the call ends the guest.
func (g *osvGuest) lacking(path string) []string {
	file, err := elf.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	libraries, _ := file.ImportedLibraries()
	for _, library := range libraries {
		if !contains(suppliedByKernel, library) {
			// It may have them.
			return nil
		}
	}
	imported, _ := file.ImportedSymbols()
	var names []string
	for _, symbol := range imported {
		if !osvHas(symbol.Name) && len(names) < listed {
			names = append(names, symbol.Name)
		}
	}
	return names
}
