package importer_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
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

// onPuts is the same fault for every PUT.
func onPuts(f sandbox.Fault) func(*sandbox.Request) sandbox.Fault {
	return func(q *sandbox.Request) sandbox.Fault {
		if q.Method == http.MethodPut {
			return f
		}
		return sandbox.Fault{}
	}
}

// changing is a fault of every PUT that can be changed while the server is at work.
type changing struct{ now atomic.Pointer[sandbox.Fault] }

func newChanging(f sandbox.Fault) *changing {
	c := &changing{}
	c.set(f)
	return c
}

func (c *changing) set(f sandbox.Fault) { c.now.Store(&f) }

func (c *changing) fault(q *sandbox.Request) sandbox.Fault { return onPuts(*c.now.Load())(q) }

// A server that does what it is asked and then says that it could not: the record itself settles it.
func TestErrorAfterTheWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 50
		for name, always := range map[string]bool{"once": false, "always": true} {
			seen := map[string]bool{}
			cfg := unlimited()
			cfg.Fault = func(q *sandbox.Request) sandbox.Fault {
				if q.Method != http.MethodPut || seen[q.ID] && !always {
					return sandbox.Fault{}
				}
				seen[q.ID] = true
				return sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500, Done: true}
			}
			s := serve(t, cfg, n)
			_, rows := run(t, dial(t, s.Transport(), func(cfg *crm.Config) { cfg.Retries = 3 }), wishes(n), importer.ApplyOptions{Workers: 1})
			for _, row := range rows {
				why, status, attempts := code.Code(""), 200, 2
				if always {
					why, status, attempts = code.ConfirmedByReading, 500, 4
				}
				if row.Code == code.ConfirmedByReading && row.Attempts < attempts {
					why, status, attempts = row.Code, 500, row.Attempts // it was read again before it was sent again
				}
				wantRow(t, row, report.Updated, why)
				if row.Attempts != attempts || row.HTTPStatus != status {
					t.Errorf("%s: line %d has %d attempts and status %d, want %d and %d", name, row.Line, row.Attempts, row.HTTPStatus, attempts, status)
				}
			}
			wantAttempts(t, s, rows)
		}
	})
}

// The token dies at row 300 of 1,000.
func TestTokenDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, done, workers = 1000, 300, 16
		s := serve(t, sandbox.Config{Throttle: -1, TokenDiesAfter: n/200 + done, Jitter: 50 * time.Millisecond}, n)
		folder, _ := plan(t, dial(t, s.Transport()), wishes(n), importer.CheckOptions{})
		err := tryApply(t, folder, dial(t, s.Transport()), importer.ApplyOptions{JustMade: true, Workers: workers})
		if e, ok := errors.AsType[*crm.Error](err); !ok || e.Stop != crm.StopAuth || e.Code != code.Unauthenticated {
			t.Fatalf("the run ends with %v", err)
		}
		refused := 0
		for _, q := range requests(s, http.MethodPut) {
			if q.Status == 401 {
				refused++
			}
		}
		if refused < 1 || refused > workers {
			t.Errorf("%d requests were answered 401, want one for each of %d workers at most", refused, workers)
		}
		rows, _ := finish(t, folder, wishes(n))
		if c := counts(rows); c[report.Updated] != done || c[report.Failed] != refused || c[report.NotAttempted] != n-done-refused {
			t.Errorf("the rows are %v, want %d updated, %d failed and the others not attempted", c, done, refused)
		}

		s.SetToken("new")
		again := dial(t, s.Transport(), func(cfg *crm.Config) {
			cfg.Token = func(context.Context) (string, error) { return "new", nil }
		})
		before := len(s.Requests())
		apply(t, folder, again, importer.ApplyOptions{JustMade: true})
		after, _ := finish(t, folder, wishes(n))
		if c := counts(after); c[report.Updated] != n {
			t.Errorf("with a good token the rows are %v", c)
		}
		for _, q := range s.Requests()[before:] {
			if i := numberOf(q.ID); i >= 0 && rows[i+2].Status == report.Updated {
				t.Errorf("record %d was sent again", i)
			}
		}
		wantTruth(t, s, after, newStorm(0, 0), false, 0)
	})
}

