package importer_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

var errKeys = errors.New("somebody pressed Ctrl-C")

// contexts are the two contexts of a run. Each is ended with errKeys by its function; soft ends with hard.
func contexts(t testing.TB) (soft, hard context.Context, ease, abort func()) {
	hard, kill := context.WithCancelCause(t.Context())
	soft, stop := context.WithCancelCause(hard)
	return soft, hard, func() { stop(errKeys) }, func() { kill(errKeys) }
}

// counter calls a function at the nth outcome.
type counter struct {
	quiet
	n    int
	then func()
}

func (c *counter) Outcome(report.Row) {
	if c.n--; c.n == 0 {
		c.then()
	}
}

// The first Ctrl-C: no further row is taken, what is in flight is finished and written down.
func TestSoftStop(t *testing.T) {
	for name, throttle := range map[string]int{"in flight": -1, "waiting for the quota": 60} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const n, workers, after = 200, 8, 50
				s := serve(t, sandbox.Config{Throttle: throttle, Latency: time.Second}, n)
				soft, hard, ease, abort := contexts(t)
				defer abort()
				c := dial(t, s.Transport(), func(cfg *crm.Config) { cfg.Stop = soft })
				folder, _ := plan(t, c, wishes(n), importer.CheckOptions{})
				began := time.Now()
				err := on(folder, c, &counter{n: after, then: ease}).Apply(soft, hard, importer.ApplyOptions{JustMade: true, Workers: workers})
				if !errors.Is(err, errKeys) {
					t.Fatalf("the run ends with %v", err)
				}
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("it took %s", took)
				}
				puts := requests(s, http.MethodPut)
				for _, q := range puts {
					if q.Status != 200 {
						t.Errorf("a request in flight was given up: %d", q.Status)
					}
				}
				rows, _ := finish(t, folder, wishes(n))
				if c := counts(rows); c[report.Updated] != len(puts) || len(puts) < after || len(puts) > after+workers || c[report.NotAttempted] != n-len(puts) {
					t.Errorf("%d PUTs, and the rows are %v", len(puts), c)
				}
				apply(t, folder, dial(t, s.Transport()), importer.ApplyOptions{JustMade: true})
				rows, _ = finish(t, folder, wishes(n))
				wantTruth(t, s, rows, newStorm(0, 0), false, 0)
				if again := applied(s); again != n {
					t.Errorf("%d PUTs for %d rows", again, n)
				}
			})
		})
	}
}

// The second Ctrl-C: what is in flight is given up at once, and its rows are unknown until the next apply reads them.
func TestHardStop(t *testing.T) {
	for name, done := range map[string]bool{"before the write": false, "after the write": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const n, workers, good = 40, 8, 20
				hang := newChanging(sandbox.Fault{Kind: sandbox.FaultHang, Done: done})
				cfg := unlimited()
				cfg.Fault = func(q *sandbox.Request) sandbox.Fault {
					if numberOf(q.ID) < good {
						return sandbox.Fault{}
					}
					return hang.fault(q)
				}
				s := serve(t, cfg, n)
				soft, hard, _, abort := contexts(t)
				c := dial(t, s.Transport(), func(cfg *crm.Config) { cfg.Stop, cfg.Timeout = soft, time.Hour })
				folder, _ := plan(t, c, wishes(n), importer.CheckOptions{})
				ended := make(chan error)
				go func() {
					ended <- on(folder, c, quiet{}).Apply(soft, hard, importer.ApplyOptions{JustMade: true, Workers: workers})
				}()
				synctest.Wait() // all workers hang
				began := time.Now()
				abort()
				if err := <-ended; !errors.Is(err, errKeys) {
					t.Fatalf("the run ends with %v", err)
				}
				if took := time.Since(began); took > 0 {
					t.Errorf("it took %s", took)
				}
				rows, _ := finish(t, folder, wishes(n))
				if c := counts(rows); c[report.Updated] != good || c[report.Unknown] != workers || c[report.NotAttempted] != n-good-workers {
					t.Errorf("the rows are %v", c)
				}
				for _, row := range rows {
					if row.Status == report.Unknown {
						wantRow(t, row, report.Unknown, code.Interrupted)
					}
				}
				wantAttempts(t, s, rows)

				hang.set(sandbox.Fault{})
				apply(t, folder, dial(t, s.Transport()), importer.ApplyOptions{})
				rows, _ = finish(t, folder, wishes(n))
				wantTruth(t, s, rows, newStorm(0, 0), false, 0)
				puts := n // what was done is read, and else sent again
				if !done {
					puts += workers
				}
				if got := len(requests(s, http.MethodPut)); got != puts {
					t.Errorf("%d PUTs, want %d", got, puts)
				}
			})
		})
	}
}

// breaking is a connection that takes ten bytes and then breaks.
type breaking struct{ net.Conn }

func (breaking) Write([]byte) (int, error) { return 10, syscall.EPIPE }

// A request that broke off while it was written was on the wire all the same. When the run is stopped before it is
// repeated, the row keeps count of it.
func TestStopKeepsCountOfAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		soft, hard, ease, abort := contexts(t)
		defer abort()
		c := dial(t, &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			t.Cleanup(func() { _ = far.Close() })
			return breaking{near}, nil
		}}, func(cfg *crm.Config) { cfg.Stop = soft })
		// More than the transport holds back, so that it notices.
		owners := make([]string, 1000)
		for i := range owners {
			owners[i] = sandbox.ClientUUID(i)
		}
		file := table([]string{"id", "account_uuids"}, []string{detailID(0), strings.Join(owners, ";")})
		folder, _ := plan(t, nil, file, importer.CheckOptions{})
		time.AfterFunc(time.Millisecond/2, ease) // the first repetition comes after a millisecond at least
		err := on(folder, c, quiet{}).Apply(soft, hard, importer.ApplyOptions{NoLookup: true})
		if !errors.Is(err, errKeys) {
			t.Fatalf("the run ends with %v", err)
		}
		rows, _ := finish(t, folder, file)
		wantRow(t, rows[2], report.Failed, code.Stopped)
		if rows[2].Attempts != 1 {
			t.Errorf("the row counts %d attempts, want 1", rows[2].Attempts)
		}
	})
}

// Without reading, an unknown row stays unknown until an answer says what became of it: that a later request certainly
// failed says nothing of the earlier one.
func TestDoubtStays(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"failed":        {Kind: sandbox.FaultStatus, Status: 408},
		"not attempted": {Kind: sandbox.FaultStatus, Status: 401},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				now := newChanging(sandbox.Fault{Kind: sandbox.FaultHang, Done: true})
				s := serve(t, sandbox.Config{Throttle: -1, Lenient: true, Fault: now.fault}, 1)
				folder, _ := plan(t, nil, wishes(1), importer.CheckOptions{})
				again := func() report.Row {
					c := dial(t, s.Transport(), func(cfg *crm.Config) { cfg.Retries = 0 })
					_ = tryApply(t, folder, c, importer.ApplyOptions{NoLookup: true}) // a 401 stops the run
					rows, _ := finish(t, folder, wishes(1))
					return rows[2]
				}
				wantRow(t, again(), report.Unknown, code.Timeout)
				now.set(fault)
				if row := again(); row.Status != report.Unknown || row.Attempts != 2 {
					t.Errorf("the row is %s after %d attempts", row.Status, row.Attempts)
				}
				now.set(sandbox.Fault{})
				if row := again(); row.Status != report.Updated || row.Attempts != 3 {
					t.Errorf("the row is %s after %d attempts", row.Status, row.Attempts)
				}
			})
		})
	}
}
