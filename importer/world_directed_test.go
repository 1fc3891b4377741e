package importer_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"csvput/importer"
	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

// frank is a server that hides nothing and asks for little.
func frank() nature {
	return nature{quota: -1, listOwners: "list", putOwners: "list", listPrimary: true, putPrimary: true, latency: 10 * time.Millisecond}
}

// scene is a world without chance: what the server is like, and rows of id, name, value, owners and primary owners.
func scene(t *testing.T, n nature, rows ...[]string) (*saga, *venture) {
	t.Helper()
	w := &world{seed: 1, dir: t.TempDir(), born: time.Now(), nature: n, records: map[string]*record{}, wishes: map[string]contact{}}
	s := &saga{t: t, w: w, r: w.dice("scene"), file: rows}
	for i := range rows {
		rec := &record{id: detailID(i), first: contact{fmt.Sprintf("Name %d", i), fmt.Sprintf("old.%d@example.com", i), list([]string{sandbox.ClientUUID(1), sandbox.ClientUUID(2)}), ""}}
		if !n.noPrimary {
			rec.first[primaries] = sandbox.ClientUUID(1)
		}
		rec.now = rec.first
		w.records[rec.id] = rec
	}
	return s, &venture{name: "run"}
}

// steady is how a process works unless a test has something else in mind.
func steady() manner { return manner{workers: 4, retries: 3, timeout: 5 * time.Second} }

// planRun plans the scene's file.
func (s *saga) planRun(v *venture) {
	s.t.Helper()
	file := table(append([][]string{{"id", "name", "value", "account_uuids", "primary_account_uuids"}}, s.file...)...)
	s.plan(v, func(ctx context.Context, folder *report.Folder, p *process) error {
		client, err := linkUp(p, ctx, steady())
		return errors.Join(err, planFile(ctx, file, folder, client, false))
	})
}

// work lets one process work on a venture and returns the report by id.
func (s *saga) work(v *venture, m manner) map[string]report.Row {
	s.t.Helper()
	p := s.process(v, m)
	soft, hard, _, _ := s.contexts(p)
	if err := s.carryOut(v, p, soft, hard, quiet{}, ""); err != nil {
		s.t.Errorf("the %s ends with %v", v.name, err)
	}
	return s.report1(v)
}

// report1 is the last report of a venture, by id; of several rows, the last.
func (s *saga) report1(v *venture) map[string]report.Row {
	s.t.Helper()
	out := map[string]report.Row{}
	if len(v.told) == 0 {
		s.t.FailNow() // why has been said
	}
	for _, row := range v.told[len(v.told)-1].rows {
		out[row.ID] = row
	}
	return out
}

// truth holds all that was told and done against the server's history.
func (s *saga) truth(more ...finding) {
	s.t.Helper()
	s.report(append(s.w.judge(s.ventures), more...))
}

// edit is what a colleague does.
func (s *saga) edit(id string, f field, to string) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	rec := s.w.record(id)
	c := rec.now
	c[f] = to
	s.w.change(rec, nil, c, false)
}

func (s *saga) now(id string) contact {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	return s.w.record(id).now
}

// wantNow compares a record with what it should be.
func (s *saga) wantNow(id string, want contact) {
	s.t.Helper()
	if now := s.now(id); now != want {
		s.t.Errorf("the record is\n%q, want\n%q", now, want)
	}
}

// A run of 700 rows waits for the quota, and a colleague changes 100 of the records after 20 s: values that the file
// changes, and names that it never mentions. None is overwritten.
func TestColleaguesEditsSurviveQuotaWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 700
		cfg := sandbox.Config{Latency: 100 * time.Millisecond}
		s := serve(t, cfg, n)
		c := dial(t, s.Transport())
		cells := [][]string{{"id", "value"}}
		for i := range n {
			cells = append(cells, []string{detailID(i), wish(i).Value})
		}
		folder, _ := plan(t, c, table(cells...), importer.CheckOptions{})
		edited := map[int]sandbox.Record{}
		time.AfterFunc(20*time.Second, func() {
			for i := 3; i < n; i += 7 {
				meddle(t, s, i, func(r *sandbox.Record) {
					if i%2 == 0 || r.Type == sandbox.TypePhone {
						r.Name = "A colleague's"
					} else {
						r.Value = "colleague@example.com"
					}
					edited[i] = *r
				})
			}
		})
		if err := carryOut(t.Context(), t.Context(), folder, c, manner{workers: 16}, quiet{}); err != nil {
			t.Fatal(err)
		}
		rows, _ := finish(t, folder, nil)
		lost := 0
		for i, want := range edited {
			now, _ := s.Record(detailID(i))
			if now.Name != want.Name || now.Value != want.Value {
				lost++
			}
			if status := rows[i+2].Status; want.Value != wish(i).Value && status != report.Conflict && status != report.Updated {
				t.Errorf("record %d is %s", i, status)
			}
		}
		if lost > 0 || len(edited) != 100 {
			t.Errorf("%d of %d edits were overwritten", lost, len(edited))
		}
		if got := counts(rows); got[report.Conflict] == 0 || got[report.Updated]+got[report.Conflict] != n {
			t.Errorf("the rows are %v", got)
		}
	})
}

