package crm

import (
	"sync"
	"time"
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
	Logins, Lists, Puts int // requests put on the wire, repetitions included
	Attempts            int // the sum of the three
	Retries             int // those of them that were repetitions
	Throttled           int // answers with 429
	Waited              time.Duration
	Limit               int // of the server's quota, as last seen; 0 when it sends no quota headers
	Remaining           int // of it, as last seen
	Others              int // requests of other programs that were noticed in the quota

	Timeline []Bucket // oldest first, without gaps
	Waits    []Span   // the first 600 waits
}

// Bucket counts the requests that came back within one span of time.
type Bucket struct {
	At        time.Time     // its beginning
	Width     time.Duration // the same for all buckets: a second, doubled whenever there would be more than 600
	Sent      int
	Failed    int // of Sent: no answer, or a status other than 2xx and 429
	Throttled int // of Sent: 429
}

// Span is a time in which nobody was allowed to send.
type Span struct {
	From, To time.Time
	Reason   string // one of the Wait constants
}

const maxBuckets = 600

// recorder collects Stats.
type recorder struct {
	mu        sync.Mutex
	sent      [kinds]int
	retries   int
	throttled int
	paused    time.Duration
	width     time.Duration
	buckets   []Bucket
	waits     []Span
}

// attempt takes note of a request that came back now; n is how often the transport put it on the wire.
func (r *recorder) attempt(k kind, n int, again bool, status int, now time.Time) {
	if n == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent[k] += n
	r.retries += n - 1
	if again {
		r.retries++
	}
	b := r.bucket(now)
	b.Sent += n
	switch {
	case status == 429:
		r.throttled++
		b.Throttled++
		b.Failed += n - 1
	case status < 200 || status > 299:
		b.Failed += n
	}
}

// bucket returns the bucket of a moment, which is never before the last one.
func (r *recorder) bucket(now time.Time) *Bucket {
	if len(r.buckets) == 0 {
		r.width = time.Second
		r.buckets = append(r.buckets, Bucket{At: now.Truncate(time.Second)})
	}
	start := r.buckets[0].At
	i := max(int(now.Sub(start)/r.width), len(r.buckets)-1)
	for i >= maxBuckets {
		r.double()
		i = max(int(now.Sub(start)/r.width), len(r.buckets)-1)
	}
	for len(r.buckets) <= i {
		r.buckets = append(r.buckets, Bucket{At: start.Add(time.Duration(len(r.buckets)) * r.width)})
	}
	return &r.buckets[i]
}

// double joins neighbours.
func (r *recorder) double() {
	r.width *= 2
	half := r.buckets[:0]
	for i := 0; i < len(r.buckets); i += 2 {
		b := r.buckets[i]
		if i+1 < len(r.buckets) {
			next := r.buckets[i+1]
			b.Sent += next.Sent
			b.Failed += next.Failed
			b.Throttled += next.Throttled
		}
		half = append(half, b)
	}
	r.buckets = half
}

func (r *recorder) waited(from, to time.Time, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paused += to.Sub(from)
	if len(r.waits) < maxBuckets {
		r.waits = append(r.waits, Span{From: from, To: to, Reason: reason})
	}
}

// Stats returns what the client has done so far.
func (c *Client) Stats() Stats {
	r := &c.record
	r.mu.Lock()
	s := Stats{
		Logins: r.sent[kindLogins], Lists: r.sent[kindList], Puts: r.sent[kindPut],
		Retries: r.retries, Throttled: r.throttled, Waited: r.paused,
		Timeline: append([]Bucket(nil), r.buckets...),
		Waits:    append([]Span(nil), r.waits...),
	}
	for i := range s.Timeline {
		s.Timeline[i].Width = r.width
	}
	r.mu.Unlock()
	s.Attempts = s.Logins + s.Lists + s.Puts

	g := c.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if w := &g.window; w.known {
		s.Limit, s.Remaining = w.limit, max(0, w.left)
		s.Others = w.others + w.foreign()
	}
	return s
}
