package rows_test

import (
	"strings"
	"testing"

	"csvput/importer/phone"
	"csvput/importer/rows"
)

// TestLook shows files that are read, files that are refused for their columns, and no others.
func TestLook(t *testing.T) {
	const text = "id;Telefon;Land;Notes;csvput_line\n6f1c1f3e-2b5d-4c39-9d2e-0a7b8c9d0e1f;030 1234567;DE;x;7\n;;AT;;8\n"
	o := rows.Options{IsCountry: phone.IsCountry}
	look, err := rows.LookAt(strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	if look.Refused == nil || look.Refused.Code != rows.CodeMissingColumns || look.Info.Delimiter != ';' || len(look.Rows) != 2 {
		t.Errorf("%+v", look)
	}
	for i, want := range []rows.Column{
		{Header: "id", Field: "id", Samples: []string{"6f1c1f3e-2b5d-4c39-9d2e-0a7b8c9d0e1f"}},
		{Header: "Telefon", Meant: "value", Samples: []string{"030 1234567"}},
		{Header: "Land", Meant: "country", Countries: true, Samples: []string{"DE", "AT"}},
		{Header: "Notes", Samples: []string{"x"}},
		{Header: "csvput_line", NotNeeded: true, Samples: []string{"7", "8"}},
	} {
		got := look.Columns[i]
		if got.Header != want.Header || got.Field != want.Field || got.Meant != want.Meant || got.NotNeeded != want.NotNeeded || got.Countries != want.Countries || strings.Join(got.Samples, "|") != strings.Join(want.Samples, "|") {
			t.Errorf("column %d is %+v, want %+v", i, got, want)
		}
	}
	o.Map = map[string]string{"Telefon": "value", "Land": "country", "Notes": ""}
	if look, err = rows.LookAt(strings.NewReader(text), o); err != nil || look.Refused != nil || !look.Columns[3].Ignored || look.Columns[1].Field != "value" {
		t.Errorf("mapped: %+v %v", look, err)
	}
	if look, err = rows.LookAt(strings.NewReader("020 7946 0000,GB\n020 7946 0001,GB\n"), o); err != nil || look.Refused.Code != rows.CodeNoHeader || len(look.Rows) != 1 {
		t.Errorf("without a header: %+v %v", look, err)
	}
	below := "Contacts of 2026\n\nmade by Ann;x\n" + text
	if look, err = rows.LookAt(strings.NewReader(below), rows.Options{}); err != nil || len(look.Rows) != 4 || look.Lines[1] != 4 {
		t.Errorf("below a title: %+v %v", look, err)
	}
	o.HeaderLine = 4
	if look, err = rows.LookAt(strings.NewReader(below), o); err != nil || look.Refused != nil || look.Info.HeaderLine != 4 || look.Lines[0] != 5 || look.Columns[1].Field != "value" {
		t.Errorf("the header's line is named: %+v %v", look, err)
	}
	o.HeaderLine = 9
	if look, err = rows.LookAt(strings.NewReader(below), o); err == nil || !strings.Contains(err.Error(), "line 9") {
		t.Errorf("below the end: %+v %v", look, err)
	}
	for _, no := range []string{"", "%PDF-1.7\n", "a\x00b\n"} {
		if look, err := rows.LookAt(strings.NewReader(no), o); err == nil {
			t.Errorf("%q: %+v", no, look)
		}
	}
}
