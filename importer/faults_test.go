package importer_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

// guestPage is what a network says to whoever has not logged in.
const guestPage = "<!DOCTYPE html><title>Welcome to the guest network</title>"

// storm makes faults of every kind at random.
type storm struct {
	odds  float64 // that a PUT meets a fault; a list meets one a tenth as often, of those that pass
	quick bool    // nothing that takes long on a real clock

	mu        sync.Mutex
	rnd       *rand.Rand
	over      bool
	discarded map[string]bool // ids whose PUT was answered as if it were done
	lost      map[string]bool // ids whose PUT had no answer, or that of a gateway
}

func newStorm(seed uint64, odds float64) *storm {
	return &storm{odds: odds, rnd: rand.New(rand.NewPCG(seed, 0)), discarded: map[string]bool{}, lost: map[string]bool{}}
}

// fault decides about one request.
func (s *storm) fault(q *sandbox.Request) sandbox.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	odds := s.odds
	if q.Method != http.MethodPut {
		odds /= 10
	}
	if s.over || s.rnd.Float64() >= odds {
		return sandbox.Fault{}
	}
	if q.Method != http.MethodPut {
		return s.passing()
	}
	f := s.any()
	if f.Kind == sandbox.FaultDiscard {
		s.discarded[q.ID] = true
	}
	switch f.Kind {
	case sandbox.FaultReset, sandbox.FaultClose, sandbox.FaultCut, sandbox.FaultTruncate, sandbox.FaultDrip, sandbox.FaultHang:
		s.lost[q.ID] = true
	case sandbox.FaultStatus:
		s.lost[q.ID] = s.lost[q.ID] || f.Status > 400 && f.Status != 500 && f.Status != 503 && f.Status != 425 && f.Status != 429
	}
	return f
}

// passing is a fault after which the same request is sent again.
func (s *storm) passing() sandbox.Fault {
	kinds := []sandbox.FaultKind{sandbox.FaultReset, sandbox.FaultClose, sandbox.FaultStatus, sandbox.FaultStatus, sandbox.FaultStatus}
	f := sandbox.Fault{Kind: kinds[s.rnd.IntN(len(kinds))], Done: s.coin(), Counted: s.coin()}
	f.Status = s.pick(500, 502, 503, 504, 408, 425)
	if f.Status == 408 || f.Status == 425 {
		f.Done = false // they say that nothing was done
	}
	if s.coin() {
		f.Body = `{"message":"Server Error"}`
	}
	return f
}

// any is a fault of any kind.
func (s *storm) any() sandbox.Fault {
	slow := 2
	if s.quick && s.rnd.IntN(5) > 0 {
		slow = 0
	}
	switch n := s.rnd.IntN(24 + slow); n {
	default:
		return s.passing()
	case 8:
		return sandbox.Fault{Kind: sandbox.FaultStatus, Status: 200, Body: guestPage, Done: s.coin()}
	case 9:
		body := `{"uuid":"` + sandbox.RecordUUID(999) + `","type":"phone_number","name":"Other","value":"+442079460999"}`
		return sandbox.Fault{Kind: sandbox.FaultStatus, Status: 200, Body: body, Done: s.coin()}
	case 10:
		return sandbox.Fault{Kind: sandbox.FaultStatus, Status: 204, Done: s.coin()}
	case 11:
		to := http.Header{"Location": {"/elsewhere"}}
		return sandbox.Fault{Kind: sandbox.FaultStatus, Status: s.pick(301, 302, 303, 307, 308), Header: to, Done: s.coin()}
	case 12, 13:
		return sandbox.Fault{Kind: sandbox.FaultDiscard}
	case 14, 15:
		return sandbox.Fault{Kind: sandbox.FaultCut}
	case 16, 17:
		return sandbox.Fault{Kind: sandbox.FaultTruncate}
	case 18:
		if s.rnd.IntN(50) > 0 { // nine megabytes take their time
			return sandbox.Fault{}
		}
		body := `{"uuid":"` + strings.Repeat("a", 9<<20) + `"}`
		return sandbox.Fault{Kind: sandbox.FaultStatus, Status: 200, Body: body, Done: s.coin()}
	case 19:
		f := sandbox.Fault{Kind: sandbox.FaultDrip, Interval: time.Duration(1+s.rnd.IntN(50)) * time.Millisecond}
		if s.quick {
			f.Interval /= 20
		}
		return f
	case 20:
		if s.quick && s.rnd.IntN(4) > 0 { // everybody waits for at least a second
			return sandbox.Fault{}
		}
		return s.throttle()
	case 24, 25:
		return sandbox.Fault{Kind: sandbox.FaultHang, Done: s.coin()}
	}
}

