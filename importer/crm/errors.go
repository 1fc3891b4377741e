package crm

import (
	"fmt"

	"csvput/report/code"
)

// Codes of an Error that no row ends with.
const (
	CodeSettings  code.Code = "settings"  // the client was set up wrongly (base URL, rate, CA file, ...)
	CodeCancelled code.Code = "cancelled" // the context ended
	CodeOutdated  code.Code = "outdated"  // the time until which Put may send has passed
)

// Stop reports whether further requests make sense after an Error.
type Stop int

const (
	StopNone      Stop = iota // the error is about one request only
	StopTransient             // nothing will get through for now, for a cause that passes: go on later
	StopPermanent             // nothing will get through until somebody changes something
	StopAuth                  // the server refuses the credentials
)

// Error is what every method of a Client returns when it fails. It never holds the token.
type Error struct {
	Code    code.Code
	Status  int    // HTTP status of the last answer, 0 when there was none
	Message string // one sentence for a person, with the server's own words and all validation messages
	Doubt   Doubt  // what all attempts of the change may have done
	Refused bool   // the API itself refused this request for good: 4xx, but for 401, 407, 408, 425 and 429
	Stop    Stop   // whether further requests make sense
	Sent    bool   // at least one attempt was put on the wire

	page   bool  // the answer is an HTML page: from a reverse proxy, not from the API
	broken bool  // the connection ended without an answer
	cause  error // only context errors: anything else could print secrets
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the context's error when the context ended the request, else nil.
func (e *Error) Unwrap() error { return e.cause }

func settings(format string, args ...any) *Error {
	return &Error{Code: CodeSettings, Stop: StopPermanent, Message: fmt.Sprintf(format, args...)}
}
