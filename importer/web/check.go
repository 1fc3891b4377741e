package web

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"csvput/importer/phone"
	"csvput/importer/rows"
	"csvput/importer/run"
	"csvput/importer/web/table"
	"csvput/report"
	"csvput/report/code"
	"csvput/report/human"
)

// check shows what is wrong with the rows of a file, and lets them be corrected in their place: after a check, and
// after a plan, which knows more of them.
func (s *server) check(w http.ResponseWriter, r *http.Request, past run.Past) error {
	if where(past) == "read" || where(past) == "result" {
		return redirect(w, r, "/runs/"+past.ID())
	}
	v := checkView{view: viewOf(r), Country: past.Was.Settings["country"]}
	if err := s.withRows(past, reportOf(past), v.fill); err != nil {
		return err
	}
	return s.render(w, page{Screen: "check", Title: "Check", Past: &past, View: v})
}

// reportOf is the file with the rows as a run's last job has left them.
func reportOf(past run.Past) string {
	if past.Was.State == report.StateChecked {
		return report.ReportName
	}
	return report.PlanName
}

// checkView is what a check has found.
type checkView struct {
	view
	Headline string
	Groups   []group
	Repairs  int    // how many of them are
	Shown    *group // the one whose rows are shown
	Columns  []string
	Rows     []checkRow
	Open     int    // rows that would not be sent
	Country  string // of numbers for which the file names none
	Outdated bool   // cells were corrected since
	Unfit    int    // corrections that count for nothing any more
}

// group are the rows with one code.
type group struct {
	table.Group
	Means, Hint, Link string
	Problem, Here     bool
	Repair            bool // csvput has mended the values
	Approved          bool // and somebody has approved it
}

// checkRow is a row to be corrected.
type checkRow struct {
	Line  int
	Cells []cell
	verdict
	Broken     []string // its cells as the file has them, if it is not known which is which
	Twin       bool     // others share its id
	Candidates []string // ids of records of which one is meant
}

type cell struct{ Field, Label, Text string }

// fill takes in what is shown.
func (v *checkView) fill(sh sheet) error {
	v.Headline, v.Outdated, v.Unfit = sh.Was.Brief(), sh.Outdated, sh.Unfit
	v.Open = sh.Counts.Problems()
	if v.Code == "" && v.Text == "" && v.Open > 0 && !v.All {
		v.Problems = true // what there is to do
	}
	approved := sh.approved()
	for _, g := range sh.Groups {
		info, _ := g.Code.Info()
		one := group{
			Group: g, Means: info.Means, Hint: advice(g.Code), Link: v.link(1, g.Code, false), Problem: g.Problem(),
			Here:   g.Code == v.Code,
			Repair: !g.Problem() && info.Kind == code.KindRepair, Approved: approved[g.Code] >= g.Count,
		}
		v.Groups = append(v.Groups, one)
		if one.Repair {
			v.Repairs++
		}
		if one.Here {
			v.Shown = &one
		}
	}
	found, total, err := sh.Table.Rows(v.Query)
	if err != nil {
		return err
	}
	v.Total = total
	fields := sh.fields()
	for _, f := range fields {
		v.Columns = append(v.Columns, sh.label(f))
	}
	for _, row := range found {
		one := checkRow{Line: row.Line, Twin: row.Code == code.DuplicateID}
		if broken(row.Code) {
			one.Broken = row.Cells
		}
		if one.verdict, err = sh.judge(row, "", ""); err != nil {
			return err
		}
		for i, f := range fields {
			one.Cells = append(one.Cells, cell{f, v.Columns[i], sh.text(row, f)})
		}
		if row.Code == code.SeveralMatches {
			one.Candidates = uuids(row.Message)
		}
		v.Rows = append(v.Rows, one)
	}
	return nil
}

// approved counts the rows whose repair somebody has approved.
func (sh sheet) approved() map[code.Code]int {
	n := map[code.Code]int{}
	for _, cells := range sh.Corrections {
		n[code.Code(cells[rows.FieldApproved].After)]++
	}
	return n
}

// unapproved counts the records that are to be changed to a value that csvput has mended and nobody has approved.
func (sh sheet) unapproved() (n int) {
	approved := sh.approved()
	for _, g := range sh.Groups {
		if info, _ := g.Code.Info(); info.Kind == code.KindRepair && g.Status == report.Planned {
			n += max(0, g.Count-approved[g.Code])
		}
	}
	return n
}

// uuids are the ids that a sentence names.
func uuids(text string) []string {
	return regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).FindAllString(text, -1)
}

// fields are the columns that matter: those that are used, and a country for numbers.
func (sh sheet) fields() []string {
	var fields []string
	for _, f := range sh.Info.Fields {
		if f != "" {
			fields = append(fields, f)
		}
	}
	if !slices.Contains(fields, rows.FieldCountry) {
		fields = append(fields, rows.FieldCountry)
	}
	if !slices.Contains(fields, rows.FieldID) {
		fields = append([]string{rows.FieldID}, fields...)
	}
	return fields
}

// label is what the file calls a column.
func (sh sheet) label(field string) string {
	if i := slices.Index(sh.Info.Fields, field); i >= 0 {
		return oneLine(sh.Info.Header[i])
	}
	return field
}

