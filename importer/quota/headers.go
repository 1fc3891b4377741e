package quota

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

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

// readDelay returns how long the server asks to wait: Retry-After in seconds or as a date (RFC 9110, section 10.2.3), else
// X-RateLimit-Reset in Unix seconds. Dates are compared with the answer's own Date, so that a wrong clock here does
// no harm. Negative and unreadable values count as absent; a date in the past is 0.
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
