// Package sandbox is the CRM's API in memory: an http.Handler for rehearsals and tests.
//
// It is written from the published reference and from exchanges captured on a real Laravel behind nginx, not from our
// client, which it never imports: a second opinion on the wire format. It serves
//
//	GET /api/v1/logins                    the accounts that the token may act as
//	GET /api/v2/contact-details           filters, includes, sorting, pages
//	PUT /api/v2/contact-details/{uuid}    the update, in both published revisions (Config.Lenient is the older one)
//
// with the errors in the order in which Laravel finds them: URL, header and body limits of the front end,
// route (404, 405), token (401), quota (429), account header (400, 403), record (404), permission (403), body (422).
// A form as a body is not understood: it counts as an empty body, as any Content-Type but JSON does.
//
// # What is like the real thing, on purpose
//
//   - The quota is a fixed window that starts at the first counted request. Retry-After is up to a second too short and
//     can be 0. Remaining is read after the request was handled, so it comes out of order when requests overlap.
//   - Broken JSON, a byte order mark, text that is not UTF-8 or another Content-Type is an empty body. With
//     Config.Lenient that answers 200 and changes nothing.
//   - Blanks around texts are cut. Owners come back in the order in which the accounts were created, not as sent.
//     updated_at has whole seconds, and stays as it is when a PUT changed nothing.
//   - Without an Accept header that asks for JSON, 401 and 422 become a redirect to an HTML page.
//
// # Rehearsals
//
// Contrast makes, of the record that a file wishes for, another one, so that there is something to update. Uuids that
// begin with UnknownPrefix are never seeded, neither as records nor as accounts: a sample file shows a 404 or a 422
// with them. Persist keeps the state in a file that survives a kill at any instant.
//
// # Faults
//
// Config has the plain ones (every nth PUT fails, latency, a quota, a token that dies). Config.Fault decides
// per request: resets, hangs, cut and garbled answers, any status with any headers and body.
package sandbox
