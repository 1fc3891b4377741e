//go:build unix

package importer_test

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"
	"testing"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

// alone runs a test once more in a process of its own, where it may limit what the process can write, and tells whether
// this is that process. The go command's own log of a test would run into the limit here.
func alone(t *testing.T) bool {
	t.Helper()
	const inner = "CSVPUT_TEST_ALONE"
	if os.Getenv(inner) != "" {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.timeout", "120s")
	cmd.Env = append(os.Environ(), inner+"=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return false
}

// room makes the system take no more than so many bytes for a file of this process, as a full disk does, until the
// function that it returns is called. Only tests that run alone may do this.
func room(t *testing.T, bytes int64) (enough func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		t.Fatal(err)
	}
	set := func(limit syscall.Rlimit) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
	}
	limit := was
	limit.Cur = uint64(bytes)
	set(limit)
	enough = func() { set(was) }
	t.Cleanup(func() {
		enough()
		signal.Reset(syscall.SIGXFSZ)
	})
	return enough
}

// size is the length of one of the folder's files.
func size(t *testing.T, folder *report.Folder, name string) int64 {
	t.Helper()
	info, err := os.Stat(folder.Path(name))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// A disk that is full while planning: nothing is sent, and nothing is left that looks like a plan.
func TestDiskFullWhilePlanning(t *testing.T) {
	if !alone(t) {
		return
	}
	const n = 1000
	s := serve(t, unlimited(), n)
	reading := dial(t, s.Transport())
	file := wishes(n)
	for range 2 { // every row twice: the verdicts on them make the file longer
		file = append(file, wishes(n / 2)[len("id,name,value\n"):]...)
	}
	for name, c := range map[string]*crm.Client{"with reading": reading, "without": nil} {
		t.Run(name, func(t *testing.T) {
			whole, _ := plan(t, c, file, importer.CheckOptions{})
			most := size(t, whole, report.PlanName)
			for _, bytes := range []int64{100, most / 2, most * 3 / 4, most * 7 / 8, most - 1} {
				folder := newFolder(t)
				enough := room(t, bytes)
				_, err := on(folder, c, quiet{}).Plan(t.Context(), open(t, file), importer.CheckOptions{Again: source(file)})
				enough()
				if !errors.Is(err, syscall.EFBIG) {
					t.Errorf("room for %d of %d bytes: planning ends with %v", bytes, most, err)
				}
				wantFiles(t, folder)
			}
			if puts := len(requests(s, http.MethodPut)); puts > 0 {
				t.Errorf("%d PUTs", puts)
			}
		})
	}
}

// A disk that is full while checking leaves no report without the verdicts on duplicates.
func TestDiskFullWhileChecking(t *testing.T) {
	if !alone(t) {
		return
	}
	file := append(wishes(500), wishes(500)[len("id,name,value\n"):]...)
	check := func(folder *report.Folder) error {
		_, _, err := on(folder, nil, quiet{}).Check(t.Context(), open(t, file), importer.CheckOptions{Again: source(file)})
		return err
	}
	whole := newFolder(t)
	if err := check(whole); err != nil {
		t.Fatal(err)
	}
	most := size(t, whole, report.ReportName)
	for _, bytes := range []int64{100, most / 2, most * 7 / 8, most - 1} {
		folder := newFolder(t)
		enough := room(t, bytes)
		err := check(folder)
		enough()
		if !errors.Is(err, syscall.EFBIG) {
			t.Errorf("room for %d of %d bytes: checking ends with %v", bytes, most, err)
		}
		wantFiles(t, folder)
	}
}

// A disk that is full while sending: the run stops, says which rows were sent and not written down, and an apply with
// more room completes it without sending any of them again.
func TestDiskFullWhileSending(t *testing.T) {
	if !alone(t) {
		return
	}
	const n, workers = 400, 8
	s := serve(t, sandbox.Config{Throttle: -1, Jitter: time.Millisecond}, n)
	c := dial(t, s.Transport())
	folder, _ := plan(t, c, wishes(n), importer.CheckOptions{})
	line := size(t, folder, report.PlanName) / n
	for _, rows := range []int64{100, 200} {
		enough := room(t, line*rows)
		err := on(folder, c, quiet{}).Apply(t.Context(), t.Context(), importer.ApplyOptions{JustMade: true, Workers: workers})
		enough()
		unrecorded, ok := errors.AsType[*importer.UnrecordedError](err)
		if !ok || !errors.Is(err, syscall.EFBIG) || len(unrecorded.Lines) < 1 || len(unrecorded.Lines) > workers+1 {
			t.Fatalf("the run ends with %v", err)
		}
		// Every row that the server has is in the report or is named.
		recorded := map[string]bool{}
		for _, row := range all(t, folder, report.ReportName) {
			recorded[row.ID] = row.Code != code.Interrupted // that line stood there before the row was sent
		}
		var missing []int
		for i := range n {
			if holds(t, s, i) && !recorded[detailID(i)] {
				missing = append(missing, i+2)
			}
		}
		slices.Sort(unrecorded.Lines)
		if !slices.Equal(missing, unrecorded.Lines) {
			t.Errorf("named are the lines %v, and missing %v", unrecorded.Lines, missing)
		}
	}
	apply(t, folder, c, importer.ApplyOptions{})
	if puts := applied(s); puts != n {
		t.Errorf("%d PUTs for %d rows", puts, n)
	}

	// And a disk that is full when the report is put in order.
	enough := room(t, line*n/2)
	summary := report.Summary{Counts: report.Counts{Rows: n}, Files: map[string]string{}}
	page, err := importer.Finish(folder, &summary, report.Stop{}, nil, nil)
	if err == nil {
		err = page.Commit(&summary)
	}
	enough()
	if !errors.Is(err, syscall.EFBIG) {
		t.Errorf("finishing ends with %v", err)
	}
	rows, _ := finish(t, folder, nil)
	if c := counts(rows); c[report.Updated] != n {
		t.Errorf("the rows are %v", c)
	}
}

// A disk that is full when the rows in doubt have been read: they stay in doubt, and the next apply reads them.
func TestDiskFullWhileSettling(t *testing.T) {
	if !alone(t) {
		return
	}
	const n = 100
	fault := newChanging(sandbox.Fault{Kind: sandbox.FaultReset, Done: true})
	s := serve(t, sandbox.Config{Throttle: -1, Fault: fault.fault}, n)
	c := dial(t, s.Transport(), func(cfg *crm.Config) { cfg.Retries = 0 })
	folder, _ := plan(t, c, wishes(n), importer.CheckOptions{})
	whole, _ := plan(t, c, wishes(n), importer.CheckOptions{})
	apply(t, whole, c, importer.ApplyOptions{JustMade: true})
	enough := room(t, size(t, whole, report.ReportName)*3/4)
	err := on(folder, c, quiet{}).Apply(t.Context(), t.Context(), importer.ApplyOptions{JustMade: true})
	enough()
	if unrecorded, ok := errors.AsType[*importer.UnrecordedError](err); !ok || len(unrecorded.Lines) > 0 {
		t.Fatalf("the run ends with %v", err)
	}
	fault.set(sandbox.Fault{})
	before := applied(s)
	apply(t, folder, c, importer.ApplyOptions{})
	rows, _ := finish(t, folder, nil)
	for _, row := range rows {
		wantRow(t, row, report.Updated, code.ConfirmedByReading)
	}
	if n := applied(s) - before; n != 0 {
		t.Errorf("%d more PUTs, want none", n)
	}
}
