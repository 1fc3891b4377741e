package crm

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"csvput/report/human"
)

// Wait says that no request is sent for a while, or (For is 0) that such a wait is over.
type Wait struct {
	Reason string        // one of the Wait constants
	For    time.Duration // from now; 0 when it is over
	Until  time.Time     // by this machine's clock
}

// Reasons for a Wait.
const (
	WaitQuota       = "quota"       // our part of the server's quota is used up: until the next window
	WaitRate        = "rate"        // Config.Rate allows no more yet
	WaitThrottled   = "throttled"   // the server answered 429
	WaitUnavailable = "unavailable" // the server answered 503 and said when to come back
)

// shortWait is the longest wait that is not announced.
const shortWait = time.Second

var (
	errStopped  = errors.New("stopped")  // Config.Stop
	errHalted   = errors.New("halted")   // Client.halt
	errOutdated = errors.New("outdated") // a request may not leave this late
)

// gate lets requests through, one for all goroutines of a client. The package documentation states the algorithm.
type gate struct {
	maxWait time.Duration
	onWait  func(Wait)
	record  func(from, to time.Time, reason string) // a wait that is over
	stop    <-chan struct{}                         // Config.Stop
	halted  <-chan struct{}                         // the client gave up

	turn chan struct{} // full while a goroutine decides or waits: only the first in line does
	wake chan struct{} // tells it that an answer came

	mu      sync.Mutex
	window  window
	bound   sliding
	pace    *rate.Limiter // nil without a bound
	heard   bool          // a request came back, in whatever way
	pause   time.Time     // nothing is sent before
	why     string        // reason of the pause
	pauses  int           // number of pauses ordered by the server
	streak  int           // of pauses, without a request that was let through
	refused time.Time     // first refusal of the streak
	trial   bool          // the next request goes alone: the pause may have been too short
	trying  bool          // it is on its way
}

func newGate(r Rate, reserve Reserve, maxWait time.Duration) *gate {
	g := &gate{
		maxWait: maxWait,
		onWait:  func(Wait) {},
		record:  func(time.Time, time.Time, string) {},
		turn:    make(chan struct{}, 1),
		wake:    make(chan struct{}, 1),
		window:  window{rate: r, reserve: reserve, length: time.Minute, rest: -1},
	}
	if !r.unlimited() {
		g.bound = sliding{n: r.N, per: r.Per}
		g.pace = rate.NewLimiter(rate.Limit(float64(r.N)/r.Per.Seconds()), 1)
		g.window.length = r.Per
	}
	return g
}

// wait blocks until a request may be sent. again says that the request is a repetition, which SetTotal did not know
// of. The error is the context's, errStopped, errHalted, or errOutdated if the request may be sent, but not this late.
func (g *gate) wait(ctx context.Context, again bool, notAfter time.Time) (t ticket, err error) {
	late := false
	err = g.line(ctx, func(now time.Time) {
		if late = !notAfter.IsZero() && now.After(notAfter); !late {
			t = g.take(now, again)
		}
	})
	if late {
		err = errOutdated
	}
	return t, err
}

// ready blocks until a request may be sent, and returns how many can be sent within a time, as far as is known.
func (g *gate) ready(ctx context.Context, within time.Duration) (n int, err error) {
	err = g.line(ctx, func(now time.Time) { n = g.room(now, within) })
	return n, err
}

// line blocks until a request may be sent now, and calls use then, with g.mu held.
func (g *gate) line(ctx context.Context, use func(now time.Time)) error {
	select {
	case g.turn <- struct{}{}:
	default:
		select {
		case g.turn <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		case <-g.stop:
			return errStopped
		case <-g.halted:
			return errHalted
		}
	}
	defer func() { <-g.turn }()

	var shown announcement
	for {
		now := time.Now()
		g.mu.Lock()
		at, why := g.admit(now)
		if why == "" {
			use(now)
		}
		g.mu.Unlock()
		if why == "" {
			g.over(&shown, now)
			return nil
		}
		g.announce(&shown, now, at, why)
		if err := g.sleep(ctx, at, now); err != nil {
			g.over(&shown, time.Now())
			return err
		}
	}
}

