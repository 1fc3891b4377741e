package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"csvput/importer/rows"
	"csvput/importer/run"
)

// notUsed is the choice for a column that is left out on purpose.
const notUsed = "-"

// columns shows what each column of a file is taken for.
func (s *server) columns(w http.ResponseWriter, r *http.Request, past run.Past) error {
	j := s.reader(past, r)
	look, err := j.Look(past.Dir)
	if err != nil {
		return err
	}
	v := columnsView{Country: cmp.Or(past.Was.Settings["country"], j.Settings.Country)}
	if look.Refused != nil {
		v.Refused = s.troubleOf(look.Refused)
	}
	if before := s.alike(past, look); before != nil && past.Was.Settings["map"] == "" {
		v.Before = before
		j.Settings.Map, j.Given = strings.Split(before.Was.Settings["map"], "\n"), []string{"map"}
		if again, err := j.Look(past.Dir); err == nil {
			look = again
		} else {
			v.Before = nil
		}
	}
	for i, c := range look.Columns {
		one := column{Column: c, Name: fmt.Sprintf("column-%d", i), Choice: c.Field}
		switch {
		case c.Ignored, c.NotNeeded, c.Field == "" && c.Meant == "":
			one.Choice = notUsed
		}
		one.Fixed = strings.TrimSpace(c.Header) == "" || c.NotNeeded
		v.Columns = append(v.Columns, one)
	}
	return s.render(w, page{Screen: "columns", Title: "Columns", Past: &past, View: v})
}

// columnsView is what the columns are taken for.
type columnsView struct {
	Columns []column
	Country string
	Refused *trouble
	Before  *run.Past // an earlier run of a file with such columns, whose choice is offered
}

type column struct {
	rows.Column
	Name   string // in the form
	Choice string // a field, notUsed, or "" where somebody has to choose
	Fixed  bool   // there is nothing to choose
}

// Fields are the choices, with what they are.
func (column) Fields() [][2]string {
	return [][2]string{
		{rows.FieldID, "id of the contact detail"}, {rows.FieldValue, "new number or address"},
		{rows.FieldCountry, "country of the number"},
		{rows.FieldName, "label of the contact detail"}, {rows.FieldType, "phone or e-mail"},
		{rows.FieldAccountUUIDs, "ids of its owners"},
		{rows.FieldPrimaryAccountUUIDs, "ids of those whose main detail it is"},
		{rows.FieldCurrentValue, "number or address as it is now"},
		{rows.FieldClientName, "client's name"}, {rows.FieldFirstName, "client's first name"},
		{rows.FieldLastName, "client's last name"},
		{rows.FieldClientEmail, "client's e-mail"}, {rows.FieldClientUUID, "client's id"},
	}
}

// Word is what a field is.
func (columnsView) Word(field string) string {
	for _, f := range (column{}).Fields() {
		if f[0] == field {
			return f[1]
		}
	}
	return field
}

// alike finds the last run of a file in which all columns that somebody has named are there too.
func (s *server) alike(past run.Past, look *rows.Look) *run.Past {
	has := func(header string) bool {
		return slices.ContainsFunc(look.Columns,
			func(c rows.Column) bool { return oneLine(c.Header) == oneLine(header) })
	}
	all, err := s.runs()
	if err != nil {
		return nil
	}
	for _, one := range all {
		named := strings.Split(one.Was.Settings["map"], "\n")
		fits := one.Was.Settings["map"] != "" && one.ID() != past.ID()
		for _, line := range named {
			fits = fits && has(line[:max(0, strings.LastIndex(line, "="))])
		}
		if fits {
			return &one.Past
		}
	}
	return nil
}

// oneLine is a header as a mapping of columns names it.
func oneLine(header string) string { return strings.Join(strings.Fields(header), " ") }

// keepColumns keeps what the columns are, and checks the file.
func (s *server) keepColumns(w http.ResponseWriter, r *http.Request, past run.Past) error {
	look, err := s.reader(past, r).Look(past.Dir)
	if err != nil {
		return err
	}
	j := s.reader(past, r, "country")
	j.Given = append(j.Given, "map")
	for i, c := range look.Columns {
		choice := r.FormValue(fmt.Sprintf("column-%d", i))
		if header := oneLine(c.Header); header != "" && choice != "" && !c.NotNeeded {
			j.Settings.Map = append(j.Settings.Map, header+"="+strings.TrimPrefix(choice, notUsed))
		}
	}
	if look, err = j.Look(past.Dir); err != nil {
		return err
	}
	if look.Refused != nil {
		return look.Refused
	}
	if err := j.Settle(r.Context(), past.Dir); err != nil {
		return err
	}
	return s.beginCheck(w, r, past)
}

// beginCheck checks a run's file, with the corrections of its cells.
func (s *server) beginCheck(w http.ResponseWriter, r *http.Request, past run.Past) error {
	return s.beginAndShow(w, r, s.job("check", s.settingsOf(past)), past, run.Job.Check)
}
