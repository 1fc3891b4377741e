package sandbox

import (
	"net/http"
	"strconv"
	"time"
)

const (
	headerLimit     = "X-RateLimit-Limit"
	headerRemaining = "X-RateLimit-Remaining"
	headerReset     = "X-RateLimit-Reset"
)

// throttle is Laravel's limiter (Illuminate\Cache\RateLimiter on redis): a fixed window that starts at the first
// counted request and that refused requests neither count in nor extend. The server's lock guards it.
type throttle struct {
	limit  int // below 0: no quota
	window time.Duration
	first  time.Time // of the window
	count  int
}

// hit counts a request, or says that the quota is spent.
func (t *throttle) hit(now time.Time) bool {
	if t.limit < 0 {
		return true
	}
	if !t.running(now) {
		t.first, t.count = now, 0
	}
	if t.count >= t.limit {
		return false
	}
	t.count++
	return true
}

// running reports whether the last window lasts still.
func (t *throttle) running(now time.Time) bool { return now.Before(t.first.Add(t.window)) }

// stamp sets the headers of an answer that passed the throttle. Laravel reads the count after the request was handled:
// one that outlived its window finds no count and reports the whole limit as remaining.
func (t *throttle) stamp(h http.Header, now time.Time) {
	if t.limit < 0 {
		return
	}
	left := t.limit
	if t.running(now) {
		left -= t.count
	}
	h.Set(headerLimit, strconv.Itoa(t.limit))
	h.Set(headerRemaining, strconv.Itoa(left))
}

// refuse sets the headers of a 429. The wait is worked out from whole seconds while the window ends to the millisecond,
// so it is up to a second too short and can be 0.
func (t *throttle) refuse(h http.Header, now time.Time) {
	reset := t.first.Unix() + int64(t.window/time.Second)
	h.Set(headerLimit, strconv.Itoa(t.limit))
	h.Set(headerRemaining, "0")
	h.Set("Retry-After", strconv.FormatInt(max(0, reset-now.Unix()), 10))
	h.Set(headerReset, strconv.FormatInt(reset, 10))
}
