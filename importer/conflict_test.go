package importer_test

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"csvput/importer"
	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

// meddle changes a record behind our back.
func meddle(t testing.TB, s *sandbox.Server, n int, change func(*sandbox.Record)) {
	t.Helper()
	r, ok := s.Record(detailID(n))
	if !ok {
		t.Fatalf("the server has no record %d", n)
	}
	change(&r)
	r.UpdatedAt = time.Now().UTC()
	if err := s.Seed(r); err != nil {
		t.Fatal(err)
	}
}

// Changed between plan and apply: left alone, unless it already is as wished.
func TestChangedSincePlan(t *testing.T) {
	const n = 10
	s := serve(t, unlimited(), n)
	c := dial(t, s.Transport())
	folder, _ := plan(t, c, wishes(n), importer.CheckOptions{})
	meddle(t, s, 1, func(r *sandbox.Record) { r.Name = "Somebody else's" })
	meddle(t, s, 2, func(r *sandbox.Record) { r.Value = "somebody.else@example.com" })
	meddle(t, s, 3, func(r *sandbox.Record) { r.AccountUUIDs = []string{sandbox.ClientUUID(7)} })
	meddle(t, s, 4, func(r *sandbox.Record) { r.Name, r.Value = wish(4).Name, wish(4).Value })
	meddle(t, s, 5, func(r *sandbox.Record) { r.FirmUUID = sandbox.ForeignFirm().UUID })
	meddled := states(s)
	apply(t, folder, c, importer.ApplyOptions{})
	rows, _ := finish(t, folder, wishes(n))
	for line, row := range rows {
		switch i := line - 2; i {
		case 1, 2, 3:
			wantRow(t, row, report.Conflict, code.ChangedSince)
			if now := states(s)[row.ID]; now != meddled[row.ID] {
				t.Errorf("record %d was not left alone: %s", i, now)
			}
		case 4:
			wantRow(t, row, report.Unchanged, code.AlreadySo)
		case 5:
			wantRow(t, row, report.Rejected, code.NotFound)
		default:
			wantRow(t, row, report.Updated, "")
		}
	}
	if says := rows[3].Message; !strings.Contains(says, `"Somebody else's"`) {
		t.Errorf("the conflict does not show what the record is now: %s", says)
	}
	if puts := len(requests(s, http.MethodPut)); puts != n-5 {
		t.Errorf("%d PUTs, want %d", puts, n-5)
	}

	// With Overwrite, conflicts are taken up again.
	apply(t, folder, c, importer.ApplyOptions{Overwrite: true})
	rows, _ = finish(t, folder, wishes(n))
	for _, i := range []int{1, 2, 3} {
		wantRow(t, rows[i+2], report.Updated, "")
		if !holds(t, s, i) {
			t.Errorf("record %d is not as wished", i)
		}
	}
	if owners := rows[5].AccountUUIDs; owners != sandbox.ClientUUID(7) {
		t.Errorf("the other's owners were overwritten with %s, which nobody wished for", owners)
	}
	undo(t, folder, c)
	for _, i := range []int{1, 2, 3} {
		if now := states(s)[detailID(i)]; now != meddled[detailID(i)] {
			t.Errorf("undo made record %d\n%s\nOverwrite had replaced\n%s", i, now, meddled[detailID(i)])
		}
	}
}

// overwriting makes the server, plan and options of a run that overwrites somebody's change of names: the rows wish for
// other values only.
func overwriting(t *testing.T, cfg sandbox.Config, n int) (*sandbox.Server, *report.Folder, importer.ApplyOptions) {
	t.Helper()
	s := serve(t, cfg, n)
	cells := [][]string{{"id", "value"}}
	for i := range n {
		cells = append(cells, []string{detailID(i), wish(i).Value})
	}
	folder, _ := plan(t, dial(t, s.Transport()), table(cells...), importer.CheckOptions{})
	for i := range n {
		meddle(t, s, i, func(r *sandbox.Record) { r.Name, r.Value = "Somebody else's", sandbox.Contrast(wish(i+8)).Value })
	}
	return s, folder, importer.ApplyOptions{Overwrite: true, Workers: 1}
}

