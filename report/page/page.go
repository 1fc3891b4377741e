// Package page shows one run to people: report.html, a page that is whole in itself.
package page

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"iter"
	"strings"

	"csvput/report"
)

//go:embed page.tmpl page.css page.js
var pageFiles embed.FS

// Bounds of the page, so that a browser can hold it.
const (
	maxEmbedded = 200_000 // rows in the searchable table
	maxStatic   = 1_000   // problem rows that are also plain HTML: for printing and without JavaScript
	maxSamples  = 5       // rows shown with each code
	maxNations  = 15      // lines in the table of countries
	maxListed   = 20      // waits listed under the time line
	maxBars     = 120     // bars in the time line
)

// Write writes report.html: one run as a page for people. The page is self-contained: it loads nothing, opens from a
// disk, and its policy (CSP, W3C) lets nothing but its own script and style run.
//
// rows returns the run's rows in the order of the input. It is called twice, first to count and then to write, so that
// the memory needed does not grow with the number of rows. An error of the iterator ends the page and is returned.
// Counts are those of the rows; everything else is the summary's. When the summary knows of more rows, those given are
// the problem rows of a very large run, and the counts are the summary's too.
//
// A page holds at most 200,000 rows, problems first, about 120 bytes each; it says so when rows are left out. Printed,
// and without JavaScript, it shows the first 1,000 problem rows.
func Write(w io.Writer, s report.Summary, rows func() iter.Seq2[report.Row, error]) error {
	return write(w, s, rows, maxEmbedded)
}

func write(w io.Writer, s report.Summary, rows func() iter.Seq2[report.Row, error], limit int) error {
	found, err := tallyRows(rows())
	if err != nil {
		return err
	}
	shown := min(found.Rows, limit)
	found.complete(s)
	view := newPageView(s, found, shown)
	if view.Style, err = asset("page.css"); err != nil {
		return err
	}
	if view.Script, err = asset("page.js"); err != nil {
		return err
	}
	tmpl, err := template.New("page.tmpl").Funcs(template.FuncMap{
		"css":   func(s string) template.CSS { return template.CSS(s) }, // only ever page.css
		"js":    func(s string) template.JS { return template.JS(s) },   // only ever page.js
		"hash":  cspHash,
		"count": report.Thousands,
	}).ParseFS(pageFiles, "page.tmpl")
	if err != nil {
		return fmt.Errorf("making %s: %w", report.PageName, err)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	if err := tmpl.Execute(out, view); err != nil {
		return fmt.Errorf("making %s: %w", report.PageName, err)
	}
	if err := newPacker(out, s.StartedAt).write(pick(rows(), found, limit)); err != nil {
		return err
	}
	if _, err := out.WriteString("</body>\n</html>\n"); err != nil {
		return err
	}
	return out.Flush()
}

// Style is the style sheet of the page, which the live pages share.
func Style() (string, error) { return asset("page.css") }

// asset reads a file of the page. Its line ends become LF: a browser does the same before it compares the hash, and a
// checkout on Windows may have made them CRLF.
func asset(name string) (string, error) {
	b, err := pageFiles.ReadFile(name)
	return strings.ReplaceAll(string(b), "\r\n", "\n"), err
}

// cspHash is a source expression of a Content-Security-Policy that allows exactly this inline text.
func cspHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
