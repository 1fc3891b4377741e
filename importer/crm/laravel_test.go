package crm

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"csvput/importer/quota"
)

// laravel is an API behind Laravel's throttle middleware, for fake time: a fixed window that begins at its first
// counted request, 429s that neither count nor extend it, and Remaining read when the request is done.
type laravel struct {
	limit   int
	window  time.Duration
	latency time.Duration
	silent  func(n int) bool                // whether the nth request gets no quota headers
	after   func(left time.Duration) string // Retry-After; nil = whole seconds, rounded down
	quota   func(remaining int) int         // what Remaining says; nil = the truth

	mu      sync.Mutex
	count   int
	began   time.Time
	served  int
	arrived []time.Time
	refused []int // 429s, per window
	spent   int   // by others, in all
	windows []int // spent by others, per window
}

// enter counts a request and reports whether it may pass.
func (l *laravel) enter(other bool) (ok bool, left time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.began.IsZero() || now.Sub(l.began) >= l.window {
		l.count = 0
	}
	if l.count >= l.limit {
		if !other {
			l.refused[len(l.refused)-1]++
		}
		return false, l.window - now.Sub(l.began)
	}
	if l.count == 0 {
		l.began = now
		l.windows, l.refused = append(l.windows, 0), append(l.refused, 0)
	}
	l.count++
	if other {
		l.spent++
		l.windows[len(l.windows)-1]++
	}
	return true, 0
}

// headers says how things stand now.
func (l *laravel) headers(h http.Header, refused bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.limit - l.count
	switch {
	case refused:
		left = 0
	case time.Since(l.began) >= l.window:
		left = l.limit
	case l.quota != nil:
		left = l.quota(left)
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(l.limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
}

func (l *laravel) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.served++
	l.arrived = append(l.arrived, time.Now())
	quiet := l.silent != nil && l.silent(l.served)
	l.mu.Unlock()
	h := http.Header{"Content-Type": {"application/json"}}
	if ok, left := l.enter(false); !ok {
		if err := pause(r.Context(), l.latency); err != nil {
			return nil, err
		}
		after := strconv.Itoa(int(left / time.Second))
		if l.after != nil {
			after = l.after(left)
		}
		h.Set("Retry-After", after)
		if !quiet {
			l.headers(h, true)
		}
		return answer(429, h, `{"message": "Too Many Attempts."}`), nil
	}
	if err := pause(r.Context(), l.latency); err != nil {
		return nil, err
	}
	if !quiet {
		l.headers(h, false)
	}
	return answer(200, h, echo(r)), nil
}

func answer(status int, h http.Header, body string) *http.Response {
	if h == nil {
		h = http.Header{"Content-Type": {"application/json"}}
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
}

// echo answers a PUT with the record as it was sent.
func echo(r *http.Request) string {
	id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	var sent map[string]any
	if r.Body != nil {
		json.NewDecoder(r.Body).Decode(&sent)
	}
	out := map[string]any{"uuid": id, "type": "phone_number", "name": sent["name"], "value": sent["value"]}
	if object, ok := sent["value"].(map[string]any); ok {
		out["value"] = object["number"]
	}
	for from, to := range map[string]string{"account_uuids": "accounts", "primary_account_uuids": "primary_accounts"} {
		if ids, ok := sent[from].([]any); ok {
			list := []any{}
			for _, id := range ids {
				list = append(list, map[string]any{"uuid": id})
			}
			out[to] = list
		}
	}
	b, _ := json.Marshal(out)
	return string(b)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// putAll sends n updates with as many workers, and returns the time that took.
func putAll(t *testing.T, c *Client, n, workers int) time.Duration {
	t.Helper()
	start := time.Now()
	var wg sync.WaitGroup
	next := make(chan int)
	name := "Work"
	for range workers {
		wg.Go(func() {
			for i := range next {
				if _, err := c.Put(context.Background(), fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Update{Name: &name}, time.Time{}, nil); err != nil {
					t.Errorf("row %d: %v", i, err)
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

func simClient(t testing.TB, rt http.RoundTripper, change func(*Config)) *Client {
	t.Helper()
	cfg := Config{
		BaseURL: "https://api.example.com/prefix", Account: "9fddf204-6ed4-5596-8b8a-257554a08e41",
		Token:   func(context.Context) (string, error) { return testToken, nil },
		Workers: 16, Retries: 5, Breaker: 20, Rate: quota.Rate{N: 500, Per: time.Minute}, Transport: rt,
	}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const testToken = "12|s3cr3t-t0ken-which-nobody-may-see"

func plain(s string) string { return s }
