package crm

// Doubt says what attempts without a success may have done to a record.
type Doubt int

const (
	// DoubtNone: no attempt can have been applied. None was sent, or each one was refused.
	DoubtNone Doubt = iota
	// DoubtAnswered: an attempt may have been applied, and the server is done with it. A reading tells.
	DoubtAnswered
	// DoubtPending: an attempt may have been applied, or may yet be: the server may still be working on it.
	DoubtPending
)

// ending is how an attempt ended, as far as it matters to what the attempt may have done.
type ending struct {
	sent   bool // the server may have received the whole request
	status int  // of the answer; 0 without one
	cut    bool // the answer broke off
	good   bool // it carries what a success must
}

// doubt is what one attempt may have done.
func (e ending) doubt() Doubt {
	switch {
	case e.status == 0 && !e.sent:
		return DoubtNone
	case e.status == 0:
		return DoubtPending // the answer was lost
	case e.status < 200:
		return DoubtPending // there is more to come that nobody will read
	case e.status == 408:
		return DoubtPending // whoever gave up waiting may not be the one that works on it
	case e.status >= 400 && e.status < 500:
		return DoubtNone
	case e.cut:
		return DoubtPending
	case e.status < 300 && e.good:
		return DoubtNone
	case e.status < 400, e.status == 500, e.status == 503:
		return DoubtAnswered
	}
	return DoubtPending // from a gateway: the server behind it may still be at work
}

// final reports whether a status is the API's last word: it refuses this request, and would refuse it again.
func final(status int) bool {
	switch status {
	case 401, 407, 408, 425, 429:
		return false
	}
	return status >= 400 && status < 500
}