// throttle is a 429, or a 503, with a delay that is as odd as they come.
func (s *storm) throttle() sandbox.Fault {
	header := http.Header{}
	delays := []string{"", "0", "-7", "soon", "1.5", "1", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)}
	if !s.quick {
		delays = append(delays, "30", time.Now().Add(3*time.Second).UTC().Format(http.TimeFormat), "+2")
	}
	if d := delays[s.rnd.IntN(len(delays))]; d != "" {
		header.Set("Retry-After", d)
	}
	return sandbox.Fault{Kind: sandbox.FaultStatus, Status: s.pick(429, 429, 503), Header: header, Counted: s.coin()}
}

func (s *storm) coin() bool { return s.rnd.IntN(2) == 0 }

func (s *storm) pick(of ...int) int { return of[s.rnd.IntN(len(of))] }

// calm ends the storm.
func (s *storm) calm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
}

// seeds runs a test with 20 seeds, all new each time.
func seeds(t *testing.T, test func(t *testing.T, seed uint64)) {
	first := uint64(time.Now().UnixNano()) / 1000
	for seed := first; seed < first+20; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			test(t, seed)
		})
	}
}

// TestRandomFaults sends 1,000 rows through a server that does all that a server can do wrong, in fake time, and holds
// the report against what the server really did.
func TestRandomFaults(t *testing.T) {
	seeds(t, func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) {
			const n = 1000
			storm := newStorm(seed, 0.4)
			cfg := sandbox.Config{Fault: storm.fault, Jitter: 20 * time.Millisecond}
			if seed%2 == 0 {
				cfg.Throttle = -1
			}
			s := serve(t, cfg, n)
			c := dial(t, s.Transport(), func(cfg *crm.Config) { cfg.Retries = 2 })
			folder, _ := plan(t, c, wishes(n), importer.CheckOptions{})
			o := importer.ApplyOptions{JustMade: true, Verify: seed%3 == 0}
			applyAtLast(t, folder, c, o)
			rows, _ := finish(t, folder, nil)
			wantTruth(t, s, rows, storm, o.Verify, 0)
			if seed%4 > 0 {
				return
			}

			// When the storm is over, what did not get through does.
			storm.calm()
			applyAtLast(t, folder, c, o)
			rows, _ = finish(t, folder, nil)
			wantTruth(t, s, rows, storm, o.Verify, 0)
			if n := counts(rows); n[report.Failed] > 0 || n[report.Updated]+n[report.Mismatch] != len(rows) {
				t.Errorf("nothing is wrong any more, and the rows are %v", n)
			}
		})
	})
}

// applyAtLast goes on with a run that stops because a list could not be read.
func applyAtLast(t *testing.T, folder *report.Folder, c *crm.Client, o importer.ApplyOptions) {
	t.Helper()
	for range 10 {
		err := tryApply(t, folder, c, o)
		if err == nil {
			return
		}
		if e, ok := errors.AsType[*crm.Error](err); !ok || e.Code != code.ServerError && e.Code != code.Network {
			t.Fatal(err)
		}
	}
	t.Fatal("the run stops again and again")
}

// wantTruth holds a report of wishes against the server: what is reported is so, and what is so is reported. swallowed is
// how many PUTs were lost on the way.
func wantTruth(t *testing.T, s *sandbox.Server, rows map[int]report.Row, storm *storm, verified bool, swallowed int) {
	t.Helper()
	attempts := 0
	for _, row := range rows {
		attempts += row.Attempts
		n := numberOf(row.ID)
		so := holds(t, s, n)
		ok := false
		switch row.Status {
		case report.Updated:
			ok = so || storm.discarded[row.ID] && !verified
		case report.Failed:
			ok = !so
		case report.Unknown:
			ok = !so && (storm.lost[row.ID] || swallowed > 0)
		case report.Mismatch:
			ok = !so && storm.discarded[row.ID] && verified
		}
		if !ok || row.Line != n+2 {
			t.Errorf("line %d, record %d, is %s %s after %d attempts; on the server it is so: %t; %s", row.Line, n, row.Status, row.Code, row.Attempts, so, row.Message)
		}
	}
	if puts := len(requests(s, http.MethodPut)) + swallowed; attempts != puts {
		t.Errorf("the report counts %d attempts, the server %d", attempts, puts)
	}
}
