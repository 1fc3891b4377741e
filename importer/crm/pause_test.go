package crm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"csvput/importer/quota"
	"csvput/importer/sandbox"
	"csvput/report/code"
)

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
				if e != nil && (e.Stop != StopTransient || e.Status != test.status || !strings.Contains(e.Message, "Too Many Attempts") || (e.Doubt == DoubtAnswered) != (test.status == 503)) {
					t.Errorf("%+v", e)
				}
			})
		})
	}
}

// TestEverybodyWaits: one pause for all workers, announced once, and one request first when it is over.
func TestEverybodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var waits []string
		s, c := laravel(t, 500, 50*time.Millisecond, func(cfg *Config) {
			cfg.OnWait = func(w quota.Wait) {
				mu.Lock()
				defer mu.Unlock()
				waits = append(waits, fmt.Sprintf("%s %s %s", w.Reason, w.For, time.Until(w.Until)))
			}
		})
		useUp(s, 500)
		took := putAll(t, c, 100, 16)
		if want := 61*time.Second + 450*time.Millisecond; took != want { // 50 ms refused, one alone, 99 in 7 rounds
			t.Errorf("took %s, want %s", took, want)
		}
		if got, want := strings.Join(waits, ", "), "throttled 1m1s 1m1s, throttled 0s 0s"; got != want {
			t.Errorf("waits %s, want %s", got, want)
		}
		if s := c.Stats(); s.Throttled != 16 || s.Puts != 116 || s.Retries != 16 || s.Waited != 61*time.Second || len(s.Waits) != 1 {
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
			_, c := laravel(t, 10, time.Second, func(cfg *Config) { cfg.Stop = soft })
			putAll(t, c, 5, 5)
			done := make(chan error, 8)
			for range cap(done) {
				go func() {
					name := "x"
					_, err := c.Put(context.Background(), sandbox.RecordUUID(1), Update{Name: &name}, time.Time{}, nil)
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
