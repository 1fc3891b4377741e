package report

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var noon = time.Date(2026, 1, 2, 15, 4, 5, 0, time.FixedZone("UTC+1", 3600))

// wantMode checks permissions where the system has such.
func wantMode(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != mode {
		t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), mode)
	}
}

func TestCreateNames(t *testing.T) {
	long := strings.Repeat("ä", 80)
	for _, tt := range []struct{ input, stem string }{
		{"contacts.csv", "contacts"},
		{"/some/where/contacts.csv", "contacts"},
		{"Contacts.CSV", "Contacts"},
		{"contacts.csv.gz", "contacts"},
		{"Contacts.XLSX", "Contacts"},
		{"contacts.tsv", "contacts.tsv"},
		{"Zoë's list (final).csv", "Zoë_s_list__final_"},
		{"a;b|c&d$e`f\"g.csv", "a_b_c_d_e_f_g"},
		{"-", "stdin"},
		{"--yes.csv", "yes"},
		{".hidden.csv", "hidden"},
		{".csv", "csv"},
		{"...", "run"},
		{"", "run"},
		{"con.csv", "_con"},
		{"COM1.old.csv", "_COM1.old"},
		{"contacts..csv", "contacts"},
		{long + ".csv", long[:100]},
		{"x\xff.csv", "x_"},
		{"x\x00\n\u202e.csv", "x___"},
		{"連絡先.csv", "連絡先"},
	} {
		t.Run(tt.input, func(t *testing.T) {
			parent := filepath.Join(t.TempDir(), "out", "deep")
			f, err := Create(parent, tt.input, noon)
			if err != nil {
				t.Fatal(err)
			}
			if want := tt.stem + "-20260102T140405Z"; f.ID() != want || f.Dir() != filepath.Join(parent, want) {
				t.Errorf("got %q in %q", f.ID(), f.Dir())
			}
			wantMode(t, f.Dir(), 0o700)
		})
	}
}

func TestCreateAtTheSameSecond(t *testing.T) {
	parent := t.TempDir()
	var (
		wg sync.WaitGroup
		mu sync.Mutex
		is []string
	)
	for range 12 {
		wg.Go(func() {
			f, err := Create(parent, "contacts.csv", noon)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			is = append(is, f.ID())
		})
	}
	wg.Wait()
	want := []string{"contacts-20260102T140405Z"}
	for n := 2; n <= 12; n++ {
		want = append(want, fmt.Sprintf("%s-%d", want[0], n))
	}
	slices.Sort(is)
	slices.Sort(want)
	if !slices.Equal(is, want) {
		t.Errorf("got %q", is)
	}
}

