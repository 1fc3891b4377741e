package report

import (
	"bytes"
	"slices"
	"testing"
)

func TestListCell(t *testing.T) {
	for _, tt := range []struct {
		cell  string
		uuids []string
		known bool
	}{
		{"", nil, false},
		{"#CLEAR", []string{}, true},
		{"a", []string{"a"}, true},
		{"a;b", []string{"a", "b"}, true},
	} {
		uuids, known := SplitList(tt.cell)
		if !slices.Equal(uuids, tt.uuids) || (uuids == nil) != (tt.uuids == nil) || known != tt.known {
			t.Errorf("SplitList(%q) = %#v, %t, want %#v, %t", tt.cell, uuids, known, tt.uuids, tt.known)
		}
		if got := JoinList(tt.uuids); tt.known && got != tt.cell {
			t.Errorf("JoinList(%#v) = %q, want %q", tt.uuids, got, tt.cell)
		}
	}
	if got := JoinList(nil); got != EmptyList {
		t.Errorf("JoinList(nil) = %q, want %q", got, EmptyList)
	}
}

// TestUnknownListIsNotEmpty holds that a plan keeps a list that the server did not show apart from an empty one.
func TestUnknownListIsNotEmpty(t *testing.T) {
	var plan bytes.Buffer
	w := NewWriter(&plan)
	want := []Row{
		{Line: 2, Status: Planned},
		{Line: 3, Status: Planned, AccountUUIDsBefore: JoinList(nil), PrimaryAccountUUIDsBefore: JoinList(nil)},
	}
	if err := w.WriteHeader(); err != nil {
		t.Fatal(err)
	}
	for _, row := range want {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	r, err := NewReader(&plan)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		row, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		_, owners := SplitList(row.AccountUUIDsBefore)
		_, primary := SplitList(row.PrimaryAccountUUIDsBefore)
		if shown := i == 1; owners != shown || primary != shown {
			t.Errorf("line %d: owners known %t, primary accounts known %t, want %t", row.Line, owners, primary, shown)
		}
	}
}
