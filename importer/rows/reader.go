package rows

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"unicode"
)

// Reader reads one file. Chunk and Read belong to one goroutine; Info and Progress may be called
// from any.
type Reader struct {
	options Options
	input   *counter
	source  *source // decoded so far that it is ASCII where it is ASCII
	layout  *layout
	cutter  cutter
	chunk   int      // bytes in a chunk, if its records allow
	charset *charset // nil until the first byte outside ASCII, if nothing told it before

	line  int    // physical line on which the next chunk begins
	ahead *Chunk // read by Open
	seen  bool   // some cell below the header is not blank
	given bool   // a chunk was handed out
	left  int    // rows still allowed by Options.Limit
	err   error  // what Chunk returned last, if it was an error
	queue []Row  // for Read

	rows, blank atomic.Int64
	mu          sync.Mutex
	info        Info
}

// Info says how the file is read.
type Info struct {
	// Encoding is "UTF-8", "UTF-16LE", "UTF-16BE", "Windows-1252", "ISO-8859-15" or what was asked
	// for. It is UTF-8 also as long as only ASCII was seen: see Settled.
	Encoding string
	// Settled is false as long as only ASCII was seen and the encoding may turn out to be
	// another. Ask again when the file is read.
	Settled   bool
	BOM       bool // a byte order mark was there
	Delimiter rune
	Gzip      bool
	Header    []string // as in the file, decoded
	Fields    []string // per column: our field, or "" for an ignored column
	// HeaderLine is the physical line of the header: 1 unless a line sep=; or blank lines are
	// above it.
	HeaderLine int
	// Guessed says that encoding or delimiter are not UTF-8 and comma, and nobody asked for
	// them: worth announcing.
	Guessed bool
	// Report says that the file is a report.csv or plan.csv of ours.
	Report bool
	// Unused are the columns that are neither used nor known nor ignored on purpose, as the file
	// names them: worth announcing.
	Unused []string
	// Suggestions are ignored columns whose header is almost one of ours.
	Suggestions []Suggestion
}

// Ours reports whether column i is one that csvput added to a failed.csv. It is ignored on reading,
// and has no place in the next failed.csv.
func (i Info) Ours(column int) bool { return isOurs(normalise(i.Header[column])) }

// String is the announcement, for example "Windows-1252, separated by ;".
func (i Info) String() string {
	by := string(i.Delimiter)
	if i.Delimiter == '\t' || !unicode.IsPrint(i.Delimiter) {
		by = delimiterName(i.Delimiter)
	}
	s := i.Encoding + ", separated by " + by
	if i.Gzip {
		s += ", from gzip"
	}
	return s
}

// Info returns what is known by now. Its slices must not be changed.
func (r *Reader) Info() Info {
	r.mu.Lock()
	defer r.mu.Unlock()
	info := r.info
	if !info.Settled {
		info.Encoding = nameUTF8
	}
	info.Guessed = r.options.Delimiter == 0 && info.Delimiter != ',' ||
		r.options.Encoding == "" && info.Encoding != nameUTF8
	return info
}

// Progress returns the bytes read of the input as it lies there (compressed, if it is gzip), and
// the rows and blank records that Rows has met in the chunks so far. Blank records and the header
// are not rows; rows with problems are.
func (r *Reader) Progress() (bytesRead int64, rows, blank int) {
	return r.input.n.Load(), int(r.rows.Load()), int(r.blank.Load())
}

// Chunk returns the next piece of the file: whole records, about 256 KiB. It does as little as
// it can, so that one goroutine can feed many. At the end the error is io.EOF; it is a *FileError
// when the file must be refused after all, and then nothing of it may be used.
func (r *Reader) Chunk() (*Chunk, error) {
	if r.err != nil {
		return nil, r.err
	}
	chunk, err := r.next()
	r.err = err
	return chunk, err
}

// next applies FromLine and Limit.
func (r *Reader) next() (*Chunk, error) {
	limit := r.options.Limit > 0
	if limit && r.left == 0 {
		if r.given {
			return nil, io.EOF
		}
		r.left = r.options.Limit
	}
	for {
		chunk := r.ahead
		r.ahead = nil
		if chunk == nil {
			var err error
			if chunk, err = r.read(); err != nil {
				return nil, err
			}
		}
		if chunk.after <= r.options.FromLine {
			continue
		}
		r.given = true
		if limit {
			chunk.limit = r.left
			chunk.kept = chunk.Rows()
			r.left -= len(chunk.kept)
		}
		return chunk, nil
	}
}

