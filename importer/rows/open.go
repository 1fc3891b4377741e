package rows

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"csvput/report/code"
	"csvput/report/human"
)

const (
	sampleSize = 64 << 10 // bytes that the delimiter is decided on
	chunkSize  = 256 << 10
	maxRecord  = 1 << 20 // bytes of undecoded text
	maxColumns = 16384   // as many as a spreadsheet has
)

// Open reads the beginning of r, finds out what it is, and matches the header. r need not be
// seekable. The error is a *FileError when the file (or a setting in o) is refused, else an I/O
// error.
func Open(r io.Reader, o Options) (*Reader, error) {
	return open(r, o, chunkSize)
}

func open(r io.Reader, o Options, chunk int) (*Reader, error) {
	rd := &Reader{options: o, input: &counter{r: r}, line: 1, chunk: chunk}
	rd.source = &source{r: rd.input}
	for _, step := range []func() error{rd.openGzip, rd.openText, rd.openTable, rd.openRows} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return rd, nil
}

// openGzip looks through gzip.
func (r *Reader) openGzip() error {
	if !bytes.HasPrefix(r.source.fill(len(gzipMagic)), []byte(gzipMagic)) {
		return nil
	}
	r.info.Gzip = true
	z, err := gzip.NewReader(bufio.NewReaderSize(r.source, sampleSize))
	if err != nil {
		return r.inputError(err)
	}
	r.source = &source{r: z}
	return nil
}

// openText refuses what is no text, and makes UTF-16 and whatever else has no ASCII bytes UTF-8.
func (r *Reader) openText() error {
	head := r.source.fill(sampleSize)
	if len(head) == 0 {
		return r.atEnd(emptyFile())
	}
	if err := refuseByMagic(head); err != nil {
		return err
	}
	if err := r.chooseEncoding(head); err != nil {
		return err
	}
	head = r.source.fill(sampleSize)
	if err := refuseByText(head); err != nil {
		return err
	}
	if r.source.ended() && len(bytes.Trim(head, delimiters+"\" \r\n")) == 0 {
		return emptyFile()
	}
	if r.source.err != nil && !r.source.ended() {
		return r.inputError(r.source.err)
	}
	return nil
}

// chooseEncoding decides what the first bytes can tell: a byte order mark, the encoding that was
// asked for, or UTF-16 without a mark. Otherwise it stays open until the first byte outside ASCII.
func (r *Reader) chooseEncoding(head []byte) error {
	name := ""
	for _, m := range []struct{ bom, name string }{
		{"\xef\xbb\xbf", nameUTF8}, {"\xff\xfe", nameUTF16LE}, {"\xfe\xff", nameUTF16BE},
	} {
		if bytes.HasPrefix(head, []byte(m.bom)) {
			name = m.name
			r.info.BOM = true
			r.source.skip(len(m.bom))
		}
	}
	if r.options.Encoding != "" {
		return r.useNamed(r.options.Encoding, name, head)
	}
	if name == "" {
		name = utf16WithoutBOM(head)
	}
	switch name {
	case nameUTF16LE:
		r.transcode(name, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM))
	case nameUTF16BE:
		r.transcode(name, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM))
	case nameUTF8:
		r.settle(&charset{name: name})
	}
	return nil
}

// useNamed reads the file in the encoding that was asked for. marked is the encoding that a byte
// order mark gives, or "".
func (r *Reader) useNamed(asked, marked string, head []byte) error {
	enc, name, err := namedEncoding(asked)
	if err != nil {
		return err
	}
	if name == nameUTF16 { // in which byte order?
		order := marked
		if order == "" {
			order = utf16WithoutBOM(head)
		}
		name, enc = nameUTF16LE, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
		if order == nameUTF16BE {
			name, enc = nameUTF16BE, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
		}
	}
	if marked != "" && marked != name {
		return &FileError{
			Code:    CodeEncodingConflict,
			Message: "the file begins with the byte order mark of " + marked + ", so it is not " + name,
			Hint:    "leave --encoding away: csvput sees the mark",
		}
	}
	if single, ok := enc.(*charmap.Charmap); ok {
		r.settle(&charset{name: name, single: single})
	} else if name == nameUTF8 {
		r.settle(&charset{name: name})
	} else {
		r.transcode(name, enc)
	}
	return nil
}

// transcode puts a decoder to UTF-8 in front of what is left of the source.
func (r *Reader) transcode(name string, enc encoding.Encoding) {
	r.source = &source{r: transform.NewReader(r.source, enc.NewDecoder())}
	r.settle(&charset{name: name})
}

// openTable finds the delimiter and the header.
func (r *Reader) openTable() error {
	if err := checkDelimiter(r.options.Delimiter); err != nil {
		return err
	}
	head := r.source.fill(sampleSize)
	delim, length := separatorLine(string(head[:min(len(head), 64)]))
	if length > 0 {
		r.source.skip(length)
		r.line++
	}
	if r.options.Delimiter != 0 {
		delim = byte(r.options.Delimiter)
	}
	t, err := r.findHeader(delim)
	if err != nil {
		return err
	}
	l := &layout{delim: t.delim, header: t.header, sample: r.sample(t), isCountry: r.options.IsCountry}
	if err := l.resolve(r.options.Map, t.begin.line); err != nil {
		return r.orHeaderBelow(err, t)
	}
	r.layout = l
	r.cutter = cutter{delim: l.delim, width: len(l.header), id: slices.Index(l.fields, FieldID)}
	r.info.Delimiter = rune(l.delim)
	r.info.Header = l.header
	r.info.Fields = l.fields
	r.info.HeaderLine = t.begin.line
	r.info.Report = l.report
	r.info.Unused = l.unusedNames()
	r.info.Suggestions = l.suggestions(false)
	l.sample = nil
	r.blank.Store(int64(t.blank))
	r.source.skip(t.length)
	r.line = t.begin.end + 1
	return nil
}

