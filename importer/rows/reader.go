package rows

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"csvput/report/human"
)

// Reader reads one file. Chunk and Read belong to one goroutine; Info and Progress may be called from any.
type Reader struct {
	options Options
	input   *counter
	text    *bufio.Reader // decoded so far that it is ASCII where it is ASCII
	layout  *layout
	looked  *layout // what is known of the columns, also of a file that is refused
	cutter  cutter
	sheet   *sheet   // of a workbook, else nil
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

// The kinds of files.
const (
	KindCSV      = "csv"
	KindWorkbook = "xlsx"
)

// Info says how the file is read.
type Info struct {
	Kind   string   // KindCSV or KindWorkbook
	Sheet  string   // of a workbook; Encoding and Delimiter say nothing of one
	Sheets []string // those of the workbook that can be seen
	// Encoding is "UTF-8", "UTF-16LE", "UTF-16BE", "Windows-1252", "ISO-8859-15" or what was asked for. It is UTF-8
	// also as long as only ASCII was seen: ask again when the file is read.
	Encoding  string
	BOM       bool // a byte order mark was there
	Delimiter rune
	Gzip      bool
	Header    []string // as in the file, decoded
	Fields    []string // per column: our field, or "" for an ignored column
	// HeaderLine is the physical line of the header: 1 unless a line sep=; or blank lines are above it.
	HeaderLine int
	// Guessed says that encoding or delimiter are not UTF-8 and comma, and nobody asked for them: worth announcing.
	Guessed bool
	// Unused are the columns that are neither used nor known nor ignored on purpose, as the file names them: worth
	// announcing.
	Unused []string
	// NotNeeded are the columns that are known and say nothing on reading, or left out on purpose.
	NotNeeded []string
	// Suggestions are ignored columns whose header is almost one of ours.
	Suggestions []Suggestion
	report      bool // it is a report of ours: its cells carry guards against formulas
}

// Marked reports whether a copy of the file gets a byte order mark: a spreadsheet reads UTF-8 as such only behind one,
// and a file that came with one, or in another encoding, came from a spreadsheet.
func (i Info) Marked() bool { return i.BOM || i.Encoding != nameUTF8 || i.Kind == KindWorkbook }

// Ours reports whether column i is one that csvput added to a failed.csv. It is ignored on reading, and has no place
// in the next failed.csv.
func (i Info) Ours(column int) bool { return isOurs(normalise(i.Header[column])) }

// Used are the columns that are used, as the file names them, with our field behind a name that is not the field's.
func (i Info) Used() []string {
	var used []string
	for n, field := range i.Fields {
		switch header := human.OneLine(i.Header[n], len(i.Header[n])); {
		case field == "":
		case normalise(header) == normalise(field):
			used = append(used, header)
		default:
			used = append(used, fmt.Sprintf("%s (%s)", header, field))
		}
	}
	return used
}

// Info returns what is known by now. Its slices must not be changed.
func (r *Reader) Info() Info {
	r.mu.Lock()
	defer r.mu.Unlock()
	info := r.info
	info.Kind = cmp.Or(info.Kind, KindCSV)
	info.Encoding = cmp.Or(info.Encoding, nameUTF8)
	info.Guessed = info.Kind == KindCSV && (r.options.Delimiter == 0 && info.Delimiter != ',' ||
		r.options.Encoding == "" && info.Encoding != nameUTF8)
	return info
}

// Progress returns the bytes read of the input as it lies there (compressed, if it is gzip), and the rows and blank
// records that Rows has met in the chunks so far. Blank records and the header are not rows; rows with problems are.
func (r *Reader) Progress() (bytesRead int64, rows, blank int) {
	return r.input.n.Load(), int(r.rows.Load()), int(r.blank.Load())
}

// Chunk returns the next piece of the file: whole records, about 32 KiB. It does as little as it can, so that one
// goroutine can feed many. At the end the error is io.EOF; it is a *FileError when the file must be refused after
// all, and then nothing of it may be used.
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
		return nil, io.EOF
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
		if !limit {
			return chunk, nil
		}
		var err error
		chunk.limit = r.left
		chunk.kept, err = chunk.Rows()
		r.left -= len(chunk.kept)
		return chunk, err
	}
}

