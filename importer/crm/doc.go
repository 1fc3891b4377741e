// Package crm is the client for the CRM's API: the logins of a token, the list of contact details, and the change of
// one. One Client serves all goroutines of a run.
//
// Every method fails with an *Error: a code, a sentence for a person with the server's own words, what its
// attempts may have done all the same (Doubt), and whether it makes sense to go on (Stop). Redirects are never
// followed, since net/http would turn a PUT into a GET. An answer is a success only if it is JSON and carries what was
// asked for. The token is in no error, log or formatted value.
//
// Network errors and 408, 425, 429, 500, 502, 503 and 504 are retried, at most Config.Retries times, after a random
// time below 0.5 s, 1 s, 2 s ... 30 s (full jitter); everything else is final at once. A 429, and a 503 with
// Retry-After, do not count as failures: they are retried for at most Config.MaxWait, so that no row fails because
// another program used up the quota. Each attempt asks the limiter (package quota), and its timeout starts only then.
//
// Attempts are counted when their headers are written to a connection, by what net/http reports. The body of a PUT
// cannot be rewound, so that net/http never sends it twice by itself, over HTTP/1.1 or HTTP/2. It may repeat a GET on a
// kept connection that the server has just closed; then both are counted.
//
// After a 401 the token is read again, once; other requests wait meanwhile, and a token that is new is tried by one
// request alone. If it is the same, or refused as well, nothing more is sent. Nor is after Config.Breaker failures of
// the server in a row, as many 403 without a single accepted change, a first list that is refused, a server that cannot
// be reached by name or trusted, or one that lets nothing through for Config.MaxWait.
//
// Config.Stop ends waits only: it is for a run that shall come to its end without breaking off what is under way. The
// context of a call breaks off everything.
//
// What an attempt without a good success may have done is one function of how it ended (see Doubt), and the doubts of
// all attempts of a change add up: an error response says nothing of an attempt before it, whose answer was lost.
//
// A change can be given the time until which it may leave, because what it is based on was read some time before. It is
// compared after every wait: for the quota, a pause, a back-off, the token, and the connection. Put then ends with
// CodeOutdated, and goes on with the same Tries once the caller has read the record again. Ready tells when, and how
// many, requests can leave.
//
// Answers are read up to 1 MiB, pages of lists up to 8 MiB; only a few at once may be longer than 64 KiB. A page that
// is too long is asked for in smaller parts.
package crm