// announcement is the wait that is shown at present.
type announcement struct {
	since, until time.Time
	reason       string
}

func (g *gate) announce(shown *announcement, now, at time.Time, why string) {
	d := at.Sub(now)
	if at.IsZero() || why == waitPace || d < shortWait {
		return
	}
	if shown.reason == why && at.Sub(shown.until).Abs() < shortWait {
		return
	}
	if shown.reason == "" {
		shown.since = now
	}
	shown.reason, shown.until = why, at
	g.onWait(Wait{Reason: why, For: d, Until: at})
}

func (g *gate) over(shown *announcement, now time.Time) {
	if shown.reason != "" {
		g.record(shown.since, now, shown.reason)
		g.onWait(Wait{Reason: shown.reason, Until: now})
	}
}

// sleep waits until at, or until an answer comes; with a zero at for an answer only.
func (g *gate) sleep(ctx context.Context, at, now time.Time) error {
	var due <-chan time.Time
	if !at.IsZero() {
		timer := time.NewTimer(at.Sub(now))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
	case <-g.wake:
	case <-ctx.Done():
		return ctx.Err()
	case <-g.stop:
		return errStopped
	case <-g.halted:
		return errHalted
	}
	return nil
}

// waitPace and waitAnswer are reasons that are never announced.
const (
	waitPace   = "pace"
	waitAnswer = "answer"
)

// admit returns why no request may be sent now, and when to ask again (zero: after an answer); "" if one may.
func (g *gate) admit(now time.Time) (at time.Time, why string) {
	if g.pause.After(now) {
		return g.pause, g.why
	}
	if g.trying {
		return time.Time{}, waitAnswer
	}
	if at := g.bound.next(now); at.After(now) {
		return at, WaitRate
	}
	if at := g.window.admit(now); at.After(now) {
		return at, WaitQuota
	} else if at.IsZero() {
		return at, waitAnswer
	}
	if g.paced() && g.heard {
		r := g.pace.ReserveN(now, 1)
		d := r.DelayFrom(now)
		r.CancelAt(now)
		if d > 0 {
			return now.Add(d), waitPace
		}
	}
	return now, ""
}

// paced reports whether requests leave evenly: as long as nothing is known of a quota.
func (g *gate) paced() bool { return g.pace != nil && !g.window.known }

// take takes a ticket for a request that admit has let through.
func (g *gate) take(now time.Time, again bool) ticket {
	if g.paced() {
		g.pace.ReserveN(now, 1)
	}
	g.bound.add(now)
	t := g.window.send(now)
	t.pauses, t.trial = g.pauses, g.trial
	g.trying = g.trial
	if !again && g.window.rest > 0 {
		g.window.rest--
	}
	return t
}

// room returns how many requests can be sent within a time, the one that admit has let through among them.
func (g *gate) room(now time.Time, within time.Duration) int {
	n := min(g.bound.room(now, within), g.window.room(now, within))
	if g.paced() {
		n = min(n, int(float64(g.pace.Limit())*within.Seconds()))
	}
	return max(1, n)
}

// answered takes in an answer that came now and is no order to wait. good says that it is a success.
func (g *gate) answered(t ticket, h http.Header, good bool, now time.Time) {
	q := readQuota(h)
	g.mu.Lock()
	g.window.answered(t, q, good, now)
	g.streak, g.refused, g.heard = 0, time.Time{}, true
	if t.trial {
		g.trial, g.trying = false, false
	}
	g.mu.Unlock()
	g.poke()
}

// vanished takes note that no answer will come to a request that may have been counted.
func (g *gate) vanished(t ticket) {
	g.mu.Lock()
	g.window.vanished(t, time.Now())
	g.heard = true
	g.trying = g.trying && !t.trial
	g.mu.Unlock()
	g.poke()
}

// unsent takes back a ticket whose request never reached the server.
func (g *gate) unsent(t ticket) {
	g.mu.Lock()
	g.window.unsent(t)
	g.heard = true
	g.trying = g.trying && !t.trial
	g.mu.Unlock()
	g.poke()
}

