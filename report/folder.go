package report

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"csvput/report/safefile"
)

// The names of a run folder's files.
const (
	PlanName        = "plan.csv"
	ReportName      = "report.csv"
	FailedName      = "failed.csv"
	SummaryName     = "summary.json"
	PageName        = "report.html"
	InputName       = "input.csv"
	CorrectionsName = "corrections.csv"
	LockName        = ".lock"

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
	parent = cmp.Or(parent, ".")
	err := os.MkdirAll(parent, 0o755)
	base := stem(input) + "-" + now.UTC().Format(stampLayout)
	name := base
	if err == nil {
		err = os.Mkdir(filepath.Join(parent, name), 0o700)
	}
	for n := 2; errors.Is(err, fs.ErrExist); n++ {
		name = fmt.Sprintf("%s-%d", base, n)
		err = os.Mkdir(filepath.Join(parent, name), 0o700)
	}
	if err == nil {
		err = safefile.SyncDir(parent)
	}
	if err != nil {
		return nil, fmt.Errorf("making a folder for the run: %w", safefile.Sentence(err))
	}
	return &Folder{filepath.Join(parent, name), name}, nil
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
			return nil,
				fmt.Errorf("the run in %s ended before its plan was complete, and nothing was sent: run it again "+
					"from the input file", dir)
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

// Runs returns the run folders below parent ("" is the current directory), in the order in which they were made, going
// by the names. It looks into run folders too, where the runs of a failed.csv are.
func Runs(parent string) ([]string, error) {
	found, err := runsBelow(cmp.Or(parent, "."))
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
		if exists(run.dir, PlanName, ReportName, SummaryName, PlanName+partSuffix, ReportName+partSuffix) {
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

// Stem is the part of the run's id that comes from the name of its input.
func (f *Folder) Stem() string {
	if name, ok := parseName(f.id); ok {
		return name.stem
	}
	return f.id // somebody has given the folder another name
}

// Path is the path of one of the folder's files.
func (f *Folder) Path(name string) string { return filepath.Join(f.dir, name) }

// Input is the name of the copy of the input, if there is one.
func (f *Folder) Input() string {
	if exists(f.dir, WorkbookName) {
		return WorkbookName
	}
	return InputName
}

// Reader opens one of the folder's files for reading. The folder may come from somebody else: a link, a pipe or a
// device in a file's place is refused.
func (f *Folder) Reader(name string) (io.ReadCloser, error) {
	file, err := safefile.Open(f.Path(name))
	if err != nil {
		return nil, safefile.Sentence(err)
	}
	return file, nil
}

// Remove removes files of the folder; that one is not there is no error.
func (f *Folder) Remove(names ...string) error {
	for _, name := range names {
		if err := os.Remove(f.Path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return safefile.Sentence(err)
		}
	}
	return nil
}

// File begins a file of the folder, in place of an earlier one if there is one.
func (f *Folder) File(name string) (*safefile.File, error) {
	return safefile.CreateAs(f.Path(name), f.Path(name+partSuffix))
}

// fill writes one of the folder's files.
func (f *Folder) fill(name string, write func(io.Writer) error) error {
	file, err := f.File(name)
	if err != nil {
		return err
	}
	return file.Fill(write)
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
