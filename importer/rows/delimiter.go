package rows

import (
	"fmt"
	"strings"

	"csvput/report/human"
)

// delimiters are the candidates, the likeliest first.
const delimiters = ",;\t|"

const trialRecords = 200 // records that the choice of the delimiter looks at

// checkDelimiter refuses what cannot separate cells. Delimiters are ASCII, because records are cut
// before they are decoded.
func checkDelimiter(d rune) *FileError {
	switch {
	case d == 0:
		return nil
	case d == '\t', d == 0x1f, d > ' ' && d < 0x7f && d != '"' && !isAlphanumeric(byte(d)):
		return nil
	}
	return &FileError{
		Code:    CodeInvalidDelimiter,
		Message: human.Quote(string(d)) + " cannot separate columns",
		Hint:    "use one character such as , ; | or a tab",
	}
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// separatorLine recognises the line sep=; with which Excel is told the delimiter, and returns the
// delimiter and the length of the line with its end, or 0.
func separatorLine(text string) (delim byte, length int) {
	line, rest, found := text, "", false
	if i := strings.IndexAny(text, "\r\n"); i >= 0 {
		line, rest, found = text[:i], text[i:], true
	}
	bare := strings.Trim(line, `" `)
	if len(bare) != 5 || !strings.EqualFold(bare[:4], "sep=") || checkDelimiter(rune(bare[4])) != nil {
		return 0, 0
	}
	length = len(line)
	if strings.HasPrefix(rest, "\r\n") {
		length += 2
	} else if found {
		length++
	}
	return bare[4], length
}

// trial is how a delimiter does on the first records.
type trial struct {
	delim  byte
	known  int     // headers understood
	even   float64 // share of the records that are as wide as the header; 0 if that is one cell
	width  int     // cells in the header
	header []string
	begin  record // of the header
	length int    // of the text up to the end of the header
	blank  int    // blank records above the header
}

// better prefers what makes sense of more headers, then what gives even rows, then more columns.
func (t trial) better(than trial) bool {
	if t.known != than.known {
		return t.known > than.known
	}
	if t.even != than.even {
		return t.even > than.even
	}
	return t.width > than.width
}

// try reads the first records with one delimiter. Cells of the header are decoded by decode. The
// last record of text does not count when the text goes on.
func try(text string, line int, delim byte, goesOn bool, decode func(string) string, mapped map[string]string) trial {
	t := trial{delim: delim}
	s := newSplitter(text, delim, line)
	var cells []string
	even, rows := 0, 0
	for n := 0; s.more() && n < trialRecords; n++ {
		var rec record
		cells, rec = s.next(cells[:0])
		if allBlank(cells) {
			if t.width == 0 {
				t.blank++
			}
			continue
		}
		if t.width == 0 {
			t.width, t.begin, t.length = len(cells), rec, s.pos
			names := make([]string, len(cells))
			for i, c := range cells {
				c = decode(c)
				t.header = append(t.header, c)
				names[i] = normalise(c)
			}
			t.known = known(names, mapped)
			continue
		}
		if goesOn && !rec.whole {
			break
		}
		rows++
		if len(cells) == t.width && rec.stray < 0 {
			even++
		}
	}
	if rows > 0 && t.width > 1 {
		t.even = float64(even) / float64(rows)
	}
	return t
}

func allBlank(cells []string) bool {
	for _, c := range cells {
		if !blank(c) {
			return false
		}
	}
	return true
}

// delimiterName is for messages.
func delimiterName(d rune) string {
	switch d {
	case ',':
		return "comma"
	case ';':
		return "semicolon"
	case '\t':
		return "tab"
	case '|':
		return "pipe"
	}
	return fmt.Sprintf("%q", d)
}
