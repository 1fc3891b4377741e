package quota

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func ceil(a, b int) int { return (a + b - 1) / b }

// service is the time that n requests take with 16 workers.
func (l *server) service(n int) time.Duration { return time.Duration(ceil(n, 16)) * l.latency }

func TestAlone(t *testing.T) {
	for _, n := range []int{1, 100, 476, 500, 600, 1_000, 5_000, 50_000} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &server{limit: 500, window: time.Minute, latency: 50 * time.Millisecond}
				took := l.sendAll(t, limiter(nil), n, 16)
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
func (l *server) bound(n, reserve, first int, age time.Duration) time.Duration {
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

func TestWithOthers(t *testing.T) {
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
	l := &server{limit: 500, window: time.Minute, latency: 50 * time.Millisecond}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	lead := time.Duration(random.Int64N(int64(2 * time.Minute)))
	go l.others(ctx, 0.6, random)
	if old {
		after(ctx, lead)
	}
	l.mu.Lock()
	first, age := len(l.windows), time.Duration(0)
	if l.count > 0 && time.Since(l.began) < l.window {
		first, age = first-1, time.Since(l.began)
	}
	l.mu.Unlock()
	c := limiter(nil)
	c.SetTotal(n + 1)
	start := time.Now()
	l.sendAll(t, c, 1, 1) // a real run reads something first
	l.sendAll(t, c, n, 16)
	took := time.Since(start)
	cancel()
	synctest.Wait()
	bound := l.latency + l.bound(n+1, 25, first, age)
	refused, most := l.refusals()
	t.Logf("%d rows, %d by others (%d noticed), window %s old: %s, %.4f of the bound %s, %d refused (at most %d a window)", n,
		l.spent, c.window.others+c.window.foreign(), age.Round(time.Second), took, took.Seconds()/bound.Seconds(), bound, refused, most)
	allowed := bound + bound/20
	if old { // the end of the first window must be found out
		w := &c.window
		allowed = l.latency + l.bound(n+1+probes, 25, first, age)*105/100 + w.step() + w.margin()
	}
	if took > allowed {
		t.Errorf("took %s, allowed %s", took, allowed)
	}
	if most > 1 {
		t.Errorf("%d answers 429 in one window", most)
	}
}

// TestManyWorkers: however many requests are on their way, and with nothing kept in reserve, no 429 when alone.
func TestManyWorkers(t *testing.T) {
	for _, latency := range []time.Duration{50 * time.Millisecond, 2 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			l := &server{limit: 500, window: time.Minute, latency: latency}
			c := limiter(func(cfg *Config) { cfg.Reserve = Reserve{set: true} })
			took := l.sendAll(t, c, 2_500, 128)
			if refused, _ := l.refusals(); refused > 0 || took > 4*time.Minute+14*latency+5*time.Second {
				t.Errorf("latency %s: %s, %d answers 429", latency, took, refused)
			}
		})
	}
}

// TestWithoutHeaders: even pacing at --rate, after a first round that cannot know yet.
func TestWithoutHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &server{limit: 10_000, window: time.Minute, latency: 50 * time.Millisecond, silent: func(int) bool { return true }}
		c := limiter(func(cfg *Config) { cfg.Rate = Rate{600, time.Minute} })
		took := l.sendAll(t, c, 1_200, 16)
		if want := 120 * time.Second; took < want-3*time.Second || took > want+time.Second {
			t.Errorf("1200 rows at 600/m took %s, want about %s", took, want)
		}
		l.checkRate(t, c.bound.rate)
		for i := 17; i < len(l.arrived)-1; i++ { // evenly, not in bursts
			if gap := l.arrived[i+1].Sub(l.arrived[i]); gap < 90*time.Millisecond {
				t.Fatalf("requests %d and %d are only %s apart", i, i+1, gap)
			}
		}
	})
}

// checkRate fails if more requests arrived in any span than the bound allows.
func (l *server) checkRate(t *testing.T, r Rate) {
	t.Helper()
	for i := r.N; i < len(l.arrived); i++ {
		if d := l.arrived[i].Sub(l.arrived[i-r.N]); d < r.Per {
			t.Fatalf("%d requests within %s, allowed are %d in %s", r.N+1, d, r.N, r.Per)
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
				l := &server{limit: 500, window: time.Minute, latency: 50 * time.Millisecond}
				c := limiter(func(cfg *Config) { cfg.Rate = rate })
				took := l.sendAll(t, c, test.n, 16)
				if took < test.want || took > test.want+3*time.Second {
					t.Errorf("%d rows at %s took %s, want about %s", test.n, test.rate, took, test.want)
				}
				if refused, _ := l.refusals(); refused > 0 {
					t.Errorf("%d answers 429", refused)
				}
				l.checkRate(t, c.bound.rate)
			})
		})
	}
}

