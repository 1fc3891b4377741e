package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// What a default nginx takes (large_client_header_buffers 4 8k, client_max_body_size 1m).
const (
	maxLine = 8 << 10 // bytes of the request line, and of one header line, with the line end
	maxBody = 1 << 20 // bytes
)

const (
	loginsPath  = "/api/v1/logins"
	detailsPath = "/api/v2/contact-details"
)

// call is a request on its way through the server.
type call struct {
	*http.Request
	body    []byte // at most maxBody+1 bytes of it
	entry   Request
	login   Login
	discard bool // answer as if it were done
}

// receive reads the request. An error means that the client went away.
func (s *Server) receive(r *http.Request) (*call, error) {
	c := &call{Request: r}
	if r.ContentLength <= maxBody {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil {
			return nil, err
		}
		c.body = body
	}
	c.entry = Request{
		At: time.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery,
		Body: string(c.body), Account: r.Header.Get("X-PLANNR-ACCOUNT-UUID"),
	}
	if id, ok := strings.CutPrefix(r.URL.Path, detailsPath+"/"); ok {
		c.entry.ID = strings.TrimSuffix(id, "/")
	}
	s.arrive(&c.entry)
	return c, nil
}

// frontEnd is what nginx refuses before Laravel sees it.
func frontEnd(c *call) (refusal answer, refused bool) {
	line := c.Method + " " + c.URL.RequestURI() + " HTTP/1.1\r\n"
	if len(line) > maxLine {
		return nginxPage(http.StatusRequestURITooLong, "Request-URI Too Large", ""), true
	}
	for k, vs := range c.Header {
		for _, v := range vs {
			if len(k)+len(": \r\n")+len(v) > maxLine {
				return nginxPage(http.StatusBadRequest, "Bad Request", "Request Header Or Cookie Too Large"), true
			}
		}
	}
	if c.ContentLength > maxBody || len(c.body) > maxBody {
		return nginxPage(http.StatusRequestEntityTooLarge, "Request Entity Too Large", ""), true
	}
	return answer{}, false
}

// handle is the application: Laravel's router, then the route's middleware, then the action.
func (s *Server) handle(c *call) answer {
	var action func(*call) answer
	allow := "GET, HEAD"
	switch path, id := strings.TrimSuffix(c.URL.Path, "/"), c.entry.ID; {
	case c.URL.Path == "/" || c.URL.Path == "/login": // where a redirect leads
		return htmlPage(http.StatusOK, "Sandbox")
	case path == loginsPath:
		action = s.logins
	case path == detailsPath:
		action = s.asAccount(s.list)
	case id != "" && !strings.Contains(id, "/"):
		action, allow = s.asAccount(s.put), "PUT"
	default:
		return problem(c, http.StatusNotFound, "")
	}
	method := c.Method
	if o := c.Header.Get("X-HTTP-Method-Override"); method == http.MethodPost && o != "" {
		method = strings.ToUpper(o)
	}
	if !slices.Contains(strings.Split(allow, ", "), method) {
		a := problem(c, http.StatusMethodNotAllowed,
			fmt.Sprintf("The %s method is not supported for this route. Supported methods: %s.", c.Method, allow))
		a.header.Set("Allow", allow)
		return a
	}
	if a, refused := s.admit(c); refused {
		return a
	}
	a := action(c)
	s.stamp(a.header)
	return a
}

// stamp says in an answer that passed the quota what is left of it.
func (s *Server) stamp(h http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.throttle.stamp(h, time.Now())
}

// admit is the middleware of every route of the API: the token, then the quota.
func (s *Server) admit(c *call) (refusal answer, refused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := c.Header.Get("Authorization") == "Bearer "+s.token
	if known {
		s.uses++
	}
	if !known || s.dies > 0 && s.uses > s.dies {
		if !wantsJSON(c) {
			return redirect(http.StatusFound, baseURL(c)+"/login"), true
		}
		return answerJSON(http.StatusUnauthorized, map[string]string{"message": "Unauthenticated."}), true
	}
	if !s.throttle.hit(time.Now()) {
		a := problem(c, http.StatusTooManyRequests, "Too Many Attempts.")
		s.throttle.refuse(a.header, time.Now())
		return a, true
	}
	return answer{}, false
}

// asAccount is the middleware of the routes that act for one account.
func (s *Server) asAccount(next func(*call) answer) func(*call) answer {
	return func(c *call) answer {
		if c.entry.Account == "" {
			return problem(c, http.StatusBadRequest, "The X-PLANNR-ACCOUNT-UUID header is required.")
		}
		i := slices.IndexFunc(s.cfg.Logins, func(l Login) bool { return l.Account.UUID == c.entry.Account })
		if i < 0 {
			return problem(c, http.StatusForbidden, "You do not have access to this account.")
		}
		c.login = s.cfg.Logins[i]
		return next(c)
	}
}

// baseURL is how the client reached us, without a path.
func baseURL(c *call) string {
	u := url.URL{Scheme: "http", Host: c.Host}
	if c.TLS != nil {
		u.Scheme = "https"
	}
	return u.String()
}
