package cli_test

import (
	"os"
	"strings"
	"testing"
	"unicode"

	"csvput/importer/sandbox"
)

// hostile is a name that would clear the screen, end a line, and turn what follows around.
const hostile = "Evil\x1b[2J\x1b]0;title\x07\u009b31m\u202e\u2066\u200f\x7f Name"

func acting(s string) string {
	i := strings.IndexFunc(s, func(r rune) bool {
		return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
	})
	if i < 0 {
		return ""
	}
	return s[max(0, i-40):min(len(s), i+40)]
}

// TestNeutral says that nothing foreign acts on the terminal: file names, headers, cells, the CRM's names and
// the server's words, in messages, log lines and tables.
func TestNeutral(t *testing.T) {
	w := newWorld(t, 3)
	record := w.server.Records()[0]
	record.Name = hostile
	if err := w.server.Seed(record); err != nil {
		t.Fatal(err)
	}
	file := "evil\x1b[31m\u202e.csv"
	w.write(file, "id,value,"+hostile+"\n"+record.UUID+",020 7946 0999,x\n9a000000-0000-4000-8000-000000000001,"+hostile+",x\n")
	w.write("bad.csv", hostile+",phone\nAnn,020\n")
	w.fail(onPut(1, status(422, `{"message":"No \u001b[2J \u202e \u009b way."}`)))
	for _, args := range [][]string{
		{"check", "$DIR/" + file}, {"check", "$DIR/bad.csv"}, {"check", "$DIR/no" + hostile},
		{"plan", "$DIR/" + file}, {"run", "--yes", "$DIR/" + file}, {"run", "--yes", "--verbose", "--log-values", "$DIR/" + file},
		{"run", "--yes", "--verbose", "--log-format", "json", "--log-values", "$DIR/" + file},
		{"check", "--log-format", "json", "$DIR/bad.csv"}, {"no" + hostile}, {"check", "--" + hostile}, {"logins"},
	} {
		got := w.call(args...)
		if bad := acting(got.stderr); bad != "" {
			t.Errorf("%q: %q", args, bad)
		}
		if got.stderr == "" && args[0] != "logins" {
			t.Errorf("%q says nothing", args)
		}
	}
}

// TestNoValuesInLog says that without --log-values no log line holds a value of the file, or a word of the
// server's, which may quote one.
func TestNoValuesInLog(t *testing.T) {
	const number, person = "020 7946 0777", "Ann \"Annie\" Example"
	w := newWorld(t, 3)
	w.write("header.csv", `"`+strings.ReplaceAll(person, `"`, `""`)+`",`+number+"\nx,y\n")
	w.write("quote.csv", "id,value\n9a000000-0000-4000-8000-000000000001,\""+number+"\n9a000000-0000-4000-8000-000000000002,2\n")
	refuse := func(r *sandbox.Request) sandbox.Fault {
		f := status(403, `{"message":"`+number+` of Annie is taken."}`)
		f.Header = map[string][]string{"X-Request-Id": {"id-of-Annie"}}
		return f
	}
	for _, args := range [][]string{
		{"check", "$DIR/header.csv"}, {"run", "--yes", "$DIR/header.csv"}, {"run", "--yes", "$DIR/quote.csv"}, {"run", "--yes", "$DIR/contacts.csv"},
	} {
		w.fail(nil)
		if args[len(args)-1] == "$DIR/contacts.csv" {
			w.fail(refuse)
		}
		for _, log := range [][]string{{"--log-format", "json"}, {"--log-file", w.path("log")}} {
			got := w.call(withFlags(args, append(log, "--verbose")...)...)
			text := got.stderr
			if log[0] == "--log-file" {
				data, err := os.ReadFile(w.path("log"))
				if err != nil {
					t.Fatal(err)
				}
				text = string(data)
			}
			if got.code == 0 || !strings.Contains(text, "ended") {
				t.Errorf("%v ends with %d\n%s", args, got.code, text)
			}
			for _, word := range []string{number, "Annie", "7946"} {
				if strings.Contains(text, word) {
					t.Errorf("%v: %q is in the log:\n%s", args, word, text)
				}
			}
		}
	}
	w.fail(nil)
	if got := w.call("check", "--log-format", "json", "--log-values", "$DIR/header.csv"); !strings.Contains(got.stderr, number) {
		t.Errorf("--log-values leaves values out:\n%s", got.stderr)
	}
}
