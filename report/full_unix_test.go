//go:build unix

package report

import (
	"os"
	"syscall"
)

// noRoom is what the system says when the disk is full.
func noRoom() error { return &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC} }
