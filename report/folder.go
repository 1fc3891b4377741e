package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"csvput/report/safefile"
)

// The names of a run folder's files.
const (
	PlanName    = "plan.csv"
	ReportName  = "report.csv"
	FailedName  = "failed.csv"
	SummaryName = "summary.json"
	PageName    = "report.html"
	InputName   = "input.csv"
	LockName    = ".lock"

	WorkbookName       = "input.xlsx"  // InputName of a workbook
	FailedWorkbookName = "failed.xlsx" // beside failed.csv, when the input was a workbook
	ReportWorkbookName = "report.xlsx" // report.csv as a workbook
)

// partSuffix marks a file that is not whole.
const partSuffix = ".part"

// Folder is what one run leaves behind.
type Folder struct{ dir, id string }

// Create makes a new folder below parent ("" is the current directory), which it makes too if need be. The folder is
// named after the input and the time in UTC, as in contacts-20260102T150405Z; input "-" is "stdin". When there is such
// a folder already, -2, -3 and so on is added: two runs never share one. Only the user can look into it (0700).
func Create(parent, input string, now time.Time) (*Folder, error) {
	if parent == "" {
		parent = "."
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, fmt.Errorf("making a folder for the run: %w", sentence(err))
	}
	base := stem(input) + "-" + now.UTC().Format(stampLayout)
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		dir := filepath.Join(parent, name)
		switch err := os.Mkdir(dir, 0o700); {
		case errors.Is(err, fs.ErrExist):
			continue
		case err != nil:
			return nil, fmt.Errorf("making a folder for the run: %w", sentence(err))
		}
		if err := safefile.SyncDir(parent); err != nil {
			return nil, fmt.Errorf("making a folder for the run: %w", err)
		}
		return &Folder{dir, name}, nil
	}
}

// Open opens the folder of an earlier run. The error says in a sentence why dir is none.
func Open(dir string) (*Folder, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no folder %s: %w", dir, fs.ErrNotExist)
	case err != nil:
		return nil, fmt.Errorf("opening a run folder: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("%s is a file: give the run folder that it is in", dir)
	}
	if !exists(dir, PlanName, ReportName, SummaryName) {
		if exists(dir, PlanName+partSuffix, ReportName+partSuffix) {
			return nil, fmt.Errorf("the run in %s ended before its plan was complete, and nothing was sent: run it again from the input file", dir)
		}
		return nil, fmt.Errorf("%s is no run folder: it has neither %s nor %s", dir, PlanName, ReportName)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("opening a run folder: %w", err)
	}
	return &Folder{dir, filepath.Base(abs)}, nil
}

// exists reports whether one of the names is in the directory.
func exists(dir string, names ...string) bool {
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// Runs returns the run folders below parent ("" is the current directory) that hold a plan, in the order in which they
// were made, going by the names. It looks into run folders too, where the runs of a failed.csv are.
func Runs(parent string) ([]string, error) {
	if parent == "" {
		parent = "."
	}
	found, err := runsBelow(parent)
	if err != nil {
		return nil, fmt.Errorf("looking for run folders: %w", err)
	}
	slices.SortFunc(found, func(a, b stamped) int {
		return cmp.Or(cmp.Compare(a.stamp, b.stamp), cmp.Compare(a.n, b.n), cmp.Compare(a.dir, b.dir))
	})
	dirs := make([]string, len(found))
	for i, run := range found {
		dirs[i] = run.dir
	}
	return dirs, nil
}

func runsBelow(parent string) ([]stamped, error) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return nil, err
	}
	var found []stamped
	for _, e := range entries {
		run, ok := parseName(e.Name())
		if !ok || !e.IsDir() {
			continue
		}
		run.dir = filepath.Join(parent, e.Name())
		if exists(run.dir, PlanName) {
			found = append(found, run)
		}
		if inner, err := runsBelow(run.dir); err == nil { // one that may not be read is not the user's
			found = append(found, inner...)
		}
	}
	return found, nil
}

// Dir is the folder's path, relative if it was given so.
func (f *Folder) Dir() string { return f.dir }

// ID is the folder's own name: the run's id.
func (f *Folder) ID() string { return f.id }

// Path is the path of one of the folder's files.
func (f *Folder) Path(name string) string { return filepath.Join(f.dir, name) }

// Reader opens one of the folder's files for reading. The folder may come from somebody else: a link, a pipe or a
// device in a file's place is refused.
func (f *Folder) Reader(name string) (io.ReadCloser, error) {
	file, err := safefile.Open(f.Path(name))
	if err != nil {
		return nil, sentence(err)
	}
	return file, nil
}

// Remove removes one of the folder's files; that it is not there is no error.
func (f *Folder) Remove(name string) error {
	if err := os.Remove(f.Path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return sentence(err)
	}
	return nil
}

// ErrLocked is the error of Lock when another process works on the folder.
var ErrLocked = errors.New("another csvput is at work in this folder")

// lockPoll is how often Lock looks again.
const lockPoll = 100 * time.Millisecond

// Lock makes this process the only one that works on the folder, waiting up to wait for another one to end; 0 does not
// wait. The locks are the operating system's and go when the process does, however it ends: the file .lock itself means
// nothing. The folder is locked too, so that nobody gets in who deletes .lock and makes it anew. The error wraps
// ErrLocked, or is the context's.
func (f *Folder) Lock(ctx context.Context, wait time.Duration) (release func() error, err error) {
	path := f.Path(LockName)
	file, err := safefile.OpenFile(path, os.O_CREATE|os.O_RDWR)
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", f.dir, sentence(err))
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("locking %s: %w", f.dir, err)
	}
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	folder := flock.New(f.dir, flock.SetFlag(os.O_RDONLY))
	if ok, err := acquire(waiting, folder); !ok && err == nil {
		return nil, f.notLocked(ctx, nil)
	}
	// An error says that folders have no locks here. On Windows a file that is open can't be deleted anyway; on a
	// network share .lock alone must do.
	lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR|safefile.NoFollow), flock.SetPermissions(0o600))
	if ok, err := acquire(waiting, lock); !ok {
		return nil, errors.Join(f.notLocked(ctx, err), folder.Unlock())
	}
	return func() error { return errors.Join(lock.Unlock(), folder.Unlock()) }, nil
}

// acquire tries to get a lock until the context ends, once at least. It is false without an error when somebody else
// has it.
func acquire(ctx context.Context, lock *flock.Flock) (ok bool, err error) {
	if ok, err := lock.TryLock(); ok || err != nil {
		return ok, err
	}
	ok, err = lock.TryLockContext(ctx, lockPoll)
	if ctx.Err() != nil {
		err = nil
	}
	return ok, err
}

// notLocked says why there is no lock: the context has ended, the system has said so, or somebody else has it.
func (f *Folder) notLocked(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("locking %s: %w", f.dir, sentence(err))
	}
	return fmt.Errorf("%s: %w", f.dir, ErrLocked)
}

// ReadSummary reads summary.json.
func (f *Folder) ReadSummary() (Summary, error) {
	file, err := f.Reader(SummaryName)
	if err != nil {
		return Summary{}, err
	}
	defer file.Close()
	s, err := DecodeSummary(file)
	if err != nil {
		return Summary{}, fmt.Errorf("%s: %w", f.Path(SummaryName), err)
	}
	return s, nil
}

// WriteSummary writes summary.json, whole or not at all.
func (f *Folder) WriteSummary(s Summary) error {
	return f.fill(SummaryName, s.Encode)
}
