package crm

import (
	"slices"
	"sync"
	"time"

	"csvput/importer/quota"
)

// kind of a request.
type kind int

const (
	kindLogins kind = iota
	kindList
	kindPut
	kinds
)

// limit is how long a success may be.
func (k kind) limit() int64 {
	if k == kindList {
		return maxList
	}
	return maxAnswer
}

// Stats is what a client has done so far.
type Stats struct {
	Logins, Lists, Puts int // requests put on the wire, retries included
	Attempts            int // the sum of the three
	Retries             int // those of them that were retries
	Throttled           int // answers with 429
	Waited              time.Duration
	Limit               int // of the server's quota, as last seen; 0 when it sends no quota headers
	Remaining           int // of it, as last seen

	From     time.Time     // beginning of the first bucket
	Width    time.Duration // of each: a second, doubled whenever there would be more than 600
	Timeline []Bucket      // without gaps
	Waits    []Span        // the first 600 waits
}

// Bucket counts the requests that came back within one span of time.
type Bucket struct {
	Sent      int
	Failed    int // of Sent: no answer, or a status other than 2xx and 429
	Throttled int // of Sent: 429
}

// Span is a time in which nobody was allowed to send.
type Span struct {
	From, To time.Time
	Reason   string // one of quota's Wait constants
}

const maxBuckets = 600

// recorder collects Stats.
type recorder struct {
	mu    sync.Mutex
	sent  [kinds]int
	stats Stats
}

// attempt takes note of a request that came back now; n is how often the transport put it on the wire.
func (r *recorder) attempt(k kind, n int, retry bool, status int, now time.Time) {
	if n == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent[k] += n
	r.stats.Retries += n - 1
	if retry {
		r.stats.Retries++
	}
	b := r.bucket(now)
	b.Sent += n
	switch {
	case status == 429:
		r.stats.Throttled++
		b.Throttled++
		b.Failed += n - 1
	case status < 200 || status > 299:
		b.Failed += n
	}
}

// bucket returns the bucket of a moment, which is never before the last one.
func (r *recorder) bucket(now time.Time) *Bucket {
	s := &r.stats
	if len(s.Timeline) == 0 {
		s.From, s.Width, s.Timeline = now.Truncate(time.Second), time.Second, make([]Bucket, 1)
	}
	number := func() int { return max(int(now.Sub(s.From)/s.Width), len(s.Timeline)-1) }
	for number() >= maxBuckets { // neighbours are joined
		for i, b := range s.Timeline {
			if to := &s.Timeline[i/2]; i%2 == 0 {
				*to = b
			} else {
				to.Sent, to.Failed, to.Throttled = to.Sent+b.Sent, to.Failed+b.Failed, to.Throttled+b.Throttled
			}
		}
		s.Timeline, s.Width = s.Timeline[:(len(s.Timeline)+1)/2], 2*s.Width
	}
	for len(s.Timeline) <= number() {
		s.Timeline = append(s.Timeline, Bucket{})
	}
	return &s.Timeline[len(s.Timeline)-1]
}

// waited takes note of a wait that is over.
func (r *recorder) waited(w quota.Wait) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Waited += w.Until.Sub(w.Since)
	if len(r.stats.Waits) < maxBuckets {
		r.stats.Waits = append(r.stats.Waits, Span{From: w.Since, To: w.Until, Reason: w.Reason})
	}
}

// Stats returns what the client has done so far.
func (c *Client) Stats() Stats {
	r := &c.recorder
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.stats
	s.Timeline, s.Waits = slices.Clone(s.Timeline), slices.Clone(s.Waits)
	s.Logins, s.Lists, s.Puts = r.sent[kindLogins], r.sent[kindList], r.sent[kindPut]
	s.Attempts = s.Logins + s.Lists + s.Puts
	s.Limit, s.Remaining = c.limiter.Quota()
	return s
}
