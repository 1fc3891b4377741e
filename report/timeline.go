package report

import "time"

// maxBuckets bounds the time line, so that the summary of a run of many hours stays small. Reaching it
// merges the buckets two by two.
const maxBuckets = 360

// firstBucket is how long a bucket is at first.
const firstBucket = time.Second

// Add counts requests at a moment. The first call sets where the time line begins; what is said to have
// happened before that counts as the beginning. A time line has at most 360 buckets: their length doubles
// from one second as often as it must.
func (t *Timeline) Add(at time.Time, b Bucket) {
	if t.BucketMS <= 0 || t.From.IsZero() {
		t.From, t.BucketMS = at, firstBucket.Milliseconds()
	}
	since := max(0, at.Sub(t.From).Milliseconds())
	for since/t.BucketMS >= maxBuckets {
		t.halve()
	}
	for int64(len(t.Buckets)) <= since/t.BucketMS {
		t.Buckets = append(t.Buckets, Bucket{})
	}
	t.Buckets[since/t.BucketMS].add(b)
}

func (b *Bucket) add(o Bucket) {
	b.Sent += o.Sent
	b.Failed += o.Failed
	b.Throttled += o.Throttled
}

// halve merges the buckets two by two.
func (t *Timeline) halve() {
	t.BucketMS *= 2
	half := t.Buckets[:0]
	for i, b := range t.Buckets {
		if i%2 == 0 {
			half = append(half, b)
		} else {
			half[len(half)-1].add(b)
		}
	}
	t.Buckets = half
}
