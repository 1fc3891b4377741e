package crm

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads JSON (RFC 8259) front to back. It does what encoding/json would do with the few members of an answer
// that we want, at a fifth of the cost: with encoding/json the decoding of an answer costs as much as the request.
// After the first syntax error bad is set, nothing more is read, and values are empty.
type scanner struct {
	data  []byte
	pos   int
	depth int
	kept  int
	bad   bool
}

// What one answer may hold: far more than it does, and far less than would fit into one of those that are allowed.
const (
	maxDepth = 1000
	maxKept  = 20_000   // records, and owners of records
	maxText  = 64 << 10 // bytes of one text that is kept
)

// keep counts what is kept of an answer.
func (s *scanner) keep() {
	if s.kept++; s.kept > maxKept {
		s.bad = true
	}
}

// valid reports that there was no error and nothing is left but white space.
func (s *scanner) valid() bool {
	return s.peek() == 0 && s.pos == len(s.data) && !s.bad
}

// peek skips white space and returns the next byte, 0 at the end or after an error.
func (s *scanner) peek() byte {
	for ; s.pos < len(s.data); s.pos++ {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			if s.bad {
				return 0
			}
			return c
		}
	}
	return 0
}

// take consumes c, if it is next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// expect consumes c; anything else is an error.
func (s *scanner) expect(c byte) {
	if !s.take(c) {
		s.bad = true
	}
}

// object reads an object and calls member with each key; member must consume the value. It returns false, and has read
// nothing, if something else is next.
func (s *scanner) object(member func(key []byte)) bool {
	if !s.enter('{') {
		return false
	}
	for !s.take('}') {
		key := s.key()
		s.expect(':')
		if s.bad {
			return true
		}
		member(key)
		s.separate('}')
		if s.bad {
			return true
		}
	}
	s.depth--
	return true
}

// array reads an array and calls item before each element; item must consume it. It returns false, and has read
// nothing, if something else is next.
func (s *scanner) array(item func()) bool {
	if !s.enter('[') {
		return false
	}
	for !s.take(']') {
		if s.bad {
			return true
		}
		item()
		s.separate(']')
		if s.bad {
			return true
		}
	}
	s.depth--
	return true
}

func (s *scanner) enter(c byte) bool {
	if !s.take(c) {
		return false
	}
	s.depth++
	if s.depth > maxDepth {
		s.bad = true
	}
	return true
}

// separate consumes the comma between two elements, which must be followed by another one.
func (s *scanner) separate(end byte) {
	if s.take(',') {
		if s.peek() == end {
			s.bad = true
		}
	} else if s.peek() != end {
		s.bad = true
	}
}

// skip reads any value.
func (s *scanner) skip() {
	switch c := s.peek(); c {
	case '{':
		s.enter(c)
		for !s.bad && !s.take('}') {
			s.raw()
			s.expect(':')
			s.skip()
			s.separate('}')
		}
		s.depth--
	case '[':
		s.enter(c)
		for !s.bad && !s.take(']') {
			s.skip()
			s.separate(']')
		}
		s.depth--
	case '"':
		s.raw()
	default:
		s.literal()
	}
}

// text reads a string, and a number or boolean as it stands. Everything else is read and empty.
func (s *scanner) text() string {
	switch c := s.peek(); {
	case c == '"':
		raw, escaped := s.raw()
		if len(raw) > maxText {
			s.bad = true
			return ""
		}
		if !escaped && utf8.Valid(raw) {
			return string(raw)
		}
		return unescape(raw)
	case c == '{' || c == '[':
		s.skip()
		return ""
	default:
		if word := s.literal(); string(word) != "null" {
			return string(word)
		}
		return ""
	}
}

func (s *scanner) key() []byte {
	raw, escaped := s.raw()
	if escaped {
		return []byte(unescape(raw))
	}
	return raw
}

