package sandbox

import (
	"slices"
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
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// arrive numbers a request and keeps it.
func (s *Server) arrive(r *Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrived++
	r.N = s.arrived
	if !s.cfg.NoLog {
		s.log = append(s.log, *r)
	}
}

// note replaces what is known of a request.
func (s *Server) note(r Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.cfg.NoLog {
		s.log[r.N-1] = r
	}
}
