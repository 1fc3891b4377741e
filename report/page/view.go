package page

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"csvput/report"
	"csvput/report/code"
	"csvput/report/human"
)

// view is what page.tmpl shows, in words and figures that need no further work.
type view struct {
	report.Summary
	Head         string // the first part of the headline, and HeadlineRest the rest of the sentence
	HeadlineCut  string // the comma or colon between them
	HeadlineRest string
	Embedded     int // rows in the table
	Bar          []segment
	Chart        *chart
	Groups       []*group
	Notes        []*group
	Nations      []*nation
	NationsLeft  int
	Most         int // rows of the largest of them
	SortedCodes  []code.Code
	Static       []report.Row
}

type fact struct{ Label, Value string }

type fileLink struct{ Name, Href, Use string }

type change struct{ What, Before, After, Note string }

// config is what page.js needs to know besides the rows.
type config struct {
	Start    int64                    `json:"start"`  // Unix seconds that times are relative to
	Shared   int                      `json:"shared"` // number of texts that rows may refer to
	Statuses map[report.Status]string `json:"statuses"`
	Problems []report.Status          `json:"problems"`
	Types    map[string]string        `json:"types"`
}

func newView(s report.Summary, f *figures, shown int) *view {
	s.Counts = f.Counts
	v := &view{
		Summary: s, Embedded: shown, Bar: segments(s.Statuses), Chart: newChart(s),
		Groups: f.sortedGroups(true), Notes: f.sortedGroups(false), SortedCodes: f.sortedCodes(), Static: f.first,
	}
	v.Head, v.HeadlineCut, v.HeadlineRest = cutHeadline(s.Headline())
	v.nations(f)
	return v
}

// Title is the title of the page.
func (v *view) Title() string { return v.File() + ": " + strings.TrimSuffix(v.Head, ".") }

// File is the name of the input.
func (v *view) File() string { return cmp.Or(v.Input.Name, "a run of csvput") }

// Left is how many rows the table leaves out.
func (v *view) Left() int { return v.Rows - v.Embedded }

// NoteRows is how many rows the notes are about.
func (v *view) NoteRows() (n int) {
	for _, g := range v.Notes {
		n += g.Rows
	}
	return n
}

// BarText is the bar in words.
func (v *view) BarText() string { return barText(v.Bar) }

// ProblemChip is the problem statuses that occur.
func (v *view) ProblemChip() (chip string) {
	for _, part := range v.Bar {
		if part.Status.Problem() {
			chip = joined(" ", chip, string(part.Status))
		}
	}
	return chip
}

// Config is what page.js needs.
func (v *view) Config() config {
	c := config{Start: clockBase(v.StartedAt), Shared: maxShared, Statuses: map[report.Status]string{}, Types: types()}
	for _, status := range report.Statuses() {
		c.Statuses[status] = status.Label()
		if status.Problem() {
			c.Problems = append(c.Problems, status)
		}
	}
	return c
}

// nations fills the table of countries, unless there is nothing but e-mail addresses and rows without a readable
// number. The smallest are left out, and their number is said.
func (v *view) nations(f *figures) {
	if len(f.nations) == 0 {
		return
	}
	v.Nations = f.sortedNations()
	v.NationsLeft = max(0, len(v.Nations)-maxNations)
	v.Nations = v.Nations[:len(v.Nations)-v.NationsLeft]
	f.none.Label, f.emails.Label = "No country", "E-mail addresses"
	for _, n := range []*nation{&f.none, &f.emails} {
		if n.Rows() > 0 {
			v.Nations = append(v.Nations, n)
		}
	}
	for _, n := range v.Nations {
		v.Most = max(v.Most, n.Rows())
	}
}

// changes are a row's old values, and the new ones where they differ.
func changes(r report.Row) (out []change) {
	add := func(what, before, after string) {
		if before != "" || after != "" {
			out = append(out, change{what, before, changed(before, after), ""})
		}
	}
	add("Value", r.ValueBefore, r.Value)
	if r.National != "" && len(out) > 0 {
		out[0].Note = joined(" · ", r.National, r.Country)
	}
	add("Name", r.NameBefore, r.Name)
	if changedList(r.AccountUUIDsBefore, r.AccountUUIDs) != "" {
		add("Owners", listText(r.AccountUUIDsBefore), listText(r.AccountUUIDs))
	}
	if changedList(r.PrimaryAccountUUIDsBefore, r.PrimaryAccountUUIDs) != "" {
		add("Primary for", listText(r.PrimaryAccountUUIDsBefore), listText(r.PrimaryAccountUUIDs))
	}
	return out
}

