package rows

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	utf16 "golang.org/x/text/encoding/unicode"

	"csvput/report/human"
)

// charset is a decided character encoding.
type charset struct {
	name string
	// single decodes encodings of one byte a character, cell by cell and in any goroutine; nil when the text is UTF-8
	// by now.
	single *charmap.Charmap
	// guessed: a single-byte encoding that nothing but the look of the text speaks for, so that cells which look odd
	// in it are refused.
	guessed bool
}

// decode returns text as UTF-8. Undefined bytes become U+FFFD, or C1 control characters where the Encoding Standard
// says so, as for Windows-1252: undecodable finds both.
func (c *charset) decode(text string) string {
	if c.single == nil || firstNonASCII(text) < 0 {
		return text
	}
	s, err := c.single.NewDecoder().String(text)
	if err != nil { // a table of 256 characters has no errors
		return text
	}
	return s
}

const (
	nameUTF8    = "UTF-8"
	nameUTF16   = "UTF-16" // the byte order is still to be found
	nameUTF16LE = "UTF-16LE"
	nameUTF16BE = "UTF-16BE"
	name1252    = "Windows-1252"
	name885915  = "ISO-8859-15"
)

// namedEncoding finds an encoding by the names of the WHATWG Encoding Standard (where latin1 and ascii mean
// Windows-1252) and of the IANA registry, and by what Excel, Python and DOS call theirs.
func namedEncoding(name string) (encoding.Encoding, string, *FileError) {
	n := strings.ToLower(trim(name))
	switch normalise(name) {
	case "ansi":
		n = "windows-1252"
	case "utf8sig":
		n = "utf-8"
	case "utf16":
		return utf16.UTF16(utf16.LittleEndian, utf16.UseBOM), nameUTF16, nil
	case "utf16le":
		n = "utf-16le"
	case "utf16be":
		n = "utf-16be"
	case "cp850", "cp437":
		n = "ibm" + n[len(n)-3:]
	case "latin9":
		n = "iso-8859-15"
	}
	enc, err := htmlindex.Get(n)
	if err != nil {
		enc, err = ianaindex.IANA.Encoding(n)
	}
	if err != nil || enc == nil || enc == encoding.Replacement {
		return nil, "", refusal(CodeUnknownEncoding, 0, human.Quote(name)+" is not the name of a character encoding",
			"usual names are utf-8, utf-16, windows-1252, iso-8859-15, macintosh and ibm850")
	}
	return enc, encodingName(enc, n), nil
}

func encodingName(enc encoding.Encoding, fallback string) string {
	switch enc {
	case utf16.UTF8:
		return nameUTF8
	case charmap.Windows1252:
		return name1252
	case charmap.ISO8859_15:
		return name885915
	}
	name, err := htmlindex.Name(enc)
	if err != nil {
		name = fallback
	}
	return strings.Replace(strings.ToUpper(name), "WINDOWS", "Windows", 1)
}

// utf16WithoutBOM recognises UTF-16 text by its first line: it decodes to nothing but printable Latin characters and
// has a line end, which in the other byte order or in any 8-bit encoding it cannot. "" means that it is not certain.
func utf16WithoutBOM(head string) string {
	switch {
	case len(head) < 4:
		return ""
	case latinLine(head, 0):
		return nameUTF16LE
	case latinLine(head, 1):
		return nameUTF16BE
	}
	return ""
}

// latinLine looks at 16-bit units whose low byte comes first (low = 0) or second (low = 1).
func latinLine(head string, low int) bool {
	for i := 0; i+1 < len(head); i += 2 {
		unit := uint16(head[i+low]) | uint16(head[i+1-low])<<8
		switch {
		case unit == '\n' || unit == '\r':
			return i > 0
		case unit == '\t', unit >= ' ' && unit < 0x7f, unit >= 0xa0 && unit < 0x180:
		default:
			return false
		}
	}
	return false
}

// detect decides between UTF-8, Windows-1252 and ISO-8859-15 for text that holds bytes outside ASCII; text begins at
// the first of them. more says that it was cut off at its end.
//
// UTF-8 wins when at least as many of its multi-byte sequences are well-formed as are broken: accented text in a
// single-byte encoding hardly ever makes one by chance, so a few broken places are broken cells. Otherwise it is
// Windows-1252, which Excel writes, unless ISO-8859-15 makes sense of more lines: the two differ in € Š š Ž ž Œ
// œ Ÿ, which read as stray symbols in the other one, and the smart quotes of Windows are control characters in
// ISO-8859-15.
func detect(text string, more bool) (*charset, *FileError) {
	good, broken := multiByte(text, more)
	if good >= broken {
		return &charset{name: nameUTF8}, nil
	}
	windows := &charset{name: name1252, single: charmap.Windows1252, guessed: true}
	latin9 := &charset{name: name885915, single: charmap.ISO8859_15, guessed: true}
	lines, oddWindows, oddLatin9 := 0, 0, 0
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if firstNonASCII(line) < 0 {
			continue
		}
		lines++
		if windows.odd(windows.decode(line)) != 0 {
			oddWindows++
		}
		if latin9.odd(latin9.decode(line)) != 0 {
			oddLatin9++
		}
	}
	best, odd := windows, oddWindows
	if oddLatin9 < oddWindows {
		best, odd = latin9, oddLatin9
	}
	if odd >= 3 && odd*5 >= lines {
		return nil, refusal(CodeUnclearEncoding, 0,
			fmt.Sprintf("the character encoding of the file is not clear: it is not UTF-8, and read as %s %d of %d "+
				"lines with accented characters look wrong", best.name, odd, lines),
			"save the file as CSV UTF-8, or name its encoding with --encoding: macintosh for the type CSV "+
				"(Macintosh), ibm850 for CSV (MS-DOS), windows-1250 for Central Europe")
	}
	return best, nil
}

