package quota

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// server counts like Laravel's throttle middleware, for fake time: a fixed window that begins at its first counted
// request, 429s that neither count nor extend it, and Remaining read when the request is done.
type server struct {
	limit   int
	window  time.Duration
	latency time.Duration
	silent  func(n int) bool        // whether the nth request gets no quota headers
	quota   func(remaining int) int // what Remaining says; nil = the truth

	mu      sync.Mutex
	count   int
	began   time.Time
	served  int
	arrived []time.Time
	refused []int // 429s, per window
	spent   int   // by others, in all
	windows []int // spent by others, per window
}

func (s *server) refusals() (all, most int) {
	for _, n := range s.refused {
		all += n
		most = max(most, n)
	}
	return all, most
}

// enter counts a request and reports whether it may pass.
func (s *server) enter(other bool) (ok bool, left time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.began.IsZero() || now.Sub(s.began) >= s.window {
		s.count = 0
	}
	if s.count >= s.limit {
		if !other {
			s.refused[len(s.refused)-1]++
		}
		return false, s.window - now.Sub(s.began)
	}
	if s.count == 0 {
		s.began = now
		s.windows, s.refused = append(s.windows, 0), append(s.refused, 0)
	}
	s.count++
	if other {
		s.spent++
		s.windows[len(s.windows)-1]++
	}
	return true, 0
}

// headers says how things stand now.
func (s *server) headers(h http.Header, refused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := s.limit - s.count
	switch {
	case refused:
		left = 0
	case time.Since(s.began) >= s.window:
		left = s.limit
	case s.quota != nil:
		left = s.quota(left)
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(s.limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
}

// serve carries out a request.
func (s *server) serve() (status int, h http.Header) {
	s.mu.Lock()
	s.served++
	s.arrived = append(s.arrived, time.Now())
	quiet := s.silent != nil && s.silent(s.served)
	s.mu.Unlock()
	ok, left := s.enter(false)
	after(context.Background(), s.latency)
	h = http.Header{}
	if !quiet {
		s.headers(h, !ok)
	}
	if !ok {
		h.Set("Retry-After", strconv.Itoa(int(left/time.Second)))
		return http.StatusTooManyRequests, h
	}
	return http.StatusOK, h
}

// after returns when a time has passed, or the context has ended.
func after(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// others spends a random share of the quota, the requests at random moments, until the context ends.
func (s *server) others(ctx context.Context, share float64, random *rand.Rand) {
	for {
		n := int(random.Float64() * share * float64(s.limit))
		at := make([]time.Duration, n)
		for i := range at {
			at[i] = time.Duration(random.Int64N(int64(s.window)))
		}
		slices.Sort(at)
		start := time.Now()
		for _, d := range at {
			if after(ctx, time.Until(start.Add(d))) != nil {
				return
			}
			s.enter(true)
		}
		if after(ctx, time.Until(start.Add(s.window))) != nil {
			return
		}
	}
}

// limiter is one as a client of that server has by default.
func limiter(change func(*Config)) *Limiter {
	cfg := Config{Rate: Rate{500, time.Minute}, MaxWait: 15 * time.Minute}
	if change != nil {
		change(&cfg)
	}
	return New(cfg)
}

// send sends a request until it is let through.
func (s *server) send(l *Limiter) error {
	for retry := false; ; retry = true {
		permit, err := l.Wait(context.Background(), time.Time{}, retry)
		if err != nil {
			return err
		}
		status, h := s.serve()
		if status == http.StatusOK {
			permit.Answered(h, true)
			return nil
		}
		if err := permit.Throttled(status, h); err != nil {
			return err
		}
	}
}

// sendAll sends n requests with as many workers, and returns the time that took.
func (s *server) sendAll(t *testing.T, l *Limiter, n, workers int) time.Duration {
	t.Helper()
	start := time.Now()
	var wg sync.WaitGroup
	next := make(chan int)
	for range workers {
		wg.Go(func() {
			for i := range next {
				if err := s.send(l); err != nil {
					t.Errorf("request %d: %v", i, err)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	return time.Since(start)
}
