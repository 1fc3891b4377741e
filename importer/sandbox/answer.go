package sandbox

import (
	"cmp"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
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
	body := fmt.Appendf(nil, "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%[1]d %[3]s</h1></center>\r\n"+
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
