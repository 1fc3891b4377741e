package quota

import (
	"math"
	"time"
)

// window is what is known of the server's quota window, a pure state machine: every method is told the time. The
// package documentation gives the reasons.
type window struct {
	rate    Rate
	reserve Reserve
	length  time.Duration // of a window, as assumed

	known bool // the server sends quota headers
	quiet int  // successes in a row without them
	limit int  // requests a window, as the server says

	number int       // of the present window
	left   int       // lowest Remaining seen in it, the limit at its start
	before int       // left at the end of the window before, if this one began only by our reckoning
	sent   int       // requests of ours that may have been counted in it
	own    int       // of them, those that are certainly counted
	first  time.Time // sending of its first request by us
	last   time.Time // sending of the latest request
	opened time.Time // the earliest moment at which it may have begun
	seen   time.Time // sending of the latest request that is known to be counted in it
	looked time.Time // the latest answer with quota headers
	until  time.Time // the latest moment at which it may end; zero before its first answer

	flying  int // requests without an answer yet, of any window
	lost    int // requests that may have been counted, though no answer came
	lostSeq int // seq at the last loss
	seq     int // requests sent so far

	rest   int // requests still to come, -1 when not known
	others int // requests of other programs noticed in earlier windows
}

const (
	// unknownLeft stands for Remaining before the first quota headers.
	unknownLeft = int(^uint(0) >> 2)
	// quietAnswers without quota headers in a row make us forget the window and go back to the even pace.
	quietAnswers = 3
	// probes is how many requests are spread over a window whose end is not known at all.
	probes = 20
)

func newWindow(r Rate, reserve Reserve) window {
	w := window{rate: r, reserve: reserve, length: time.Minute, rest: -1}
	if !r.unlimited() {
		w.length = r.Per
	}
	return w
}

// margin is waited beyond the window's latest end: caches of a real server keep time in whole seconds, and the window
// that one store closes after 59.2 s ends after 60.9 s with another.
func (w *window) margin() time.Duration { return min(time.Second, w.length/60) }

// step is how far requests are spread while the window's end is uncertain.
func (w *window) step() time.Duration { return w.length / probes }

// from returns the earliest moment at which the present window may end.
func (w *window) from() time.Time { return later(w.opened.Add(w.length), w.seen) }

// admit returns when a request may leave: now or earlier means at once. The zero time means that only an answer can
// tell.
func (w *window) admit(now time.Time) time.Time {
	if !w.known {
		return now
	}
	if !w.until.IsZero() {
		if w.until.Sub(now) > w.length { // the clock was set back
			w.until = now.Add(w.length)
		}
		if end := w.until.Add(w.margin()); !now.Before(end) {
			before := w.left
			w.begin(w.limit, w.from())
			w.before = before
		}
	}
	avail := w.left - w.flying - w.lost - w.reserve.Of(w.limit)
	held := w.held(now, avail)
	switch {
	case w.stale(now) && w.flying > 0:
		return time.Time{}
	case avail > held:
		return now
	case w.until.IsZero() && w.flying > 0:
		return time.Time{}
	case w.until.IsZero():
		return now // nothing is on its way that could tell more
	case held > 0:
		return later(w.from().Add(w.margin()), w.last.Add(w.step()))
	}
	return w.until.Add(w.margin())
}

// room returns how many requests can be sent within a time from now on: what is left to us in this window, and the next
// window's quota if that begins in any case before the time is over.
func (w *window) room(now time.Time, within time.Duration) int {
	if !w.known {
		return math.MaxInt
	}
	keep := w.reserve.Of(w.limit)
	avail := w.left - w.flying - w.lost - keep
	n := max(0, avail-w.held(now, avail))
	if !w.until.IsZero() && !w.until.Add(w.margin()).After(now.Add(within)) {
		n += w.limit - keep
	}
	return n
}

// stale reports whether others may have used up what was left when we last looked, so that one request should look
// again.
func (w *window) stale(now time.Time) bool {
	return !w.until.IsZero() && now.Sub(w.looked) > w.step() && w.others+w.foreign() > 0
}

// held returns how many requests are held back in a window whose end is uncertain, to be sent one by one to find out
// whether it has ended.
func (w *window) held(now time.Time, avail int) int {
	if w.until.IsZero() || w.rest >= 0 && w.rest <= avail {
		return 0
	}
	gap := w.until.Sub(later(w.from(), now))
	if gap <= w.step() {
		return 0
	}
	return int((gap + w.step() - 1) / w.step())
}

