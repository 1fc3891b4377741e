package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"csvput/importer"
	"csvput/importer/rows"
	"csvput/importer/run"
	"csvput/importer/web/table"
	"csvput/report"
	"csvput/report/code"
)

// pageRows is how many rows a page shows.
const pageRows = 100

// tables keeps the table of the run that was looked at last.
type tables struct {
	mu    sync.Mutex
	of    string // the run and the state that it is of
	tab   *table.Table
	unfit int // corrections of cells that hold something else by now
}

// close closes the table. It must be so before its run is deleted.
func (t *tables) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tab == nil {
		return nil
	}
	err := t.tab.Close()
	t.tab, t.of = nil, ""
	return err
}

// sheet is a run's rows with all that is needed to show and correct them.
type sheet struct {
	*table.Table
	*run.Input
	Unfit int // corrections that are passed over: their cells hold something else by now
}

// withRows lends the rows of one of a run's files.
func (s *server) withRows(past run.Past, name string, do func(sheet) error) error {
	s.tables.mu.Lock()
	defer s.tables.mu.Unlock()
	in, err := run.OpenInput(past.Dir)
	if err != nil {
		return err
	}
	if of := past.Dir + "\n" + name + "\n" + in.Was.StartedAt.String(); s.tables.of != of || s.tables.tab == nil {
		if s.tables.tab != nil {
			_ = s.tables.tab.Close() // it was only read
		}
		s.tables.of = of
		if s.tables.tab, err = table.Open(in.Folder, name, in.Source); err != nil {
			s.tables.tab = nil
			return err
		}
		if s.tables.unfit, err = (sheet{Table: s.tables.tab, Input: in}).unfit(); err != nil {
			return err
		}
	}
	return do(sheet{s.tables.tab, in, s.tables.unfit})
}

// unfit counts the corrections of cells that hold something else than they did then: in another encoding, or with
// another mapping of the columns.
func (sh sheet) unfit() (n int, err error) {
	for line, cells := range sh.Corrections {
		row, ok, err := sh.Table.Row(line)
		if err != nil {
			return 0, err
		}
		for field, c := range cells {
			if !strings.HasPrefix(field, "csvput_") && (!ok || sh.original(row, field) != c.Before) {
				n++
			}
		}
	}
	return n, nil
}

// verdict is what is said of a row, as it is now.
type verdict struct {
	Status  report.Status `json:"status"`
	Problem bool          `json:"problem"`
	LeftOut bool          `json:"leftOut"`
	Message string        `json:"message"`
	Hint    string        `json:"hint"`
	ReadAs  string        `json:"readAs"`
	ID      string        `json:"-"`
	Code    code.Code     `json:"-"`
}

// judge says what a check would say of a row with one cell as somebody types it; without a field, as it stands. What
// only all rows together can tell, that two share an id, is said as the last check has found it.
func (sh sheet) judge(row table.Row, field, text string) (verdict, error) {
	said, changes := row.Row, map[string]rows.Correction{}
	for f, c := range sh.Corrections[row.Line] {
		changes[f] = c
	}
	if field != "" {
		changes[field] = rows.Correction{Before: sh.original(row, field), After: text}
	}
	whole := !broken(row.Code) || changes[rows.FieldWhole].After != ""
	if len(changes) > 0 && whole {
		var err error
		if said, err = importer.CheckRow(sh.Info.Row(row.Line, row.Cells, changes), sh.Options); err != nil {
			return verdict{}, err
		}
	}
	v := verdict{
		Status: said.Status, Problem: said.Problem(), LeftOut: said.Code == code.LeftOut || sh.LeftOut[row.Line],
		Message: said.Message, ID: said.ID, Code: said.Code,
	}
	if v.Problem && !whole {
		v.Hint = "Put each cell right, then say that they are."
	} else if v.Problem {
		v.Hint = advice(said.Code)
	} else if said.Value != "" {
		v.ReadAs = strings.TrimSpace(said.National + " " + said.Value)
	}
	return v, nil
}

// advice is what to do about a code, as far as it is not about files and command lines: here cells are corrected in
// place.
func advice(why code.Code) string {
	var keep []string
	for clause := range strings.SplitSeq(strings.TrimSuffix(why.Hint(), "."), "; ") {
		if !slices.ContainsFunc([]string{"--", "csvput", "Excel", "file"},
			func(word string) bool { return strings.Contains(clause, word) }) {
			keep = append(keep, clause)
		}
	}
	if keep == nil {
		return ""
	}
	return strings.Join(keep, "; ") + "."
}

// broken reports whether it is not known which cell of a row is which.
func broken(why code.Code) bool { return why == code.RaggedRow || why == code.StrayQuote }

// original is a cell as it was uploaded.
func (sh sheet) original(row table.Row, field string) string {
	if i := slices.Index(sh.Info.Fields, field); i >= 0 && i < len(row.Cells) {
		return row.Cells[i]
	}
	return ""
}

// text is a cell as it stands.
func (sh sheet) text(row table.Row, field string) string {
	original := sh.original(row, field)
	if c, ok := sh.Corrections[row.Line][field]; ok && c.Before == original {
		return c.After
	}
	return original
}

// correction makes a cell hold a text.
func (sh sheet) correction(row table.Row, field, text string) report.Correction {
	return report.Correction{Line: row.Line, Column: field, Before: sh.text(row, field), After: text}
}

// row finds a row by the line that a request names.
func (sh sheet) row(r *http.Request) (table.Row, error) {
	line, err := strconv.Atoi(r.PathValue("line"))
	if err != nil {
		return table.Row{}, errNotFound
	}
	row, ok, err := sh.Table.Row(line)
	if err == nil && !ok {
		err = errNotFound
	}
	return row, err
}

// view is which rows a page shows.
type view struct {
	table.Query
	Path  string
	All   bool // rows without problems too
	Page  int  // from 1
	Total int
}

// viewOf reads which rows are wanted.
func viewOf(r *http.Request) view {
	v := view{Path: r.URL.Path, Page: 1, All: r.FormValue("show") == "all"}
	if n, err := strconv.Atoi(r.FormValue("page")); err == nil && n > 0 && n < 1<<32 {
		v.Page = n
	}
	v.Query = table.Query{
		Code: code.Code(r.FormValue("code")), Text: strings.TrimSpace(r.FormValue("text")),
		Backward: r.FormValue("order") == "last",
		Problems: r.FormValue("show") == "problems", From: (v.Page - 1) * pageRows, Count: pageRows,
	}
	return v
}

// Pages is how many pages there are.
func (v view) Pages() int { return max(1, (v.Total+pageRows-1)/pageRows) }

// link leads to another page of the same rows, or to others.
func (v view) link(page int, why code.Code, problems bool) string {
	show, order, q := "", "", url.Values{}
	switch {
	case problems:
		show = "problems"
	case v.All:
		show = "all"
	}
	if v.Backward {
		order = "last"
	}
	for name, value := range map[string]string{"code": string(why), "text": v.Text, "show": show, "order": order} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if page != 1 {
		q.Set("page", strconv.Itoa(page))
	}
	return v.Path + "?" + q.Encode()
}

// Previous leads to the page before; "" is none.
func (v view) Previous() string {
	if v.Page <= 1 {
		return ""
	}
	return v.link(v.Page-1, v.Code, v.Problems)
}

// Next leads to the page behind.
func (v view) Next() string {
	if v.Page >= v.Pages() {
		return ""
	}
	return v.link(v.Page+1, v.Code, v.Problems)
}
