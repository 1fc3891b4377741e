package crm

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
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
	refused []time.Time
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
		return false, l.window - now.Sub(l.began)
	}
	if l.count == 0 {
		l.began = now
		l.windows = append(l.windows, 0)
	}
	l.count++
	if other {
		l.spent++
		l.windows[len(l.windows)-1]++
	}
	return true, 0
}

func (l *laravel) remaining() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.began) >= l.window {
		return l.limit
	}
	return l.limit - l.count
}

func (l *laravel) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.served++
	quiet := l.silent != nil && l.silent(l.served)
	l.mu.Unlock()
	h := http.Header{"Content-Type": {"application/json"}}
	if ok, left := l.enter(false); !ok {
		l.mu.Lock()
		l.refused = append(l.refused, time.Now())
		l.mu.Unlock()
		if err := pause(r.Context(), l.latency); err != nil {
			return nil, err
		}
		after := strconv.Itoa(int(left / time.Second))
		if l.after != nil {
			after = l.after(left)
		}
		h.Set("Retry-After", after)
		if !quiet {
			h.Set("X-RateLimit-Limit", strconv.Itoa(l.limit))
			h.Set("X-RateLimit-Remaining", "0")
		}
		return answer(429, h, `{"message": "Too Many Attempts."}`), nil
	}
	if err := pause(r.Context(), l.latency); err != nil {
		return nil, err
	}
	if !quiet {
		left := l.remaining()
		if l.quota != nil {
			left = l.quota(left)
		}
		h.Set("X-RateLimit-Limit", strconv.Itoa(l.limit))
		h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
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

// others spends a random share of the quota, the requests at random moments, until the context ends.
func (l *laravel) others(ctx context.Context, share float64, random *rand.Rand) {
	for {
		n := int(random.Float64() * share * float64(l.limit))
		at := make([]time.Duration, n)
		for i := range at {
			at[i] = time.Duration(random.Int64N(int64(l.window)))
		}
		sortDurations(at)
		start := time.Now()
		for _, d := range at {
			if pause(ctx, start.Add(d).Sub(time.Now())) != nil {
				return
			}
			l.enter(true)
		}
		if pause(ctx, start.Add(l.window).Sub(time.Now())) != nil {
			return
		}
	}
}

func sortDurations(d []time.Duration) {
	for i := 1; i < len(d); i++ {
		for j := i; j > 0 && d[j] < d[j-1]; j-- {
			d[j], d[j-1] = d[j-1], d[j]
		}
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
				if _, err := c.Put(context.Background(), fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Update{Name: &name}); err != nil {
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
		Workers: 16, Retries: 5, Breaker: 20, Rate: Rate{500, time.Minute}, Transport: rt,
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

func ceil(a, b int) int { return (a + b - 1) / b }

// service is the time that n requests take with 16 workers.
func (l *laravel) service(n int) time.Duration { return time.Duration(ceil(n, 16)) * l.latency }

func TestGateAlone(t *testing.T) {
	for _, n := range []int{1, 100, 476, 500, 600, 1_000, 5_000, 50_000} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &laravel{limit: 500, window: time.Minute, latency: 50 * time.Millisecond}
				took := putAll(t, simClient(t, l, nil), n, 16)
				windows := ceil(n, 475)
				bound := time.Duration(windows-1)*time.Minute + l.service(n-(windows-1)*475)
				ratio := took.Seconds() / bound.Seconds()
				t.Logf("%d rows: %s, %.4f of the bound, %d refused", n, took, ratio, len(l.refused))
				if ratio > 1.025 || len(l.refused) > 0 {
					t.Errorf("%d rows took %s, %.4f of the bound %s, with %d answers 429", n, took, ratio, bound, len(l.refused))
				}
			})
		})
	}
}

// bound is the least time in which n requests fit beside what the others spent, if all was known beforehand: the
// quota of each window less what the others spent in it, or less the reserve if that is more. Windows follow one another
// without a gap; the one with index first began before we did, by age. Nor do more than 500 a minute fit into Config.Rate.
func (l *laravel) bound(n, reserve, first int, age time.Duration) time.Duration {
	windows, all := l.windows[first:], n
	for i := 0; ; i++ {
		others := 0
		if i < len(windows) {
			others = windows[i]
		}
		free := l.limit - max(others, reserve)
		if n <= free {
			d := l.service(n)
			if i > 0 {
				d += time.Duration(i)*l.window - age
			}
			return max(d, time.Duration(ceil(all+len(l.refused), 500)-1)*l.window)
		}
		n -= free
	}
}

func TestGateWithOthers(t *testing.T) {
	for _, n := range []int{100, 500, 600, 1_000, 5_000, 50_000} {
		for seed := range uint64(10) {
			if n == 50_000 && seed > 2 {
				break
			}
			for _, old := range []bool{false, true} {
				t.Run(fmt.Sprintf("%d/%d/%v", n, seed, old), func(t *testing.T) { synctest.Test(t, func(t *testing.T) { withOthers(t, n, seed, old) }) })
			}
		}
	}
}

// withOthers lets another program spend up to 60 % of the quota. old: it began before us, so that a window may be
// running whose end we cannot know.
func withOthers(t *testing.T, n int, seed uint64, old bool) {
	random := rand.New(rand.NewPCG(seed, uint64(n)))
	l := &laravel{limit: 500, window: time.Minute, latency: 50 * time.Millisecond}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go l.others(ctx, 0.6, random)
	if old {
		pause(ctx, time.Duration(random.Int64N(int64(2*time.Minute))))
	}
	first, age := len(l.windows), time.Duration(0)
	if l.count > 0 && time.Since(l.began) < l.window {
		first, age = first-1, time.Since(l.began)
	}
	c := simClient(t, l, nil)
	c.SetTotal(n + 1)
	start := time.Now()
	putAll(t, c, 1, 1) // a real run reads something first
	putAll(t, c, n, 16)
	took := time.Since(start)
	bound := l.bound(n+1, 25, first, age)
	ratio := took.Seconds() / bound.Seconds()
	t.Logf("%d rows, %d by others (%d noticed), window %s old: %s, %.4f of the bound %s, %d refused (at most %d a window) in %d windows",
		n, l.spent, c.Stats().Others, age.Round(time.Second), took, ratio, bound, len(l.refused), l.mostRefused(), len(l.windows)-first)
}

// mostRefused is the largest number of 429s in one window.
func (l *laravel) mostRefused() int {
	most := 0
	for i, at := range l.refused {
		n := 0
		for _, other := range l.refused[i:] {
			if other.Sub(at) < l.window {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}