// try tells what a row would be with a cell as somebody types it.
func (s *server) try(w http.ResponseWriter, r *http.Request, past run.Past) error {
	return s.change(w, r, past, false)
}

// correct writes down what somebody has made of a cell, or that a row is left out, and tells what the row is now.
func (s *server) correct(w http.ResponseWriter, r *http.Request, past run.Past) error {
	return s.change(w, r, past, true)
}

func (s *server) change(w http.ResponseWriter, r *http.Request, past run.Past, keep bool) error {
	var v verdict
	err := s.withRows(past, reportOf(past), func(sh sheet) error {
		row, err := sh.row(r)
		if err != nil {
			return err
		}
		field, text := r.FormValue("field"), r.FormValue("text")
		if !slices.Contains(append(sh.fields(), rows.FieldSkip, rows.FieldWhole), field) {
			return run.Usagef("the file has no column %q", field)
		}
		if v, err = sh.judge(row, field, text); err != nil || !keep {
			return err
		}
		if now := sh.text(row, field); now != sh.original(row, field) && r.Form.Has("before") &&
			r.FormValue("before") != now {
			return run.Usagef("line %d says %s by now, which another tab has made of it", row.Line, human.Quote(now)).
				Hint("load this page again to see it, then correct it")
		}
		return run.Correct(r.Context(), past.Dir, sh.correction(row, field, text))
	})
	if err != nil {
		return err
	}
	return writeJSON(w, v)
}

// keepOne leaves out all rows with the id of one, but for that one.
func (s *server) keepOne(w http.ResponseWriter, r *http.Request, past run.Past) error {
	return s.correctAll(w, r, past, func(sh sheet) ([]report.Correction, error) {
		row, err := sh.row(r)
		if err != nil {
			return nil, err
		}
		twins, _, err := sh.Table.Rows(table.Query{Text: row.ID, Count: sh.Counts.Rows})
		var all []report.Correction
		for _, twin := range twins {
			if twin.ID == row.ID && twin.Line != row.Line {
				all = append(all, sh.correction(twin, rows.FieldSkip, "yes"))
			}
		}
		return all, err
	})
}

// correctGroup corrects all rows of a group in one way.
func (s *server) correctGroup(w http.ResponseWriter, r *http.Request, past run.Past) error {
	return s.correctAll(w, r, past, func(sh sheet) ([]report.Correction, error) {
		found, _, err := sh.Table.Rows(table.Query{Code: code.Code(r.FormValue("code")), Count: sh.Counts.Rows})
		if err != nil {
			return nil, err
		}
		var all []report.Correction
		for _, row := range found {
			switch r.FormValue("do") {
			case "approve":
				all = append(all, report.Correction{Line: row.Line, Column: rows.FieldApproved,
					After: string(row.Code)})
			case "skip":
				all = append(all, sh.correction(row, rows.FieldSkip, "yes"))
			case "country":
				country := strings.TrimSpace(r.FormValue("country"))
				if _, p := phone.Region(country); p != nil || country == "" {
					return nil, run.Usagef("%q is not a country that csvput knows", country)
				}
				all = append(all, sh.correction(row, rows.FieldCountry, country))
			case "first":
				if first, err := sh.firstNumber(row); err != nil {
					return nil, err
				} else if first != "" {
					all = append(all, sh.correction(row, rows.FieldValue, first))
				}
			}
		}
		return all, nil
	})
}

// firstNumber is the first of several numbers in a row's cell, if it is a good one.
func (sh sheet) firstNumber(row table.Row) (string, error) {
	for first := range strings.FieldsFuncSeq(sh.text(row, rows.FieldValue),
		func(r rune) bool { return strings.ContainsRune("/;,|\n", r) }) {
		v, err := sh.judge(row, rows.FieldValue, strings.TrimSpace(first))
		if err != nil || v.Problem {
			return "", err
		}
		return strings.TrimSpace(first), nil
	}
	return "", nil
}

// correctAll writes several corrections down, and checks the file with them.
func (s *server) correctAll(
	w http.ResponseWriter, r *http.Request, past run.Past, of func(sheet) ([]report.Correction, error),
) error {
	err := s.withRows(past, reportOf(past), func(sh sheet) error {
		all, err := of(sh)
		if err == nil && len(all) == 0 {
			err = run.Usagef("there is nothing that could be corrected so")
		}
		if err != nil {
			return err
		}
		return run.Correct(r.Context(), past.Dir, all...)
	})
	if err != nil {
		return err
	}
	if r.FormValue("do") == "approve" {
		return redirect(w, r, "/runs/"+past.ID()+"/check")
	}
	return s.beginCheck(w, r, past)
}

// plan compares a file, with its corrections, with the CRM.
func (s *server) plan(w http.ResponseWriter, r *http.Request, past run.Past) error {
	settings, given := s.settingsOf(past), []string(nil)
	if !rehearsed(past.Was) {
		if ok, err := s.connected(); err != nil {
			return err
		} else if !ok {
			return toConnection(w, r, past.ID())
		}
		settings.Account, given = s.connection.chosen(s.Job.Settings.Account), []string{"account"}
	}
	return s.beginAndShow(w, r, s.job("plan", settings, given...), past, run.Job.Plan)
}
