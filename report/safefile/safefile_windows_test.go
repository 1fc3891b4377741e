package safefile

import (
	"os"

	"golang.org/x/sys/windows"
)

// noRoom is what the system says when the disk is full.
func noRoom() error { return &os.PathError{Op: "write", Path: "x", Err: windows.ERROR_DISK_FULL} }
