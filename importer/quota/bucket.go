package quota

import (
	"math"
	"time"

	"golang.org/x/time/rate"
)

// bound lets at most Rate.N requests through in any span of Rate.Per, by a token bucket for each of the last N.
type bound struct {
	rate    Rate
	buckets []*rate.Limiter // made when they are first needed
	next    int             // the one whose turn it is: it was used longest ago
}

func newBound(r Rate) bound { return bound{rate: r, buckets: make([]*rate.Limiter, r.N)} }

// bucket returns the bucket whose turn it is. A token takes a microsecond longer to come back than it must, which is far
// more than the bucket's floating-point time can be out by.
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
	if r.unlimited() {
		return pace{bucket: rate.NewLimiter(rate.Inf, 1)}
	}
	return pace{bucket: rate.NewLimiter(rate.Limit(float64(r.N)/r.Per.Seconds()), 1)}
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
