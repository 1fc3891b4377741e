package safefile

import (
	"errors"

	"golang.org/x/sys/windows"
)

// NoFollow is nothing: to make a link takes an administrator on Windows, and pipes are not among the files.
const NoFollow = 0

func isLink(error) bool { return false }

// SyncDir does nothing: Windows has no such call for directories, and NTFS journals their entries.
func SyncDir(string) error { return nil }

// diskFull reports whether a write failed for want of room, quotas included.
func diskFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL) ||
		errors.Is(err, windows.ERROR_DISK_QUOTA_EXCEEDED)
}

// heldOpen reports whether a file could not be replaced because a program has it open, as Excel does.
func heldOpen(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED) ||
		errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}
