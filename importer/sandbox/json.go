package sandbox

import (
	"bytes"
	"encoding/json"
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
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// phpEscapes rewrites what only occurs within strings: characters beyond ASCII and, if wanted, slashes.
func phpEscapes(b []byte, slashes bool) []byte {
	const hex = "0123456789abcdef"
	out := make([]byte, 0, len(b)+len(b)/16)
	for i := 0; i < len(b); {
		if c := b[i]; c < utf8.RuneSelf {
			if c == '/' && slashes {
				out = append(out, '\\')
			}
			out = append(out, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		i += n
		units := []uint16{uint16(r)}
		if r > 0xFFFF {
			units = utf16.Encode([]rune{r})
		}
		for _, u := range units {
			out = append(out, '\\', 'u', hex[u>>12], hex[u>>8&15], hex[u>>4&15], hex[u&15])
		}
	}
	return out
}

// fieldErrors are the messages of a 422, in the order of the rules.
type fieldErrors []fieldError

type fieldError struct {
	key      string
	messages []string
}

func (e *fieldErrors) add(key, message string) {
	*e = append(*e, fieldError{key, []string{message}})
}

// MarshalJSON writes an object that keeps the order.
func (e fieldErrors) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, f := range e {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, marshal(f.key)...)
		b = append(b, ':')
		b = append(b, marshal(f.messages)...)
	}
	return append(b, '}'), nil
}
