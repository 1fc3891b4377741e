package importer_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

// wrong is for twice: a value that is refused.
const wrong = -1

// twice is a file whose lines name the records of the first number of each pair, with the value of the second.
func twice(pairs ...[2]int) []byte {
	cells := [][]string{{"id", "name", "value"}}
	for _, p := range pairs {
		value := "n/a"
		if p[1] != wrong {
			value = wish(p[1]).Value
		}
		cells = append(cells, []string{detailID(p[0]), "", value})
	}
	return table(cells...)
}

// TestDuplicates holds what becomes of rows that name one record: the verdict on each line, and the PUTs.
func TestDuplicates(t *testing.T) {
	type verdict struct {
		status report.Status
		code   code.Code
		says   string
	}
	const (
		updated, unchanged, invalid = report.Updated, report.Unchanged, report.Invalid
		shared, two, late           = code.DuplicateRow, code.DuplicateID, code.Superseded
	)
	for name, test := range map[string]struct {
		pairs [][2]int
		on    importer.OnDuplicate
		want  []verdict // from line 2 on
		puts  string    // numbers of the values
	}{
		"the same":                    {[][2]int{{0, 8}, {8, 16}, {0, 8}, {0, 8}}, importer.DuplicateRefuse, []verdict{{updated, "", ""}, {updated, "", ""}, {updated, shared, "line 2"}, {updated, shared, "line 2"}}, "8 16"},
		"the same, the last":          {[][2]int{{0, 8}, {0, 8}}, importer.DuplicateLast, []verdict{{updated, "", ""}, {updated, shared, "line 2"}}, "8"},
		"different":                   {[][2]int{{0, 8}, {8, 16}, {0, 24}, {0, 8}}, importer.DuplicateRefuse, []verdict{{invalid, two, "lines 4 and 5"}, {updated, "", ""}, {invalid, two, "lines 2 and 5"}, {invalid, two, "lines 2 and 4"}}, "16"},
		"different, the last":         {[][2]int{{0, 8}, {8, 16}, {0, 24}, {0, 32}}, importer.DuplicateLast, []verdict{{unchanged, late, "Line 5"}, {updated, "", ""}, {unchanged, late, "Line 5"}, {updated, "", ""}}, "16 32"},
		"so already":                  {[][2]int{{0, 0}, {0, 0}}, importer.DuplicateRefuse, []verdict{{unchanged, code.AlreadySo, ""}, {unchanged, shared, "line 2"}}, ""},
		"unknown":                     {[][2]int{{99, 8}, {99, 8}}, importer.DuplicateRefuse, []verdict{{report.Rejected, code.NotFound, ""}, {report.Rejected, code.NotFound, "line 2"}}, ""},
		"one refused":                 {[][2]int{{0, 8}, {8, 16}, {0, wrong}}, importer.DuplicateRefuse, []verdict{{invalid, two, "line 4"}, {updated, "", ""}, {invalid, code.Placeholder, "n/a"}}, "16"},
		"one refused, two the same":   {[][2]int{{0, wrong}, {0, 8}, {0, 8}}, importer.DuplicateRefuse, []verdict{{invalid, code.Placeholder, ""}, {invalid, two, "line 2"}, {invalid, two, "line 2"}}, ""},
		"all refused":                 {[][2]int{{0, wrong}, {0, wrong}}, importer.DuplicateRefuse, []verdict{{invalid, code.Placeholder, ""}, {invalid, code.Placeholder, ""}}, ""},
		"one refused before the last": {[][2]int{{0, 8}, {0, wrong}, {0, 16}}, importer.DuplicateLast, []verdict{{unchanged, late, "Line 4"}, {invalid, code.Placeholder, ""}, {updated, "", ""}}, "16"},
		"the last refused":            {[][2]int{{0, 8}, {0, 16}, {0, wrong}}, importer.DuplicateLast, []verdict{{invalid, two, "Line 4"}, {invalid, two, "Line 4"}, {invalid, code.Placeholder, ""}}, ""},
		"seven times":                 {[][2]int{{0, 8}, {0, 16}, {0, 24}, {0, 32}, {0, 40}, {0, 48}, {0, 56}}, importer.DuplicateRefuse, []verdict{{invalid, two, "lines 3, 4, 5, 6, 7 and 1 more"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := sandbox.New(unlimited())
				for i := 0; i <= 8; i += 8 {
					r := sandbox.Contrast(wish(i))
					if name == "so already" {
						r = wish(i)
						r.AccountUUIDs = []string{sandbox.ClientUUID(1)}
					}
					if err := s.Seed(r); err != nil {
						t.Fatal(err)
					}
				}
				c, file := dial(t, s.Transport()), twice(test.pairs...)
				folder, _ := plan(t, c, file, importer.CheckOptions{OnDuplicate: test.on})
				apply(t, folder, c, importer.ApplyOptions{JustMade: true, Workers: 1})
				rows, _ := finish(t, folder, file)
				for i, want := range test.want {
					row := rows[i+2]
					wantRow(t, row, want.status, want.code)
					if !strings.Contains(row.Message, want.says) {
						t.Errorf("line %d does not name %s: %s", row.Line, want.says, row.Message)
					}
				}
				var puts []string
				for _, q := range requests(s, http.MethodPut) {
					var n int
					_, after, _ := strings.Cut(q.Body, "+447400")
					if _, err := fmt.Sscanf(after, "%d", &n); err != nil {
						t.Fatal(err)
					}
					puts = append(puts, fmt.Sprint(n))
				}
				if got := strings.Join(puts, " "); got != test.puts {
					t.Errorf("sent %s, want %s", got, test.puts)
				}
			})
		})
	}
}

