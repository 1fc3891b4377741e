package xlsx

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"

	"golang.org/x/text/encoding/unicode"

	"csvput/report/human"
)

// part is the XML of a part, read within limits.
type part struct {
	*xml.Decoder
	name  string
	book  *Book
	raw   io.ReadCloser
	most  int64 // bytes that may come out of it
	read  int64 // so far
	begun int64 // the same at the last token
	each  int64 // bytes of one token
}

const readAhead = 64 << 10 // bytes

// open opens a part that is there.
func (b *Book) open(name string) (*part, error) {
	f := b.parts[key(name)]
	if f == nil {
		return nil, damaged(0, "the part %s is missing", human.Quote(name))
	}
	if f.Flags&1 != 0 {
		return nil, &Error{CodeOther, "the workbook is protected by a password", 0}
	}
	raw, err := f.Open()
	if err != nil {
		return nil, damaged(0, "the part %s can't be read", human.Quote(path.Base(name)))
	}
	packed := min(int64(f.CompressedSize64), b.size) // it may say more than there is
	p := &part{name: path.Base(name), book: b, raw: raw, each: maxToken + readAhead,
		most: max(freeSize, maxRatio*packed)}
	text := bufio.NewReaderSize(meter{p}, readAhead)
	var in io.Reader = text
	if mark, _ := text.Peek(2); bytes.Equal(mark, []byte("\xff\xfe")) || bytes.Equal(mark, []byte("\xfe\xff")) {
		in = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Reader(text)
	}
	p.Decoder = xml.NewDecoder(in)
	p.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return in, nil // by its mark
		}
		return nil, errors.ErrUnsupported
	}
	return p, nil
}

// meter counts what comes out of a part, whatever the archive says.
type meter struct{ *part }

func (m meter) Read(b []byte) (int, error) {
	n, err := m.raw.Read(b)
	m.read += int64(n)
	m.book.left -= int64(n)
	switch {
	case m.read > m.most, m.book.left < 0:
		return 0, tooLarge("%s in the workbook expands to more than contacts do, as in files made to fill a memory",
			human.Quote(m.name))
	case m.read-m.begun > m.each:
		return 0, tooLarge("%s in the workbook holds a text of more than 1 MiB", human.Quote(m.name))
	}
	return n, err
}

// token is the next start or end of an element, or text. At the end it is io.EOF.
func (p *part) token() (xml.Token, error) {
	p.begun = p.read
	t, err := p.RawToken()
	if err != nil && err != io.EOF {
		return nil, p.explain(err)
	}
	return t, err
}

// explain makes an Error of what a decoder or the archive says.
func (p *part) explain(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if errors.Is(err, zip.ErrChecksum) {
		return damaged(0, "%s does not agree with its check sum", human.Quote(p.name))
	}
	return damaged(0, "%s can't be read", human.Quote(p.name))
}

// end reads what is left, so that the check sum is compared, and closes the part.
func (p *part) end() error {
	for {
		if _, err := p.token(); err == io.EOF {
			return p.raw.Close()
		} else if err != nil {
			return err
		}
	}
}

// decode reads a part as a whole.
func (b *Book) decode(name string, into any) error {
	p, err := b.open(name)
	if err != nil {
		return err
	}
	defer p.raw.Close()
	p.most = min(p.most, maxWhole)
	p.each = p.most
	if err := p.Decode(into); err != nil {
		return p.explain(err)
	}
	return p.end()
}
