package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

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
