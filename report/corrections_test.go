package report

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestCorrections appends and reads back, and cuts off what a kill leaves at whatever byte it comes.
func TestCorrections(t *testing.T) {
	folder, err := Create(t.TempDir(), "contacts.csv", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if all, err := folder.Corrections(); all != nil || err != nil {
		t.Fatalf("of none: %v %v", all, err)
	}
	want := []Correction{
		{2, "value", "020 7946 0958", "+442079460958"},
		{3, "name", "a \"b\"\r\nc", "=1+1\n\nx"},
		{3, "csvput_skip", "", "yes"},
		{9, "value", "\xff\x00", ""},
	}
	if err := folder.Correct(want[:2]...); err != nil {
		t.Fatal(err)
	}
	if err := folder.Correct(want[2:]...); err != nil {
		t.Fatal(err)
	}
	if all, err := folder.Corrections(); err != nil || !reflect.DeepEqual(all, want) {
		t.Fatalf("read back: %v %v", all, err)
	}

	path := folder.Path(CorrectionsName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(whole), ",=") {
		t.Errorf("a cell could run as a formula: %q", whole)
	}
	more := Correction{10, "country", "", "DE"}
	for n := range whole {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		all, err := folder.Corrections()
		if err != nil || !slices.Equal(all, want[:len(all)]) {
			t.Errorf("cut at %d: %v %v", n, all, err)
			continue
		}
		if err := folder.Correct(more); err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if again, err := folder.Corrections(); err != nil || !slices.Equal(again, append(slices.Clone(all), more)) {
			t.Errorf("cut at %d and appended to: %v %v", n, again, err)
		}
	}
}

// TestDamagedCorrections says of any other damage that it is there.
func TestDamagedCorrections(t *testing.T) {
	folder, err := Create(t.TempDir(), "contacts.csv", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"hello\n",
		"line,column,before,after\nx,value,a,b\n",
		"line,column,before,after\n2,value,a\n",
		"line,column,before,after\n2,value,\"a\n3,value,a,b\n",
		"line,column,before,after\n2,value\x00\x00\n3,value,a,b\n",
	} {
		if err := os.WriteFile(folder.Path(CorrectionsName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if all, err := folder.Corrections(); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%q: read %v, %v", text, all, err)
		}
		if err := folder.Correct(Correction{4, "value", "", "x"}); err == nil {
			t.Errorf("%q: appended to", text)
		}
	}
}
