//go:build unix

package safefile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// NoFollow are the flags of os.OpenFile that follow no link and do not wait for the other end of a pipe.
const NoFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// isLink reports whether NoFollow refused a link (FreeBSD says EMLINK, NetBSD EFTYPE and the others ELOOP; Lstat came
// first, so this is only about one that was put there since).
func isLink(err error) bool { return errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.EMLINK) }

// SyncDir makes a directory's entries outlive a power failure. File systems that can't (some network shares) say EINVAL
// or ENOTSUP.
func SyncDir(dir string) error {
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

// diskFull reports whether a write failed for want of room, quotas included.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// heldOpen reports whether a file could not be replaced because a program has it open. That is no obstacle here.
func heldOpen(error) bool { return false }
