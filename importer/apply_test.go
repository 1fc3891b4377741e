package importer_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

// after waits for a time to pass, the fake one of a synctest bubble.
func after(d time.Duration) { <-time.After(d) }

// A reading that is young enough is relied on; an older one is made again, and so is every reading of a plan of yesterday.
func TestReadingsAreYoung(t *testing.T) {
	for _, test := range []struct {
		age             time.Duration
		justMade, young bool
	}{{0, true, true}, {2 * time.Second, true, true}, {6 * time.Second, true, false}, {24 * time.Hour, true, false}, {0, false, false}} {
		synctest.Test(t, func(t *testing.T) {
			const n = 150
			s := serve(t, unlimited(), n)
			c := dial(t, s.Transport())
			folder, _ := plan(t, c, wishes(n), importer.CheckOptions{})
			before := len(requests(s, http.MethodGet))
			after(test.age)
			apply(t, folder, c, importer.ApplyOptions{JustMade: test.justMade})
			if lists := len(requests(s, http.MethodGet)) - before; (lists == 0) != test.young {
				t.Errorf("%d list requests for a plan %s old", lists, test.age)
			}
			rows, _ := finish(t, folder, nil)
			if c := counts(rows); c[report.Updated] != n {
				t.Errorf("the rows are %v", c)
			}
		})
	}
}

// A server that takes longer to show a record than a reading may be old can't be sent anything safely: the run ends, and
// says so of the rows.
func TestReadingsThatAreNeverYoung(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 20
		slow := false
		cfg := unlimited()
		cfg.Fault = func(q *sandbox.Request) sandbox.Fault {
			if slow && q.Method == http.MethodGet {
				after(8 * time.Second)
			}
			return sandbox.Fault{}
		}
		s := serve(t, cfg, n)
		c := dial(t, s.Transport(), func(cfg *crm.Config) { cfg.Timeout = time.Minute })
		folder, _ := plan(t, c, wishes(n), importer.CheckOptions{})
		after(time.Minute)
		slow = true
		apply(t, folder, c, importer.ApplyOptions{})
		rows, _ := finish(t, folder, nil)
		if c := counts(rows); c[report.NotAttempted] != n {
			t.Errorf("the rows are %v", c)
		}
		if row := rows[2]; row.Code != code.Timeout || !strings.Contains(row.Message, "slowly") {
			t.Errorf("a row says %s: %s", row.Code, row.Message)
		}
		if puts := len(requests(s, http.MethodPut)); puts > 0 {
			t.Errorf("%d updates were sent", puts)
		}
	})
}

// A run of plan and updates takes no longer than the quota makes it: two windows, and no refusal.
func TestRunSpendsTheQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 900 // of 475 a window
		s := serve(t, sandbox.Config{Latency: 50 * time.Millisecond}, n)
		began := time.Now()
		_, rows := run(t, dial(t, s.Transport()), wishes(n), importer.ApplyOptions{})
		if c := counts(rows); c[report.Updated] != n {
			t.Errorf("the rows are %v", c)
		}
		if took := time.Since(began); took > 64*time.Second {
			t.Errorf("%d rows took %s", n, took)
		}
		for _, q := range s.Requests() {
			if q.Status == http.StatusTooManyRequests {
				t.Fatal("the server had to say that it was too much")
			}
		}
	})
}

// watch is progress that remembers.
type watch struct {
	stages   []importer.Stage
	totals   map[importer.Stage]int64
	reached  map[importer.Stage]int64
	outcomes int
}

func (w *watch) Stage(s importer.Stage, total int64) {
	if w.totals == nil {
		w.totals, w.reached = map[importer.Stage]int64{}, map[importer.Stage]int64{}
	}
	w.stages = append(w.stages, s)
	w.totals[s] = total
}
func (w *watch) Advance(done int64) { w.reached[w.stages[len(w.stages)-1]] = done }
func (w *watch) Outcome(report.Row) { w.outcomes++ }

// The progress of a run that is gone on with counts what is left, and comes to its end.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, invalid, first = 400, 100, 120
		s := serve(t, sandbox.Config{Throttle: -1, Latency: time.Second}, n)
		cells := [][]string{{"id", "value"}}
		for i := range n {
			value := wish(i).Value
			if i < invalid {
				value = "12"
			}
			cells = append(cells, []string{detailID(i), value})
		}
		c := dial(t, s.Transport())
		var w watch
		folder := newFolder(t)
		if _, err := on(folder, c, &w).Plan(t.Context(), open(t, table(cells...)), importer.CheckOptions{Again: source(table(cells...))}); err != nil {
			t.Fatal(err)
		}
		if w.totals[importer.StageLookup] != n || w.reached[importer.StageLookup] != n {
			t.Errorf("reading counts %d of %d rows, want %d", w.reached[importer.StageLookup], w.totals[importer.StageLookup], n)
		}
		soft, hard, ease, abort := contexts(t)
		defer abort()
		_ = on(folder, c, &counter{n: first, then: ease}).Apply(soft, hard, importer.ApplyOptions{JustMade: true, Workers: 8}) // stopped by us
		rows, _ := finish(t, folder, table(cells...))
		left := int64(n - invalid - counts(rows)[report.Updated])
		w = watch{}
		if err := on(folder, c, &w).Apply(t.Context(), t.Context(), importer.ApplyOptions{Verify: true, Workers: 8}); err != nil {
			t.Fatal(err)
		}
		if w.totals[importer.StageSend] != left || w.reached[importer.StageSend] != left {
			t.Errorf("sending counts %d of %d rows, want %d", w.reached[importer.StageSend], w.totals[importer.StageSend], left)
		}
		if w.reached[importer.StageVerify] != n-invalid {
			t.Errorf("verifying counts %d rows, want %d", w.reached[importer.StageVerify], n-invalid)
		}
	})
}