// multiByte counts the well-formed sequences of more than one byte and the broken places.
func multiByte(text string, more bool) (good, broken int) {
	for len(text) > 0 {
		i := firstNonASCII(text)
		if i < 0 {
			break
		}
		text = text[i:]
		if more && !utf8.FullRuneInString(text) {
			break
		}
		r, size := utf8.DecodeRuneInString(text)
		if r != utf8.RuneError || size > 1 {
			good++
			text = text[size:]
			continue
		}
		broken++
		text = text[1:]
		for len(text) > 0 && !utf8.RuneStart(text[0]) {
			text = text[1:] // what is left of the same broken sequence
		}
	}
	return good, broken
}

// undecodable returns the first sign in a decoded cell that it was not decoded with certainty: a byte that is not
// UTF-8 or U+FFFD (as utf8.RuneError), NUL, a C1 control character, or what looks odd in a guessed encoding. 0 means
// none.
func (c *charset) undecodable(cell string) (sign rune, found bool) {
	if strings.IndexByte(cell, 0) >= 0 {
		return 0, true
	}
	i := firstNonASCII(cell)
	if i < 0 {
		return 0, false
	}
	for _, r := range cell[i:] {
		if r == utf8.RuneError || r >= 0x80 && r < 0xa0 {
			return r, true
		}
	}
	if c.guessed {
		if r := c.odd(cell); r != 0 {
			return r, true
		}
	}
	return 0, false
}

// odd returns the first character of text that makes it doubtful that the guessed single-byte encoding is the right
// one, or 0. Words of the languages that these encodings are for have no symbol inside, no accented capital behind a
// small letter and no three accented letters in a row; text in MacRoman, DOS, UTF-8, Cyrillic, Chinese or the other
// Latin encoding shows just that when it is read as Windows-1252. (Text in Windows-1250 or -1254 may not.)
func (c *charset) odd(text string) rune {
	prev, run := ' ', 0
	for i := firstNonASCII(text); i >= 0 && i < len(text); {
		if i > 0 {
			prev, _ = utf8.DecodeLastRuneInString(text[:i])
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		next, _ := utf8.DecodeRuneInString(text[i+size:])
		if r < utf8.RuneSelf || !unicode.IsLetter(r) {
			run = 0
		} else if run++; run == 3 {
			return r
		}
		if r >= utf8.RuneSelf && (oddHere(prev, r, next) || c.wasUTF8(text[i:])) {
			return r
		}
		i += size
	}
	return 0
}

// oddHere judges a character outside ASCII by its neighbours. next is utf8.RuneError at the end.
func oddHere(prev, r, next rune) bool {
	before, after := unicode.IsLetter(prev), unicode.IsLetter(next)
	switch {
	case r < 0xa0, r == utf8.RuneError, r == '¤':
		return true // no character at all; nobody uses the general currency sign
	case strings.ContainsRune("¦¨¸", r):
		return before || after
	case r == '´':
		return after && !before // O´Brien is usual, ´i is Ži in ISO-8859-15
	case strings.ContainsRune("¼½¾", r):
		return before || after && !unicode.IsDigit(prev)
	case strings.ContainsRune("ŠŒŽŸ", r): // é ä ö ü and others in MacRoman and DOS
		return before && (unicode.IsLower(prev) || unicode.IsLower(next))
	case unicode.IsLetter(r):
		return unicode.IsUpper(r) && unicode.IsLower(prev) && !after // but hÉireann is Irish
	case strings.ContainsRune("‘‚“„†‡ˆ‰‹˜¡¿", r):
		return before
	case strings.ContainsRune("’·–—…×•\u00a0\u00ad", r):
		return false
	}
	return before && after
}

// wasUTF8 reports whether the bytes that text was decoded from begin with a multi-byte sequence of UTF-8: a line of
// UTF-8 in a file of something else.
func (c *charset) wasUTF8(text string) bool {
	var b [utf8.UTFMax]byte
	n := 0
	for _, r := range text {
		x, ok := c.single.EncodeRune(r)
		if n == len(b) || !ok || x < utf8.RuneSelf {
			break
		}
		b[n] = x
		n++
	}
	r, size := utf8.DecodeRune(b[:n])
	return r != utf8.RuneError && size > 1
}