// Read returns the rows one by one. At the end the error is io.EOF; see Chunk for others. Read and
// Chunk should not be mixed.
func (r *Reader) Read() (Row, error) {
	for len(r.queue) == 0 {
		chunk, err := r.Chunk()
		if err != nil {
			return Row{}, err
		}
		r.queue = chunk.Rows()
	}
	row := r.queue[0]
	r.queue = r.queue[1:]
	return row, nil
}

// read cuts the next chunk off the source.
func (r *Reader) read() (*Chunk, error) {
	for want := r.chunk; ; want *= 2 {
		window := r.source.fill(want)
		window = window[:min(want, len(window))]
		if r.source.err != nil && !r.source.ended() {
			return nil, r.inputError(r.source.err)
		}
		if len(window) == 0 {
			return nil, r.atEOF()
		}
		if err := r.settleBy(window); err != nil {
			return nil, err
		}
		rest := r.source.fill(0)
		window = rest[:len(window)]
		eof := r.source.ended() && len(rest) == len(window)
		n, open, err := r.cutter.cut(window, eof)
		if err != nil {
			err.Line += r.line - 1
			return nil, err
		}
		if n > 0 {
			return r.take(string(window[:n])), nil
		}
		if len(window) >= maxRecord {
			return nil, r.tooLong(window, open)
		}
	}
}

// take makes a chunk of the next text of the source.
func (r *Reader) take(text string) *Chunk {
	chunk := &Chunk{text: text, line: r.line, reader: r, charset: r.charset}
	if chunk.charset == nil {
		chunk.charset = &charset{name: nameUTF8}
	}
	r.line += countBreaks(text)
	chunk.after = r.line
	if last := text[len(text)-1]; last != '\n' && last != '\r' {
		chunk.after++
	}
	r.seen = r.seen || chunk.hasRow()
	r.source.skip(len(text))
	return chunk
}

// atEOF is io.EOF, unless there was nothing to read.
func (r *Reader) atEOF() error {
	if !r.seen {
		return &FileError{
			Code:    CodeNoRows,
			Line:    r.info.HeaderLine,
			Message: "the file has a header but no rows",
			Hint:    "check that the export or download was finished",
		}
	}
	if !r.given && r.options.FromLine > 0 {
		return &FileError{
			Code:    CodeNoRows,
			Message: fmt.Sprintf("no row begins on line %d or below it", r.options.FromLine),
			Hint:    "lines are counted from the top of the file; the header is line 1",
		}
	}
	return io.EOF
}

// tooLong refuses a record that does not fit into maxRecord bytes.
func (r *Reader) tooLong(window []byte, open int) *FileError {
	if open >= 0 {
		err := unclosed(window, open)
		err.Line += r.line - 1
		return err
	}
	return &FileError{
		Code:    CodeRecordTooLong,
		Line:    r.line,
		Message: "this row is longer than 1 MiB",
		Hint:    hintExport,
	}
}

// settle fixes the encoding.
func (r *Reader) settle(c *charset) {
	r.charset = c
	r.mu.Lock()
	r.info.Encoding = c.name
	r.info.Settled = true
	r.mu.Unlock()
}

// settleBy fixes the encoding if it is still open and window, the next text of the source, has a
// byte outside ASCII. It looks at up to 1 MiB from there on.
func (r *Reader) settleBy(window []byte) error {
	if r.charset != nil {
		return nil
	}
	first := firstNonASCII(window)
	if first < 0 {
		return nil
	}
	text := r.source.fill(first + maxRecord)
	more := !r.source.ended() || len(text) > first+maxRecord
	text = text[:min(len(text), first+maxRecord)]
	c, err := detect(text[lineEnd(text[:first]):], more)
	if err != nil {
		return err
	}
	r.settle(c)
	return nil
}

// decode returns text as UTF-8, as far as the encoding is known.
func (r *Reader) decode(text string) string {
	if r.charset == nil {
		return text
	}
	return r.charset.decode(text)
}