// TestScaled: the rate's duration is the window's length.
func TestScaled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &server{limit: 50, window: 6 * time.Second, latency: 5 * time.Millisecond}
		took := l.sendAll(t, limiter(func(cfg *Config) { cfg.Rate = Rate{50, 6 * time.Second} }), 275, 16)
		bound := 6*6*time.Second + l.service(5) // 45 a window
		refused, _ := l.refusals()
		t.Logf("%s, %.4f of the bound, %d refused", took, took.Seconds()/bound.Seconds(), refused)
		if took > bound*1025/1000 || refused > 0 {
			t.Errorf("took %s of %s, %d answers 429", took, bound, refused)
		}
	})
}

// TestUnderDisturbance: whatever the headers say, all rows get through, with few 429s and in a sensible time.
func TestUnderDisturbance(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	changing := &server{limit: 500, window: time.Minute, latency: 50 * time.Millisecond}
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
		l       *server
		n       int
		max     time.Duration
		refused int // at most, per window
	}{
		{"headers vanish", &server{silent: func(n int) bool { return n > 200 }}, 1_000, 3 * time.Minute, 1},
		{"headers come late", &server{silent: func(n int) bool { return n < 200 }}, 1_000, 150 * time.Second, 0},
		{"headers on some answers", &server{silent: func(n int) bool { return n%3 == 0 }}, 1_000, 130 * time.Second, 0},
		{"remaining below zero", &server{quota: func(r int) int { return r - 3 }}, 1_000, 130 * time.Second, 0},
		{"remaining out of order", &server{quota: func(r int) int { return min(500, r+random.IntN(16)) }}, 1_000, 130 * time.Second, 0},
		{"remaining is nonsense", &server{quota: func(r int) int { return random.IntN(2_000) - 500 }}, 1_000, time.Hour, 1},
		{"limit changes", changing, 1_500, 5 * time.Minute, 16},
		{"window longer than believed", &server{window: 61500 * time.Millisecond}, 1_000, 130 * time.Second, 16},
		{"window much longer", &server{window: 5 * time.Minute}, 1_000, 11 * time.Minute, 16},
		{"window much shorter", &server{window: 10 * time.Second}, 1_000, 130 * time.Second, 0},
		{"small limit", &server{limit: 6}, 20, 21 * time.Minute, 10},
		{"limit of one", &server{limit: 1}, 5, 5 * time.Minute, 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := test.l
				l.limit, l.window = cmp.Or(l.limit, 500), cmp.Or(l.window, time.Minute)
				l.latency = 50 * time.Millisecond
				c := limiter(nil)
				took := l.sendAll(t, c, test.n, 16)
				all, most := l.refusals()
				t.Logf("%d rows: %s, %d answers 429, at most %d a window", test.n, took, all, most)
				if took > test.max || most > test.refused {
					t.Errorf("%s and %d answers 429 a window, allowed are %s and %d", took, most, test.max, test.refused)
				}
				l.checkRate(t, c.bound.rate)
			})
		})
	}
}

// TestTwoClients: two runs of one user share a quota without throttling each other.
func TestTwoClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &server{limit: 500, window: time.Minute, latency: 50 * time.Millisecond}
		var wg sync.WaitGroup
		start := time.Now()
		for range 2 {
			wg.Go(func() { l.sendAll(t, limiter(nil), 1_000, 16) })
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
				l := &server{limit: 500, window: time.Minute, latency: 50 * ms, silent: func(int) bool { return test.silent }}
				c := limiter(func(cfg *Config) { cfg.Rate = test.rate })
				l.sendAll(t, c, test.puts, 16)
				after(t.Context(), test.pause)
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
				if l.served != test.puts || c.window.flying != 0 {
					t.Errorf("%d requests, %d on their way", l.served-test.puts, c.window.flying)
				}
			})
		})
	}
}

// TestReadyBesideRequests: who asks takes nothing from requests, and is not kept out by them.
func TestReadyBesideRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &server{limit: 500, window: time.Minute, latency: 50 * time.Millisecond}
		c := limiter(nil)
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
					after(ctx, 10*time.Millisecond)
				}
			}()
		}
		took := l.sendAll(t, c, 1_000, 16)
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
