package cli

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"csvput/report"
)

// lock keeps other processes off a folder until the session ends.
func (s *session) lock(folder *report.Folder) error {
	return s.hold("working on "+folder.Dir(), func(wait time.Duration) (func() error, error) { return folder.Lock(s.soft, wait) })
}

// lockInput keeps other processes from updating from the same input until the session ends: the same bytes,
// on the same server, as the same account. Two runs of one file would each find half of the rows changed by
// the other, and so would a run and the undo of an earlier one. Not so in the sandbox: each run has its own.
//
// The lock stands in the folder where the runs are, for all who share it, and in the person's own cache,
// wherever the runs are put. Where it can't be had for another reason than that somebody has it, as on a
// disk that knows no locks, the run's own folder is locked all the same.
func (s *session) lockInput(runs string, was report.Summary) error {
	if was.Sandbox != "" {
		return nil
	}
	key := sha256.Sum256([]byte(was.Input.SHA256 + "\n" + strings.TrimRight(was.BaseURL, "/") + "\n" + was.Account.UUID))
	places := []string{runs}
	if own := filepath.Join(s.CacheDir, "csvput"); s.CacheDir != "" && os.MkdirAll(own, 0o700) == nil {
		places = append(places, own)
	}
	for _, dir := range places {
		path := filepath.Join(dir, fmt.Sprintf(".csvput-%x.lock", key[:8]))
		err := s.hold("updating from the same file, "+was.Input.Name, func(wait time.Duration) (func() error, error) { return lockFile(s.soft, path, wait) })
		if end, ok := errors.AsType[*ending](err); ok && end.code == exitLocked || s.soft.Err() != nil {
			return err
		}
		if err != nil {
			s.log.Warn("no lock", "path", path, "error", err.Error())
		}
	}
	return nil
}

// hold takes a lock and gives it back when the session ends. While another process has it, this one waits as
// long as --lock-timeout says; what is what the other one is doing then.
func (s *session) hold(what string, take func(wait time.Duration) (release func() error, err error)) error {
	release, err := take(0)
	if wait := s.c.Duration("lock-timeout"); errors.Is(err, report.ErrLocked) && wait > 0 {
		s.log.Info("waiting for the lock", "for", what)
		s.screen.say("another csvput is %s: waiting for it, up to %s", what, roughly(wait))
		release, err = take(wait)
	}
	if errors.Is(err, report.ErrLocked) {
		end := &ending{code: exitLocked, what: "another csvput is " + what, stop: "locked", resumable: true, err: err}
		return end.hint("wait until it has ended, or give --lock-timeout 5m to wait here")
	}
	if err == nil {
		s.later(release)
	}
	return err
}

// lockPoll is how often a lock that somebody else has is tried again.
const lockPoll = 100 * time.Millisecond

// lockFile makes this process the only one that has the file, which goes when it is given back. The lock is
// the operating system's and goes with the process, however that ends. The error wraps report.ErrLocked when
// another process has it still after the wait.
func lockFile(ctx context.Context, path string, wait time.Duration) (release func() error, err error) {
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
		ok, err := lock.TryLock()
		if err != nil {
			return nil, err
		}
		if !ok {
			ok, err = lock.TryLockContext(waiting, lockPoll)
		}
		switch {
		case ctx.Err() != nil:
			return nil, errors.Join(context.Cause(ctx), lock.Unlock())
		case waiting.Err() != nil && !ok:
			return nil, errors.Join(report.ErrLocked, lock.Unlock())
		case err != nil:
			return nil, err
		}
		// Whoever had it has removed the file: the next one makes another, which is not the one we have.
		ours, err := lock.Stat()
		there, errThere := os.Stat(path)
		if err == nil && errThere == nil && os.SameFile(ours, there) {
			return func() error {
				_ = os.Remove(path) // before it is given back; where an open file can't be removed, it stays
				return lock.Unlock()
			}, nil
		}
		if err := lock.Unlock(); err != nil {
			return nil, err
		}
	}
}