// Rows without end that share an id cost no more each than two do: neither memory nor message grows with their number.
// It was 2.3 MB a row at this size.
func TestDuplicatesAreLinear(t *testing.T) {
	const n, each = 8_000, 100_000 // bytes
	var pairs [][2]int
	for i := range n {
		pairs = append(pairs, [2]int{0, i})
	}
	file, folder := twice(pairs...), newFolder(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tally, _, err := on(folder, nil, quiet{}).Check(t.Context(), open(t, file), importer.CheckOptions{Again: source(file)})
	runtime.ReadMemStats(&after)
	if err != nil || tally.Statuses[report.Invalid] != n {
		t.Fatalf("%v, %v", tally, err)
	}
	if spent := after.TotalAlloc - before.TotalAlloc; spent > n*each {
		t.Errorf("%d bytes for %d rows", spent, n)
	}
	for _, row := range all(t, folder, report.ReportName) {
		if len(row.Message) > 100 || !strings.Contains(row.Message, "and 7994 more") {
			t.Fatalf("line %d says %s", row.Line, row.Message)
		}
	}
}

// stopping cancels when the last row has been checked.
type stopping struct {
	quiet
	cancel context.CancelFunc
}

func (s stopping) Advance(int64) { s.cancel() }

// A check that is stopped while rows that share an id are judged ends, and leaves no report.
func TestDuplicatesStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	folder := newFolder(t)
	_, _, err := importer.Run{Folder: folder, Progress: stopping{cancel: cancel}}.Check(ctx, open(t, twice([2]int{0, 8}, [2]int{0, 16})), importer.CheckOptions{Again: source(twice([2]int{0, 8}, [2]int{0, 16}))})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(folder.Path(report.ReportName)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a report: %v", err)
	}
}