// What Overwrite replaces is written down before it is replaced: a run that is killed right then can be undone, and
// gone on with.
func TestOverwriteOutlivesKill(t *testing.T) {
	for name, goOn := range map[string]bool{"undone": false, "gone on with": true} {
		t.Run(name, func(t *testing.T) {
			var (
				folder  *report.Folder
				journal []byte
			)
			cfg := unlimited()
			cfg.Fault = func(q *sandbox.Request) sandbox.Fault {
				if q.Method == http.MethodPut && journal == nil {
					var err error
					if journal, err = os.ReadFile(folder.Path(report.ReportName)); err != nil {
						t.Error(err)
					}
				}
				return sandbox.Fault{}
			}
			s, made, o := overwriting(t, cfg, 1)
			folder = made
			meddled := states(s)
			c := dial(t, s.Transport())
			apply(t, folder, c, o)
			// As a kill would have left it when the server had the request.
			if err := os.WriteFile(folder.Path(report.ReportName), journal, 0o600); err != nil {
				t.Fatal(err)
			}
			if goOn {
				before := applied(s)
				apply(t, folder, c, importer.ApplyOptions{})
				rows, _ := finish(t, folder, nil)
				wantRow(t, rows[2], report.Updated, code.ConfirmedByReading)
				if n := applied(s) - before; n != 0 {
					t.Errorf("%d more PUTs, want none", n)
				}
			}
			undo(t, folder, c)
			sameStates(t, s, meddled)
		})
	}
}

// A row that was to overwrite and was never sent is not attempted.
func TestOverwriteStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, folder, o := overwriting(t, sandbox.Config{Throttle: -1, Latency: time.Second}, 2)
		meddled := states(s)
		soft, hard, ease, abort := contexts(t)
		defer abort()
		time.AfterFunc(1500*time.Millisecond, ease) // after the reading, while the first row is on its way
		if err := on(folder, dial(t, s.Transport()), quiet{}).Apply(soft, hard, o); !errors.Is(err, errKeys) {
			t.Errorf("the run ends with %v", err)
		}
		rows, _ := finish(t, folder, nil)
		wantRow(t, rows[2], report.Updated, "")
		wantRow(t, rows[3], report.NotAttempted, code.Stopped)
		if rows := undo(t, folder, dial(t, s.Transport())); len(rows) != 1 {
			t.Errorf("undo has %d rows, want 1", len(rows))
		}
		sameStates(t, s, meddled)
	})
}

// Changed between run and undo: left alone, and the others are put back.
func TestChangedSinceRun(t *testing.T) {
	const n = 10
	s := serve(t, unlimited(), n)
	first := states(s)
	c := dial(t, s.Transport())
	folder, _ := run(t, c, wishes(n), importer.ApplyOptions{})
	meddle(t, s, 1, func(r *sandbox.Record) { r.Name = "Somebody else's" })
	meddle(t, s, 2, func(r *sandbox.Record) { r.PrimaryAccountUUIDs = []string{sandbox.ClientUUID(7)} })
	meddle(t, s, 3, func(r *sandbox.Record) { *r = sandbox.Contrast(wish(3)) }) // put back by hand
	meddled := states(s)
	rows := undo(t, folder, c)
	if len(rows) != n {
		t.Errorf("undo has %d rows, want %d", len(rows), n)
	}
	for id, now := range states(s) {
		switch i := numberOf(id); i {
		case 1, 2:
			wantRow(t, rows[i+2], report.Conflict, code.ChangedSince)
			if now != meddled[id] {
				t.Errorf("record %d was not left alone: %s", i, now)
			}
		case 3:
			wantRow(t, rows[i+2], report.Unchanged, code.AlreadySo)
		default:
			wantRow(t, rows[i+2], report.Updated, "")
			if now != first[id] {
				t.Errorf("record %d is\n%s\nwant\n%s", i, now, first[id])
			}
		}
	}
}

// A change since the run that another run of the same person has made is called by its name.
func TestChangedByOwnRun(t *testing.T) {
	s := serve(t, unlimited(), 3)
	c := dial(t, s.Transport())
	first, _ := run(t, c, wishes(3), importer.ApplyOptions{})
	second, _ := run(t, c, table([]string{"id", "value"}, []string{detailID(1), "third.1@example.org"}), importer.ApplyOptions{})
	if err := second.WriteSummary(report.Summary{StartedAt: time.Date(2026, 1, 2, 22, 2, 0, 0, time.Local)}); err != nil {
		t.Fatal(err)
	}
	meddle(t, s, 2, func(r *sandbox.Record) { r.Name = "Somebody else's" })
	to := newFolder(t)
	if _, err := on(to, c, quiet{}).Undo(t.Context(), first, []*report.Folder{newFolder(t), second}); err != nil {
		t.Fatal(err)
	}
	for _, row := range all(t, to, report.PlanName) {
		own := strings.Contains(row.Message, "your own run of 2 Jan 22:02, in "+second.ID())
		switch row.Line {
		case 2:
			wantRow(t, row, report.Planned, "")
		case 3:
			wantRow(t, row, report.Conflict, code.ChangedSince)
		case 4:
			wantRow(t, row, report.Conflict, code.ChangedSince)
		}
		if own != (row.Line == 3) {
			t.Errorf("line %d says %s", row.Line, row.Message)
		}
	}
}