// A server that will not do anything: the run stops early, and what was not settled can be gone on with.
func TestPointless(t *testing.T) {
	portal := http.Header{"Location": {"http://portal.example/"}}
	for name, test := range map[string]struct {
		fault  sandbox.Fault
		stop   crm.Stop
		status report.Status // of the rows that were sent
		code   code.Code
	}{
		"forbidden":       {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 403, Body: `{"message":"This action is unauthorized."}`}, crm.StopPermanent, report.Rejected, code.Forbidden},
		"out of order":    {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500}, crm.StopTransient, report.Unknown, code.ServerError},
		"out of reach":    {sandbox.Fault{Kind: sandbox.FaultReset}, crm.StopTransient, report.Unknown, code.Network},
		"slow":            {sandbox.Fault{Kind: sandbox.FaultHang}, crm.StopTransient, report.Unknown, code.Timeout},
		"somewhere else":  {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 307, Header: portal}, crm.StopPermanent, report.Unknown, code.Redirected},
		"patience needed": {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 429, Header: http.Header{"Retry-After": {"86400"}}}, crm.StopTransient, report.Failed, code.Throttled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const n, breaker, workers = 200, 20, 8
				c := newChanging(test.fault)
				s := serve(t, sandbox.Config{Throttle: -1, Latency: 10 * time.Millisecond, Fault: c.fault}, n)
				careful := func(cfg *crm.Config) { cfg.Breaker, cfg.Retries, cfg.Workers = breaker, 1, workers }
				folder, _ := plan(t, dial(t, s.Transport(), careful), wishes(n), importer.CheckOptions{})
				err := tryApply(t, folder, dial(t, s.Transport(), careful), importer.ApplyOptions{JustMade: true, Workers: workers})
				if e, ok := errors.AsType[*crm.Error](err); !ok || e.Stop != test.stop || e.Code != test.code {
					t.Fatalf("the run ends with %v", err)
				}
				rows, _ := finish(t, folder, wishes(n))
				sent := 0
				for _, row := range rows {
					if row.Attempts > 0 {
						sent++
						if row.Code == code.Interrupted {
							row.Code = test.code // it was to be read and sent again
						}
						wantRow(t, row, test.status, test.code)
					} else {
						wantRow(t, row, report.NotAttempted, code.Stopped)
					}
				}
				if sent > breaker+workers {
					t.Errorf("%d rows were sent, and %d failures in a row are enough", sent, breaker)
				}
				c.set(sandbox.Fault{})
				apply(t, folder, dial(t, s.Transport(), careful), importer.ApplyOptions{})
				rows, _ = finish(t, folder, wishes(n))
				want := n
				if test.status.Settled() {
					want -= sent
				}
				if c := counts(rows); c[report.Updated] != want {
					t.Errorf("afterwards the rows are %v, want %d updated", c, want)
				}
				wantAttempts(t, s, rows)
			})
		})
	}
}

// wantAttempts compares what the report counts with what the server counted.
func wantAttempts(t *testing.T, s *sandbox.Server, rows map[int]report.Row) {
	t.Helper()
	attempts := 0
	for _, row := range rows {
		attempts += row.Attempts
	}
	if puts := len(requests(s, http.MethodPut)); attempts != puts {
		t.Errorf("the report counts %d attempts, the server %d", attempts, puts)
	}
}

// away is a way to a server that can't be reached for updates.
type away struct{ http.RoundTripper }

func (a away) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPut {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	return a.RoundTripper.RoundTrip(r)
}

// A server that is gone for so few rows that the run does not stop for it: they failed, and are told why.
func TestServerGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 5
		s := serve(t, unlimited(), n)
		folder, rows := run(t, dial(t, away{s.Transport()}), wishes(n), importer.ApplyOptions{})
		for _, row := range rows {
			wantRow(t, row, report.Failed, code.Network)
			if row.Attempts != 0 || !strings.Contains(row.Message, "refused") {
				t.Errorf("line %d has %d attempts: %s", row.Line, row.Attempts, row.Message)
			}
		}
		apply(t, folder, dial(t, s.Transport()), importer.ApplyOptions{})
		rows, _ = finish(t, folder, wishes(n))
		wantTruth(t, s, rows, newStorm(0, 0), false, 0)
		if c := counts(rows); c[report.Updated] != n {
			t.Errorf("afterwards the rows are %v", c)
		}
	})
}

// Too many rows that are refused, by us or by the server, stop the run.
func TestMaxErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n, invalid, most, workers = 300, 10, 50, 8
		s := serve(t, sandbox.Config{Throttle: -1, Latency: 10 * time.Millisecond, Fault: onPuts(sandbox.Fault{Kind: sandbox.FaultStatus, Status: 422, Body: `{"message":"no"}`})}, n)
		cells := [][]string{{"id", "value"}}
		for i := range n {
			value := wish(i).Value
			if i%(n/invalid) == 0 {
				value = "12"
			}
			cells = append(cells, []string{detailID(i), value})
		}
		folder, tally := plan(t, dial(t, s.Transport()), table(cells...), importer.CheckOptions{})
		if tally.Problems() != invalid {
			t.Fatalf("the plan counts %d problems, want %d", tally.Problems(), invalid)
		}
		err := tryApply(t, folder, dial(t, s.Transport()), importer.ApplyOptions{JustMade: true, Workers: workers, MaxErrors: most})
		if !errors.Is(err, importer.ErrMaxErrors) {
			t.Fatalf("the run ends with %v", err)
		}
		rows, _ := finish(t, folder, table(cells...))
		c := counts(rows)
		if c[report.Invalid] != invalid || c[report.Rejected] < most-invalid || c[report.Rejected] > most-invalid+workers || c[report.NotAttempted] != n-invalid-c[report.Rejected] {
			t.Errorf("the rows are %v", c)
		}
		wantAttempts(t, s, rows)
	})
}