// details are what is out of the ordinary about how a row was found and sent.
func details(r report.Row) string {
	var matched, http, attempts string
	if r.MatchedBy != "" {
		matched = "matched by " + r.MatchedBy
	}
	if r.HTTPStatus >= 300 {
		http = fmt.Sprintf("HTTP %d", r.HTTPStatus)
	}
	if r.Attempts > 1 {
		attempts = report.Plural(r.Attempts, "attempt")
	}
	return joined(" · ", matched, http, attempts)
}

// Facts are the circumstances of the run.
func (v *view) Facts() (out []fact) {
	s := &v.Summary
	add := func(label string, values ...string) {
		if value := joined(", ", values...); value != "" {
			out = append(out, fact{label, value})
		}
	}
	blank := ""
	if s.Input.Blank > 0 {
		blank = report.Plural(s.Input.Blank, "blank row") + " skipped"
	}
	rows := ""
	if s.Input.Name != "" {
		rows = report.Plural(cmp.Or(s.Input.Rows, s.Rows), "row")
	}
	sheet := ""
	if s.Input.Sheet != "" {
		sheet = "sheet " + human.Quote(s.Input.Sheet)
	}
	add("File", s.Input.Name, sheet, rows, blank, s.Input.Encoding, delimiterName(s.Input.Delimiter))
	add("Firm", s.Firm.Name)
	add("Account", cmp.Or(s.Account.Name, s.Account.UUID))
	add("CRM", s.BaseURL)
	add("Undoes", s.UndoOf)
	if !s.StartedAt.IsZero() {
		add("Started", s.StartedAt.UTC().Format("2 January 2006, 15:04:05 UTC"))
	}
	if s.DurationMS > 0 {
		add("Took", human.Duration(time.Duration(s.DurationMS)*time.Millisecond))
	}
	add("Requests", requests(s.Requests)...)
	return out
}

func requests(r report.Requests) (out []string) {
	add := func(n int, format string) {
		if n > 0 {
			out = append(out, fmt.Sprintf(format, report.Thousands(n)))
		}
	}
	add(r.Attempts, "%s in all")
	add(r.Put, "%s to update")
	add(r.List+r.Logins, "%s to read")
	add(r.Retries, "%s repeated")
	add(r.Throttled, "%s told to wait")
	if r.WaitedMS > 0 {
		out = append(out, "waited "+human.Duration(time.Duration(r.WaitedMS)*time.Millisecond)+" for quota")
	}
	return out
}

func delimiterName(d string) string {
	named := map[string]string{"": "", ",": "commas", ";": "semicolons", "\t": "tabs"}
	if name, ok := named[d]; ok {
		return name
	}
	return "separated by " + d
}

// VersionsText is which programs made the run.
func (v *view) VersionsText() string {
	named := func(name, version string) string {
		if version == "" {
			return ""
		}
		return name + version
	}
	return joined(" · ", named("csvput ", v.Versions.Csvput), named("phone numbers ", v.Versions.Phonenumbers),
		v.Versions.Go)
}

// Written links the other files of the run, which lie beside the page.
func (v *view) Written() (out []fileLink) {
	uses := map[string]string{
		"plan": "what was intended, with the old values", "report": "what became of every row",
		"failed":  "the rows that did not get through, as they were in your file",
		"damaged": "the report as it was, where a disk had damaged it",
		"summary": "the figures, for scripts", "input": "the file as it was read",
	}
	for _, key := range slices.Sorted(maps.Keys(v.Files)) {
		name := filepath.Base(v.Files[key])
		if use := uses[strings.TrimSuffix(key, filepath.Ext(key))]; use != "" {
			link := url.URL{Path: name}
			out = append(out, fileLink{name, link.String(), use})
		}
	}
	return out
}

// joined joins those of the parts that are not blank.
func joined(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), separator)
}