func TestCreateHere(t *testing.T) {
	t.Chdir(t.TempDir())
	f, err := Create("", "contacts.csv", noon)
	if err != nil {
		t.Fatal(err)
	}
	if f.Dir() != "contacts-20260102T140405Z" {
		t.Errorf("got %q", f.Dir())
	}
	if err := os.WriteFile(f.Path(PlanName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(f.Dir())
	if f, err := Open("."); err != nil || f.ID() != "contacts-20260102T140405Z" {
		t.Errorf("opened from inside: %v, %v", f, err)
	}
	if dirs, err := Runs(""); err != nil || len(dirs) > 0 {
		t.Errorf("found %q inside a run folder without others, %v", dirs, err)
	}
}

func TestCreateRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(file, "contacts.csv", noon); err == nil || !strings.Contains(err.Error(), "making a folder for the run") {
		t.Errorf("got %v", err)
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{"plan/plan.csv", "check/report.csv", "summary/summary.json", "killed/plan.csv.part", "other/notes.txt"} {
		path = filepath.Join(dir, filepath.FromSlash(path))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for name, says := range map[string]string{
		"plan":          "",
		"check":         "",
		"summary":       "",
		"killed":        "ended before its plan was complete",
		"other":         "is no run folder",
		"plan/plan.csv": "is a file: give the run folder",
		"nowhere":       "there is no folder",
	} {
		f, err := Open(filepath.Join(dir, filepath.FromSlash(name)))
		if says == "" && (err != nil || f.ID() != name) {
			t.Errorf("%s: %v", name, err)
		}
		if says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRuns(t *testing.T) {
	parent := t.TempDir()
	if dirs, err := Runs(parent); err != nil || len(dirs) > 0 {
		t.Errorf("got %v, %v", dirs, err)
	}
	if _, err := Runs(filepath.Join(parent, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	for _, tt := range []struct{ path, newest string }{
		{"zzz-20250101T000000Z/plan.csv", "zzz-20250101T000000Z"},
		{"notes/plan.csv", "zzz-20250101T000000Z"},
		{"aaa-20259999T000001Z/plan.csv", "zzz-20250101T000000Z"},
		{"aaa-20250101T000000Z-2/photo.jpg", "zzz-20250101T000000Z"},
		{"aaa-20250101T000001Z-9/plan.csv", "aaa-20250101T000001Z-9"},
		{"aaa-20250101T000001Z-10/plan.csv", "aaa-20250101T000001Z-10"},
		{"aaa-20250101T000001Z/failed-20250101T000002Z/plan.csv", "aaa-20250101T000001Z/failed-20250101T000002Z"},
		{"bbb-20250101T000002Z/plan.csv", "bbb-20250101T000002Z"},
		{"aaa-20260101T000001Z/report.csv", "aaa-20260101T000001Z"}, // a check has no plan
		{"bbb-20260101T000002Z/plan.csv.part", "bbb-20260101T000002Z"},
	} {
		path := filepath.Join(parent, filepath.FromSlash(tt.path))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		if got, err := Runs(parent); err != nil || got[len(got)-1] != filepath.Join(parent, filepath.FromSlash(tt.newest)) {
			t.Errorf("with %s the runs are %s, %v", tt.path, got, err)
		}
	}
}

func TestLock(t *testing.T) {
	f := folderWith(t, nil)
	release, err := f.Lock(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	wantMode(t, f.Path(LockName), 0o600)
	if _, err := f.Lock(t.Context(), 0); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), f.Dir()) {
		t.Errorf("got %v", err)
	}
	if err := errors.Join(release(), release()); err != nil {
		t.Fatal(err)
	}
	release, err = f.Lock(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	gone := &Folder{dir: filepath.Join(f.Dir(), "gone")}
	if _, err := gone.Lock(t.Context(), 0); err == nil || errors.Is(err, ErrLocked) {
		t.Errorf("got %v", err)
	}
}

// Who deletes .lock while it is held does not let another process in.
func TestLockWithoutItsFile(t *testing.T) {
	f := folderWith(t, nil)
	release, err := f.Lock(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	// Windows refuses to delete what is open, and that is as good.
	if err := os.Remove(f.Path(LockName)); err != nil && runtime.GOOS != "windows" {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := f.Lock(t.Context(), 0); !errors.Is(err, ErrLocked) {
			t.Errorf("got %v", err)
		}
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	again, err := f.Lock(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := again(); err != nil {
		t.Error(err)
	}
}

func TestLockWaits(t *testing.T) {
	f := folderWith(t, nil)
	synctest.Test(t, func(t *testing.T) {
		release, err := f.Lock(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := f.Lock(t.Context(), 5*time.Minute); !errors.Is(err, ErrLocked) || time.Since(start) != 5*time.Minute {
			t.Errorf("after %s: %v", time.Since(start), err)
		}

		stop := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(stop) })
		start = time.Now()
		if _, err := f.Lock(ctx, 5*time.Minute); !errors.Is(err, stop) || errors.Is(err, ErrLocked) || time.Since(start) != time.Minute {
			t.Errorf("after %s: %v", time.Since(start), err)
		}

		time.AfterFunc(time.Minute, func() { release() })
		start = time.Now()
		again, err := f.Lock(t.Context(), 5*time.Minute)
		if err != nil || time.Since(start) > time.Minute+lockPoll {
			t.Fatalf("after %s: %v", time.Since(start), err)
		}
		if err := again(); err != nil {
			t.Error(err)
		}
	})
}

func TestReaderAndRemove(t *testing.T) {
	f := folderWith(t, []byte("x"))
	r, err := f.Reader(ReportName)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	for range 2 {
		if err := f.Remove(ReportName); err != nil {
			t.Error(err)
		}
	}
	if _, err := f.Reader(ReportName); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
