package crm

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"csvput/report/code"
)

// TestGateWithoutHeaders: even pacing at --rate, after a first round that cannot know yet.
func TestGateWithoutHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &laravel{limit: 10_000, window: time.Minute, latency: 50 * time.Millisecond, silent: func(int) bool { return true }}
		c := simClient(t, l, func(cfg *Config) { cfg.Rate = Rate{600, time.Minute} })
		took := putAll(t, c, 1_200, 16)
		if want := 120 * time.Second; took < want-3*time.Second || took > want+time.Second {
			t.Errorf("1200 rows at 600/m took %s, want about %s", took, want)
		}
		l.checkRate(t, c.gate.bound)
		for i := 17; i < len(l.arrived)-1; i++ { // evenly, not in bursts
			if gap := l.arrived[i+1].Sub(l.arrived[i]); gap < 90*time.Millisecond {
				t.Fatalf("requests %d and %d are only %s apart", i, i+1, gap)
			}
		}
	})
}

// checkRate fails if more requests arrived in any span than the bound allows.
func (l *laravel) checkRate(t *testing.T, b sliding) {
	t.Helper()
	for i := b.n; i < len(l.arrived); i++ {
		if d := l.arrived[i].Sub(l.arrived[i-b.n]); d < b.per {
			t.Fatalf("%d requests within %s, allowed are %d in %s", b.n+1, d, b.n, b.per)
		}
	}
}

func TestRateIsAnUpperBound(t *testing.T) {
	tests := []struct {
		rate string
		n    int
		want time.Duration // without service
	}{
		{"500/m", 2_000, 4*time.Minute + 4*time.Second}, // the quota binds: 475 a window
		{"100/m", 350, 3 * time.Minute},
		{"8/s", 400, 49 * time.Second},
		{"50/6s", 200, 18 * time.Second},
		{"600/h", 601, time.Hour},
	}
	for _, test := range tests {
		t.Run(test.rate, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rate, err := ParseRate(test.rate)
				if err != nil {
					t.Fatal(err)
				}
				l := &laravel{limit: 500, window: time.Minute, latency: 50 * time.Millisecond}
				c := simClient(t, l, func(cfg *Config) { cfg.Rate = rate })
				took := putAll(t, c, test.n, 16)
				if took < test.want || took > test.want+3*time.Second {
					t.Errorf("%d rows at %s took %s, want about %s", test.n, test.rate, took, test.want)
				}
				if refused, _ := l.refusals(); refused > 0 {
					t.Errorf("%d answers 429", refused)
				}
				l.checkRate(t, c.gate.bound)
			})
		})
	}
}

// TestGateScaled: the rate's duration is the window's length.
func TestGateScaled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &laravel{limit: 50, window: 6 * time.Second, latency: 5 * time.Millisecond}
		took := putAll(t, simClient(t, l, func(cfg *Config) { cfg.Rate = Rate{50, 6 * time.Second} }), 275, 16)
		bound := 6*6*time.Second + l.service(5) // 45 a window
		refused, _ := l.refusals()
		t.Logf("%s, %.4f of the bound, %d refused", took, took.Seconds()/bound.Seconds(), refused)
		if took > bound*1025/1000 || refused > 0 {
			t.Errorf("took %s of %s, %d answers 429", took, bound, refused)
		}
	})
}

