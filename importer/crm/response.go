package crm

import (
	"bytes"
	"encoding/json"
	"html"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"csvput/report/code"
	"csvput/report/human"
)

// words is what a server says in the body of an error response.
type words struct {
	text string // part of a sentence, on one line; "" when it says nothing
	page bool   // an HTML page: from a reverse proxy, not from the API
}

// readWords reads the body of an answer that is no success: Laravel's JSON ({"message": ..., "errors": {...}}), other
// common JSON shapes, an HTML page of a reverse proxy, or plain text. All of it passes through redact once it is
// decoded, and before it is cut.
func readWords(body []byte, redact func(string) string) words {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return words{}
	}
	if body[0] == '{' || body[0] == '[' {
		var said any
		if json.Unmarshal(body, &said) == nil {
			object, _ := said.(map[string]any)
			return words{text: message(object, redact)}
		}
	}
	if looksLikeHTML(body) {
		return words{text: "a web page" + htmlTitle(body, redact), page: true}
	}
	return words{text: clean(plainSlashes.Replace(string(body)), redact, 300)}
}

// plainSlashes undoes what PHP does to a slash, in JSON that broke off.
var plainSlashes = strings.NewReplacer(`\/`, "/", `\u002f`, "/", `\u002F`, "/")

// message is what is wrong with each field; else the text under the first of the usual keys that has one.
func message(object map[string]any, redact func(string) string) string {
	var wrong []string
	fields, _ := object["errors"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		for _, text := range texts(fields[key], redact) {
			wrong = append(wrong, clean(key, redact, 100)+": "+text)
		}
	}
	if len(wrong) > 0 {
		return strings.Join(wrong, "; ")
	}
	for _, key := range [...]string{"message", "error_description", "detail", "title", "error"} {
		if list := texts(object[key], redact); len(list) > 0 {
			return list[0]
		}
	}
	return strings.Join(texts(object["errors"], redact), "; ")
}

// texts returns what a text says, a list of texts, or an object or a list of objects that hold a message.
func texts(said any, redact func(string) string) (all []string) {
	switch said := said.(type) {
	case string:
		if text := clean(said, redact, 500); text != "" {
			all = append(all, text)
		}
	case []any:
		for _, item := range said {
			if _, nested := item.([]any); !nested {
				all = append(all, texts(item, redact)...)
			}
		}
	case map[string]any:
		for _, key := range [...]string{"message", "detail", "title"} {
			if text, ok := said[key].(string); ok {
				return texts(text, redact)
			}
		}
	}
	return all
}

var (
	titleTag   = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	headingTag = regexp.MustCompile(`(?is)<h1[^>]*>(.*?)</h1>`)
	anyTag     = regexp.MustCompile(`(?s)<[^>]*>`)
)

func looksLikeHTML(body []byte) bool {
	head := bytes.ToLower(body[:min(len(body), 512)])
	return bytes.Contains(head, []byte("<!doctype")) || bytes.Contains(head, []byte("<html")) ||
		bytes.Contains(head, []byte("<head")) || bytes.Contains(head, []byte("<body"))
}

func htmlTitle(body []byte, redact func(string) string) string {
	for _, tag := range [...]*regexp.Regexp{titleTag, headingTag} {
		if m := tag.FindSubmatch(body); m != nil {
			if t := clean(html.UnescapeString(string(anyTag.ReplaceAll(m[1], nil))), redact, 100); t != "" {
				return " titled " + human.Quote(t)
			}
		}
	}
	return ""
}

// statusText names a status: "404 Not Found".
func statusText(status int) string {
	if name := http.StatusText(status); name != "" {
		return strconv.Itoa(status) + " " + name
	}
	return "status " + strconv.Itoa(status)
}

// statuses are the codes and beginnings of sentences for statuses that are no success.
var statuses = map[int]struct {
	code code.Code
	text string
}{
	http.StatusBadRequest:                  {code.BadRequest, "the server does not understand the request"},
	http.StatusUnauthorized:                {code.Unauthenticated, "the server refuses the token"},
	http.StatusForbidden:                   {code.Forbidden, "the account may not do this"},
	http.StatusNotFound:                    {code.NotFound, "the server knows no such record"},
	http.StatusProxyAuthRequired:           {code.Proxy, "the proxy wants a user name and a password"},
	http.StatusRequestTimeout:              {code.ServerError, "the server gave up waiting for the request"},
	http.StatusRequestEntityTooLarge:       {code.TooLarge, "the request is too large for the server"},
	http.StatusRequestURITooLong:           {code.TooLarge, "the address of the request is too long for the server"},
	http.StatusUnprocessableEntity:         {code.Unprocessable, "the server refuses the values"},
	http.StatusTooEarly:                    {code.ServerError, "the server is not ready for the request"},
	http.StatusTooManyRequests:             {code.Throttled, "the quota is used up"},
	http.StatusRequestHeaderFieldsTooLarge: {code.TooLarge, "the address of the request is too long for the server"},
}

// errorResponse is the Error of a status that is no success, with the server's words.
func errorResponse(status int, w words) *Error {
	e := &Error{Code: code.Unexpected, Status: status, Refused: final(status), page: w.page}
	begin := "the server gave an unexpected answer"
	if known, ok := statuses[status]; ok {
		e.Code, begin = known.code, known.text
	} else if status >= 500 {
		e.Code, begin = code.ServerError, "the server failed"
	}
	e.Message = begin + " (" + statusText(status) + ")"
	if w.text != "" {
		e.Message += ": " + w.text
	}
	return e
}

// clean is a line of foreign text without the token: redacted as it would be printed, without what OneLine drops, and
// before it is cut, since half a token is a secret too.
func clean(s string, redact func(string) string, max int) string {
	return human.OneLine(redact(human.OneLine(s, len(s))), max)
}