// raw reads a string and returns what is between the quotation marks.
func (s *scanner) raw() (raw []byte, escaped bool) {
	if !s.take('"') {
		s.bad = true
		return nil, false
	}
	data, start := s.data, s.pos
	for pos := start; pos < len(data); pos++ {
		for pos+8 <= len(data) && ordinary(binary.LittleEndian.Uint64(data[pos:])) {
			pos += 8
		}
		if pos == len(data) {
			break
		}
		switch c := data[pos]; {
		case c > '\\' || c >= ' ' && c != '"' && c != '\\':
		case c == '"':
			s.pos = pos + 1
			return data[start:pos], escaped
		case c == '\\':
			s.pos = pos
			if !s.escape() {
				s.bad = true
				return nil, false
			}
			pos, escaped = s.pos-1, true
		default:
			s.bad = true
			return nil, false
		}
	}
	s.bad = true
	return nil, false
}

// ordinary tells of eight bytes whether they are all just part of a string: no quotation mark, no backslash, no control
// character, and nothing beyond ASCII. Each term has a byte's highest bit set where that byte is one of them, or
// follows one.
func ordinary(x uint64) bool {
	const ones = 0x0101010101010101
	quote, backslash := x^'"'*ones, x^'\\'*ones
	return (x|(x-' '*ones)|(quote-ones)|(backslash-ones))&(0x80*ones) == 0
}

// escape steps over an escape sequence.
func (s *scanner) escape() bool {
	rest := s.data[s.pos+1:]
	if len(rest) == 0 {
		return false
	}
	if rest[0] != 'u' {
		s.pos += 2
		return bytes.IndexByte([]byte(`"\/bfnrt`), rest[0]) >= 0
	}
	s.pos += 6
	return len(rest) >= 5 && hex4(rest[1:5]) >= 0
}

// literal reads true, false, null or a number.
func (s *scanner) literal() []byte {
	s.peek()
	start := s.pos
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		if c < '+' && c != '"' || c == ',' || c == ':' || c == ']' || c == '}' || c == '"' {
			break
		}
		s.pos++
	}
	word := s.data[start:s.pos]
	switch string(word) {
	case "true", "false", "null":
	default:
		if !number(word) {
			s.bad = true
		}
	}
	return word
}

// number reports whether b is a JSON number.
func number(b []byte) bool {
	digits := func() bool {
		n := 0
		for n < len(b) && '0' <= b[n] && b[n] <= '9' {
			n++
		}
		b = b[n:]
		return n > 0
	}
	b = bytes.TrimPrefix(b, []byte("-"))
	if len(b) > 1 && b[0] == '0' && '0' <= b[1] && b[1] <= '9' || !digits() {
		return false
	}
	if len(b) > 0 && b[0] == '.' {
		if b = b[1:]; !digits() {
			return false
		}
	}
	if len(b) > 0 && (b[0] == 'e' || b[0] == 'E') {
		b = b[1:]
		if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		if !digits() {
			return false
		}
	}
	return len(b) == 0
}

// unescape decodes the inside of a string that raw accepted. Lone surrogates and invalid UTF-8 become U+FFFD.
func unescape(raw []byte) string {
	var b strings.Builder
	b.Grow(len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			r, size := utf8.DecodeRune(raw[i:])
			b.WriteRune(r)
			i += size
			continue
		}
		c := raw[i+1]
		i += 2
		switch c {
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			r := hex4(raw[i : i+4])
			i += 4
			if utf16.IsSurrogate(r) {
				pair := rune(utf8.RuneError)
				if i+6 <= len(raw) && raw[i] == '\\' && raw[i+1] == 'u' {
					pair = utf16.DecodeRune(r, hex4(raw[i+2:i+6]))
				}
				if r = pair; r != utf8.RuneError {
					i += 6
				}
			}
			b.WriteRune(r)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// hex4 reads four hexadecimal digits, -1 if they are none.
func hex4(b []byte) rune {
	var r rune
	for _, c := range b {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}
