package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// server is what the front end calls itself in headers and error pages.
const server = "nginx/1.22.1"

// answer is a whole answer before it is sent.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// laravel is an answer of the application: it has no length, because PHP's output is passed on in chunks.
func laravel(status int, contentType string, body []byte) answer {
	return answer{status, http.Header{
		"Server":            {server},
		"Content-Type":      {contentType},
		"Transfer-Encoding": {"chunked"},
		"Cache-Control":     {"no-cache, private"},
	}, body}
}

func answerJSON(status int, v any) answer {
	return laravel(status, "application/json", compact(v))
}

// problem is what Laravel makes of an exception: pretty-printed JSON, or a page for whoever does not ask for JSON.
func problem(c *call, status int, message string) answer {
	if !wantsJSON(c) {
		return htmlPage(status, http.StatusText(status))
	}
	return laravel(status, "application/json", pretty(map[string]string{"message": message}))
}

// unprocessable is the answer to a body that breaks the rules, in the wording of Laravel 8.
func unprocessable(c *call, errs fieldErrors) answer {
	if !wantsJSON(c) {
		return redirect(http.StatusFound, baseURL(c))
	}
	return answerJSON(http.StatusUnprocessableEntity, struct {
		Message string      `json:"message"`
		Errors  fieldErrors `json:"errors"`
	}{"The given data was invalid.", errs})
}

func htmlPage(status int, title string) answer {
	return laravel(status, "text/html; charset=UTF-8", fmt.Appendf(nil, `<!DOCTYPE html>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">

        <title>%[1]s</title>
    </head>
    <body>
        <div class="code">%[2]d</div>
        <div class="message">%[1]s</div>
    </body>
</html>
`, html.EscapeString(title), status))
}

// redirect is Symfony's RedirectResponse.
func redirect(status int, to string) answer {
	a := laravel(status, "text/html; charset=utf-8", fmt.Appendf(nil, `<!DOCTYPE html>
<html>
    <head>
        <meta charset="UTF-8" />
        <meta http-equiv="refresh" content="0;url='%[1]s'" />

        <title>Redirecting to %[1]s</title>
    </head>
    <body>
        Redirecting to <a href="%[1]s">%[1]s</a>.
    </body>
</html>`, html.EscapeString(to)))
	a.header.Set("Location", to)
	return a
}

// nginxPage is an answer of the front end itself, which then closes the connection. hint is a second line, or blank.
func nginxPage(status int, title, hint string) answer {
	line := ""
	if hint != "" {
		line = "<center>" + hint + "</center>\r\n"
	}
	body := fmt.Appendf(nil,
		"<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%[1]d %[3]s</h1></center>\r\n"+
			"%s<hr><center>"+server+"</center>\r\n</body>\r\n</html>\r\n", status, cmp.Or(hint, title), title, line)
	return answer{status, http.Header{
		"Server":         {server},
		"Content-Type":   {"text/html; charset=utf-8"},
		"Content-Length": {strconv.Itoa(len(body))},
		"Connection":     {"close"},
	}, body}
}

// wantsJSON is Laravel's rule: the first of the acceptable types, by quality, is a JSON one. "*/*" is none.
func wantsJSON(c *call) bool {
	first, best := "", -1.0
	for part := range strings.SplitSeq(c.Header.Get("Accept"), ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		quality := 1.0
		if _, q, ok := strings.Cut(params, "q="); ok {
			quality, _ = strconv.ParseFloat(strings.TrimSpace(q), 64)
		}
		if quality > best {
			first, best = name, quality
		}
	}
	return strings.Contains(first, "/json") || strings.Contains(first, "+json")
}

// compact writes v as PHP's json_encode does: no blanks, "/" as \/ and everything beyond ASCII as \u escapes.
func compact(v any) []byte { return phpEscapes(marshal(v), true) }

// pretty writes v as Laravel's exception handler does (JSON_PRETTY_PRINT|JSON_UNESCAPED_SLASHES).
func pretty(v any) []byte {
	var b bytes.Buffer
	if err := json.Indent(&b, marshal(v), "", "    "); err != nil {
		panic(err) // marshal writes valid JSON
	}
	return phpEscapes(b.Bytes(), false)
}

// marshal is json.Marshal without its HTML escapes. v is one of our own types, which cannot fail.
func marshal(v any) []byte {
	var b bytes.Buffer
	if err := encoder(&b).Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func encoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}

// phpEscapes rewrites what only occurs within strings: characters beyond ASCII and, if wanted, slashes.
func phpEscapes(b []byte, slashes bool) []byte {
	out := make([]byte, 0, len(b)+len(b)/16)
	for _, r := range string(b) {
		switch {
		case r == '/' && slashes:
			out = append(out, `\/`...)
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		}
	}
	return out
}

// fieldErrors are the messages of a 422, in the order of the rules.
type fieldErrors []struct{ key, message string }

func (e *fieldErrors) add(key, message string) {
	*e = append(*e, struct{ key, message string }{key, message})
}

// MarshalJSON writes an object that keeps the order.
func (e fieldErrors) MarshalJSON() ([]byte, error) {
	fields := make([]string, len(e))
	for i, f := range e {
		fields[i] = fmt.Sprintf("%s:[%s]", marshal(f.key), marshal(f.message))
	}
	return []byte("{" + strings.Join(fields, ",") + "}"), nil
}
