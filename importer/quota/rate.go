package quota

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"
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
		return Rate{},
			fmt.Errorf("%q is no rate: write it like 500/m, 8/s or 50/6s, with 1 to %d requests, or unlimited", s,
				maxRate)
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

// bound lets at most Rate.N requests through in any span of Rate.Per, by a token bucket for each of the last N.
type bound struct {
	rate    Rate
	buckets []*rate.Limiter // made when they are first needed
	next    int             // the one whose turn it is: it was used longest ago
}

func newBound(r Rate) bound { return bound{rate: r, buckets: make([]*rate.Limiter, r.N)} }

// bucket returns the bucket whose turn it is. A token takes a microsecond longer to come back than it must, which is
// far more than the bucket's floating-point time can be out by.
func (b *bound) bucket() *rate.Limiter {
	if b.buckets[b.next] == nil {
		b.buckets[b.next] = rate.NewLimiter(rate.Every(b.rate.Per+time.Microsecond), 1)
	}
	return b.buckets[b.next]
}

func (b *bound) delay(now time.Time) time.Duration {
	if b.rate.unlimited() {
		return 0
	}
	return delay(b.bucket(), now)
}

func (b *bound) take(now time.Time) {
	if !b.rate.unlimited() {
		b.bucket().AllowN(now, 1)
		b.next = (b.next + 1) % len(b.buckets)
	}
}

// room returns how many requests the bound allows within a time.
func (b *bound) room(now time.Time, within time.Duration) int {
	if b.rate.unlimited() {
		return math.MaxInt
	}
	n := b.rate.N * int(within/b.rate.Per)
	for _, bucket := range b.buckets {
		if bucket == nil || bucket.TokensAt(now.Add(within%b.rate.Per)) >= 1 {
			n++
		}
	}
	return n
}

func (b *bound) estimate(n int) time.Duration {
	if b.rate.unlimited() {
		return 0
	}
	return time.Duration((n-1)/b.rate.N) * b.rate.Per
}

// pace lets requests leave evenly, once the first has come back.
type pace struct {
	bucket *rate.Limiter
	heard  bool // of some request what came of it
}

func newPace(r Rate) pace {
	limit := rate.Inf
	if !r.unlimited() {
		limit = rate.Limit(float64(r.N) / r.Per.Seconds())
	}
	return pace{bucket: rate.NewLimiter(limit, 1)}
}

func (p *pace) delay(now time.Time) time.Duration {
	if !p.heard {
		return 0
	}
	return delay(p.bucket, now)
}

func (p *pace) take(now time.Time) { p.bucket.ReserveN(now, 1) }

func (p *pace) room(within time.Duration) int {
	return int(min(math.MaxInt32, float64(p.bucket.Limit())*within.Seconds()))
}

func (p *pace) estimate(n int) time.Duration {
	if !p.heard {
		return 0
	}
	return time.Duration(float64(n) / float64(p.bucket.Limit()) * float64(time.Second))
}

// delay is how long a bucket makes the next request wait.
func delay(bucket *rate.Limiter, now time.Time) time.Duration {
	r := bucket.ReserveN(now, 1)
	defer r.CancelAt(now)
	return r.DelayFrom(now)
}
