package rows

import "strings"

// splitter cuts text into records and cells, as RFC 4180 has it and with these liberties: a
// record ends at LF, CRLF or a lone CR; a quote that is out of place is text, and is noted.
// A quote is in place at the very beginning of a cell, doubled inside a quoted cell, and at its
// very end. cutter finds the same record boundaries in bytes.
type splitter struct {
	text   string
	pos    int
	line   int // physical line of text[pos:]
	delim  byte
	quotes bool // the text has a quote somewhere
	loneCR bool // the text has a CR without LF somewhere
}

func newSplitter(text string, delim byte, line int) splitter {
	return splitter{
		text:   text,
		line:   line,
		delim:  delim,
		quotes: strings.IndexByte(text, '"') >= 0,
		loneCR: strings.Count(text, "\r") != strings.Count(text, "\r\n"),
	}
}

// record describes what splitter.next has read.
type record struct {
	line  int  // physical line on which it begins
	end   int  // physical line on which it ends
	stray int  // index of the first cell with a quote out of place, or -1
	open  int  // physical line of a quote that never closes, or 0
	whole bool // a line end followed: it was not cut off by the end of the text
}

func (s *splitter) more() bool { return s.pos < len(s.text) }

// next appends the cells of the next record to cells. There must be more text.
func (s *splitter) next(cells []string) ([]string, record) {
	rec := record{line: s.line, end: s.line, stray: -1}
	if s.loneCR {
		return s.careful(cells, rec)
	}
	rest := s.text[s.pos:]
	length, line := len(rest), rest
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		length, line, rec.whole = i+1, rest[:i], true
		if i > 0 && line[i-1] == '\r' {
			line = line[:i-1]
		}
	}
	if s.quotes && strings.IndexByte(line, '"') >= 0 {
		rec.whole = false
		return s.careful(cells, rec)
	}
	for {
		i := strings.IndexByte(line, s.delim)
		if i < 0 {
			break
		}
		cells = append(cells, line[:i])
		line = line[i+1:]
	}
	s.pos += length
	s.line++
	return append(cells, line), rec
}

// careful is next for records with quotes or lone CRs.
func (s *splitter) careful(cells []string, rec record) ([]string, record) {
	first := len(cells)
	for {
		cell, stray := s.cell(&rec)
		if stray && rec.stray < 0 {
			rec.stray = len(cells) - first
		}
		cells = append(cells, cell)
		if !s.more() {
			break
		}
		end := s.text[s.pos]
		s.pos++
		if end == s.delim {
			continue // also at the end of the text: an empty last cell follows
		}
		if end == '\r' && s.more() && s.text[s.pos] == '\n' {
			s.pos++
		}
		rec.whole = true
		break
	}
	rec.end = s.line
	s.line++
	return cells, rec
}

// cell reads one cell and leaves pos at its delimiter, its line end, or the end of the text.
func (s *splitter) cell(rec *record) (cell string, stray bool) {
	begin := s.pos
	quoted := s.more() && s.text[begin] == '"'
	if quoted {
		inner, doubled, closed := s.quotedCell()
		if !closed {
			rec.open = s.line
			return s.text[begin:], true
		}
		s.line += countBreaks(inner)
		if !s.more() || s.endsCell(s.text[s.pos]) {
			if doubled {
				inner = strings.ReplaceAll(inner, `""`, `"`)
			}
			return inner, false
		}
	}
	for s.more() && !s.endsCell(s.text[s.pos]) {
		stray = stray || s.text[s.pos] == '"'
		s.pos++
	}
	return s.text[begin:s.pos], stray || quoted
}

// quotedCell reads from an opening quote to behind the closing one.
func (s *splitter) quotedCell() (inner string, doubled, closed bool) {
	begin := s.pos + 1
	for i := begin; ; {
		n := strings.IndexByte(s.text[i:], '"')
		if n < 0 {
			s.pos = len(s.text)
			return "", false, false
		}
		i += n + 1
		if i < len(s.text) && s.text[i] == '"' {
			doubled = true
			i++
			continue
		}
		s.pos = i
		return s.text[begin : i-1], doubled, true
	}
}

func (s *splitter) endsCell(c byte) bool { return c == s.delim || c == '\n' || c == '\r' }

// countBreaks counts the line ends in text: LF, CRLF and lone CR, each as one.
func countBreaks(text string) int {
	n := strings.Count(text, "\n")
	if cr := strings.Count(text, "\r"); cr > 0 {
		n += cr - strings.Count(text, "\r\n")
	}
	return n
}
