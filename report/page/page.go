// Package page shows one run to people: report.html, a page that is whole in itself.
package page

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"iter"
	"strings"

	"csvput/report"
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
	maxEmbedded = 200_000 // rows in the searchable table
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

// Write writes report.html: one run as a page for people. The page is self-contained: it loads nothing, opens from a
// disk, and its policy (CSP, W3C) lets nothing but its own script and style run.
//
// figures have counted the rows, which come in the order of the input and are read as they are written: the memory
// needed does not grow with their number. An error of the iterator ends the page and is returned. Counts are those of
// the figures; everything else is the summary's. When the summary knows of more rows, those given are the problem rows
// of a very large run, and the counts are the summary's too.
//
// A page holds at most 200,000 rows, problems first, about 120 bytes each; it says so when rows are left out. Printed,
// and without JavaScript, it shows the first 1,000 problem rows.
func Write(w io.Writer, s report.Summary, figures *Figures, rows iter.Seq2[report.Row, error]) error {
	return write(w, s, figures, rows, maxEmbedded)
}

func write(w io.Writer, s report.Summary, figures *Figures, rows iter.Seq2[report.Row, error], limit int) error {
	rows = pick(rows, figures, limit)
	tmpl, err := template.New(report.PageName).Funcs(template.FuncMap{
		"css":     func() template.CSS { return template.CSS(CSS()) },
		"js":      func() template.JS { return template.JS(unixLines(script)) },
		"cssHash": func() string { return cspHash(CSS()) },
		"jsHash":  func() string { return cspHash(unixLines(script)) },
		"count":   report.Thousands, "kind": typeLabel, "changes": changes, "details": details,
	}).Parse(markup)
	if err != nil {
		return fmt.Errorf("making %s: %w", report.PageName, err)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	if err := tmpl.Execute(out, newView(s, figures, limit)); err != nil {
		return fmt.Errorf("making %s: %w", report.PageName, err)
	}
	if err := newPacker(out, s.StartedAt).write(rows); err != nil {
		return err
	}
	if _, err := out.WriteString("</body>\n</html>\n"); err != nil {
		return err
	}
	return out.Flush()
}

// cspHash is a source expression of a Content-Security-Policy that allows exactly this inline text.
func cspHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
