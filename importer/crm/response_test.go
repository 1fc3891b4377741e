package crm

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"csvput/report/code"
)

// TestRefusals: the server's own words, in the shapes that were captured from a real Laravel and from nginx.
func TestRefusals(t *testing.T) {
	nginx := func(title string) string {
		return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title + "</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
	}
	tests := []struct {
		status  int
		body    string
		code    code.Code
		message string
	}{
		{422, `{"message":"The given data was invalid.","errors":{"name":["The name field is required."],"value.country":["The value.country is not a valid country."],` +
			`"value.number":["The value must be a valid phone number."],"account_uuids.0":["The selected account_uuids.0 is invalid.","Again."]}}`, code.Unprocessable,
			"the server refuses the values (422 Unprocessable Entity): account_uuids.0: The selected account_uuids.0 is invalid.; account_uuids.0: Again.; " +
				"name: The name field is required.; value.country: The value.country is not a valid country.; value.number: The value must be a valid phone number."},
		{422, "{\n    \"message\": \"Caf\\u00e9 \\/ bar\",\n    \"errors\": {}\n}", code.Unprocessable, "the server refuses the values (422 Unprocessable Entity): Café / bar"},
		{422, `{"message":"x","errors":{"value":"one text"}}`, code.Unprocessable, "the server refuses the values (422 Unprocessable Entity): value: one text"},
		{422, `{"errors":[{"detail":"first"},{"title":"second"},"third"]}`, code.Unprocessable, "the server refuses the values (422 Unprocessable Entity): first; second; third"},
		{404, "{\n    \"message\": \"No query results for model [App\\\\Models\\\\ContactDetail] 1\"\n}", code.NotFound,
			`the server knows no such record (404 Not Found): No query results for model [App\Models\ContactDetail] 1`},
		{404, "{\n    \"message\": \"\"\n}", code.NotFound, "the server knows no such record (404 Not Found)"},
		{403, `{"message": "This action is unauthorized."}`, code.Forbidden, "the account may not do this (403 Forbidden): This action is unauthorized."},
		{400, nginx("400 Request Header Or Cookie Too Large"), code.BadRequest,
			`the server does not understand the request (400 Bad Request): a web page titled "400 Request Header Or Cookie Too Large"`},
		{413, "{\n    \"message\": \"\"\n}", code.TooLarge, "the request is too large for the server (413 Request Entity Too Large)"},
		{414, nginx("414 Request-URI Too Large"), code.TooLarge, "the address of the request is too long for the server (414 Request URI Too Long): a web page titled \"414 Request-URI Too Large\""},
		{431, "", code.TooLarge, "the address of the request is too long for the server (431 Request Header Fields Too Large)"},
		{405, `{"message": "The PUT method is not supported."}`, code.Unexpected, "the server gave an unexpected answer (405 Method Not Allowed): The PUT method is not supported."},
		{418, "I'm a\r\n\tteapot\x1b[31m", code.Unexpected, "the server gave an unexpected answer (418 I'm a teapot): I'm a teapot[31m"},
		{599, "", code.ServerError, "the server failed (status 599)"},
		{501, `{"error":"nope"}`, code.ServerError, "the server failed (501 Not Implemented): nope"},
		{403, `<!doctype html><body><h1>Access <b>denied</b></h1>`, code.Forbidden, `the account may not do this (403 Forbidden): a web page titled "Access denied"`},
		{403, `<html>`, code.Forbidden, `the account may not do this (403 Forbidden): a web page`},
		{403, `{"message":`, code.Forbidden, `the account may not do this (403 Forbidden): {"message":`},
		{403, `{"error":{"message":"inner"}}`, code.Forbidden, `the account may not do this (403 Forbidden): inner`},
		{407, "", code.Proxy, "the proxy wants a user name and a password (407 Proxy Authentication Required)"},
	}
	for _, test := range tests {
		if test.status >= 500 && retryable(test.status) {
			t.Fatal("this would take real time")
		}
		r := &refuser{n: 100, status: test.status, header: http.Header{}, body: test.body}
		c := simClient(t, r, nil)
		name := "x"
		a, err := c.Put(t.Context(), "1", Update{Name: &name}, time.Time{}, nil)
		var e *Error
		if !errors.As(err, &e) || e.Code != test.code || e.Status != test.status || e.Message != test.message ||
			!e.Sent || (e.Doubt == DoubtPending) != (test.status >= 500) || e.Refused != (test.status < 500 && test.status != 407) || e.Stop != StopNone {
			t.Errorf("%d: %+v\n%s", test.status, e, e.Message)
		}
		if a.Attempts != 1 || len(r.served) != 1 {
			t.Errorf("%d: %d attempts, %d served", test.status, a.Attempts, len(r.served))
		}
	}
}

// TestRetries: which answers are repeated, and that the last words survive.
func TestRetries(t *testing.T) {
	for status := 400; status < 600; status++ {
		want := 1
		switch status {
		case 401, 429:
			continue
		case 408, 425, 500, 502, 503, 504:
			want = 3
		}
		synctest.Test(t, func(t *testing.T) {
			r := &refuser{n: 100, status: status, body: fmt.Sprintf(`{"message":"words of %d"}`, status)}
			c := simClient(t, r, func(cfg *Config) { cfg.Retries = 2 })
			name := "x"
			a, err := c.Put(t.Context(), "1", Update{Name: &name}, time.Time{}, nil)
			if a.Attempts != want || a.Status != status || err == nil || !strings.Contains(err.Error(), fmt.Sprint("words of ", status)) {
				t.Errorf("%d: %+v, %v", status, a, err)
			}
		})
	}
}

func TestBackoffBound(t *testing.T) {
	for n, want := range map[int]time.Duration{1: 500 * time.Millisecond, 2: time.Second, 5: 8 * time.Second, 7: 30 * time.Second, math.MaxInt: 30 * time.Second} {
		if got := backoffBound(n); got != want {
			t.Errorf("retry %d waits up to %s, want %s", n, got, want)
		}
	}
}
