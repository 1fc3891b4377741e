package web

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"html"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// guard lets nobody in but the person who started the program. Any web page can send requests to this computer, and can
// have its own name point here: so every request must name the address we listen on, and carry a cookie that only the
// browser has to which the program gave its link.
type guard struct {
	host    string      // as a browser writes it: 127.0.0.1 and the port
	link    string      // the token of the link
	used    atomic.Bool // the link has been followed
	session string      // the value of the cookie
	cookie  string      // its name: cookies know no ports, and several csvputs may be open
	start   string      // the path of the first page
}

func newGuard(host string) *guard {
	return &guard{host: host, link: rand.Text(), session: rand.Text(), cookie: "csvput-" + rand.Text()[:8], start: "/"}
}

// address is the link that opens the page, once.
func (g *guard) address() string { return "http://" + g.host + "/?token=" + g.link }

// cookieAge is how long the browser keeps the cookie: closing it by mistake while a long run is sent locks nobody out.
// The cookie is good for nothing once the program has ended.
const cookieAge = 7 * 24 * time.Hour

// policy lets the page load nothing but its own files, be shown in no frame, and post to nobody else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// startAgain is what to do without the cookie.
const startAgain = "To use it here, end it (Ctrl-C in its window) and start it again; nothing is lost."

// protect puts the guard before a handler.
func (g *guard) protect(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(refuse(http.StatusForbidden,
		"This request is another web page's, and csvput answers its own."))
	inside := origin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for name, value := range map[string]string{
			"Content-Security-Policy":      policy,
			"X-Frame-Options":              "DENY",
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "no-referrer",
			"Cache-Control":                "no-store",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Cross-Origin-Opener-Policy":   "same-origin",
		} {
			h.Set(name, value)
		}
		token := r.URL.Query().Get("token")
		switch {
		case r.Host != g.host:
			refuse(http.StatusMisdirectedRequest, "csvput answers at its own address only.").ServeHTTP(w, r)
		case g.known(r):
			inside.ServeHTTP(w, r)
		case r.Method == http.MethodGet && r.URL.Path == "/" && same(token, g.link) &&
			g.used.CompareAndSwap(false, true):
			g.welcome(w)
		case token != "":
			refuse(http.StatusForbidden, "This link has been used: it opens csvput once. "+startAgain).ServeHTTP(w, r)
		default:
			refuse(http.StatusForbidden, "csvput is open in another browser. "+startAgain).ServeHTTP(w, r)
		}
	})
}

// known reports whether a request carries the cookie.
func (g *guard) known(r *http.Request) bool {
	c, err := r.Cookie(g.cookie)
	return err == nil && same(c.Value, g.session)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// welcome gives the browser its cookie and sends it to the first page. Not by a redirect: a browser that was sent here
// by a file on the disk would not send a strict cookie along.
func (g *guard) welcome(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name: g.cookie, Value: g.session, Path: "/", MaxAge: int(cookieAge.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = WriteRedirect(w, g.start) // a browser that is gone needs no page
}

// WriteRedirect writes a page that leads to another.
func WriteRedirect(w io.Writer, to string) error {
	_, err := fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><title>csvput</title>`+
		`<meta http-equiv="refresh" content="0;url=%[1]s"><a href="%[1]s">Go on to csvput</a>`, html.EscapeString(to))
	return err
}

// refuse answers with a sentence.
func refuse(status int, text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, text, status) })
}
