package crm

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Codes of an Error.
const (
	CodeSettings         = "settings"          // the client was set up wrongly (base URL, rate, CA file, ...)
	CodeToken            = "token_unavailable" // the source of the token failed or gave no usable token
	CodeUnauthenticated  = "unauthenticated"   // 401, also after the token was read again
	CodeForbidden        = "forbidden"         // 403
	CodeWrongAccount     = "wrong_account"     // 400 or 403 on the first reading: the account is not ours, or may not read
	CodeNotFound         = "not_found"         // 404
	CodeUnprocessable    = "unprocessable"     // 422
	CodeBadRequest       = "bad_request"       // 400
	CodeTooLarge         = "too_large"         // 413, 414, 431
	CodeUnexpectedStatus = "unexpected_status" // any other status that is no success
	CodeThrottled        = "throttled"         // 429 for longer than MaxWait
	CodeServerError      = "server_error"      // 5xx, 408 or 425 after all retries
	CodeNetwork          = "network"           // no connection, or it broke, after all retries
	CodeTimeout          = "timeout"           // no complete answer within Timeout, after all retries
	CodeDNS              = "dns"               // the server's name has no address
	CodeTLS              = "tls"               // no trustworthy encrypted connection
	CodeProxy            = "proxy"             // the proxy refuses
	CodeRedirected       = "redirected"        // 3xx: redirects are never followed
	CodeNotJSON          = "not_json"          // a success without the JSON it should carry
	CodeOversized        = "oversized_answer"  // a success whose body is beyond all measure
	CodeWrongRecord      = "wrong_record"      // a success that carries another record than the one asked for
	CodeMismatch         = "mismatch"          // a success whose record does not hold what was sent
	CodeIncomplete       = "incomplete_list"   // records kept moving while the list was read
	CodeStopped          = "stopped"           // Config.Stop ended a wait
	CodeCancelled        = "cancelled"         // the context ended
	CodeOutdated         = "outdated"          // the time until which Put may send has passed
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
	Code    string       // one of the Code constants
	Status  int          // HTTP status of the last answer, 0 when there was none
	Message string       // one sentence for a person, with the server's own words and all validation messages
	Fields  []FieldError // the server's validation messages, sorted by key; empty for most errors
	Doubt   Doubt        // what all attempts of the change may have done
	Refused bool         // the API itself refused this request for good: 4xx, but for 401, 407, 408, 425 and 429
	Stop    Stop         // whether further requests make sense
	Sent    bool         // at least one attempt was put on the wire

	page   bool  // the answer is an HTML page: from a reverse proxy, not from the API
	broken bool  // the connection ended without an answer
	cause  error // only context errors: anything else could print secrets
}

// FieldError is one validation message of the server (Laravel's "errors" of a 422).
type FieldError struct {
	Key     string // for example "value.number" or "account_uuids.0"
	Message string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the context's error when the context ended the request, else nil.
func (e *Error) Unwrap() error { return e.cause }

func settings(format string, args ...any) *Error {
	return &Error{Code: CodeSettings, Stop: StopPermanent, Message: fmt.Sprintf(format, args...)}
}

// quote shows a foreign value in a message: in quotation marks, on one line, cut to 60 characters.
func quote(s string) string { return `"` + oneLine(s, 60) + `"` }

// oneLine makes foreign text printable: white space runs become one blank, control and format characters vanish,
// invalid UTF-8 becomes U+FFFD, and the text is cut to max characters.
func oneLine(s string, max int) string {
	var b strings.Builder
	count, blank := 0, false
	for _, r := range s {
		if unicode.IsSpace(r) {
			blank = b.Len() > 0
			continue
		}
		if r != utf8.RuneError && !unicode.IsPrint(r) {
			continue
		}
		if blank {
			b.WriteByte(' ')
			count++
			blank = false
		}
		if count >= max {
			b.WriteString("…")
			break
		}
		b.WriteRune(r)
		count++
	}
	return b.String()
}
