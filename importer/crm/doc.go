// Package crm is the client for the CRM's API: the logins of a token, the list of contact details, and the change of
// one. One Client serves all goroutines of a run.
//
// Every method fails with an *Error: a code, a sentence for a person with the server's own words, what its
// attempts may have done all the same (Doubt), and whether it makes sense to go on (Stop). Redirects are never
// followed, since net/http would turn a PUT into a GET. An answer is a success only if it is JSON and carries what was
// asked for. The token is in no error, log or formatted value.
//
// # Attempts and retries
//
// Network errors and 408, 425, 429, 500, 502, 503 and 504 are repeated, at most Config.Retries times, after a random
// time below 0.5 s, 1 s, 2 s ... 30 s (full jitter); everything else is final at once. A 429, and a 503 with
// Retry-After, do not count as failures: they are repeated for at most Config.MaxWait, so that no row fails because
// another program used up the quota. Each attempt takes a turn at the gate, and its timeout starts only then.
//
// Attempts are counted when their headers are written to a connection, by what net/http reports. The body of a PUT
// cannot be rewound, so that net/http never sends it twice by itself, over HTTP/1.1 or HTTP/2. It may repeat a GET on a
// kept connection that the server has just closed; then both are counted.
//
// After a 401 the token is read again, once; other requests wait meanwhile, and a token that is new is tried by one
// request alone. If it is the same, or refused as well, nothing more is sent. Nor is after Config.Breaker failures of
// the server in a row, as many 403 without a single accepted change, a refusal of the first list, or a server that
// cannot be reached by name or trusted.
//
// Config.Stop ends waits only: it is for a run that shall come to its end without breaking off what is under way. The
// context of a call breaks off everything.
//
// What an attempt without a good success may have done is one function of how it ended (see Doubt), and the doubts of all
// attempts of a change add up: a refusal says nothing of an attempt before it, whose answer was lost.
//
// A change can be given the time until which it may leave, because what it is based on was read some time before. It is
// compared after every wait: for the quota, a pause, a back-off, the token, and the connection. Put then ends with
// CodeOutdated, and goes on with the same Tries once the caller has read the record again. Ready tells when, and how many,
// requests can leave.
//
// Answers are read up to 1 MiB, pages of lists up to 8 MiB; only a few at once may be longer than 64 KiB. A page that is
// too long is asked for in smaller parts.
//
// # The gate
//
// All requests pass one gate, reads and repetitions included. It has three parts.
//
// The bound: never more than Rate.N requests in any span of Rate.Per. The gate remembers when each of the last N
// requests was sent.
//
// The pace: as long as the server sends no quota headers, requests leave evenly at the rate, by a token bucket of
// golang.org/x/time/rate with room for one. Only before the first answer, when nothing can be known, each worker may
// send one. Three successes in a row without headers lead back here.
//
// The window: with quota headers, requests leave as fast as the workers can send them until the quota of the server's
// window is used up but for the reserve, and then wait for the next window. The server's window is a fixed one: it
// begins with the first request that it counts and lasts Rate.Per (a minute, if the server allows more than Rate.N
// requests in it: then the rate is a voluntary bound, and the quota is for longer). What is left of it is the lowest
// X-RateLimit-Remaining seen in it, less the requests on their way, less those whose answer was lost: they may have been
// counted. This never exceeds what the server has, in whatever order the answers come, and however low the number goes.
// The window began before its first answer came, so it ends at the latest one window after that; there a second (a
// sixtieth of a short window) is added, because real servers keep time in whole seconds and their stores differ.
//
// If Remaining is higher than when the request was sent, by more than a race of the server's counter explains, then the
// server has begun a new window, and so has the gate. If after the believed end Remaining goes on falling from where it
// was, the old window goes on.
//
// Other programs spend the same quota. When the gate finds a window that somebody else has opened, its end is not known
// but within a span. For that, up to 20 requests of the window are held back, unless the run ends with what is left
// (SetTotal), and sent one at a time, a twentieth of the window apart, from its earliest to its latest end: the first
// that meets the new window sets everybody free. When others were noticed and nothing was heard for that time, one
// request looks first what is left.
//
// After a 429, or a 503 that says when to come back, nobody sends before the time that the server names and one second
// more, because Retry-After is rounded down and 0 is not now; without a readable time, after 1 s, and twice that after
// each pause that proved too short. Then one request goes ahead alone. If the server lets nothing through for
// Config.MaxWait, or asks for more at once, the client stops (StopPassing). A 429 neither counts against the quota nor
// extends the window.
package crm
