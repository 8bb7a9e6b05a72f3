//go:build !windows

package boot

// attachConsole: elsewhere a program has its shell's streams anyway.
func attachConsole() {}
