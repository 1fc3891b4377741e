package report

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// noRoom is what the system says when the disk is full.
func noRoom() error { return &os.PathError{Op: "write", Path: "x", Err: windows.ERROR_DISK_FULL} }

func limitFileSize(uint64) error { return errors.New("no such limit on Windows") }
