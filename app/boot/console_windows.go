package boot

import (
	"os"

	"golang.org/x/sys/windows"
)

// attachConsole gives the program, which is linked without a console so that
// none opens beside the window, the one of the shell that started it. Streams
// that the shell redirected stay as they are.
func attachConsole() {
	attach := windows.NewLazySystemDLL("kernel32.dll").NewProc("AttachConsole")
	const parent = ^uintptr(0)
	if ok, _, _ := attach.Call(parent); ok == 0 {
		return // not started from a shell
	}
	for _, s := range []struct {
		id   uint32
		file **os.File
	}{{windows.STD_OUTPUT_HANDLE, &os.Stdout}, {windows.STD_ERROR_HANDLE, &os.Stderr}} {
		if h, err := windows.GetStdHandle(s.id); err == nil && h != 0 && h != windows.InvalidHandle {
			continue
		}
		if f, err := os.OpenFile("CONOUT$", os.O_RDWR, 0); err == nil {
			*s.file = f
		}
	}
}
