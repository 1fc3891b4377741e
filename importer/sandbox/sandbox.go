package sandbox

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// Config says how a Server behaves. The zero value is the newest published revision with a quota of 500 requests a
// minute, the default logins and no faults.
type Config struct {
	// Lenient is the older published revision of the update: an absent field stays as it is. Without it name, value and
	// account_uuids are required.
	Lenient bool
	// Token is the bearer token that is accepted. Blank means DefaultToken.
	Token string
	// Logins are what the token may act as. nil means DefaultLogins; an empty slice means none.
	Logins []Login

	// Throttle is the quota per window, for all requests together. 0 means 500; below 0 there is no quota, and no
	// answer mentions one.
	Throttle int
	// ThrottleWindow is the length of the quota's window, in whole seconds as in Laravel. 0 means one minute.
	ThrottleWindow time.Duration

	// Latency delays every answer: one half passes before the request is handled, one half after.
	Latency time.Duration
	// Jitter adds a random time below it to Latency, anew for each request.
	Jitter time.Duration
	// FailEvery makes every nth valid PUT answer 500: the first of them before the write, the second after it, and so
	// on in turn. 0 means never.
	FailEvery int
	// TokenDiesAfter makes the token expire after so many requests with it; the next ones answer 401. 0 means never.
	TokenDiesAfter int
	// Fault, if set, is asked about every request when it has arrived. It must be safe for concurrent use.
	Fault func(r *Request) Fault

	// NoLog switches the log of Requests off.
	NoLog bool
}

// Server is the API in memory. It is safe for concurrent use. Make it with New.
type Server struct {
	cfg Config

	mu       sync.Mutex // guards what follows
	throttle *throttle
	token    string
	dies     int // requests after which the token dies; 0 never
	uses     int // requests with the token so far
	puts     int // PUTs that passed every check so far
	store    store
	file     *os.File // of Persist
	size     int64    // of the lines in it that count
	arrived  int      // requests so far
	log      []Request
}

// New returns a server with the accounts of DefaultAccounts and of the logins, and no records.
func New(cfg Config) *Server {
	if cfg.Logins == nil {
		cfg.Logins = DefaultLogins()
	}
	s := &Server{
		cfg:      cfg,
		throttle: &throttle{limit: cmp.Or(cfg.Throttle, 500), window: cmp.Or(cfg.ThrottleWindow, time.Minute)},
		token:    cmp.Or(cfg.Token, DefaultToken),
		dies:     cfg.TokenDiesAfter,
	}
	s.store = s.emptyStore()
	return s
}

// emptyStore holds the accounts that every server knows, and no records.
func (s *Server) emptyStore() store {
	var st store
	for _, l := range s.cfg.Logins {
		st.addAccount(l.Account)
	}
	for _, a := range DefaultAccounts() {
		st.addAccount(a)
	}
	return st
}

// SetToken makes token the one that is accepted from now on, as when a user revokes one and makes another. A death
// ordered by Config.TokenDiesAfter does not reach the new one.
func (s *Server) SetToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token, s.dies = token, 0
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.serve(w, r); err != nil {
		drop(w, err)
	}
}

// serve answers one request; the error says why not, or not to the end.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) error {
	c, err := s.receive(r)
	if err != nil {
		return err
	}
	var f Fault
	if s.cfg.Fault != nil {
		entry := c.entry
		f = s.cfg.Fault(&entry)
	}
	lag := s.cfg.Latency + rand.N(max(1, s.cfg.Jitter))
	if err := pause(r.Context(), lag/2); err != nil {
		return err
	}
	a, f := s.perform(c, f)
	s.note(c.entry) // what was done is known, even if the client never hears of it
	if err := pause(r.Context(), lag-lag/2); err != nil {
		return err
	}
	if !f.Kind.silent() {
		c.entry.Status = a.status
		s.note(c.entry)
	}
	return f.deliver(w, c, a)
}

// perform does what the request asks for, as far as the fault lets it, and returns the answer and the fault that it
// will suffer on its way.
func (s *Server) perform(c *call, f Fault) (answer, Fault) {
	if a, refused := frontEnd(c); refused {
		return a, Fault{}
	}
	switch {
	case f.Kind.needsAnswer():
		c.discard = f.Kind == FaultDiscard
		return s.handle(c), f
	case f.Done:
		if a := s.handle(c); a.status >= 300 {
			return a, Fault{}
		}
	case f.Counted:
		if a, refused := s.admit(c); refused {
			return a, Fault{}
		}
	}
	a := f.answer()
	if f.Done || f.Counted {
		s.stamp(a.header)
	}
	return a, f
}

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
