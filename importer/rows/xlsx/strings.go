package xlsx

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// sharedStrings are the texts that cells name by number. They lie one behind the other: a workbook has as many as it
// has rows, and more.
type sharedStrings struct {
	text string
	ends []uint32
}

// at is the text of a number.
func (s sharedStrings) at(i int) (string, bool) {
	if i < 0 || i >= len(s.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return s.text[from:s.ends[i]], true
}

func (b *Book) readStrings(name string) error {
	if b.parts[name] == nil {
		return nil
	}
	p, err := b.open(name)
	if err != nil {
		return err
	}
	defer p.raw.Close()
	var (
		all   strings.Builder
		text  []byte
		whole bool
	)
	for {
		t, err := p.token()
		if err == io.EOF && whole {
			b.strings.text = all.String()
			return nil
		}
		if err == io.EOF {
			return damaged(0, "its table of texts breaks off")
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local != "si" {
				continue
			}
			if text, err = p.text(text[:0], "si"); err != nil {
				return err
			}
			all.Write(text)
			if all.Len() > maxText || len(b.strings.ends) == maxStrings {
				return tooLarge("the workbook holds more text than a workbook of contacts")
			}
			b.strings.ends = append(b.strings.ends, uint32(all.Len()))
		case xml.EndElement:
			whole = whole || t.Name.Local == "sst"
		}
	}
}

// text appends the text of an element of the kind si or is, which has begun: that of all its runs, without the phonetic
// ones, which say how Japanese is read aloud.
func (p *part) text(dst []byte, element string) ([]byte, error) {
	phonetic, inText, from := 0, false, 0
	for {
		t, err := p.token()
		if err == io.EOF {
			return nil, damaged(0, "%s breaks off in a text", p.name)
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "rPh" {
				phonetic++
			}
			inText, from = t.Name.Local == "t" && phonetic == 0, len(dst)
		case xml.CharData:
			if inText {
				dst = append(dst, t...)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case element:
				return dst, nil
			case "rPh":
				phonetic--
			case "t":
				if inText {
					dst = append(dst[:from], unescape(string(dst[from:]))...)
				}
			}
			inText = false
		}
	}
}

// escapeLength is the length of _x000D_.
const escapeLength = 7

// escaped is the UTF-16 unit that s begins with as an escape.
func escaped(s string) (unit rune, ok bool) {
	if len(s) < escapeLength || s[0] != '_' || s[1] != 'x' || s[escapeLength-1] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:escapeLength-1], 16, 16)
	return rune(n), err == nil
}

// unescape decodes characters that XML can't hold: _x000D_ is a CR, _x005F_ an underscore.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		unit, ok := escaped(s)
		if !ok {
			_, n := utf8.DecodeRuneInString(s)
			b.WriteString(s[:n])
			s = s[n:]
			continue
		}
		s = s[escapeLength:]
		if low, pair := escaped(s); pair && utf16.DecodeRune(unit, low) != utf8.RuneError {
			unit, s = utf16.DecodeRune(unit, low), s[escapeLength:]
		}
		b.WriteRune(unit)
	}
	return b.String()
}

// escape is the inverse of unescape.
func escape(s string) string {
	odd := func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff }
	if strings.IndexFunc(s, odd) < 0 && !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		if _, ok := escaped(s[i:]); ok || odd(r) {
			b.WriteString("_x" + strings.ToUpper(strconv.FormatInt(0x10000+int64(r), 16))[1:] + "_")
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
