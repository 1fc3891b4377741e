package crm

import (
	"context"
	"sync"
	"time"
)

// deadline ends attempts that take longer than timeout. Attempts that begin at nearly the same time share one context:
// its cost for each of them would be more than that of everything else that is done about a request here.
type deadline struct {
	timeout time.Duration

	mu     sync.Mutex
	parent context.Context
	shared context.Context
	began  time.Time
}

// sharing is the part of the timeout within which attempts share a context. It is how much longer than the timeout an
// attempt may take.
const sharing = 1.0 / 128

// after returns a context that ends a timeout after now, or with ctx.
func (d *deadline) after(ctx context.Context, now time.Time) context.Context {
	grain := time.Duration(float64(d.timeout) * sharing)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.parent != ctx || now.Sub(d.began) > grain {
		shared, cancel := context.WithDeadline(ctx, now.Add(d.timeout+grain))
		context.AfterFunc(shared, cancel)
		d.parent, d.shared, d.began = ctx, shared, now
	}
	return d.shared
}