// That every row is sent by a fresh reading costs 2 % of the quota at 40 updates a second, at most.
func TestFreshReadingsCostLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 6000
		s := serve(t, sandbox.Config{Throttle: 2400, Latency: 100 * time.Millisecond}, n)
		c := dial(t, s.Transport())
		folder, _ := plan(t, c, wishes(n), importer.CheckOptions{})
		before := len(requests(s, http.MethodGet))
		if err := carryOut(t.Context(), t.Context(), folder, c, manner{workers: 16}, quiet{}); err != nil {
			t.Fatal(err)
		}
		gets, puts := len(requests(s, http.MethodGet))-before, len(requests(s, http.MethodPut))
		if puts != n || gets*50 > puts+gets {
			t.Errorf("%d readings and %d updates", gets, puts)
		}
	})
}

// A reading that shows one owner where a list is meant does not show the owners: a change of the value alone must leave
// them as they are, also where the server then refuses the change.
func TestCoOwnersStay(t *testing.T) {
	for name, strict := range map[string]bool{"older revision": false, "newest revision": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := frank()
				n.listOwners, n.putOwners, n.strict = "single", "single", strict
				s, run := scene(t, n, []string{detailID(0), "", "new@example.com", "", ""})
				s.planRun(run)
				first := s.now(detailID(0))
				row := s.work(run, steady())[detailID(0)]
				want := first
				if strict {
					wantRow(t, row, report.Rejected, code.Unprocessable)
				} else {
					wantRow(t, row, report.Updated, "")
					want[value] = "new@example.com"
				}
				s.wantNow(detailID(0), want)
				undo := s.undo(run, "undo")
				s.complete(undo, steady())
				s.wantNow(detailID(0), first)
				s.truth(s.w.judgeUndo(run, undo)...)
			})
		})
	}
}

// What the list never showed is not emptied by undo, and undo says so.
func TestUndoEmptiesNothingThatWasNeverShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := frank()
		n.listOwners, n.listPrimary = "none", false
		s, run := scene(t, n, []string{detailID(0), "", "", sandbox.ClientUUID(7), sandbox.ClientUUID(8)})
		s.planRun(run)
		s.work(run, steady())
		made := s.now(detailID(0))
		undo := s.undo(run, "undo")
		s.complete(undo, steady())
		s.wantNow(detailID(0), made)
		wantRow(t, s.report1(undo)[detailID(0)], report.Invalid, code.UndoNotPossible)
		s.truth(s.w.judgeUndo(run, undo)...)
	})
}

// An older server takes primary_account_uuids and ignores it. The row must not be told as updated, unless it says what
// could not be seen.
func TestUpdatedMeansSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := frank()
		n.noPrimary = true
		s, run := scene(t, n, []string{detailID(0), "New name", "", "", sandbox.ClientUUID(8)}, []string{detailID(1), "New name", "", "", ""})
		s.planRun(run)
		rows := s.work(run, steady())
		wantRow(t, rows[detailID(1)], report.Updated, "")
		s.truth()
	})
}

// A server whose answers to an update show no owners is read once more.
func TestOwnersAreReadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := frank()
		n.putOwners, n.putPrimary = "none", false
		s, run := scene(t, n, []string{detailID(0), "", "", sandbox.ClientUUID(7), sandbox.ClientUUID(8)})
		s.planRun(run)
		if row := s.work(run, steady())[detailID(0)]; row.Status != report.Updated {
			t.Errorf("the row is %s %s (%s)", row.Status, row.Code, row.Message)
		}
		s.truth()
	})
}

