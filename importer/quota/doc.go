// Package quota decides when a request may leave. One Limiter serves all goroutines of a client: each asks it before
// every attempt, reads and retries included, and tells it what came of the attempt.
//
//	permit, err := limiter.Wait(ctx, time.Time{}, false)
//	// ... send the request; then exactly one of
//	permit.Answered(header, success) // any answer but
//	permit.Throttled(status, header)   // 429, and 503 with Retry-After
//	permit.Lost()                    // no answer came, and the server may have counted the request
//	permit.Unused()                  // it never left
//
// A request leaves when all four of these let it.
//
// The bound: never more than Rate.N requests in any span of Rate.Per. Rate.N token buckets of golang.org/x/time/rate,
// each with room for one token that comes back after Rate.Per, are used in turn. (One bucket with room for N would let
// 2N through: those that it holds, and those that flow in meanwhile.)
//
// The pace: as long as the server sends no quota headers, requests leave evenly at the rate, by one more token bucket.
// Only before the first answer, when nothing can be known, each worker may send one. Three successes in a row without
// headers lead back here.
//
// The window: with quota headers, requests leave as fast as the workers can send them until the quota of the server's
// window is used up but for the reserve, and then wait for the next window. The server's window is a fixed one: it
// begins with the first request that it counts and lasts Rate.Per (a minute, if the server allows more than Rate.N
// requests in it: then the rate is a voluntary bound, and the quota is for longer). What is left of it is the lowest
// X-RateLimit-Remaining seen in it, less the requests on their way, less those whose answer was lost: they may have
// been counted. This never exceeds what the server has, in whatever order the answers come, and however low the number
// goes. The window began before its first answer came, so it ends at the latest one window after that; there a second
// (a sixtieth of a short window) is added, because real servers keep time in whole seconds and their stores differ.
//
// If Remaining is higher than when the request was sent, by more than a race of the server's counter explains, then the
// server has begun a new window, and so have we. If after the believed end Remaining goes on falling from where it was,
// the old window goes on.
//
// Other programs spend the same quota. When we find a window that somebody else has opened, its end is not known
// but within a span. For that, up to 20 requests of the window are held back, unless the run ends with what is left
// (SetTotal), and sent one at a time, a twentieth of the window apart, from its earliest to its latest end: the first
// that meets the new window sets everybody free. When others were noticed and nothing was heard for that time, one
// request looks first what is left.
//
// The pause: after a 429, or a 503 that says when to come back, nobody sends before the time that the server names and
// one second more, because Retry-After is rounded down and 0 is not now; without a readable time, after 1 s, and twice
// that after each pause that proved too short. Then one request goes ahead alone. If the server lets nothing through
// for Config.MaxWait, or asks for more at once, Throttled returns an error. A 429 neither counts against the quota nor
// extends the window.
package quota
