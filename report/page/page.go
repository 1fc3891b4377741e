// Package page shows one run to people: report.html, a page that is whole in itself.
package page

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"csvput/report"
	"csvput/report/safefile"
)

var (
	//go:embed page.tmpl
	markup string
	//go:embed page.css
	style string
	//go:embed page.js
	script string
)

// Bounds of the page, so that a browser can hold it.
const (
	maxLines    = 100_000 // up to here, all rows are in the searchable table
	maxEmbedded = 200_000 // rows in it, with the problems after that
	maxStatic   = 1_000   // problem rows that are also plain HTML: for printing and without JavaScript
	maxSamples  = 5       // rows shown with each code
	maxNations  = 15      // lines in the table of countries
	maxListed   = 20      // waits listed under the time line
	maxBars     = 120     // bars in the time line
)

// CSS is the page's style, for pages that are to look like it.
func CSS() string { return unixLines(style) }

// unixLines makes line ends LF: a browser does the same before it compares a hash, and a checkout on Windows may have
// made them CRLF.
func unixLines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

// Page is a report.html in the making. It is self-contained: it loads nothing, opens from a disk, and its policy (CSP,
// W3C) lets nothing but its own script and style run. The rows stand before what is said of all of them, so that each
// is written when it comes, and the memory needed does not grow with their number.
//
// A page holds the rows of the first 100,000 lines and all problems after them, at most 200,000 rows of about 120 bytes
// each; it says so when rows are left out. Printed, and without JavaScript, it shows the first 1,000 problem rows.
type Page struct {
	file    *safefile.File
	out     *bufio.Writer
	markup  *template.Template
	rows    *packer
	figures figures
	bounds
}

// bounds say which rows a page holds.
type bounds struct {
	lines int // up to which line all
	rows  int // how many in all
}

// Create begins the page of a folder's run that began at the given time. Either Commit or Discard must be called in the
// end.
func Create(folder *report.Folder, started time.Time) (*Page, error) {
	file, err := folder.File(report.PageName)
	if err != nil {
		return nil, err
	}
	p, err := begin(file, started, bounds{maxLines, maxEmbedded})
	if err != nil {
		return nil, errors.Join(err, file.Discard())
	}
	p.file = file
	return p, nil
}

func begin(w io.Writer, started time.Time, b bounds) (*Page, error) {
	out := bufio.NewWriterSize(w, 1<<16)
	markup, err := template.New(report.PageName).Funcs(template.FuncMap{
		"css":     func() template.CSS { return template.CSS(CSS()) },
		"js":      func() template.JS { return template.JS(unixLines(script)) },
		"cssHash": func() string { return cspHash(CSS()) },
		"jsHash":  func() string { return cspHash(unixLines(script)) },
		"count":   report.Thousands, "kind": typeLabel, "changes": changes, "details": details,
	}).Parse(markup)
	if err == nil {
		err = markup.ExecuteTemplate(out, "head", nil)
	}
	if err != nil {
		return nil, fmt.Errorf("making %s: %w", report.PageName, err)
	}
	return &Page{out: out, markup: markup, rows: newPacker(out, started), bounds: b}, nil
}

// Add takes the next row, in the order of the input.
func (p *Page) Add(row report.Row) error {
	p.figures.add(row)
	if p.rows.n == p.bounds.rows || row.Line > p.lines && !row.Problem() {
		return nil
	}
	return p.rows.write(row)
}

// Commit says what is to be said of the run, keeps the page, and names it in the summary. Counts are those of the rows;
// everything else is the summary's.
func (p *Page) Commit(s *report.Summary) error {
	s.Name("page", p.file.Name())
	if err := p.end(*s); err != nil {
		return err
	}
	if err := p.file.Commit(); err != nil {
		return err
	}
	s.Name("page", p.file.Name()) // another one, where a browser holds the old file open
	return nil
}

// Discard drops the page, unless it was kept.
func (p *Page) Discard() error { return p.file.Discard() }

func (p *Page) end(s report.Summary) error {
	p.rows.end()
	if err := p.markup.Execute(p.out, newView(s, &p.figures, p.rows.n)); err != nil {
		return fmt.Errorf("making %s: %w", report.PageName, err)
	}
	return p.out.Flush()
}

// cspHash is a source expression of a Content-Security-Policy that allows exactly this inline text.
func cspHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