// refuse takes in a 429, or a 503 that says when to come back: everybody waits. The error says that the server has
// asked for more patience than maxWait.
func (g *gate) refuse(t ticket, status int, h http.Header) error {
	now := time.Now()
	delay, told := readDelay(h, now)
	g.mu.Lock()
	defer g.poke()
	defer g.mu.Unlock()
	g.window.flying--
	g.heard = true
	g.trying = g.trying && !t.trial
	fresh := t.pauses == g.pauses // not one of a burst that met the same refusal
	if fresh {
		g.pauses++
		g.streak++
		g.trial = true
	}
	if g.refused.IsZero() {
		g.refused = now
	}
	if status == http.StatusTooManyRequests {
		if fresh {
			opened := time.Time{}
			if told {
				opened = now.Add(delay - time.Second)
			}
			g.window.exhausted(readQuota(h), opened)
		}
		g.why = WaitThrottled
	} else {
		g.why = WaitUnavailable
	}
	d := max(0, g.backoff())
	if told {
		d = max(d, delay+time.Second)
	}
	g.pause = later(g.pause, now.Add(d))
	if g.pause.Sub(g.refused) > g.maxWait {
		return patience(delay, told, now.Sub(g.refused), g.maxWait)
	}
	return nil
}

// backoff is the least length of a pause: a second, and twice as much after each pause that proved too short, up to a
// window.
func (g *gate) backoff() time.Duration {
	d := time.Second << min(max(g.streak-1, 0), 20)
	return min(d, max(g.window.length, time.Second))
}

func patience(delay time.Duration, told bool, since, maxWait time.Duration) error {
	if told && delay >= absurdDelay {
		return fmt.Errorf("the server asks to wait for years, and at most %s is allowed", human.Duration(maxWait))
	}
	if told && delay+time.Second > maxWait {
		return fmt.Errorf("the server asks to wait %s, and at most %s is allowed", human.Duration(delay), human.Duration(maxWait))
	}
	return fmt.Errorf("the server has let nothing through for %s, and at most %s of waiting is allowed", human.Duration(since), human.Duration(maxWait))
}

func (g *gate) setTotal(n int) {
	g.mu.Lock()
	g.window.rest = n
	g.mu.Unlock()
	g.poke()
}

// estimate is the least time that n further requests take, as far as the quota is known.
func (g *gate) estimate(n int, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	w := &g.window
	var d time.Duration
	if r := w.rate; !r.unlimited() {
		d = time.Duration((n-1)/r.N) * r.Per
		if !w.known && g.heard {
			d = time.Duration(float64(n) * float64(r.Per) / float64(r.N))
		}
	}
	if !w.known {
		return d
	}
	keep := w.reserve.Of(w.limit)
	if n -= max(0, w.left-keep); n <= 0 {
		return d
	}
	first := w.length
	if !w.until.IsZero() {
		first = max(0, w.until.Sub(now))
	}
	more := (n - 1) / (w.limit - keep)
	return max(d, first+w.margin()+time.Duration(more)*(w.length+w.margin()))
}

func (g *gate) poke() {
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// sliding bounds requests: at most n in any span of per. The zero value is no bound.
type sliding struct {
	n   int
	per time.Duration
	at  []time.Time // of the last n requests, a ring
	old int         // the oldest, once the ring is full
}

// next returns when the bound allows a request: now or earlier means at once.
func (s *sliding) next(now time.Time) time.Time {
	if s.n == 0 || len(s.at) < s.n {
		return now
	}
	return s.at[s.old].Add(s.per)
}

// room returns how many requests the bound allows within a time.
func (s *sliding) room(now time.Time, within time.Duration) int {
	if s.n == 0 {
		return math.MaxInt
	}
	since := now.Add(within%s.per - s.per)
	counted := 0
	for _, at := range s.at {
		if at.After(since) {
			counted++
		}
	}
	return s.n*int(within/s.per) + s.n - counted
}

func (s *sliding) add(now time.Time) {
	if s.n == 0 {
		return
	}
	if len(s.at) < s.n {
		s.at = append(s.at, now)
		return
	}
	s.at[s.old] = now
	s.old = (s.old + 1) % s.n
}
