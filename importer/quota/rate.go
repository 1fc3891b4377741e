package quota

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Rate is an upper bound for requests: at most N in any span of Per. Per is also taken for the length
// of the server's quota window (see the package documentation). The zero Rate is no bound.
type Rate struct {
	N   int
	Per time.Duration
}

// maxRate bounds Rate.N, because each of the last N requests has its bucket.
const maxRate = 100_000

// ParseRate reads "500/m", "8/s", "1000/h" or "50/6s": a number of requests, a slash, and a unit or a duration as
// time.ParseDuration reads it, at most 24 hours; and "unlimited".
func ParseRate(s string) (Rate, error) {
	if strings.EqualFold(strings.TrimSpace(s), "unlimited") {
		return Rate{}, nil
	}
	count, span, ok := strings.Cut(s, "/")
	n, err := strconv.Atoi(strings.TrimSpace(count))
	span = strings.TrimSpace(span)
	if !ok || err != nil || n < 1 || n > maxRate || span == "" {
		return Rate{}, fmt.Errorf("%q is no rate: write it like 500/m, 8/s or 50/6s, with 1 to %d requests, or unlimited", s, maxRate)
	}
	switch strings.ToLower(span) {
	case "sec", "second":
		span = "s"
	case "min", "minute":
		span = "m"
	case "hour":
		span = "h"
	}
	if span[0] < '0' || span[0] > '9' {
		span = "1" + span
	}
	per, err := time.ParseDuration(span)
	if err != nil || per < time.Millisecond || per > 24*time.Hour {
		return Rate{}, fmt.Errorf("%q is no rate: %q is no time between 1ms and 24h", s, span)
	}
	return Rate{N: n, Per: per}, nil
}

func (r Rate) unlimited() bool { return r.N <= 0 || r.Per <= 0 }

// Reserve is the part of the server's quota that is left to the user's other programs. The zero Reserve is the
// default: 5 % of the limit, at least 5 requests.
type Reserve struct {
	set     bool
	percent float64 // of the limit
	count   int     // requests, when percent is 0
}

const (
	defaultReserve = 5 // percent
	leastReserve   = 5 // requests, of a reserve in percent
)

// ParseReserve reads "5%" (of the server's limit, but at least 5 requests) or "25" (requests, exactly). "0" and "0%"
// keep nothing.
func ParseReserve(s string) (Reserve, error) {
	text := strings.TrimSpace(s)
	if share, ok := strings.CutSuffix(text, "%"); ok {
		p, err := strconv.ParseFloat(strings.TrimSpace(share), 64)
		if err != nil || !(p >= 0 && p < 100) {
			return Reserve{}, fmt.Errorf("%q is no reserve: the percentage must be at least 0 and below 100", s)
		}
		return Reserve{set: true, percent: p}, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return Reserve{}, fmt.Errorf("%q is no reserve: write it like 5%% or 25", s)
	}
	return Reserve{set: true, count: n}, nil
}

// Of returns how many requests of a limit are kept. One request of a limit is always left to us.
func (r Reserve) Of(limit int) int {
	percent := r.percent
	if !r.set {
		percent = defaultReserve
	}
	keep := r.count
	if percent > 0 {
		keep = max(leastReserve, int(math.Ceil(float64(limit)*percent/100)))
	}
	return max(0, min(keep, limit-1))
}