// TestGateUnderDisturbance: whatever the headers say, all rows get through, with few 429s and in a sensible time.
func TestGateUnderDisturbance(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	changing := &laravel{limit: 500, window: time.Minute, latency: 50 * time.Millisecond}
	changing.silent = func(n int) bool {
		switch n { // the mutex is held
		case 300:
			changing.limit = 200
		case 700:
			changing.limit = 1_000
		}
		return false
	}
	tests := []struct {
		name    string
		l       *laravel
		n       int
		max     time.Duration
		refused int // at most, per window
	}{
		{"headers vanish", &laravel{silent: func(n int) bool { return n > 200 }}, 1_000, 3 * time.Minute, 1},
		{"headers come late", &laravel{silent: func(n int) bool { return n < 200 }}, 1_000, 150 * time.Second, 0},
		{"headers on some answers", &laravel{silent: func(n int) bool { return n%3 == 0 }}, 1_000, 130 * time.Second, 0},
		{"remaining below zero", &laravel{quota: func(r int) int { return r - 3 }}, 1_000, 130 * time.Second, 0},
		{"remaining out of order", &laravel{quota: func(r int) int { return min(500, r+random.IntN(16)) }}, 1_000, 130 * time.Second, 0},
		{"remaining is nonsense", &laravel{quota: func(r int) int { return random.IntN(2_000) - 500 }}, 1_000, time.Hour, 1},
		{"limit changes", changing, 1_500, 5 * time.Minute, 16},
		{"window longer than believed", &laravel{window: 61500 * time.Millisecond}, 1_000, 130 * time.Second, 16},
		{"window much longer", &laravel{window: 5 * time.Minute}, 1_000, 11 * time.Minute, 16},
		{"window much shorter", &laravel{window: 10 * time.Second}, 1_000, 130 * time.Second, 0},
		{"small limit", &laravel{limit: 6}, 20, 21 * time.Minute, 10},
		{"limit of one", &laravel{limit: 1}, 5, 5 * time.Minute, 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := test.l
				l.limit, l.window = or(l.limit, 500), or(l.window, time.Minute)
				l.latency = 50 * time.Millisecond
				c := simClient(t, l, nil)
				took := putAll(t, c, test.n, 16)
				all, most := l.refusals()
				t.Logf("%d rows: %s, %d answers 429, at most %d a window", test.n, took, all, most)
				if took > test.max || most > test.refused {
					t.Errorf("%s and %d answers 429 a window, allowed are %s and %d", took, most, test.max, test.refused)
				}
				l.checkRate(t, c.gate.bound)
			})
		})
	}
}

// TestTwoClients: two runs of one user share a quota without throttling each other.
func TestTwoClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &laravel{limit: 500, window: time.Minute, latency: 50 * time.Millisecond}
		var wg sync.WaitGroup
		start := time.Now()
		for range 2 {
			wg.Go(func() { putAll(t, simClient(t, l, nil), 1_000, 16) })
		}
		wg.Wait()
		took, bound := time.Since(start), 4*time.Minute
		all, most := l.refusals()
		t.Logf("%s for a bound of %s, %d answers 429", took, bound, all)
		if took > bound*110/100 || most > 2 { // one each, when the other one has used up what was left
			t.Errorf("took %s for a bound of %s, %d answers 429 in a window", took, bound, most)
		}
	})
}

// refuser answers the first n requests with a status and headers, later ones well.
type refuser struct {
	mu     sync.Mutex
	n      int
	status int
	header http.Header
	body   string
	served []time.Time
}

func (r *refuser) RoundTrip(q *http.Request) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.served = append(r.served, time.Now())
	if len(r.served) <= r.n {
		return answer(r.status, r.header.Clone(), r.body), nil
	}
	return answer(200, nil, echo(q)), nil
}

// TestServersDelay: what a 429 or 503 says about when to come back.
func TestServersDelay(t *testing.T) {
	date := func(s string) http.Header {
		return http.Header{"Retry-After": {s}, "Date": {"Mon, 23 Nov 2026 09:45:44 GMT"}}
	}
	after := func(s string) http.Header { return http.Header{"Retry-After": {s}} }
	tests := []struct {
		name   string
		status int
		n      int
		header http.Header
		want   time.Duration // until the request got through
		stop   bool
	}{
		{"seconds", 429, 1, after("37"), 38 * time.Second, false},
		{"0 is not now", 429, 1, after("0"), time.Second, false},
		{"0 again and again", 429, 3, after("0"), 7 * time.Second, false}, // 1 + 2 + 4
		{"date, whatever our clock says", 429, 1, date("Mon, 23 Nov 2026 09:46:14 GMT"), 31 * time.Second, false},
		{"date in the past", 429, 1, date("Mon, 23 Nov 2026 09:40:00 GMT"), time.Second, false},
		{"garbage", 429, 1, after("soon"), time.Second, false},
		{"negative", 429, 1, after("-30"), time.Second, false},
		{"fraction", 429, 1, after("1.5"), time.Second, false},
		{"none", 429, 2, http.Header{}, 3 * time.Second, false},
		{"none, for long", 429, 8, http.Header{}, 183 * time.Second, false}, // 1 2 4 8 16 32 60 60
		{"reset", 429, 1, http.Header{"X-Ratelimit-Reset": {"1795427164"}, "Date": {"Mon, 23 Nov 2026 09:45:44 GMT"}}, 21 * time.Second, false},
		{"more than allowed", 429, 1, after("901"), 0, true},
		{"a day", 429, 1, after("86400"), 0, true},
		{"absurd", 429, 1, after("99999999999999999999"), 0, true},
		{"date in a year", 429, 1, date("Tue, 23 Nov 2027 09:46:14 GMT"), 0, true},
		{"for ever", 429, 1_000, after("60"), 14*time.Minute + 14*time.Second, true},
		{"maintenance", 503, 1, after("30"), 31 * time.Second, false},
		{"long maintenance", 503, 12, after("60"), 12*61*time.Second + 0, false},
		{"endless maintenance", 503, 1_000, after("60"), 14*time.Minute + 14*time.Second, true},
		{"absurd maintenance", 503, 1, after("86400"), 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &refuser{n: test.n, status: test.status, header: test.header, body: `{"message": "Too Many Attempts."}`}
				c := simClient(t, r, nil)
				start, name := time.Now(), "x"
				a, err := c.Put(t.Context(), "a6760ad5-8b5a-5b9e-9947-086ec77a2b5a", Update{Name: &name}, time.Time{}, nil)
				if took := time.Since(start); took != test.want {
					t.Errorf("took %s, want %s", took, test.want)
				}
				if a.Attempts != len(r.served) {
					t.Errorf("%d attempts counted, %d made", a.Attempts, len(r.served))
				}
				var e *Error
				if got := errors.As(err, &e); got != test.stop {
					t.Fatalf("error %v", err)
				}
				if e != nil && (e.Stop != StopPassing || e.Status != test.status || !strings.Contains(e.Message, "Too Many Attempts") || (e.Doubt == DoubtAnswered) != (test.status == 503)) {
					t.Errorf("%+v", e)
				}
			})
		})
	}
}

