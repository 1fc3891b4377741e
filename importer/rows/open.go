package rows

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"csvput/report/code"
	"csvput/report/human"
)

const (
	sampleSize = 64 << 10 // bytes that the delimiter is decided on
	chunkSize  = 32 << 10
	maxRecord  = 1 << 20 // bytes of undecoded text
	maxColumns = 16384   // as many as a spreadsheet has
)

// counter counts the bytes of the underlying input; others may look on. What ends it stays.
type counter struct {
	r   io.Reader
	n   atomic.Int64
	err error
}

func (c *counter) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	c.err = err
	return n, err
}

// ReadAt implements io.ReaderAt over an input that does.
func (c *counter) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.(io.ReaderAt).ReadAt(p, off)
	c.n.Add(int64(n))
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// Open reads the beginning of r, finds out what it is, and matches the header. r need not be seekable, but for a
// workbook, see [IsWorkbook]. The error is a *FileError when the file (or a setting in o) is refused, else an I/O
// error.
func Open(r io.Reader, o Options) (*Reader, error) {
	rd, err := open(r, o, chunkSize)
	if err != nil {
		return nil, err
	}
	return rd, nil
}

func open(r io.Reader, o Options, chunk int) (*Reader, error) {
	rd := &Reader{options: o, input: &counter{r: r}, line: 1, chunk: chunk, left: o.Limit}
	for _, step := range []func() error{rd.openGzip, rd.openFile, rd.openRows} {
		if err := step(); err != nil {
			return rd, err
		}
	}
	return rd, nil
}

// openFile finds the table, by what kind of file it is.
func (r *Reader) openFile() error {
	head, _, err := r.peek(sampleSize)
	if head == "" {
		return cmp.Or(err, error(emptyFile()))
	}
	if err := refuseByMagic(head); err != nil {
		return err
	}
	if IsWorkbook(head) {
		return r.openWorkbook()
	}
	if err := r.openText(head); err != nil {
		return err
	}
	return r.openTable()
}

// peek returns the next n bytes without consuming them, or what is left of the text.
func (r *Reader) peek(n int) (text string, ended bool, err error) {
	if n > r.text.Size() { // a long record, or an encoding that is decided on much
		r.text = bufio.NewReaderSize(r.text, 2*maxRecord)
	}
	b, err := r.text.Peek(n)
	if err != nil && err != io.EOF {
		return string(b), false, r.inputError(err)
	}
	return string(b), err == io.EOF, nil
}

// skip consumes bytes that were peeked at.
func (r *Reader) skip(n int) { _, _ = r.text.Discard(n) }

// openGzip looks through gzip.
func (r *Reader) openGzip() error {
	r.text = bufio.NewReaderSize(r.input, sampleSize)
	if head, _, _ := r.peek(len(gzipMagic)); head != gzipMagic {
		return nil
	}
	r.info.Gzip = true
	z, err := gzip.NewReader(r.text)
	if err != nil {
		return r.inputError(err)
	}
	r.text = bufio.NewReaderSize(z, sampleSize)
	return nil
}

// openText refuses what is no text, and makes UTF-16 and whatever else has no ASCII bytes UTF-8.
func (r *Reader) openText(head string) error {
	decoder, err := r.chooseEncoding(head)
	if err != nil {
		return err
	}
	var text io.Reader = r.text
	if decoder != nil {
		text = transform.NewReader(text, decoder)
	}
	r.text = bufio.NewReaderSize(text, 2*sampleSize)
	head, ended, err := r.peek(sampleSize)
	if refused := refuseByText(head); refused != nil {
		return refused
	}
	if ended && strings.Trim(head, delimiters+"\" \r\n") == "" {
		return emptyFile()
	}
	return err
}

