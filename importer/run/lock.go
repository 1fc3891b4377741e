package run

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"csvput/report"
	"csvput/report/human"
)

// lock keeps other processes off a folder until the run ends.
func (c *course) lock(folder *report.Folder) error {
	return c.hold("working on "+folder.Dir(),
		func(wait time.Duration) (func() error, error) { return folder.Lock(c.soft, wait) })
}

// lockInput keeps other processes from updating from the same input until the run ends: the same bytes, on the same
// server, as the same account. Two runs of one file would each find half of the rows changed by the other, and so would
// a run and the undo of an earlier one. Not so in the sandbox: each run has its own.
//
// The lock stands in the folder where the runs are, for all who share it, and in the person's own cache, wherever the
// runs are put. Where it can't be had for another reason than that somebody has it, as on a disk that knows no locks,
// the run's own folder is locked all the same.
func (c *course) lockInput(runs string, was report.Summary) error {
	if was.Sandbox != "" {
		return nil
	}
	key := sha256.Sum256([]byte(was.Input.SHA256 + "\n" + ServerKey(was.BaseURL) + "\n" + was.Account.UUID))
	if c.inputLock == key { // ours already
		return nil
	}
	places := []string{runs}
	if own := filepath.Join(c.CacheDir, "csvput"); c.CacheDir != "" && os.MkdirAll(own, 0o700) == nil {
		places = append(places, own)
	}
	for _, dir := range places {
		path := filepath.Join(dir, fmt.Sprintf(".csvput-%x.lock", key[:8]))
		err := c.hold("updating from the same file, "+was.Input.Name,
			func(wait time.Duration) (func() error, error) { return report.Lock(c.soft, path, wait) })
		if end, ok := errors.AsType[*Ending](err); ok && end.End == EndLocked || c.soft.Err() != nil {
			return err
		}
		if err != nil {
			c.Log.Warn("no lock", "path", path, "error", err.Error())
		}
	}
	c.inputLock = key
	return nil
}

// hold takes a lock and gives it back when the run ends. While another process has it, this one waits as long as the
// settings say; what is what the other one is doing then.
func (c *course) hold(what string, take func(wait time.Duration) (release func() error, err error)) error {
	release, err := take(0)
	if wait := c.Settings.LockTimeout; errors.Is(err, report.ErrLocked) && wait > 0 {
		c.Log.Info("waiting for the lock", "for", what)
		c.note("another csvput is %s: waiting for it, up to %s", what, human.Duration(wait))
		release, err = take(wait)
	}
	if errors.Is(err, report.ErrLocked) {
		end := &Ending{End: EndLocked, What: "another csvput is " + what, Code: "locked", Resumable: true, Err: err}
		return end.Hint("wait until it has ended, or give " + c.word("lock-timeout") + " 5m to wait here")
	}
	if err == nil {
		c.later(release)
	}
	return err
}

// runsFolder is where the run's folder stands: beside the input, of which "-" stands in the working directory, or where
// the settings say.
func (c *course) runsFolder(beside string) string {
	return cmp.Or(c.Settings.Out, filepath.Dir(beside))
}

// newFolder makes the run's folder beside the input, or where the settings say.
func (c *course) newFolder(beside, name string) error {
	parent := c.runsFolder(beside)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return Usagef("%s: %v", c.word("out"), err)
	}
	folder, err := report.Create(parent, name, time.Now())
	if err != nil {
		return EndingOf(err).Hint(c.word("out") + " FOLDER puts it elsewhere")
	}
	c.useFolder(folder, folder.ID())
	return c.lock(folder)
}
