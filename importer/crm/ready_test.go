package crm

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"csvput/importer/sandbox"
	"csvput/report/code"
)

// TestReadyInPause: asking waits for the end of a pause, and for the one request that goes first then.
func TestReadyInPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := laravel(t, 500, time.Second, nil)
		useUp(s, 500)
		start := time.Now()
		go putIn(t, c, sandbox.RecordUUID(1), time.Hour, nil)
		pause(t.Context(), 10*time.Second)
		n, err := c.Ready(t.Context(), 5*time.Second)
		if took := time.Since(start); err != nil || n != 474 || took != 62*time.Second { // refused after 1 s, 59 + 1 s, and the trial's second
			t.Errorf("%d after %s: %v", n, took, err)
		}
		useUp(s, 500)
		start = time.Now()
		if _, err := c.Put(t.Context(), sandbox.RecordUUID(1), Update{}, start, new(Tries)); err == nil {
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
		{"halt", func(c *Client, _, _ func()) { c.halt(Error{Code: code.ServerError, Stop: StopTransient, Sent: true}) }, code.ServerError, StopTransient},
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
