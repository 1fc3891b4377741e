package page

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"csvput/report"
	"csvput/report/code"
	"csvput/report/human"
)

// pageView is what page.tmpl shows, in words and figures that need no further work.
type pageView struct {
	Style, Script string
	Title         string
	Command       string
	Input         string
	Headline      string // its first part, and HeadlineRest the rest of the sentence
	HeadlineCut   string // the comma or colon between them
	HeadlineRest  string
	Lead          string
	Tone          tone
	Sandbox       bool
	Steps         []step
	Facts         []fact
	Settings      []fact
	Files         []fileLink
	Total         int
	Left          int // rows that the table leaves out
	Embedded      int
	Bar           []segment
	BarText       string
	Chart         *chart
	Groups        []groupView
	Notes         []groupView
	NoteRows      int
	Nations       []nationView
	Doing         string // what became, or is to become, of the rows in order
	NationsLeft   int
	Problems      int
	ProblemChip   string // the problem statuses that occur
	Codes         []codeView
	Static        []rowView
	Config        config
	RunID         string
	Versions      string
}

type fact struct{ Label, Value string }

type fileLink struct{ Name, Href, Use string }

type codeView struct {
	Code  code.Code
	Count int
}

// groupView is one code with what to do about it.
type groupView struct {
	Code     code.Code
	Kind     string
	Means    string
	Hint     string
	Count    int
	Statuses []segment
	Samples  []sample
	Rest     int
}

// sample is one line of the input, or several that have the same message.
type sample struct{ Lines, Message string }

type nationView struct {
	Region, Label           string
	Changed, Same, Problems int
	Rows                    int
	Bar                     []segment
}

// rowView is a row of the static table.
type rowView struct {
	Line, ID, Type string
	Status         report.Status
	Label          string
	Code           code.Code
	Message, Facts string
	Changes        []changeView
}

type changeView struct{ What, Before, After, Note string }

// config is what page.js needs to know besides the rows.
type config struct {
	Start    int64                    `json:"start"`  // Unix seconds that times are relative to
	Shared   int                      `json:"shared"` // number of texts that rows may refer to
	Statuses map[report.Status]string `json:"statuses"`
	Problems []report.Status          `json:"problems"`
	Types    map[string]string        `json:"types"`
}

func newPageView(s report.Summary, t *tally, shown int) *pageView {
	s.Counts = t.Counts
	v := &pageView{
		Command:  s.Command,
		Input:    cmp.Or(s.Input.Name, "a run of csvput"),
		Tone:     mood(s),
		Lead:     lead(s),
		Sandbox:  s.Sandbox != "",
		Steps:    steps(s),
		Facts:    facts(s),
		Files:    files(s),
		Total:    t.Rows,
		Embedded: shown,
		Left:     t.Rows - shown,
		Problems: t.problems,
		Chart:    newChart(s),
		Doing:    doing(s),
		RunID:    s.RunID,
		Versions: versions(s.Versions),
		Config:   newConfig(s),
	}
	v.Headline, v.HeadlineCut, v.HeadlineRest = cutHeadline(s.Headline())
	v.Title = v.Input + ": " + strings.TrimSuffix(v.Headline, ".")
	v.Bar = segments(t.Statuses)
	v.BarText = barText(v.Bar)
	for _, segment := range v.Bar {
		if segment.Problem {
			v.ProblemChip = strings.TrimSpace(v.ProblemChip + " " + string(segment.Status))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Settings)) {
		v.Settings = append(v.Settings, fact{key, s.Settings[key]})
	}
	for _, g := range t.sortedGroups(true) {
		v.Groups = append(v.Groups, newGroupView(g))
	}
	for _, g := range t.sortedGroups(false) {
		v.Notes = append(v.Notes, newGroupView(g))
		v.NoteRows += g.count
	}
	for _, code := range t.sortedCodes() {
		v.Codes = append(v.Codes, codeView{code, t.Codes[code]})
	}
	v.nations(t)
	for _, r := range t.static {
		v.Static = append(v.Static, newRowView(r))
	}
	return v
}

func newConfig(s report.Summary) config {
	c := config{Start: clockBase(s.StartedAt), Shared: maxShared, Statuses: map[report.Status]string{}, Types: map[string]string{}}
	for _, status := range report.Statuses() {
		c.Statuses[status] = status.Label()
		if status.Problem() {
			c.Problems = append(c.Problems, status)
		}
	}
	for _, kind := range []string{"phone_number", "email"} {
		c.Types[kind] = typeLabel(kind)
	}
	return c
}

