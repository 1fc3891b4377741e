package rows_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"csvput/importer/rows"
)

// TestCorrections lays corrections over the cells of a file.
func TestCorrections(t *testing.T) {
	const file = "id,phone,notes\nA,1,x\nB,2\nC,3,z\nD,4,w\nE,\xff5,v\n"
	corrections := rows.Corrections{
		2: {rows.FieldValue: {Before: "1", After: "one"}, rows.FieldCountry: {After: "DE"}},
		3: {rows.FieldValue: {Before: "2", After: "two"}}, // a broken row stays broken
		4: {rows.FieldValue: {Before: "33", After: "three"}, rows.FieldSkip: {After: "yes"}},
		5: {rows.FieldName: {After: "Dora"}, rows.FieldSkip: {Before: "yes"}},
		6: {rows.FieldValue: {Before: "\xff5", After: "five"}},
	}
	in, err := rows.Open(strings.NewReader(file), rows.Options{Encoding: "utf-8", Corrections: corrections})
	if err != nil {
		t.Fatal(err)
	}
	if info := in.Info(); strings.Join(info.Header, ",") != "id,phone,notes,name,country" || strings.Join(info.Fields, ",") != "id,value,,name,country" {
		t.Errorf("header %q, fields %q", info.Header, info.Fields)
	}
	for _, want := range []struct {
		raw             string
		value, country  string
		leftOut, broken bool
	}{
		{"A,one,x,,DE", "one", "DE", false, false},
		{"B,2", "2", "", false, true},
		{"C,3,z,,", "3", "", true, false},
		{"D,4,w,Dora,", "4", "", false, false},
		{"E,five,v,,", "five", "", false, false},
	} {
		row, err := in.Read()
		if err != nil {
			t.Fatal(err)
		}
		if !want.broken {
			original := strings.Split(strings.Split(file, "\n")[row.Line-1], ",")
			if again := in.Info().Row(row.Line, append(original, "", ""), corrections[row.Line]); !reflect.DeepEqual(again, row) {
				t.Errorf("by its cells: %+v, read: %+v", again, row)
			}
		}
		if strings.Join(row.Raw, ",") != want.raw || row.Value != want.value || row.Country != want.country || row.LeftOut != want.leftOut || (row.Problems != nil) != want.broken {
			t.Errorf("got %+v, want %+v", row, want)
		}
	}
	if !slices.Equal(in.Info().Unused, []string{"notes"}) {
		t.Errorf("unused %q", in.Info().Unused)
	}
}

// TestCorrectionOfNoField refuses what can't be meant.
func TestCorrectionOfNoField(t *testing.T) {
	_, err := rows.Open(strings.NewReader("id,phone\nA,1\n"), rows.Options{Corrections: rows.Corrections{2: {"fax no": {After: "2"}}}})
	if refused, ok := errors.AsType[*rows.FileError](err); !ok || refused.Code != rows.CodeInvalidCorrection || refused.Line != 2 {
		t.Errorf("got %v", err)
	}
}
