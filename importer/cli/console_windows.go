package cli

import (
	"golang.org/x/sys/windows"
	"unsafe"
)

// ownConsole tells whether the program has a console window of its own, which closes when it ends:
// that is so when it is the console's only process, started by a double-click or a file dropped on it.
func ownConsole() bool {
	var pids [2]uint32
	proc := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetConsoleProcessList")
	n, _, _ := proc.Call(uintptr(unsafe.Pointer(&pids[0])), uintptr(len(pids)))
	return n == 1
}
