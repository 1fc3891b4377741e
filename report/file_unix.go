//go:build unix

package report

import (
	"errors"
	"syscall"
)

// diskFull reports whether a write failed for want of room, quotas included.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// heldOpen reports whether a file could not be replaced because a program has it open. That is no obstacle here.
func heldOpen(error) bool { return false }
