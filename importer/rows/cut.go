package rows

import (
	"bytes"
	"fmt"
	"strings"

	"csvput/report/human"
)

// cutter finds record boundaries in undecoded text: in the encodings that get this far, quotes,
// line ends and delimiters are the bytes they are in ASCII. Its records are those of splitter.
type cutter struct {
	delim byte
	// width and id are the number of columns and the place of the id column, by which whole
	// records inside a quoted cell are recognised; width 0 means that they are not known.
	width, id int
	gaps      []gap                     // reused: the text of the window outside its quoted cells
	seen      struct{ gaps, cells int } // what cellsBefore found last, and up to which gap
}

type gap struct{ begin, end int }

// cut returns the length of the whole records at the beginning of window, as many as there are.
// eof says that no text follows the window: then that is all of it. When the window does not hold
// one whole record, n is 0 and open the offset of the quote that is open at its end, or -1.
func (c *cutter) cut(window []byte, eof bool) (n, open int, err *FileError) {
	c.gaps = c.gaps[:0]
	c.seen.gaps, c.seen.cells = 0, 0
	pos := 0 // where the present gap begins
	breaks := nextBreak{lf: -1, cr: -1}
	for from := 0; ; {
		q := bytes.IndexByte(window[from:], '"')
		if q < 0 {
			break
		}
		q += from
		if q > 0 && !c.endsCell(window[q-1]) {
			from = q + 1 // out of place: it opens nothing
			continue
		}
		c.gaps = append(c.gaps, gap{pos, q})
		end := closingQuote(window, q+1, eof)
		if end < 0 {
			if eof {
				return 0, q, unclosed(window, q)
			}
			return c.lastBoundary(window), q, nil
		}
		if breaks.before(window, q+1, end) {
			if err := c.suspect(window, q, end); err != nil {
				return 0, q, err
			}
		}
		pos, from = end+1, end+1
	}
	if eof {
		return len(window), -1, nil
	}
	c.gaps = append(c.gaps, gap{pos, len(window)})
	return c.lastBoundary(window), -1, nil
}

func (c *cutter) endsCell(b byte) bool { return b == c.delim || b == '\n' || b == '\r' }

// closingQuote returns the index of the quote that closes a cell, or -1. A quote at the very end of
// the window may be the first of a pair.
func closingQuote(window []byte, from int, eof bool) int {
	for {
		n := bytes.IndexByte(window[from:], '"')
		if n < 0 {
			return -1
		}
		from += n + 1
		if from == len(window) {
			if eof {
				return from - 1
			}
			return -1
		}
		if window[from] != '"' {
			return from - 1
		}
		from++
	}
}

// lastBoundary returns the end of the last line end in the gaps, or 0. A CR at the end of the
// window may be half a line end.
func (c *cutter) lastBoundary(window []byte) int {
	for i := len(c.gaps) - 1; i >= 0; i-- {
		g := c.gaps[i]
		if g.end == len(window) && g.end > g.begin && window[g.end-1] == '\r' {
			g.end--
		}
		if n := lineEnd(window[g.begin:g.end]); n > 0 {
			return g.begin + n
		}
	}
	return 0
}

// lineEnd returns the end of the last line end in b, or 0.
func lineEnd(b []byte) int {
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] == '\n' || b[i] == '\r' {
			return i + 1
		}
	}
	return 0
}

// nextBreak remembers where the next line end is, so that a line is searched once and not once for
// each of its cells.
type nextBreak struct{ lf, cr int }

// before reports whether there is a line end in window[from:to]. from must not go back.
func (b *nextBreak) before(window []byte, from, to int) bool {
	b.lf = advance(window, b.lf, from, '\n')
	b.cr = advance(window, b.cr, from, '\r')
	return min(b.lf, b.cr) < to
}

func advance(window []byte, at, from int, c byte) int {
	if at >= from {
		return at
	}
	if n := bytes.IndexByte(window[from:], c); n >= 0 {
		return from + n
	}
	return len(window)
}

// suspect judges a quoted cell with line ends in it, window[open] to window[end]: was its opening
// quote a stray one, so that it has swallowed rows up to the next quote of the file? That is so if
// its closing quote is followed by more text, or if one of its lines has a uuid exactly where
// the id column is.
func (c *cutter) suspect(window []byte, open, end int) *FileError {
	if end+1 < len(window) && !c.endsCell(window[end+1]) {
		return &FileError{
			Code:    CodeUnclosedQuote,
			Line:    1 + countBreaks(string(window[:open])),
			Message: fmt.Sprintf("a quotation mark opens a cell here, and the next one that could close it, %d lines further down, stands in the middle of a cell", countBreaks(string(window[open:end]))),
			Hint:    hintQuote,
		}
	}
	if c.width == 0 {
		return nil
	}
	before := c.cellsBefore(window)
	lines := splitLines(string(window[open+1 : end]))
	for i, line := range lines {
		cells := strings.Split(line, string(rune(c.delim)))
		at, whole := c.id, len(cells) == c.width
		switch i {
		case 0: // the rest of the line on which the quote opened
			at, whole = c.id-before, before+len(cells) == c.width
			whole = whole && at > 0
		case len(lines) - 1: // up to the quote in the middle of a record
			whole = at < len(cells)-1 && len(cells) <= c.width
		}
		if !whole {
			continue
		}
		if _, ok := parseUUID(trim(cells[at])); ok {
			return &FileError{
				Code:    CodeUnclosedQuote,
				Line:    1 + countBreaks(string(window[:open])),
				Message: fmt.Sprintf("a quotation mark opens a cell here that ends only %d lines further down and has whole rows in it, such as %s", len(lines)-1, human.Quote(line)),
				Hint:    hintQuote,
			}
		}
	}
	return nil
}

const hintQuote = `remove the quotation mark on that line or close it; inside a quoted cell it is written twice ("")`

// cellsBefore counts the cells of the last record in front of the last gap's end. It looks at each
// gap once.
func (c *cutter) cellsBefore(window []byte) int {
	for ; c.seen.gaps < len(c.gaps); c.seen.gaps++ {
		g := c.gaps[c.seen.gaps]
		text := window[g.begin:g.end]
		start := lineEnd(text)
		if start > 0 {
			c.seen.cells = 0
		}
		c.seen.cells += bytes.Count(text[start:], []byte{c.delim})
	}
	return c.seen.cells
}

// splitLines splits at LF, CRLF and lone CR.
func splitLines(s string) []string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Split(strings.ReplaceAll(s, "\r", "\n"), "\n")
}

// unclosed is the error for a quote that the rest of the file does not close.
func unclosed(window []byte, open int) *FileError {
	return &FileError{
		Code:    CodeUnclosedQuote,
		Line:    1 + countBreaks(string(window[:open])),
		Message: "a quotation mark opens a cell here and never closes: it would swallow the rest of the file",
		Hint:    hintQuote,
	}
}
