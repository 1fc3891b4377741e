package quota

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"csvput/report/human"
)

// Permit lets one request leave. Once it is known what came of the request, exactly one of its methods must be called.
type Permit struct {
	limiter *Limiter
	window  int // number of the window
	seq     int
	left    int       // of the window, at the sending
	at      time.Time // of the sending
	pauses  int       // so far
	alone   bool      // the request is the one that goes first after a pause
}

// Answered takes in an answer that is no order to wait. success says that its status is 2xx: those carry quota headers
// if any do.
func (p Permit) Answered(h http.Header, success bool) {
	p.settle(func(now time.Time) {
		p.limiter.window.answered(p, readHeaders(h), success, now)
		p.limiter.pause.answered(p)
	})
}

// Lost takes note that no answer will come to a request that the server may have counted.
func (p Permit) Lost() {
	p.settle(func(now time.Time) { p.limiter.window.lose(p, now) })
}

// Unused gives the permit back: the request never reached the server.
func (p Permit) Unused() {
	p.settle(func(time.Time) { p.limiter.window.unsent(p) })
}

// Throttled takes in a 429, or a 503 that says when to come back: everybody waits. The error says that the server has
// asked for more patience than Config.MaxWait.
func (p Permit) Throttled(status int, h http.Header) (err error) {
	p.settle(func(now time.Time) {
		l := p.limiter
		delay, told := readDelay(h, now)
		l.window.flying--
		if fresh := l.pause.begin(p, status, now); fresh && status == http.StatusTooManyRequests {
			opened := time.Time{}
			if told {
				opened = now.Add(delay - time.Second)
			}
			l.window.throttled(readHeaders(h), opened)
		}
		d := l.pause.least(l.window.length)
		if told {
			d = max(d, delay+time.Second)
		}
		l.pause.until = later(l.pause.until, now.Add(d))
		if l.pause.until.Sub(l.pause.since) > l.maxWait {
			err = impatience(delay, told, now.Sub(l.pause.since), l.maxWait)
		}
	})
	return err
}

// settle takes in what came of the request.
func (p Permit) settle(change func(now time.Time)) {
	p.limiter.update(func(now time.Time) {
		change(now)
		p.limiter.pace.heard = true
		if p.alone {
			p.limiter.pause.trying = false
		}
	})
}

func impatience(delay time.Duration, told bool, since, maxWait time.Duration) error {
	switch {
	case told && delay >= absurdDelay:
		return fmt.Errorf("the server asks to wait for years, and at most %s is allowed", human.Duration(maxWait))
	case told && delay+time.Second > maxWait:
		return fmt.Errorf("the server asks to wait %s, and at most %s is allowed", human.Duration(delay),
			human.Duration(maxWait))
	}
	return fmt.Errorf("the server has let nothing through for %s, and at most %s of waiting is allowed",
		human.Duration(since), human.Duration(maxWait))
}

// pause is an order of the server to everybody to wait.
type pause struct {
	until  time.Time // nothing is sent before
	reason string
	count  int       // of pauses so far
	streak int       // of them, since a request was let through
	since  time.Time // first such answer of the streak
	trial  bool      // the next request goes alone: the pause may have been too short
	trying bool      // it is on its way
}

func (s *pause) admit(now time.Time) (at time.Time, why string) {
	switch {
	case s.until.After(now):
		return s.until, s.reason
	case s.trying:
		return time.Time{}, waitAnswer
	}
	return now, ""
}

// begin takes in an order to wait. fresh reports whether it begins a pause: the others of a burst meet the same one.
func (s *pause) begin(p Permit, status int, now time.Time) (fresh bool) {
	s.reason = WaitUnavailable
	if status == http.StatusTooManyRequests {
		s.reason = WaitThrottled
	}
	if s.since.IsZero() {
		s.since = now
	}
	if p.pauses != s.count {
		return false
	}
	s.count++
	s.streak++
	s.trial = true
	return true
}

// least is the shortest that a pause may be: a second, and twice as much after each pause that proved too short, up to
// a window.
func (s *pause) least(window time.Duration) time.Duration {
	return min(time.Second<<min(max(s.streak-1, 0), 20), max(window, time.Second))
}

// answered ends the streak: a request was let through.
func (s *pause) answered(p Permit) {
	s.streak, s.since = 0, time.Time{}
	if p.alone {
		s.trial = false
	}
}

// headers is what an answer says about the server's quota.
type headers struct {
	limit     int // requests a window
	remaining int // after this request; 0 or less when used up
	ok        bool
}

// readHeaders reads X-RateLimit-Limit and X-RateLimit-Remaining. Only both together, with a positive limit, count.
func readHeaders(h http.Header) headers {
	said := h.Get("X-Ratelimit-Limit")
	if said == "" {
		return headers{}
	}
	limit, err := strconv.Atoi(said)
	if err != nil || limit < 1 {
		return headers{}
	}
	remaining, err := strconv.Atoi(h.Get("X-Ratelimit-Remaining"))
	if err != nil {
		return headers{}
	}
	return headers{limit: limit, remaining: min(remaining, limit), ok: true}
}

// absurdDelay stands for delays too large for a time.Duration.
const absurdDelay = math.MaxInt64 / 4

// readDelay returns how long the server asks to wait: Retry-After in seconds or as a date (RFC 9110, section 10.2.3),
// else X-RateLimit-Reset in Unix seconds. Dates are compared with the answer's own Date, so that a wrong clock here
// does no harm. Negative and unreadable values count as absent; a date in the past is 0.
func readDelay(h http.Header, now time.Time) (time.Duration, bool) {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	after := strings.TrimSpace(h.Get("Retry-After"))
	if d, ok := seconds(after); ok {
		return d, true
	}
	if date, err := http.ParseTime(after); err == nil {
		return max(0, date.Sub(now)), true
	}
	if reset, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64); err == nil && reset > 0 {
		wait := reset - now.Unix()
		if wait >= 0 && wait < absurdDelay/int64(time.Second) {
			return time.Duration(wait) * time.Second, true
		}
	}
	return 0, false
}

// seconds reads a run of digits; a run too long for a Duration is absurdDelay.
func seconds(s string) (time.Duration, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > absurdDelay/int64(time.Second) {
		return absurdDelay, true
	}
	return time.Duration(n) * time.Second, true
}
