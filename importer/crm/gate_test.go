package crm

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

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
				refused, _ := l.refusals()
				t.Logf("%d rows: %s, %.4f of the bound, %d refused", n, took, ratio, refused)
				if ratio > 1.025 || refused > 0 {
					t.Errorf("%d rows took %s, %.4f of the bound %s, with %d answers 429", n, took, ratio, bound, refused)
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
	refused, _ := l.refusals()
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
			return max(d, time.Duration(ceil(all+refused, 500)-1)*l.window)
		}
		n -= free
	}
}

func TestGateWithOthers(t *testing.T) {
	for _, n := range []int{100, 500, 600, 1_000, 5_000, 50_000} {
		for seed := range uint64(10) {
			if n == 50_000 && seed > 0 {
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
	lead := time.Duration(random.Int64N(int64(2 * time.Minute)))
	go l.others(ctx, 0.6, random)
	if old {
		pause(ctx, lead)
	}
	l.mu.Lock()
	first, age := len(l.windows), time.Duration(0)
	if l.count > 0 && time.Since(l.began) < l.window {
		first, age = first-1, time.Since(l.began)
	}
	l.mu.Unlock()
	c := simClient(t, l, nil)
	c.SetTotal(n + 1)
	start := time.Now()
	putAll(t, c, 1, 1) // a real run reads something first
	putAll(t, c, n, 16)
	took := time.Since(start)
	cancel()
	synctest.Wait()
	bound := l.latency + l.bound(n+1, 25, first, age)
	refused, most := l.refusals()
	t.Logf("%d rows, %d by others (%d noticed), window %s old: %s, %.4f of the bound %s, %d refused (at most %d a window)", n,
		l.spent, c.Stats().Others, age.Round(time.Second), took, took.Seconds()/bound.Seconds(), bound, refused, most)
	allowed := bound + bound/20
	if old { // the end of the first window must be found out
		w := &c.gate.window
		allowed = l.latency + l.bound(n+1+probes, 25, first, age)*105/100 + w.step() + w.margin()
	}
	if took > allowed {
		t.Errorf("took %s, allowed %s", took, allowed)
	}
	if most > 1 {
		t.Errorf("%d answers 429 in one window", most)
	}
}

// TestGateManyWorkers: however many requests are on their way, and with nothing kept in reserve, no 429 when alone.
func TestGateManyWorkers(t *testing.T) {
	for _, latency := range []time.Duration{50 * time.Millisecond, 2 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			l := &laravel{limit: 500, window: time.Minute, latency: latency}
			c := simClient(t, l, func(cfg *Config) { cfg.Workers, cfg.Reserve = 128, Reserve{set: true} })
			took := putAll(t, c, 2_500, 128)
			if refused, _ := l.refusals(); refused > 0 || took > 4*time.Minute+14*latency+5*time.Second {
				t.Errorf("latency %s: %s, %d answers 429", latency, took, refused)
			}
		})
	}
}
