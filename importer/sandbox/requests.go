package sandbox

import (
	"slices"
	"sync"
	"time"
)

// Request is one line of the server's own log: what arrived, what was done and what was answered.
type Request struct {
	N       int       // 1 for the first that arrived
	At      time.Time // arrival
	Method  string
	Path    string
	Query   string // raw
	ID      string // the contact detail in the path, if there is one
	Body    string // as it arrived; at most 1 MiB is read
	Account string // X-PLANNR-ACCOUNT-UUID
	Status  int    // as answered; 0 while there is no answer, and for ever where a fault gave none

	Applied bool    // a PUT that reached the record, whether or not it changed anything
	Before  *Record // the record as it was, if Applied
	After   *Record // the record as it is, if Applied
}

// Requests returns the log in order of arrival. It is empty with Config.NoLog.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.entries)
}

// requestLog keeps every request of the server's life.
type requestLog struct {
	off bool

	mu      sync.Mutex
	arrived int
	entries []Request
}

// add numbers a request and keeps it.
func (l *requestLog) add(r *Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.arrived++
	r.N = l.arrived
	if !l.off {
		l.entries = append(l.entries, *r)
	}
}

// set replaces what is known of a request.
func (l *requestLog) set(r Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.off {
		l.entries[r.N-1] = r
	}
}