// chooseEncoding decides what the first bytes can tell: a byte order mark, the encoding that was asked for, or UTF-16
// without a mark. Otherwise it stays open until the first byte outside ASCII. The decoder is for encodings without
// ASCII bytes, else nil.
func (r *Reader) chooseEncoding(head string) (*encoding.Decoder, error) {
	marked := ""
	for _, m := range []struct{ bom, name string }{
		{"\xef\xbb\xbf", nameUTF8}, {"\xff\xfe", nameUTF16LE}, {"\xfe\xff", nameUTF16BE},
	} {
		if strings.HasPrefix(head, m.bom) {
			marked = m.name
			r.info.BOM = true
			r.skip(len(m.bom))
		}
	}
	name, enc := cmp.Or(marked, utf16WithoutBOM(head)), encoding.Encoding(nil)
	if r.options.Encoding != "" {
		named, asked, err := namedEncoding(r.options.Encoding)
		if err != nil {
			return nil, err
		}
		if asked == nameUTF16 && name == nameUTF16BE {
			asked = nameUTF16BE
		} else if asked == nameUTF16 {
			asked = nameUTF16LE
		}
		if marked != "" && marked != asked {
			return nil, refusal(CodeEncodingConflict, 0,
				"the file begins with the byte order mark of "+marked+", so it is not "+asked,
				"leave --encoding away: csvput sees the mark")
		}
		name, enc = asked, named
	}
	single, _ := enc.(*charmap.Charmap)
	if name != "" {
		r.settle(&charset{name: name, single: single})
	}
	switch {
	case name == "", name == nameUTF8, single != nil:
		return nil, nil
	case name == nameUTF16LE:
		enc = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case name == nameUTF16BE:
		enc = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return enc.NewDecoder(), nil
}

// openTable finds the delimiter and the header.
func (r *Reader) openTable() error {
	if err := checkDelimiter(r.options.Delimiter); err != nil {
		return err
	}
	head, _, _ := r.peek(64)
	delim, length := separatorLine(head)
	if length > 0 {
		r.skip(length)
		r.line++
	}
	if r.options.Delimiter != 0 {
		delim = byte(r.options.Delimiter)
	}
	t, err := r.findHeader(delim)
	if err != nil {
		return err
	}
	l := &layout{delim: t.delim, header: t.header.cells, isCountry: r.options.IsCountry}
	l.sample, l.lines = r.sample(t)
	refused := l.resolve(r.options.Map, t.header.line)
	r.info.Delimiter = rune(l.delim)
	r.look(l, t.header.line)
	if refused != nil {
		return r.orHeaderBelow(refused, t)
	}
	if err := r.useLayout(l, t.blank); err != nil {
		return err
	}
	r.cutter = cutter{delim: l.delim, width: l.width, key: l.key()}
	r.skip(t.length)
	r.line = t.header.end + 1
	return nil
}

// look keeps what there is to see of the columns, also of those of a file that is refused. line is the header's.
func (r *Reader) look(l *layout, line int) {
	looked := *l
	r.looked, r.info.HeaderLine = &looked, line
}

// useLayout keeps what was found out about the columns. So many blank rows are above the header.
func (r *Reader) useLayout(l *layout, blank int) error {
	r.info.Suggestions, r.info.Unused = l.suggestions(false), l.namesOf(l.unused)
	r.info.NotNeeded = l.namesOf(func(i int) bool { return l.fields[i] == "" && !l.unused(i) })
	l.sample, l.lines = nil, nil
	if err := l.addColumns(r.options.Corrections); err != nil {
		return err
	}
	r.layout = l
	r.info.Header = l.header
	r.info.Fields = l.fields
	r.info.report = l.report
	r.blank.Store(int64(blank))
	return nil
}

// sample is the first rows, as far as they were looked at to find the header. A row that was cut off by the end of
// the sample is not among them.
func (r *Reader) sample(t trial) (sample [][]string, lines []int) {
	text, ended, _ := r.peek(t.length + sampleSize)
	in := newRecords(text[t.length:], t.delim, t.header.end+1, true)
	for {
		rec, err := in.next()
		if err != nil || !ended && !rec.whole {
			return sample, lines
		}
		sample, lines = append(sample, r.decodeAll(rec.cells)), append(lines, rec.line)
	}
}

// findHeader splits the first records with each delimiter, or the given one, and returns the trial that went best.
// The sample grows when the header does not fit into it.
func (r *Reader) findHeader(delim byte) (trial, error) {
	candidates := delimiters
	if delim != 0 {
		candidates = string(rune(delim))
	}
	for size := sampleSize; ; size *= 2 {
		text, ended, err := r.peek(size)
		if err == nil {
			err = r.settleBy(text)
		}
		if err != nil {
			return trial{}, err
		}
		var best trial
		for i := range candidates {
			if t := r.try(text, candidates[i], !ended); i == 0 || t.better(best) {
				best = t
			}
		}
		switch {
		case best.width() == 0 && ended:
			return trial{}, r.noHeader()
		case !ended && (best.width() == 0 || !best.header.whole) && size < maxRecord:
		default:
			return best, best.refuse()
		}
	}
}

// trial is how a delimiter does on the first records.
type trial struct {
	delim  byte
	known  int     // headers understood
	even   float64 // share of the records that are as wide as the header; 0 if that is one cell
	header record  // decoded
	length int     // of the text up to the end of the header
	blank  int     // blank records above the header
}

func (t trial) width() int { return len(t.header.cells) }

// better prefers what makes sense of more headers, then what gives even rows, then more columns.
func (t trial) better(than trial) bool {
	return cmp.Or(cmp.Compare(t.known, than.known), cmp.Compare(t.even, than.even),
		cmp.Compare(t.width(), than.width())) > 0
}

// try reads the first records with one delimiter. The last record of text does not count when the text goes on.
func (r *Reader) try(text string, delim byte, goesOn bool) trial {
	const most = 200 // records
	t := trial{delim: delim}
	in := newRecords(text, delim, r.line, true)
	even, rows := 0, 0
	for range most {
		rec, err := in.next()
		if err != nil || t.width() > 0 && goesOn && !rec.whole {
			break
		}
		switch blank := allBlank(rec.cells); {
		case t.width() > 0 && !blank:
			rows++
			if len(rec.cells) == t.width() && rec.stray < 0 {
				even++
			}
		case t.width() > 0, rec.line < r.options.HeaderLine:
		case blank:
			t.blank += rec.above + 1
		default:
			t.blank += rec.above
			t.length = lineStart(text, rec.end-r.line+1)
			t.header = rec
			t.header.cells = r.decodeAll(rec.cells)
			t.known = known(t.header.cells, r.options.Map)
		}
	}
	if rows > 0 && t.width() > 1 {
		t.even = float64(even) / float64(rows)
	}
	return t
}

// refuse says what is wrong with the header as a record.
func (t trial) refuse() error {
	err := &FileError{Line: t.header.line, Hint: hintQuote}
	switch h := t.header; {
	case t.width() == 0, !h.whole && t.length >= maxRecord && h.open == 0:
		err.Code, err.Line, err.Hint = CodeRecordTooLong, max(h.line, 1), hintExport
		err.Message = "no header line in the first 1 MiB of the file"
	case h.open > 0:
		err.Code, err.Line = CodeUnclosedQuote, h.open
		err.Message = "a quotation mark opens a cell of the header and never closes"
	case h.stray >= 0:
		err.Code, err.Column = code.StrayQuote, h.cells[h.stray]
		err.Message = "a quotation mark is out of place in the header " + human.Quote(err.Column)
	case t.width() > maxColumns:
		err.Code, err.Hint = CodeTooManyColumns, hintExport
		err.Message = fmt.Sprintf("the header has %d columns; a spreadsheet has at most %d", t.width(), maxColumns)
	default:
		return nil
	}
	return err
}

// orHeaderBelow returns err, or says that the header is there but has other lines above it.
func (r *Reader) orHeaderBelow(err *FileError, t trial) error {
	if err.Code != CodeMissingColumns {
		return err
	}
	text, _, _ := r.peek(sampleSize)
	for _, d := range []byte(delimiters) {
		in := newRecords(text[min(t.length, len(text)):], d, t.header.end+1, true)
		for range headerBelow {
			rec, end := in.next()
			if end != nil {
				break
			}
			if rec.stray < 0 && err.headerAt(rec.line, rec.cells) {
				return err
			}
		}
	}
	return err
}

// headerBelow is the number of records below the first in which the header is looked for.
const headerBelow = 20

// headerAt puts into the hint where the header is, if these cells are one.
func (e *FileError) headerAt(line int, cells []string) bool {
	if (&layout{header: cells}).resolve(nil, line) != nil {
		return false
	}
	e.HeaderLine = line
	e.Hint, e.Columns = fmt.Sprintf("line %d looks like the line with the names of the columns: delete the lines "+
		"above it", line), nil
	return true
}

// openRows makes sure that there is something below the header.
func (r *Reader) openRows() error {
	for {
		chunk, err := r.read()
		if err != nil {
			return err
		}
		if r.seen {
			r.ahead = chunk
			return nil
		}
		if _, err := chunk.Rows(); err != nil { // counts the blank lines
			return err
		}
	}
}

// noHeader refuses a file in which there is nothing where the header is looked for.
func (r *Reader) noHeader() *FileError {
	if line := r.options.HeaderLine; line > 0 {
		return refusal(CodeNoRows, line, "nothing is on this line of the file or below it",
			"the names of the columns are on another line")
	}
	return emptyFile()
}

func emptyFile() *FileError {
	return refusal(CodeEmptyFile, 0, "the file is empty", "check that the export or download was finished")
}

// inputError tells damage inside a compressed file from trouble in reading it.
func (r *Reader) inputError(err error) error {
	if r.info.Gzip && (r.input.err == nil || r.input.err == io.EOF) {
		return refusal(CodeDamagedGzip, 0,
			"the compressed file is damaged or was cut off: "+strings.TrimPrefix(err.Error(), "gzip: "),
			"download or copy it again")
	}
	return fmt.Errorf("reading the file: %w", err)
}

// separatorLine recognises the line sep=; with which Excel is told the delimiter, and returns the delimiter and the
// length of the line with its end, or 0.
func separatorLine(text string) (delim byte, length int) {
	length = lineStart(text, 1)
	bare := strings.Trim(strings.TrimRight(text[:length], "\r\n"), `" `)
	if len(bare) != 5 || !strings.EqualFold(bare[:4], "sep=") || checkDelimiter(rune(bare[4])) != nil {
		return 0, 0
	}
	return bare[4], length
}

// delimiters are the candidates, the likeliest first.
const delimiters = ",;\t|"

// checkDelimiter refuses what cannot separate cells. Delimiters are ASCII, because records are cut before they are
// decoded.
func checkDelimiter(d rune) *FileError {
	switch {
	case d == 0, d == '\t', d == 0x1f, d > ' ' && d < 0x7f && d != '"' && !isAlphanumeric(byte(d)):
		return nil
	}
	return refusal(CodeInvalidDelimiter, 0, human.Quote(string(d))+" cannot separate columns",
		"use one character such as , ; | or a tab")
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
