package human

import (
	"strings"
	"testing"
	"time"
)

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                  `"plain"`,
		" a\nb\tc\x00\t":         "\"a b c?\"",
		"Jos\xc3":                "\"Jos?\"",
		"a\u00a0b":               `"a b"`,
		"a\u202eb":               "\"a?b\"",
		strings.Repeat("é", 60):  `"` + strings.Repeat("é", 60) + `"`,
		strings.Repeat("é", 100): `"` + strings.Repeat("é", 60) + `…"`,
	} {
		if got := Quote(in); got != want {
			t.Errorf("%q: got %q", in, got)
		}
	}
}

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                    "plain",
		" a\r\n\t b\u00a0\u2028c ": "a b c",
		"a\x1b[31m\u202eb\u200b":   "a[31mb",
		"Jos\xc3":                  "Jos\uFFFD",
		strings.Repeat("é", 20):    strings.Repeat("é", 20),
		strings.Repeat("é ", 20):   strings.Repeat("é ", 10) + "…",
	} {
		if got := OneLine(in, 20); got != want {
			t.Errorf("%q: got %q", in, got)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 850 * time.Millisecond: "850 ms", 1500 * time.Millisecond: "1.5 s", 2 * time.Second: "2.0 s", 59 * time.Second: "59 s",
		time.Minute: "1 min", 2*time.Minute + 13*time.Second: "2 min 13 s", 21*time.Minute + 4*time.Second: "21 min", 3 * time.Hour: "3 h", 25*time.Hour + 61*time.Second: "25 h 1 min",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%v is written %q, want %q", d, got, want)
		}
	}
}