// Read returns the rows one by one. At the end the error is io.EOF; see Chunk for others. Read and Chunk should not
// be mixed.
func (r *Reader) Read() (Row, error) {
	for len(r.queue) == 0 {
		chunk, err := r.Chunk()
		if err != nil {
			return Row{}, err
		}
		if r.queue, err = chunk.Rows(); err != nil {
			return Row{}, err
		}
	}
	row := r.queue[0]
	r.queue = r.queue[1:]
	return row, nil
}

// read cuts the next chunk off the text.
func (r *Reader) read() (*Chunk, error) {
	if r.sheet != nil {
		return r.readSheet()
	}
	for want := r.chunk; ; want *= 2 {
		text, ended, err := r.peek(want)
		if err != nil {
			return nil, err
		}
		if text == "" {
			return nil, r.atEOF()
		}
		if err := r.settleBy(text); err != nil {
			return nil, err
		}
		p, refused := r.cutter.cut(text, ended)
		switch {
		case refused == nil && p.length > 0:
			return r.take(text[:p.length], p.odd), nil
		case refused == nil && len(text) < maxRecord:
			continue
		case refused == nil && p.open >= 0:
			refused = unclosed(text, p.open, neverClosed)
		case refused == nil:
			return nil, refusal(CodeRecordTooLong, r.line, "this row is longer than 1 MiB", hintExport)
		}
		refused.Line += r.line - 1
		return nil, refused
	}
}

// take makes a chunk of the next text.
func (r *Reader) take(text string, odd bool) *Chunk {
	chunk := &Chunk{text: text, line: r.line, odd: odd || loneCRs(text) > 0, reader: r, charset: r.charset}
	if chunk.charset == nil {
		chunk.charset = &charset{name: nameUTF8}
	}
	r.line += countBreaks(text)
	chunk.after = r.line
	if lineEnd(text) < len(text) {
		chunk.after++
	}
	r.seen = r.seen || chunk.hasRow()
	r.skip(len(text))
	return chunk
}

// atEOF is io.EOF, unless there was nothing to read.
func (r *Reader) atEOF() error {
	if !r.seen {
		return noRows(r.info.HeaderLine)
	}
	if !r.given && r.options.FromLine > 0 {
		return refusal(CodeNoRows, 0, fmt.Sprintf("no row begins on line %d or below it", r.options.FromLine),
			"lines are counted from the top of the file; the header is line 1")
	}
	return io.EOF
}

func noRows(header int) *FileError {
	return refusal(CodeNoRows, header, "the file has a header but no rows",
		"check that the export or download was finished")
}

// settle fixes the encoding.
func (r *Reader) settle(c *charset) {
	r.charset = c
	r.mu.Lock()
	r.info.Encoding = c.name
	r.mu.Unlock()
}

// settleBy fixes the encoding if it is still open and text, the next text, has a byte outside ASCII. It looks at up
// to 1 MiB from there on.
func (r *Reader) settleBy(text string) error {
	first := firstNonASCII(text)
	if r.charset != nil || first < 0 {
		return nil
	}
	text, ended, err := r.peek(first + maxRecord)
	if err != nil {
		return err
	}
	c, refused := detect(text[lineEnd(text[:first]):], !ended)
	if refused != nil {
		return refused
	}
	r.settle(c)
	return nil
}

// decodeAll returns cells as UTF-8, as far as the encoding is known.
func (r *Reader) decodeAll(cells []string) []string {
	out := slices.Clone(cells)
	for i, cell := range cells {
		if r.charset != nil {
			out[i] = r.charset.decode(cell)
		}
	}
	return out
}
