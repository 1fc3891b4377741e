package crm

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"csvput/importer/quota"
	"csvput/importer/sandbox"
	"csvput/report/code"
)

// putIn sends one update that must leave within a time, and returns the error's code.
func putIn(t *testing.T, c *Client, id string, within time.Duration, tries *Tries) (Answer, *Error) {
	t.Helper()
	name := "x"
	a, err := c.Put(t.Context(), id, Update{Name: &name}, time.Now().Add(within), tries)
	var e *Error
	if errors.As(err, &e) {
		if e.Doubt != a.Doubt || e.Sent != (a.Attempts > 0) {
			t.Errorf("answer %+v, error %+v", a, e)
		}
		return a, e
	}
	return a, &Error{}
}

// TestOutdated: whatever a request waits for, it does not leave after the time given, and what was known of its
// attempts goes on with the next call.
func TestOutdated(t *testing.T) {
	tests := []struct {
		name   string
		rt     http.RoundTripper
		change func(*Config)
		first  time.Duration // how long the first call takes; 0 = any time
		doubt  Doubt
		status int
	}{
		{"pause", &refuser{n: 1, status: 429, header: http.Header{"Retry-After": {"60"}}}, nil, 61 * time.Second, DoubtNone, 429},
		{"maintenance", &refuser{n: 1, status: 503, header: http.Header{"Retry-After": {"60"}}}, nil, 61 * time.Second, DoubtAnswered, 503},
		{"back-off", &refuser{n: 1, status: 500}, nil, 0, DoubtAnswered, 500},
		{"back-off after a lost answer", &script{status: func(n int) int { return 200 * min(1, n-1) }}, nil, 0, DoubtPending, 0},
		{"rate", &refuser{n: 1, status: 504}, func(cfg *Config) { cfg.Rate = quota.Rate{N: 1, Per: time.Minute} }, time.Minute + time.Microsecond, DoubtPending, 504},
		{"token", &refuser{n: 1, status: 401}, func(cfg *Config) {
			reads := 0
			cfg.Token = func(ctx context.Context) (string, error) {
				if reads++; reads == 1 {
					return testToken, nil
				}
				return "another", pause(ctx, time.Minute)
			}
		}, time.Minute, DoubtNone, 401},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := simClient(t, test.rt, func(cfg *Config) {
					cfg.Breaker = 2 // the attempt that failed counts, that the call is outdated does not
					if test.change != nil {
						test.change(cfg)
					}
				})
				var tries Tries
				start := time.Now()
				a, e := putIn(t, c, "1", 0, &tries)
				if took := time.Since(start); e.Code != CodeOutdated || e.Stop != StopNone || e.Refused || e.Doubt != test.doubt || e.Status != test.status ||
					a.Attempts != 1 || test.first > 0 && took != test.first {
					t.Errorf("after %s: %+v, %+v", took, a, e)
				}
				start = time.Now()
				a, e = putIn(t, c, "1", 0, &tries) // it gave its turn back: the next one leaves at once
				if took := time.Since(start); e.Code != "" || a.Attempts != 2 || a.Doubt != DoubtNone || took != 0 {
					t.Errorf("after %s: %+v, %+v", took, a, e)
				}
			})
		})
	}
}

// TestOutdatedKeepsLimits: however often a call is taken up again, repetitions are limited as in one call.
func TestOutdatedKeepsLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{status: func(int) int { return 500 }}
		c := simClient(t, s, func(cfg *Config) { cfg.Retries = 3 })
		var tries Tries
		var a Answer
		e := &Error{Code: CodeOutdated}
		for e.Code == CodeOutdated {
			a, e = putIn(t, c, "1", 0, &tries)
		}
		if e.Code != code.ServerError || a.Attempts != 4 || s.served != 4 || e.Doubt != DoubtAnswered {
			t.Errorf("%+v, %+v", a, e)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		_, c := laravel(t, 500, time.Millisecond, func(cfg *Config) {
			cfg.MaxWait = time.Minute
			good := cfg.Transport
			cfg.Transport = route(func(r *http.Request) http.RoundTripper {
				if strings.HasSuffix(r.URL.Path, sandbox.RecordUUID(1)) {
					return &refuser{n: 1, status: 429, header: http.Header{"Retry-After": {"9"}}}
				}
				return good
			})
		})
		var tries Tries
		start := time.Now()
		e := &Error{Code: CodeOutdated}
		for e.Code == CodeOutdated {
			if _, e := putIn(t, c, sandbox.RecordUUID(2), time.Second, nil); e.Code != "" {
				t.Fatal(e)
			}
			_, e = putIn(t, c, sandbox.RecordUUID(1), 0, &tries)
		}
		if took := time.Since(start); e.Code != code.Throttled || took > 2*time.Minute {
			t.Errorf("after %s: %+v", took, e)
		}
	})
}

// route chooses who answers a request.
type route func(*http.Request) http.RoundTripper

func (f route) RoundTrip(r *http.Request) (*http.Response, error) { return f(r).RoundTrip(r) }

// TestOutdatedOnTheWay: a request that waits for its connection does not leave late either, nor for ever.
func TestOutdatedOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
		var served, slow atomic.Int32
		slow.Store(2)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			served.Add(1)
			w.Write([]byte(echo(r)))
		})}
		go server.Serve(listener)
		defer server.Close()
		transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			if slow.Add(-1) >= 0 {
				if err := pause(ctx, 10*time.Second); err != nil {
					return nil, err
				}
			}
			near, far := net.Pipe()
			listener.conns <- far
			return near, nil
		}}
		c := simClient(t, transport, func(cfg *Config) { cfg.BaseURL, cfg.Retries = "http://localhost", 2 })
		defer c.Close()
		var tries Tries
		for i := range 3 {
			a, e := putIn(t, c, "1", 5*time.Second, &tries)
			switch {
			case i < 2 && (e.Code != CodeOutdated || a.Attempts != 0 || e.Doubt != DoubtNone || served.Load() != 0):
				t.Errorf("%d: %+v, %+v, served %d", i, a, e, served.Load())
			case i == 2 && (e.Code != "" || a.Attempts != 1 || served.Load() != 1):
				t.Errorf("%+v, %+v, served %d", a, e, served.Load())
			}
		}
		c.Close()
		slow.Store(100)
		tries = Tries{}
		e := &Error{Code: CodeOutdated}
		start := time.Now()
		for e.Code == CodeOutdated {
			_, e = putIn(t, c, "1", 5*time.Second, &tries)
		}
		if took := time.Since(start); e.Code != code.Timeout || e.Sent || took > 40*time.Second || served.Load() != 1 {
			t.Errorf("after %s: %+v, served %d", took, e, served.Load())
		}
	})
}

// pipes is a listener for the far ends of pipes.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }
