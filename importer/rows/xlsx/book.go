// Package xlsx reads the sheets of workbooks (.xlsx, ECMA-376) row by row with the values that are stored, and writes
// workbooks whose cells are text.
//
// It is made for files from anywhere: what an archive says of its own size is not believed, check sums are compared,
// a sheet that breaks off is no sheet, and no part may grow without end. What cannot be read is an *[Error].
package xlsx

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"csvput/report/code"
	"csvput/report/human"
)

// Codes of an Error.
const (
	CodeNotWorkbook code.Code = "not_workbook"       // a ZIP archive of something else
	CodeOther       code.Code = "other_workbook"     // of another kind, or protected
	CodeDamaged     code.Code = "damaged_workbook"   // cut off, changed, or never right
	CodeTooLarge    code.Code = "workbook_too_large" // expands to more than any workbook of contacts
)

// Error says why a workbook, or one of its sheets, is refused.
type Error struct {
	Code    code.Code
	Message string // one sentence for a person, without its capital and full stop
	Row     int    // that it is about; 0 when it is about none
}

func (e *Error) Error() string { return e.Message }

func damaged(row int, format string, args ...any) error {
	return &Error{CodeDamaged, "the workbook is damaged or was cut off: " + fmt.Sprintf(format, args...), row}
}

func tooLarge(format string, args ...any) error {
	return &Error{CodeTooLarge, fmt.Sprintf(format, args...), 0}
}

// Limits of what is read. Sheets of contacts compress to a tenth or a thirtieth; deflate could do a thousandth.
const (
	maxEntries  = 10_000
	maxExpanded = 4 << 30   // bytes of all parts together
	maxRatio    = 250       // bytes out of one byte of the archive, for parts larger than
	freeSize    = 8 << 20   // this
	maxToken    = 1 << 20   // bytes of the texts of a row, or of a tag
	maxStrings  = 8 << 20   // shared strings, and
	maxText     = 256 << 20 // their bytes
	maxRows     = 1 << 20   // of a sheet, as in Excel
	MaxColumns  = 1 << 14
	maxSheets   = 1000
	maxWhole    = 24 << 20 // bytes of a part that is read as a whole
)

// Book is an open workbook.
type Book struct {
	Sheets []Sheet // those of rows and columns, in their order

	parts   map[string]*zip.File // by their names as key folds them
	size    int64                // of the archive
	left    int64                // bytes that may still come out of it
	strings sharedStrings
	formats []string // number formats of cells, by style
	since   int      // 1900, or 1904 where days are counted from there
}

// Sheet is a sheet of a workbook.
type Sheet struct {
	Name   string
	Hidden bool
	part   string
}

// Open reads a workbook's table of contents.
func Open(r io.ReaderAt, size int64) (*Book, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, damaged(0, "its ZIP directory can't be read")
	}
	if len(z.File) > maxEntries {
		return nil, tooLarge("the archive has %d parts; a workbook has a few dozen", len(z.File))
	}
	b := &Book{parts: make(map[string]*zip.File, len(z.File)), size: size, left: maxExpanded, since: 1900}
	for _, f := range z.File {
		name := key(f.Name)
		if b.parts[name] != nil {
			return nil, damaged(0, "it has two parts %s", human.Quote(name))
		}
		b.parts[name] = f
	}
	root, err := b.related("", "")
	if err != nil {
		return nil, err
	}
	book := root.ofType("officeDocument")
	switch {
	case book == "":
		return nil, &Error{CodeNotWorkbook, "this is a ZIP archive, not a CSV file or an .xlsx workbook", 0}
	case strings.HasSuffix(book, ".bin"):
		return nil, &Error{CodeOther, "this is a binary Excel workbook (.xlsb), not an .xlsx workbook", 0}
	}
	return b, b.readBook(book)
}

// key folds what different programs make of a part's name: part names are compared without regard to case, and some
// write them with backslashes or from the root.
func key(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

// relations are where a part's references lead, by their ids.
type relations map[string]struct{ kind, part string }

// ofType is the part that a reference of a type leads to, or "".
func (r relations) ofType(kind string) string {
	for _, to := range r {
		if to.kind == kind {
			return to.part
		}
	}
	return ""
}

// related reads the references of the part base in the folder dir. A part without any has none.
func (b *Book) related(dir, base string) (relations, error) {
	var list struct {
		Relationship []struct {
			ID         string `xml:"Id,attr"`
			Type       string `xml:",attr"`
			Target     string `xml:",attr"`
			TargetMode string `xml:",attr"`
		}
	}
	name := path.Join(dir, "_rels", base+".rels")
	if b.parts[key(name)] == nil {
		return nil, nil
	}
	if err := b.decode(name, &list); err != nil {
		return nil, err
	}
	out := relations{}
	for _, r := range list.Relationship {
		if r.TargetMode == "External" {
			continue
		}
		to := r.Target
		if !strings.HasPrefix(to, "/") {
			to = path.Join(dir, to)
		}
		out[r.ID] = struct{ kind, part string }{path.Base(r.Type), key(to)} // the types of both editions end alike
	}
	return out, nil
}

// readBook reads the workbook's own part, and those that all sheets need.
func (b *Book) readBook(name string) error {
	dir, base := path.Split(name)
	related, err := b.related(path.Clean("/" + dir)[1:], base)
	if err != nil {
		return err
	}
	var book struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string `xml:"name,attr"`
			State string `xml:"state,attr"`
			ID    string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := b.decode(name, &book); err != nil {
		return err
	}
	if len(book.Sheets) > maxSheets {
		return tooLarge("the workbook has %d sheets", len(book.Sheets))
	}
	if s := book.Properties.Date1904; s == "1" || s == "true" {
		b.since = 1904
	}
	for _, s := range book.Sheets {
		switch to := related[s.ID]; {
		case to.kind == "worksheet" && b.parts[to.part] != nil:
			b.Sheets = append(b.Sheets, Sheet{s.Name, s.State != "" && s.State != "visible", to.part})
		case to.kind == "worksheet", to.kind == "":
			return damaged(0, "the sheet %s is not in it", human.Quote(s.Name))
		}
	}
	if err := b.readStyles(related.ofType("styles")); err != nil {
		return err
	}
	return b.readStrings(related.ofType("sharedStrings"))
}

// readStyles reads the number formats.
func (b *Book) readStyles(name string) error {
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if b.parts[name] == nil {
		return nil
	}
	if err := b.decode(name, &styles); err != nil {
		return err
	}
	formats := builtInFormats()
	for _, f := range styles.Formats {
		formats[f.ID] = f.Code
	}
	for _, c := range styles.Cells {
		b.formats = append(b.formats, formats[c.Format])
	}
	return nil
}