// send takes note of a request that is sent now.
func (w *window) send(now time.Time) Permit {
	if w.first.IsZero() {
		w.first = now
	}
	w.last = now
	w.seq++
	w.sent++
	w.flying++
	left := w.left
	if !w.known {
		left = unknownLeft
	}
	return Permit{window: w.number, seq: w.seq, left: left, at: now}
}

// begin starts a window of which left requests are left, and which began at opened or later. Requests on their way
// may be counted in it.
func (w *window) begin(left int, opened time.Time) {
	w.others += w.foreign()
	w.number++
	w.left, w.sent, w.own, w.lost = left, w.flying, 0, 0
	w.before = 0
	w.opened, w.until = opened, time.Time{}
	w.first, w.seen = time.Time{}, time.Time{}
}

// answered takes in an answer that came now; only a success must carry quota headers if any do.
func (w *window) answered(p Permit, q headers, success bool, now time.Time) {
	w.flying--
	if !q.ok {
		if success {
			w.quiet++
		}
		if w.known && w.quiet >= quietAnswers {
			w.known = false
			w.begin(unknownLeft, time.Time{})
		}
		return
	}
	w.quiet, w.looked = 0, now
	w.setLimit(q.limit)
	if !w.known {
		w.known = true
		w.left = q.remaining
	}
	// Inside one window Remaining of a later request is lower. (Servers that count and read in two steps can be out
	// by the number of requests in flight.)
	newer := p.left != unknownLeft && q.remaining > p.left+w.flying
	switch {
	case newer && p.window == w.number && q.remaining == q.limit:
		// The old window has ended, and the next request begins the new one.
		w.begin(q.limit, later(w.from(), p.at))
		return
	case newer && p.window == w.number:
		opened := w.from()
		if q.limit-q.remaining <= 1 {
			opened = later(opened, p.at)
		}
		w.begin(q.remaining, opened)
		w.sent++
	case p.window == w.number:
		w.left = min(w.left, q.remaining)
		if p.seq > w.lostSeq {
			w.lost = 0 // this Remaining has it
		}
	case newer && p.window == w.number-1:
		w.left = min(w.left, q.remaining)
		return
	default:
		return
	}
	if w.own == 0 && q.remaining < w.before {
		w.opened = time.Time{} // the old window may well go on: look out for its end
	}
	w.own++
	w.seen = later(w.seen, p.at)
	if w.until.IsZero() {
		w.until = now.Add(w.length)
	}
	if w.limit-w.left <= w.own+w.lost { // nobody else so far: we opened it
		w.opened = later(w.opened, w.first)
	}
}

// lose takes note that no answer will come, though the server may have counted the request.
func (w *window) lose(p Permit, now time.Time) {
	w.flying--
	if !w.known || p.window != w.number {
		return
	}
	w.lost++
	w.lostSeq = w.seq
	if w.until.IsZero() {
		w.until = now.Add(w.length)
	}
}

// unsent takes back a request that certainly never reached the server.
func (w *window) unsent(p Permit) {
	w.flying--
	if p.window == w.number {
		w.sent--
	}
}

// throttled takes in a 429: whatever was believed, nothing is left, and the next request meets a new window, which
// begins at opened or later.
func (w *window) throttled(q headers, opened time.Time) {
	if q.ok {
		w.known = true
		w.setLimit(q.limit)
	}
	if w.known {
		w.begin(w.limit, opened)
	}
}

// setLimit takes over the server's limit, and with it the length of a window: Rate.Per, if the server allows no more
// than Rate.N in it; else the quota is for a longer time, and Laravel's are for a minute.
func (w *window) setLimit(limit int) {
	w.limit = limit
	w.length = w.rate.Per
	if w.rate.unlimited() || limit > w.rate.N {
		w.length = max(w.rate.Per, time.Minute)
	}
}

// estimate is the least time in which n further requests find room.
func (w *window) estimate(n int, now time.Time) time.Duration {
	keep := w.reserve.Of(w.limit)
	if n -= max(0, w.left-keep); n <= 0 {
		return 0
	}
	first := w.length
	if !w.until.IsZero() {
		first = max(0, w.until.Sub(now))
	}
	more := (n - 1) / (w.limit - keep)
	return first + w.margin() + time.Duration(more)*(w.length+w.margin())
}

// foreign returns how many requests of other programs are noticed in the present window.
func (w *window) foreign() int {
	if !w.known || w.left == unknownLeft {
		return 0
	}
	return max(0, w.limit-w.left-w.sent)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