// Somebody else has made the same change before the row's turn: nothing is sent, and undo leaves it alone.
func TestSameChangeBySomebodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, run := scene(t, frank(), []string{detailID(0), "", "new@example.com", "", ""}, []string{detailID(1), "", "new.1@example.com", "", ""})
		s.planRun(run)
		s.edit(detailID(0), value, "new@example.com")
		after(time.Hour)
		made := s.now(detailID(0))
		rows := s.work(run, steady())
		wantRow(t, rows[detailID(0)], report.Unchanged, code.AlreadySo)
		wantRow(t, rows[detailID(1)], report.Updated, "")
		undo := s.undo(run, "undo")
		s.complete(undo, steady())
		s.wantNow(detailID(0), made)
		s.truth(s.w.judgeUndo(run, undo)...)
	})
}

// Blanks around a name that the server trims are no change by anybody: undo, verify and a lost answer are not misled.
func TestBlanksAroundNames(t *testing.T) {
	for name, fault := range map[string]string{"answered": "", "answer lost": "reset after"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := frank()
				n.trims, n.strict = true, true
				s, run := scene(t, n, []string{detailID(0), "", "new@example.com", "", ""})
				s.w.script = func(_ string, nth int) string {
					if nth == 1 {
						return fault
					}
					return ""
				}
				s.w.records[detailID(0)].now[label] = "Blank at the end "
				s.planRun(run)
				m := steady()
				m.verify, m.retries = true, 0
				if row := s.work(run, m)[detailID(0)]; row.Status != report.Updated {
					t.Errorf("the row is %s %s (%s)", row.Status, row.Code, row.Message)
				}
				undo := s.undo(run, "undo")
				s.complete(undo, m)
				s.truth(s.w.judgeUndo(run, undo)...)
			})
		})
	}
}

// An export that nobody touched plans to unchanged, whatever blanks stand in its names.
func TestUntouchedExportIsUnchanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		names := []string{"Plain", "Blank at the end ", " Blank before", "No\u00a0break", "Soft\u00adhyphen", "A\ttab", "Two  blanks"}
		rows := make([][]string, len(names))
		s, run := scene(t, frank(), rows...)
		for i, name := range names {
			rec := s.w.records[detailID(i)]
			rec.now[label] = name
			rows[i] = []string{rec.id, name, rec.now[value], rec.now[owners], rec.now[primaries]}
		}
		s.planRun(run)
		planned, err := rowsOf(run.folder, report.PlanName)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range planned {
			if row.Status != report.Unchanged {
				t.Errorf("%q is %s %s (%s)", names[i], row.Status, row.Code, row.Message)
			}
		}
	})
}

// A first attempt was applied, and its answer lost; the second one is refused. The row is not rejected: it was done.
func TestEarlierAttemptCounts(t *testing.T) {
	for _, before := range []string{"500 after", "502 after", "503 after", "reset after", "cut", "hang after"} {
		for _, then := range []string{"refused: 400", "refused: 404", "refused: 422"} {
			t.Run(before+" "+then, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, run := scene(t, frank(), []string{detailID(0), "", "new@example.com", "", ""})
					s.w.script = func(_ string, nth int) string { return []string{before, then, ""}[min(nth, 3)-1] }
					s.planRun(run)
					wantRow(t, s.work(run, steady())[detailID(0)], report.Updated, code.ConfirmedByReading)
					s.truth()
				})
			})
		}
	}
}

// A request that timed out is applied after the record was read: the row was not failed then, the next apply settles it,
// and undo finds it either way.
func TestLateApplication(t *testing.T) {
	for name, again := range map[string]bool{"apply again": true, "undo": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, run := scene(t, frank(), []string{detailID(0), "", "new@example.com", "", ""})
				s.w.script = func(_ string, nth int) string {
					if nth == 1 {
						return "late: 1m"
					}
					return ""
				}
				s.planRun(run)
				first := s.now(detailID(0))
				m := steady()
				m.retries = 0
				wantRow(t, s.work(run, m)[detailID(0)], report.Unknown, code.Timeout)
				after(2 * time.Minute)
				if again {
					wantRow(t, s.work(run, m)[detailID(0)], report.Updated, code.ConfirmedByReading)
				}
				undo := s.undo(run, "undo")
				s.complete(undo, m)
				s.wantNow(detailID(0), first)
				s.truth(s.w.judgeUndo(run, undo)...)
			})
		})
	}
}

