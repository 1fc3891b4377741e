package crm

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"csvput/report/code"
)

// TestReady: how many requests can leave soon, and that asking costs nothing.
func TestReady(t *testing.T) {
	ms, s := time.Millisecond, time.Second
	tests := []struct {
		name   string
		rate   Rate
		silent bool
		puts   int           // before
		pause  time.Duration // after them
		within time.Duration
		want   int
		waits  time.Duration
	}{
		{"nothing is known", Rate{500, time.Minute}, false, 0, 0, 5 * s, 41, 0},
		{"no bound and no headers", Rate{}, true, 16, 0, 5 * s, 1 << 30, 0},
		{"even pace", Rate{600, time.Minute}, true, 1, 0, 5 * s, 50, 50 * ms},
		{"even pace, less than one", Rate{600, time.Minute}, true, 1, s, 50 * ms, 1, 0},
		{"what is left of the window", Rate{500, time.Minute}, false, 16, 0, 5 * s, 475 - 16, 0},
		{"little is left", Rate{500, time.Minute}, false, 460, 0, 5 * s, 15, 0},
		{"the bound is lower", Rate{8, s}, false, 8, s, 3 * s, 32, 0},
		{"the bound is lower, in part used", Rate{100, time.Minute}, false, 60, s, 5 * s, 40, 0},
		{"nothing is left", Rate{500, time.Minute}, false, 475, 0, 5 * s, 475, 0},
		{"nothing is left, and the next window begins soon", Rate{500, time.Minute}, false, 475, 0, 70 * s, 475, 0},
		{"little is left, and the next window begins soon", Rate{500, time.Minute}, false, 460, 58 * s, 5 * s, 15 + 475, 0},
		{"little is left, and the next window may begin just too late", Rate{500, time.Minute}, false, 460, 52 * s, 5 * s, 15, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &laravel{limit: 500, window: time.Minute, latency: 50 * ms, silent: func(int) bool { return test.silent }}
				c := simClient(t, l, func(cfg *Config) { cfg.Rate = test.rate })
				putAll(t, c, test.puts, 16)
				pause(t.Context(), test.pause)
				for range 3 { // asking changes nothing
					start := time.Now()
					n, err := c.Ready(t.Context(), test.within)
					took := time.Since(start)
					if err != nil || n != test.want && !(test.want == 1<<30 && n > test.want) {
						t.Errorf("%d after %s, want %d: %v", n, took, test.want, err)
					}
					if test.waits > 0 && took != test.waits {
						t.Errorf("took %s, want %s", took, test.waits)
					}
					test.waits = 0
				}
				if l.served != test.puts || c.gate.window.flying != 0 {
					t.Errorf("%d requests, %d on their way", l.served-test.puts, c.gate.window.flying)
				}
			})
		})
	}
}

// TestReadyInPause: asking waits for the end of a pause, and for the one request that goes first then.
func TestReadyInPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &laravel{limit: 500, window: time.Minute, latency: time.Second}
		l.count, l.began, l.windows, l.refused = 500, time.Now(), []int{500}, []int{0} // somebody has used it up
		c := simClient(t, l, nil)
		start := time.Now()
		go putIn(t, c, "1", time.Hour, nil)
		pause(t.Context(), 10*time.Second)
		n, err := c.Ready(t.Context(), 5*time.Second)
		if took := time.Since(start); err != nil || n != 474 || took != 63*time.Second { // refused after 1 s, 60 + 1 s, and the trial's second
			t.Errorf("%d after %s: %v", n, took, err)
		}
		l.mu.Lock()
		l.count = 500
		l.mu.Unlock()
		start = time.Now()
		if _, err := c.Put(t.Context(), "1", Update{}, start, new(Tries)); err == nil {
			t.Error("the server let a request through")
		}
		n, err = c.Ready(t.Context(), 5*time.Second) // nobody is on trial: what will be if one goes well
		if err != nil || n != 475 {
			t.Errorf("%d: %v", n, err)
		}
	})
}

// TestReadyEnds: asking ends as a request does that was not sent.
func TestReadyEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(c *Client, stop, cancel func())
		code code.Code
		stop Stop
	}{
		{"stop", func(_ *Client, stop, _ func()) { stop() }, code.Stopped, StopNone},
		{"cancel", func(_ *Client, _, cancel func()) { cancel() }, CodeCancelled, StopNone},
		{"halt", func(c *Client, _, _ func()) { c.halt(&Error{Code: code.ServerError, Stop: StopPassing, Sent: true}) }, code.ServerError, StopPassing},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			soft, stop := context.WithCancel(context.Background())
			defer stop()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c := simClient(t, &refuser{n: 9, status: 429, header: http.Header{"Retry-After": {"60"}}}, func(cfg *Config) { cfg.Stop = soft })
			go putIn(t, c, "1", time.Hour, nil)
			synctest.Wait()
			var asked atomic.Int32
			for range 2 { // one is first in line, one behind it
				go func() {
					_, err := c.Ready(ctx, time.Second)
					var e *Error
					if !errors.As(err, &e) || e.Code != test.code || e.Stop != test.stop || e.Sent {
						t.Errorf("%s: %v", test.name, err)
					}
					asked.Add(1)
				}()
			}
			pause(t.Context(), 10*time.Second)
			test.end(c, stop, cancel)
			synctest.Wait()
			if asked.Load() != 2 {
				t.Errorf("%s: %d of 2 came to an end", test.name, asked.Load())
			}
			if _, err := c.Ready(ctx, time.Second); err == nil {
				t.Errorf("%s: and then there is room", test.name)
			}
			stop()
		})
	}
}

// TestReadyBesideRequests: who asks takes nothing from requests, and is not kept out by them.
func TestReadyBesideRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &laravel{limit: 500, window: time.Minute, latency: 50 * time.Millisecond}
		c := simClient(t, l, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var asked, longest atomic.Int64
		for range 4 {
			go func() {
				for ctx.Err() == nil {
					start := time.Now()
					if n, err := c.Ready(ctx, 5*time.Second); err == nil {
						asked.Add(1)
						if n < 1 || n > 500 {
							t.Errorf("room for %d", n)
						}
					}
					longest.Store(max(longest.Load(), int64(time.Since(start))))
					pause(ctx, 10*time.Millisecond)
				}
			}()
		}
		took := putAll(t, c, 1_000, 16)
		cancel()
		synctest.Wait()
		if bound := 2*time.Minute + l.service(50); took > bound*1025/1000 {
			t.Errorf("1000 rows took %s, the bound is %s", took, bound)
		}
		if refused, _ := l.refusals(); refused > 0 || asked.Load() < 100 || time.Duration(longest.Load()) > 65*time.Second {
			t.Errorf("%d answers 429; asked %d times, at most for %s", refused, asked.Load(), time.Duration(longest.Load()))
		}
	})
}
