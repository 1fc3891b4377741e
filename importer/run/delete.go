package run

import (
	"context"
	"errors"
	"os"

	"csvput/report"
)

// Delete removes the folder of a run, unless somebody is at work in it.
func Delete(ctx context.Context, dir string) error {
	folder, err := report.Open(dir)
	if err != nil {
		return err
	}
	release, err := folder.Lock(ctx, 0)
	if errors.Is(err, report.ErrLocked) {
		return Usagef("this run is at work: stop it before you delete it")
	}
	if err != nil {
		return err
	}
	// Given back first: where an open file can't be removed, the lock would keep the folder.
	return errors.Join(release(), os.RemoveAll(dir))
}
