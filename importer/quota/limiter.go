package quota

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Config is what a Limiter needs to know.
type Config struct {
	Rate    Rate            // bound of all requests, and the length of a quota window; zero = none, and a minute
	Reserve Reserve         // part of the quota that is left to others
	MaxWait time.Duration   // the longest the server may make us wait
	Stop    context.Context // when done, ends every wait with its cause; nil never ends
	OnWait  func(Wait)      // everybody waits, or goes on; one call at a time, from any goroutine; nil = nobody listens
}

// Wait says that no request is sent for a while, or (For is 0) that such a wait is over.
type Wait struct {
	Reason string        // one of the Wait constants
	For    time.Duration // from now; 0 when it is over
	Since  time.Time     // its beginning
	Until  time.Time     // its end, by this machine's clock
}

// Reasons for a Wait.
const (
	WaitQuota       = "quota"       // our part of the server's quota is used up: until the next window
	WaitRate        = "rate"        // Config.Rate allows no more yet
	WaitThrottled   = "throttled"   // the server answered 429
	WaitUnavailable = "unavailable" // the server answered 503 and said when to come back

	waitPace   = "pace"   // never announced
	waitAnswer = "answer" // never announced
)

// shortWait is the longest wait that is not announced.
const shortWait = time.Second

// ErrLate is the error of Wait when a request could leave, but not in time.
var ErrLate = errors.New("too late to leave")

// Limiter lets requests through. All methods may be called by several goroutines at once.
type Limiter struct {
	maxWait time.Duration
	stop    context.Context
	onWait  func(Wait)

	turn chan struct{} // full while a goroutine decides or waits: only the first in line does
	wake chan struct{} // tells it that an answer came

	mu     sync.Mutex
	bound  bound
	pace   pace
	window window
	pause  pause
}

// New returns a limiter.
func New(cfg Config) *Limiter {
	l := &Limiter{
		maxWait: cfg.MaxWait, stop: cfg.Stop, onWait: cfg.OnWait,
		turn: make(chan struct{}, 1), wake: make(chan struct{}, 1),
		bound: newBound(cfg.Rate), pace: newPace(cfg.Rate), window: newWindow(cfg.Rate, cfg.Reserve),
	}
	if l.stop == nil {
		l.stop = context.Background()
	}
	if l.onWait == nil {
		l.onWait = func(Wait) {}
	}
	return l
}

// Wait blocks until a request may leave. retry: SetTotal did not count it. The error is the context's, the cause
// of Config.Stop, or ErrLate if the request could leave, but after notAfter (zero is no limit).
func (l *Limiter) Wait(ctx context.Context, notAfter time.Time, retry bool) (p Permit, err error) {
	err = l.line(ctx, func(now time.Time) error {
		if !notAfter.IsZero() && now.After(notAfter) {
			return ErrLate
		}
		p = l.take(now, retry)
		return nil
	})
	return p, err
}

// Ready blocks until a request could leave, lets none through, and returns how many can leave within a time from then
// on, as far as is known: at least 1.
func (l *Limiter) Ready(ctx context.Context, within time.Duration) (n int, err error) {
	err = l.line(ctx, func(now time.Time) error {
		n = max(1, min(l.bound.room(now, within), l.window.room(now, within)))
		if !l.window.known {
			n = max(1, min(n, l.pace.room(within)))
		}
		return nil
	})
	return n, err
}

// SetTotal tells how many requests are still to come, retries not counted. It is a hint: without it the last few
// requests may be spread over a window whose end is not known.
func (l *Limiter) SetTotal(n int) {
	l.update(func(time.Time) { l.window.rest = max(0, n) })
}

// Estimate returns how long n further requests take at least, as far as the quota is known.
func (l *Limiter) Estimate(n int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.window.known {
		return max(l.bound.estimate(n), l.window.estimate(n, time.Now()))
	}
	return max(l.bound.estimate(n), l.pace.estimate(n))
}

// Quota returns the server's limit and what is left of it, as last seen; zeros when it sends no quota headers.
func (l *Limiter) Quota() (limit, remaining int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.window.known {
		return 0, 0
	}
	return l.window.limit, max(0, l.window.left)
}

// line blocks until a request may leave now, and calls use then, with l.mu held.
func (l *Limiter) line(ctx context.Context, use func(now time.Time) error) (err error) {
	select {
	case l.turn <- struct{}{}:
	default:
		select {
		case l.turn <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		case <-l.stop.Done():
			return context.Cause(l.stop)
		}
	}
	defer func() { <-l.turn }()

	var shown Wait
	for {
		now := time.Now()
		l.mu.Lock()
		at, why := l.admit(now)
		if why == "" {
			err = use(now)
		}
		l.mu.Unlock()
		if why == "" {
			l.over(shown, now)
			return err
		}
		shown = l.announce(shown, Wait{Reason: why, For: at.Sub(now), Since: now, Until: at})
		if err := l.sleep(ctx, at, now); err != nil {
			l.over(shown, time.Now())
			return err
		}
	}
}

// admit returns why no request may leave now, and when to ask again (zero: after an answer); "" if one may.
func (l *Limiter) admit(now time.Time) (at time.Time, why string) {
	if at, why := l.pause.admit(now); why != "" {
		return at, why
	}
	if d := l.bound.delay(now); d > 0 {
		return now.Add(d), WaitRate
	}
	if at := l.window.admit(now); at.IsZero() {
		return at, waitAnswer
	} else if at.After(now) {
		return at, WaitQuota
	}
	if d := l.pace.delay(now); d > 0 && !l.window.known {
		return now.Add(d), waitPace
	}
	return now, ""
}

// take hands out the permit of a request that admit has let through.
func (l *Limiter) take(now time.Time, retry bool) Permit {
	l.bound.take(now)
	if !l.window.known {
		l.pace.take(now)
	}
	p := l.window.send(now)
	if !retry && l.window.rest > 0 {
		l.window.rest--
	}
	p.limiter, p.pauses, p.alone = l, l.pause.count, l.pause.trial
	l.pause.trying = l.pause.trial
	return p
}

// update changes what is known, and lets the first in line look again.
func (l *Limiter) update(change func(now time.Time)) {
	l.mu.Lock()
	change(time.Now())
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// announce tells of a wait, unless it is too short, or hardly another than the one shown; it returns what is shown now.
func (l *Limiter) announce(shown, w Wait) Wait {
	if w.Until.IsZero() || w.Reason == waitPace || w.For < shortWait {
		return shown
	}
	if shown.Reason == w.Reason && w.Until.Sub(shown.Until).Abs() < shortWait {
		return shown
	}
	if shown.Reason != "" {
		w.Since = shown.Since
	}
	l.onWait(w)
	return w
}

// over tells that the wait shown is over.
func (l *Limiter) over(shown Wait, now time.Time) {
	if shown.Reason != "" {
		l.onWait(Wait{Reason: shown.Reason, Since: shown.Since, Until: now})
	}
}

// sleep waits until at, or until an answer comes; with a zero at for an answer only.
func (l *Limiter) sleep(ctx context.Context, at, now time.Time) error {
	var due <-chan time.Time
	if !at.IsZero() {
		timer := time.NewTimer(at.Sub(now))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
	case <-l.wake:
	case <-ctx.Done():
		return ctx.Err()
	case <-l.stop.Done():
		return context.Cause(l.stop)
	}
	return nil
}
