package crm

import (
	"sync"

	"csvput/report/code"
)

// breaker stops everything when it is pointless to go on.
type breaker struct {
	limit int

	mu        sync.Mutex
	failures  [kinds]int // of the server's, in a row: lists may work while changes do not
	forbidden int        // Puts that got a 403
	accepted  bool       // a Put was accepted
}

// judge takes in how a request ended (nil: well) and returns whether everything must stop. good reports whether the
// server has ever given a useful answer.
func (b *breaker) judge(k kind, e *Error, good bool) Stop {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e == nil {
		b.failures[k] = 0
		b.accepted = b.accepted || k == kindPut
		return StopNone
	}
	switch e.Code {
	case code.Stopped, CodeCancelled, CodeOutdated:
		return StopNone
	case code.Oversized:
		if k == kindList {
			return StopNone // a shorter list is asked for
		}
		fallthrough
	case code.ServerError, code.Network, code.Timeout, code.DNS, code.Proxy, code.Throttled, code.Redirected,
		code.NotJSON:
		b.failures[k]++
		switch {
		case b.limit == 0 || b.failures[k] < b.limit:
			return StopNone
		case !good && (e.Code == code.Redirected || e.Code == code.NotJSON):
			return StopPermanent // this is not the API
		}
		return StopTransient
	}
	b.failures[k] = 0
	if e.Code == code.Forbidden && k == kindPut && !b.accepted {
		b.forbidden++
		if b.limit > 0 && b.forbidden >= b.limit {
			return StopPermanent
		}
	}
	return StopNone
}
