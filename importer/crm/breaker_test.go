package crm

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"csvput/importer/quota"
)

// script answers the nth request (from 1) with what it returns: a status, or 0 for a lost connection.
type script struct {
	mu     sync.Mutex
	served int
	status func(n int) int
	body   string
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.served++
	status := s.status(s.served)
	s.mu.Unlock()
	switch {
	case status == 0:
		return nil, errors.New("connection reset by peer")
	case status == 200 && s.body == "":
		return answer(200, nil, echo(r)), nil
	}
	return answer(status, nil, s.body), nil
}

// TestBreaker: when it is pointless to go on.
func TestBreaker(t *testing.T) {
	always := func(status int) func(int) int { return func(int) int { return status } }
	tests := []struct {
		name   string
		status func(n int) int
		body   string
		rows   int // until everything stops; 0 = never, of 100
		stop   Stop
	}{
		{"500 on everything", always(500), "{}", 20, StopTransient},
		{"no answer to anything", always(0), "", 20, StopTransient},
		{"500 after some successes", func(n int) int {
			if n <= 10 {
				return 200
			}
			return 500
		}, "", 30, StopTransient},
		{"a success now and then", func(n int) int {
			if n%40 == 0 {
				return 200
			}
			return 500
		}, "", 0, StopNone},
		{"a refusal now and then", func(n int) int {
			if n%40 == 0 {
				return 422
			}
			return 500
		}, "", 0, StopNone},
		{"403 on everything", always(403), "{}", 20, StopPermanent},
		{"403 and 404", func(n int) int { return 403 + n%2 }, "{}", 40, StopPermanent},
		{"403 after a success", func(n int) int {
			if n == 1 {
				return 200
			}
			return 403
		}, "", 0, StopNone},
		{"422 on everything", always(422), "{}", 0, StopNone},
		{"a web page for everything", always(200), "<html>", 20, StopPermanent},
		{"redirects for everything", always(302), "-", 20, StopPermanent},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{status: test.status, body: test.body}
				c := simClient(t, s, func(cfg *Config) { cfg.Rate, cfg.Retries = quota.Rate{}, 1 })
				stopped, served := 0, 0
				for i := 1; i <= 100; i++ {
					name := "x"
					_, err := c.Put(t.Context(), fmt.Sprint(i), Update{Name: &name}, time.Time{}, nil)
					var e *Error
					errors.As(err, &e)
					switch {
					case e != nil && e.Stop != StopNone && stopped == 0:
						stopped, served = i, s.served
						if e.Stop != test.stop || !e.Sent {
							t.Errorf("row %d: %+v", i, e)
						}
					case stopped > 0 && (e == nil || e.Stop != test.stop || e.Sent || e.Doubt != DoubtNone || e.Status != 0):
						t.Fatalf("row %d, after the stop: %+v", i, e)
					}
				}
				if stopped != test.rows || stopped > 0 && s.served != served {
					t.Errorf("stopped at row %d, want %d; %d requests, %d of them before the stop", stopped, test.rows, s.served, served)
				}
			})
		})
	}
}

// TestTimeline holds that it stays small and loses nothing.
func TestTimeline(t *testing.T) {
	var r recorder
	start := time.Date(2026, 11, 23, 9, 45, 0, 5, time.UTC)
	sent, throttled, failed := 0, 0, 0
	for i := range 100_000 {
		status := [...]int{200, 429, 500, 0}[i%4]
		r.attempt(kindPut, 1, i%2 == 1, status, start.Add(time.Duration(i)*time.Second))
		r.waited(quota.Wait{Since: start, Until: start.Add(time.Second)})
	}
	s := r.stats
	for i, b := range s.Timeline {
		sent, throttled, failed = sent+b.Sent, throttled+b.Throttled, failed+b.Failed
		if i < len(s.Timeline)-1 && b != (Bucket{256, 128, 64}) {
			t.Fatalf("bucket %d has %+v", i, b)
		}
	}
	if s.From != start.Truncate(time.Second) || s.Width != 256*time.Second || len(s.Timeline) != 391 || len(s.Waits) != maxBuckets || s.Waited != 100_000*time.Second {
		t.Errorf("%d buckets of %s from %s on, %d waits, %s", len(s.Timeline), s.Width, s.From, len(s.Waits), s.Waited)
	}
	if sent != 100_000 || throttled != 25_000 || failed != 50_000 || r.stats.Retries != 50_000 || r.stats.Throttled != 25_000 {
		t.Errorf("%d sent, %d throttled, %d failed, %d repeated", sent, throttled, failed, r.stats.Retries)
	}
}