// TestEverybodyWaits: one pause for all workers, announced once, and one request first when it is over.
func TestEverybodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &laravel{limit: 500, window: time.Minute, latency: 50 * time.Millisecond}
		l.count, l.began, l.windows, l.refused = 500, time.Now(), []int{500}, []int{0} // somebody has used it up
		var mu sync.Mutex
		var waits []string
		c := simClient(t, l, func(cfg *Config) {
			cfg.OnWait = func(w Wait) {
				mu.Lock()
				defer mu.Unlock()
				waits = append(waits, fmt.Sprintf("%s %s %s", w.Reason, w.For, time.Until(w.Until)))
			}
		})
		took := putAll(t, c, 100, 16)
		if want := 61*time.Second + 450*time.Millisecond; took != want { // 50 ms refused, one alone, 99 in 7 rounds
			t.Errorf("took %s, want %s", took, want)
		}
		if got, want := strings.Join(waits, ", "), "throttled 1m1s 1m1s, throttled 0s 0s"; got != want {
			t.Errorf("waits %s, want %s", got, want)
		}
		s := c.Stats()
		if s.Throttled != 16 || s.Puts != 116 || s.Retries != 16 || s.Waited != 61*time.Second || len(s.Waits) != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// TestStop: Config.Stop ends waits of every kind, and touches nothing else.
func TestStop(t *testing.T) {
	tests := []struct {
		name string
		rt   http.RoundTripper
		sent bool
	}{
		{"pause", &refuser{n: 1, status: 429, header: http.Header{"Retry-After": {"60"}}}, true},
		{"back-off", &refuser{n: 99, status: 500}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				soft, cancel := context.WithCancel(context.Background())
				c := simClient(t, test.rt, func(cfg *Config) { cfg.Stop, cfg.Retries = soft, 50 })
				name := "x"
				done := make(chan error)
				go func() {
					_, err := c.Put(context.Background(), "1", Update{Name: &name}, time.Time{}, nil)
					done <- err
				}()
				pause(t.Context(), 10*time.Second)
				cancel()
				var e *Error
				if err := <-done; !errors.As(err, &e) || e.Code != code.Stopped || e.Sent != test.sent || e.Status == 0 || e.Stop != StopNone {
					t.Errorf("%+v", e)
				}
			})
		})
	}
	t.Run("quota", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			soft, cancel := context.WithCancel(context.Background())
			l := &laravel{limit: 10, window: time.Minute, latency: time.Second}
			c := simClient(t, l, func(cfg *Config) { cfg.Stop = soft })
			putAll(t, c, 5, 5)
			done := make(chan error, 8)
			for range cap(done) {
				go func() {
					name := "x"
					_, err := c.Put(context.Background(), "1", Update{Name: &name}, time.Time{}, nil)
					done <- err
				}()
			}
			pause(t.Context(), 10*time.Second)
			cancel()
			for range cap(done) {
				var e *Error
				if err := <-done; !errors.As(err, &e) || e.Code != code.Stopped || e.Sent || e.Doubt != DoubtNone {
					t.Errorf("%v", err)
				}
			}
		})
	})
}
