//go:build unix

package report

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// diskFull reports whether a write failed for want of room, quotas included.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// heldOpen reports whether a file could not be replaced because a program has it open. That is no
// obstacle here.
func heldOpen(error) bool { return false }

// syncDir makes a directory's entries outlive a power failure. File systems that can't (some network shares)
// say EINVAL or ENOTSUP.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrPermission) {
		return nil // one may write into a directory that one may not read
	}
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}