// A run is killed with rows in flight, and the apply after it is stopped before it can read them: they are unknown, and
// undo takes back every one.
func TestUndoAfterKillAndStop(t *testing.T) {
	for name, stopped := range map[string]bool{"killed": false, "killed and stopped": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const n = 40
				rows := make([][]string, n)
				for i := range rows {
					rows[i] = []string{detailID(i), "", fmt.Sprintf("new.%d@example.com", i), "", ""}
				}
				s, run := scene(t, frank(), rows...)
				s.planRun(run)
				m := steady()
				m.workers = 16
				p := s.process(run, m)
				p.kill = killing{request: 20, phase: afterLeaving}
				soft, hard, _, _ := s.contexts(p)
				if err := s.carryOut(run, p, soft, hard, quiet{}, "kill"); !errors.Is(err, errKilled) {
					t.Fatalf("the run ends with %v", err)
				}
				if stopped {
					p := s.process(run, m)
					soft, hard, ease, _ := s.contexts(p)
					ease()
					if err := s.carryOut(run, p, soft, hard, quiet{}, "soft"); !errors.Is(err, errKeys) {
						t.Fatalf("the apply ends with %v", err)
					}
				}
				after(time.Minute)
				undo := s.undo(run, "undo")
				s.complete(undo, m)
				for _, rec := range s.w.records {
					s.wantNow(rec.id, rec.first)
				}
				s.truth(s.w.judgeUndo(run, undo)...)
			})
		})
	}
}

// An answer is lost, and the record is not there when it is read: nobody knows whether the server refused anything.
func TestLostAnswerAndNoRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, run := scene(t, frank(), []string{detailID(0), "", "new@example.com", "", ""})
		s.w.script = func(id string, nth int) string {
			time.AfterFunc(100*time.Millisecond, func() {
				s.w.mu.Lock()
				defer s.w.mu.Unlock()
				rec := s.w.record(id)
				s.w.change(rec, nil, rec.now, true)
			})
			return "hang after"
		}
		s.planRun(run)
		m := steady()
		m.retries = 0
		if row := s.work(run, m)[detailID(0)]; row.Status != report.Unknown {
			t.Errorf("the row is %s %s (%s)", row.Status, row.Code, row.Message)
		}
		s.truth()
	})
}

// The same row stands in a file twice, more than 200 rows apart, and the record is changed between the two readings. The
// run can be finished all the same, and the second row has the outcome of the first.
func TestFollowersFollowTheirLeader(t *testing.T) {
	wished, other := "new.0@example.com", "colleague@example.com"
	for name, values := range map[string][2]string{
		"made as wished":                 {"old.0@example.com", wished},
		"made something else":            {"old.0@example.com", other},
		"as wished, made something else": {wished, other},
	} {
		for _, after := range []int{1, 2, 5} {
			t.Run(fmt.Sprint(name, " after list ", after), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					const n = 1000
					rows := make([][]string, n)
					for i := range rows {
						rows[i] = []string{detailID(i), "", fmt.Sprintf("new.%d@example.com", i), "", ""}
					}
					s, run := scene(t, frank(), rows...)
					s.file = append(s.file, rows[0])
					s.w.records[detailID(0)].now[value] = values[0]
					s.w.listed = func(nth int) {
						if nth == after {
							rec := s.w.record(detailID(0))
							c := rec.now
							c[value] = values[1]
							s.w.change(rec, nil, c, false)
						}
					}
					s.planRun(run)
					s.work(run, steady())
					told := run.told[0].rows
					if first, last := told[0], told[n]; first.Status != last.Status {
						t.Errorf("the first row is %s %s, the last %s %s", first.Status, first.Code, last.Status, last.Code)
					}
					s.truth()
				})
			})
		}
	}
}

// What undo can't do, and what somebody changed, has its code and its sentence in the plan already.
func TestUndoPlanSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, run := scene(t, frank(), []string{detailID(0), "", "new@example.com", "", ""})
		s.planRun(run)
		s.work(run, steady())
		s.edit(detailID(0), label, "A colleague's")
		undo := s.undo(run, "undo")
		planned, err := rowsOf(undo.folder, report.PlanName)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range planned {
			wantRow(t, row, report.Conflict, code.ChangedSince)
			if !strings.Contains(row.Message, "A colleague's") {
				t.Errorf("it says only: %s", row.Message)
			}
		}
	})
}
