package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gofrs/flock"

	"csvput/report/safefile"
)

// ErrLocked is the error of a lock that another process has.
var ErrLocked = errors.New("another csvput is at work in this folder")

// lockPoll is how often a lock that somebody else has is tried again.
const lockPoll = 100 * time.Millisecond

// Lock makes this process the only one that works on the folder; see the function Lock. The folder is locked too, so
// that nobody gets in who deletes .lock and makes it anew.
func (f *Folder) Lock(ctx context.Context, wait time.Duration) (release func() error, err error) {
	folder, err := lock(ctx, f.dir, os.O_RDONLY, wait)
	switch {
	case err == nil:
	case errors.Is(err, ErrLocked) || ctx.Err() != nil:
		return nil, err
	default:
		// Folders have no locks here. On Windows a file that is open can't be deleted anyway; on a network share .lock
		// alone must do.
		folder = func() error { return nil }
	}
	file, err := Lock(ctx, f.Path(LockName), wait)
	if err != nil {
		return nil, errors.Join(err, folder())
	}
	return func() error { return errors.Join(file(), folder()) }, nil
}

// Busy reports whether somebody has the folder's lock.
func (f *Folder) Busy() bool {
	path := f.Path(LockName)
	if _, err := os.Stat(path); err != nil {
		return false
	}
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY|safefile.NoFollow))
	free, err := lock.TryRLock()
	return errors.Join(err, lock.Unlock()) == nil && !free
}

// Lock makes this process the only one that has a file, which it makes, waiting up to wait for another one to end; 0
// does not wait. The lock is the operating system's and goes when the process does, however it ends: the file itself
// means nothing, and is removed when the lock is given back. The error wraps ErrLocked, or is the context's.
func Lock(ctx context.Context, path string, wait time.Duration) (release func() error, err error) {
	const flag = os.O_CREATE | os.O_RDWR
	file, err := safefile.OpenFile(path, flag)
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, safefile.Sentence(err))
	}
	return lock(ctx, path, flag, wait)
}

func lock(ctx context.Context, path string, flag int, wait time.Duration) (release func() error, err error) {
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		lock := flock.New(path, flock.SetFlag(flag|safefile.NoFollow), flock.SetPermissions(0o600))
		ok, err := lock.TryLock()
		if !ok && err == nil {
			if ok, err = lock.TryLockContext(waiting, lockPoll); !ok && waiting.Err() != nil {
				err = cmp.Or(context.Cause(ctx), ErrLocked)
			}
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", path, safefile.Sentence(err)), lock.Unlock())
		}
		// Whoever had it has removed the file: the next one makes another, which is not the one we have.
		ours, err := lock.Stat()
		there, errThere := os.Stat(path)
		if err == nil && errThere == nil && os.SameFile(ours, there) {
			return func() error {
				if lock.Locked() && flag&os.O_CREATE != 0 {
					_ = os.Remove(path) // before it is given back; where an open file can't be removed, it stays
				}
				return lock.Unlock()
			}, nil
		}
		if err := lock.Unlock(); err != nil {
			return nil, err
		}
	}
}