// nations fills the table of countries. The smallest are left out, and their number is said.
func (v *pageView) nations(t *tally) {
	all := t.sortedNations()
	if len(all) == 0 || len(all) == 1 && all[0].region == "" {
		return // nothing but e-mail addresses and rows without a readable number
	}
	most := 1
	for _, n := range append(all, &t.emails) {
		most = max(most, n.rows())
	}
	shown := all
	if len(shown) > maxNations {
		shown = shown[:maxNations]
		if last := all[len(all)-1]; last.region == "" {
			shown = append(slices.Clone(shown), last)
		}
		v.NationsLeft = len(all) - len(shown)
	}
	for _, n := range shown {
		v.Nations = append(v.Nations, newNationView(*n, most, "No country"))
	}
	if t.emails.rows() > 0 {
		v.Nations = append(v.Nations, newNationView(t.emails, most, "E-mail addresses"))
	}
}

func newNationView(n nation, most int, label string) nationView {
	view := nationView{Region: n.region, Changed: n.changed, Same: n.same, Problems: n.problems, Rows: n.rows()}
	if n.region == "" {
		view.Label = label
	}
	view.Bar = bar([]segment{
		{Status: report.Updated, Count: n.changed}, {Status: report.Unchanged, Count: n.same}, {Status: report.Failed, Count: n.problems, Problem: true},
	}, barWidth*n.rows()/most)
	return view
}

func newGroupView(g *group) groupView {
	info, ok := g.code.Info()
	if !ok {
		info = code.Info{Means: "Rows without a code.", Hint: "Read the message of each row."}
		if g.code != "" {
			info.Means = "Rows with the code " + string(g.code) + "."
		}
	}
	view := groupView{Code: g.code, Means: info.Means, Hint: info.Hint, Count: g.count, Statuses: segments(g.statuses)}
	if ok {
		view.Kind = info.Kind.String()
	}
	view.Samples = samples(g.first)
	view.Rest = g.count - len(g.first)
	return view
}

// samples lists rows, in one entry when they all have the same message.
func samples(rows []report.Row) []sample {
	same := len(rows) > 1
	for _, r := range rows {
		same = same && r.Message == rows[0].Message
	}
	if !same {
		var out []sample
		for _, r := range rows {
			out = append(out, sample{"Line " + strconv.Itoa(r.Line), cmp.Or(r.Message, r.ID)})
		}
		return out
	}
	var lines []string
	for _, r := range rows {
		lines = append(lines, strconv.Itoa(r.Line))
	}
	return []sample{{"Lines " + strings.Join(lines, ", "), rows[0].Message}}
}

func newRowView(r report.Row) rowView {
	v := rowView{
		Line: strconv.Itoa(r.Line), ID: r.ID, Type: typeLabel(r.Type), Status: r.Status, Label: r.Status.Label(),
		Code: r.Code, Message: r.Message,
	}
	add := func(what, before, after string) {
		if before != "" || after != "" {
			v.Changes = append(v.Changes, changeView{what, before, changed(before, after), ""})
		}
	}
	add("Value", r.ValueBefore, r.Value)
	if r.National != "" && len(v.Changes) > 0 {
		v.Changes[0].Note = joined(" · ", r.National, r.Country)
	}
	add("Name", r.NameBefore, r.Name)
	if changedList(r.AccountUUIDsBefore, r.AccountUUIDs) != "" {
		add("Owners", listText(r.AccountUUIDsBefore), listText(r.AccountUUIDs))
	}
	if changedList(r.PrimaryAccountUUIDsBefore, r.PrimaryAccountUUIDs) != "" {
		add("Primary for", listText(r.PrimaryAccountUUIDsBefore), listText(r.PrimaryAccountUUIDs))
	}
	if r.HTTPStatus >= 300 {
		v.Facts = fmt.Sprintf("HTTP %d", r.HTTPStatus)
	}
	if r.Attempts > 1 {
		v.Facts = joined(" · ", v.Facts, report.Plural(r.Attempts, "attempt"))
	}
	return v
}

// facts are the circumstances of the run.
func facts(s report.Summary) []fact {
	var out []fact
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

func requests(r report.Requests) []string {
	var out []string
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
	switch d {
	case "":
		return ""
	case ",":
		return "commas"
	case ";":
		return "semicolons"
	case "\t":
		return "tabs"
	}
	return "separated by " + d
}

func versions(v report.Versions) string {
	var parts []string
	for _, p := range []fact{{"csvput", v.Csvput}, {"phone numbers", v.Phonenumbers}, {"", v.Go}} {
		if p.Value != "" {
			parts = append(parts, strings.TrimSpace(p.Label+" "+p.Value))
		}
	}
	return strings.Join(parts, " · ")
}

// files links the other files of the run, which lie beside the page.
func files(s report.Summary) []fileLink {
	uses := map[string]string{
		"plan": "what was intended, with the old values", "report": "what became of every row",
		"failed":  "the rows that did not get through, as they were in your file",
		"damaged": "the report as it was, where a disk had damaged it", "summary": "the figures, for scripts", "input": "the file as it was read",
	}
	var out []fileLink
	for _, key := range slices.Sorted(maps.Keys(s.Files)) {
		name := filepath.Base(s.Files[key])
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