// Rows that are the same but for the spelling are the same.
func TestDuplicatesBySpelling(t *testing.T) {
	a, b := sandbox.ClientUUID(1), sandbox.ClientUUID(2)
	file := table([]string{"id", "value", "account_uuids"},
		[]string{detailID(0), "07400 000008", a + ";" + b},
		[]string{strings.ToUpper(detailID(0)), "+44 7400 000008", b + " " + a})
	s := serve(t, unlimited(), 1)
	_, rows := run(t, dial(t, s.Transport()), file, importer.ApplyOptions{})
	wantRow(t, rows[2], report.Updated, "")
	wantRow(t, rows[3], report.Updated, code.DuplicateRow)
	if n := applied(s); n != 1 {
		t.Errorf("%d PUTs, want 1", n)
	}
}

// Rows that share a request share its outcome, whatever it is and whichever run had it.
func TestDuplicatesShareTheOutcome(t *testing.T) {
	for name, test := range map[string]struct {
		fault sandbox.Fault
		want  report.Status
		code  code.Code
	}{
		"refused":        {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 422, Body: `{"message":"no"}`}, report.Rejected, code.Unprocessable},
		"failed":         {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500}, report.Failed, code.ServerError},
		"done in secret": {sandbox.Fault{Kind: sandbox.FaultReset, Done: true}, report.Updated, code.DuplicateRow},
		"stopped":        {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 401}, report.Failed, code.Unauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fault := newChanging(test.fault)
				s := serve(t, sandbox.Config{Throttle: -1, Fault: fault.fault}, 1)
				file := twice([2]int{0, 8}, [2]int{0, 8}, [2]int{0, 8})
				once := func(cfg *crm.Config) { cfg.Retries = 0 }
				folder, _ := plan(t, dial(t, s.Transport()), file, importer.CheckOptions{})
				_ = tryApply(t, folder, dial(t, s.Transport(), once), importer.ApplyOptions{JustMade: true}) // a 401 stops the run
				rows, _ := finish(t, folder, file)
				for line := 3; line <= 4; line++ {
					wantRow(t, rows[line], test.want, test.code)
					if rows[line].Attempts != 0 {
						t.Errorf("line %d counts an attempt of line 2", line)
					}
				}
				wantAttempts(t, s, rows)

				fault.set(sandbox.Fault{})
				before := applied(s)
				apply(t, folder, dial(t, s.Transport()), importer.ApplyOptions{})
				rows, _ = finish(t, folder, file)
				want, puts := report.Updated, 1
				if test.want.Settled() {
					want, puts = test.want, 0
				}
				for line := 2; line <= 4; line++ {
					if rows[line].Status != want {
						t.Errorf("afterwards line %d is %s, want %s", line, rows[line].Status, want)
					}
				}
				if n := applied(s) - before; n != puts {
					t.Errorf("%d more PUTs, want %d", n, puts)
				}
			})
		})
	}
}

// A run that was killed when it had the first row's outcome, before the others had theirs, settles them without a
// request; and undo puts the record back once.
func TestDuplicatesAfterKill(t *testing.T) {
	s := serve(t, unlimited(), 9)
	first := states(s)
	c := dial(t, s.Transport())
	file := twice([2]int{0, 8}, [2]int{8, 16}, [2]int{0, 8})
	folder, _ := plan(t, c, file, importer.CheckOptions{})
	apply(t, folder, c, importer.ApplyOptions{JustMade: true}) // and no Finish: the report has no line for line 4
	for _, row := range all(t, folder, report.ReportName) {
		if row.Line == 4 {
			t.Fatalf("the journal has a line for a row that follows: %+v", row)
		}
	}
	before := len(s.Requests())
	apply(t, folder, c, importer.ApplyOptions{})
	rows, _ := finish(t, folder, file)
	wantRow(t, rows[4], report.Updated, code.DuplicateRow)
	if n := len(s.Requests()) - before; n != 0 {
		t.Errorf("%d more requests, want none", n)
	}
	undone := undo(t, folder, c)
	if len(undone) != 2 {
		t.Errorf("undo has %d rows, want 2", len(undone))
	}
	sameStates(t, s, first)
}