// sample is the first rows, as far as they were looked at to find the header. A row that was cut off by
// the end of the sample is not among them.
func (r *Reader) sample(t trial) [][]string {
	text := r.source.fill(t.length + sampleSize)
	goesOn := !r.source.ended() || len(text) > t.length+sampleSize
	text = text[t.length:min(len(text), t.length+sampleSize)]
	s := newSplitter(string(text), t.delim, t.begin.end+1)
	var sample [][]string
	for s.more() {
		cells, rec := s.next(nil)
		if goesOn && !rec.whole {
			break
		}
		for i, cell := range cells {
			cells[i] = r.decode(cell)
		}
		sample = append(sample, cells)
	}
	return sample
}

// findHeader splits the first records with each delimiter, or the given one, and returns the
// trial that went best. The sample grows when the header does not fit into it.
func (r *Reader) findHeader(delim byte) (trial, error) {
	candidates := delimiters
	if delim != 0 {
		candidates = string(rune(delim))
	}
	mapped := make(map[string]string, len(r.options.Map))
	for header, field := range r.options.Map {
		mapped[normalise(header)] = field
	}
	for size := sampleSize; ; size *= 2 {
		sample := r.source.fill(size)
		if err := r.settleBy(sample); err != nil {
			return trial{}, err
		}
		text := string(r.source.fill(size)[:len(sample)])
		goesOn := !r.source.ended() || len(r.source.fill(0)) > len(text)
		var best trial
		for i := range candidates {
			t := try(text, r.line, candidates[i], goesOn, r.decode, mapped)
			if i == 0 || t.better(best) {
				best = t
			}
		}
		if best.width == 0 && !goesOn {
			return trial{}, r.atEnd(emptyFile())
		}
		if goesOn && (best.width == 0 || !best.begin.whole) && size < maxRecord {
			continue
		}
		return best, best.refuse()
	}
}

// refuse says what is wrong with the header as a record.
func (t trial) refuse() error {
	switch {
	case t.width == 0, !t.begin.whole && t.length >= maxRecord && t.begin.open == 0:
		return &FileError{
			Code:    CodeRecordTooLong,
			Line:    max(t.begin.line, 1),
			Message: "no header line in the first 1 MiB of the file",
			Hint:    hintExport,
		}
	case t.begin.open > 0:
		return &FileError{
			Code:    CodeUnclosedQuote,
			Line:    t.begin.open,
			Message: "a quotation mark opens a cell of the header and never closes",
			Hint:    hintQuote,
		}
	case t.begin.stray >= 0:
		return &FileError{
			Code:    code.StrayQuote,
			Line:    t.begin.line,
			Column:  t.header[t.begin.stray],
			Message: "a quotation mark is out of place in the header " + human.Quote(t.header[t.begin.stray]),
			Hint:    hintQuote,
		}
	case t.width > maxColumns:
		return &FileError{
			Code:    CodeTooManyColumns,
			Line:    t.begin.line,
			Message: fmt.Sprintf("the header has %d columns; a spreadsheet has at most %d", t.width, maxColumns),
			Hint:    hintExport,
		}
	}
	return nil
}

// orHeaderBelow returns err, or says that the header is there but has other lines above it.
func (r *Reader) orHeaderBelow(err *FileError, t trial) error {
	if err.Code != CodeMissingColumns {
		return err
	}
	const look = 20 // lines
	text := string(r.source.fill(sampleSize))
	for _, d := range []byte(delimiters) {
		s := newSplitter(text[min(t.length, len(text)):], d, t.begin.end+1)
		for range look {
			if !s.more() {
				break
			}
			cells, rec := s.next(nil)
			below := &layout{delim: d, header: cells}
			if rec.stray < 0 && below.resolve(nil, rec.line) == nil {
				err.Hint = fmt.Sprintf("line %d looks like the line with the names of the columns: delete the lines above it", rec.line)
				return err
			}
		}
	}
	return err
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
		chunk.Rows() // counts the blank lines
	}
}

func emptyFile() *FileError {
	return &FileError{Code: CodeEmptyFile, Message: "the file is empty", Hint: "check that the export or download was finished"}
}

// atEnd returns err for a stream that ended, or the I/O error that ended it.
func (r *Reader) atEnd(err error) error {
	if r.source.err != nil && !r.source.ended() {
		return r.inputError(r.source.err)
	}
	return err
}

// inputError tells damage inside a compressed file from trouble in reading it.
func (r *Reader) inputError(err error) error {
	if r.info.Gzip && r.input.err == nil {
		return &FileError{
			Code:    CodeDamagedGzip,
			Message: "the compressed file is damaged or was cut off: " + strings.TrimPrefix(err.Error(), "gzip: "),
			Hint:    "download or copy it again",
		}
	}
	return fmt.Errorf("reading the file: %w", err)
}
