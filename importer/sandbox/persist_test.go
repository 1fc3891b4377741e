package sandbox

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// persisted is a seeded server whose state is kept in a new file.
func persisted(t *testing.T) (s *Server, path string) {
	t.Helper()
	s, path = seeded(t, Config{}), filepath.Join(t.TempDir(), "sandbox.jsonl")
	keep(t, s, path)
	return s, path
}

func keep(t *testing.T, s *Server, path string) {
	t.Helper()
	c, err := s.Persist(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}

func rename(t *testing.T, s *Server, n int, name string) {
	t.Helper()
	if res, body := do(t, s, "PUT", pathTo(n), renamed(s, RecordUUID(n), name)); res.StatusCode != 200 {
		t.Fatalf("%d %s", res.StatusCode, body)
	}
}

func TestPersist(t *testing.T) {
	s, path := persisted(t)
	rename(t, s, 1, "Eins")
	if err := s.EnsureClients(ClientUUID(77)); err != nil {
		t.Fatal(err)
	}
	if err := s.Seed(Record{UUID: RecordUUID(77), Name: "Later", Value: "late@example.com", AccountUUIDs: []string{ClientUUID(77)}}); err != nil {
		t.Fatal(err)
	}
	rename(t, s, 77, "Latest")

	next := New(Config{}) // as after a kill: the first one never closed its file
	keep(t, next, path)
	if got, want := next.Records(), s.Records(); !reflect.DeepEqual(got, want) {
		t.Errorf("after a kill\n%v\nwant\n%v", got, want)
	}
	rename(t, next, 2, "Zwei")
	third := New(Config{})
	keep(t, third, path)
	for n, want := range map[int]string{1: "Eins", 2: "Zwei", 77: "Latest"} {
		if r, _ := third.Record(RecordUUID(n)); r.Name != want {
			t.Errorf("record %d is called %q, want %q", n, r.Name, want)
		}
	}
	if !reflect.DeepEqual(third.store.accounts, s.store.accounts) {
		t.Errorf("accounts %+v", third.store.accounts)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("mode %v", info.Mode())
	}
	if b, _ := os.ReadFile(path); bytes.Contains(b, []byte(`"`+DefaultToken+`"`)) {
		t.Error("the token is in the file")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// However much of the last line a kill left, the file loads: with the change only if its line is whole.
func TestPersistTornTail(t *testing.T) {
	s, path := persisted(t)
	before := s.Records()
	size := fileSize(t, path)
	rename(t, s, 5, "Torn")
	after := s.Records()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := size; cut <= len(whole); cut += max(1, min(13, len(whole)-cut-3)) { // the last ones one by one
		if err := os.WriteFile(path+".cut", whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		torn, want := New(Config{}), before
		if cut == len(whole) {
			want = after
		}
		c, err := torn.Persist(path + ".cut")
		if err != nil {
			t.Fatalf("cut at %d of %d: %v", cut, len(whole), err)
		}
		if got := torn.Records(); !reflect.DeepEqual(got, want) {
			t.Fatalf("cut at %d of %d:\n%v\nwant\n%v", cut, len(whole), got, want)
		}
		rename(t, torn, 6, "After the tear") // must not be glued to the torn line
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		again := New(Config{})
		keep(t, again, path+".cut")
		if r, _ := again.Record(RecordUUID(6)); r.Name != "After the tear" {
			t.Fatalf("cut at %d of %d: what was written after it is lost", cut, len(whole))
		}
	}
}

func fileSize(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Size())
}

// What cannot be kept is not done: the PUT answers 500 and the record stays.
func TestPersistFullDisk(t *testing.T) {
	s := seeded(t, Config{})
	file, err := s.Persist(filepath.Join(t.TempDir(), "sandbox.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	res, _ := do(t, s, "PUT", pathTo(1), renamed(s, RecordUUID(1), "Lost"))
	if r, _ := s.Record(RecordUUID(1)); res.StatusCode != 500 || r.Name == "Lost" || s.Requests()[0].Applied {
		t.Errorf("status %d, record %q, applied %v", res.StatusCode, r.Name, s.Requests()[0].Applied)
	}
	if err := s.Seed(DefaultSeed()[0]); err == nil {
		t.Error("seeding reported no error")
	}
}

// A file that is not the state of a sandbox is refused, and changes neither the server nor itself.
func TestPersistForeign(t *testing.T) {
	s, path := persisted(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := seeded(t, Config{})
	rename(t, other, 3, "Drei")
	before := other.Records()
	for name, bad := range map[string]struct{ text, want string }{
		"empty":         {"", "no lines"},
		"a CSV":         {"id,name\n1,2\n", "line 1"},
		"other JSON":    {"{}\n", "line 1"},
		"newer":         {`{"csvput_sandbox":99}` + "\n", "format 99"},
		"broken inside": {strings.Replace(string(whole), `{"record"`, `{"rec`, 1), "is not the state of a sandbox"},
	} {
		file := filepath.Join(t.TempDir(), "state")
		if err := os.WriteFile(file, []byte(bad.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := other.Persist(file); err == nil || !strings.Contains(err.Error(), bad.want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: error %v, want one with %q", name, err, bad.want)
		}
		if b, _ := os.ReadFile(file); string(b) != bad.text {
			t.Errorf("%s: the file is now %q", name, b)
		}
	}
	if !reflect.DeepEqual(other.Records(), before) || reflect.DeepEqual(before, s.Records()) {
		t.Error("a file that was refused changed the state")
	}
}

func TestPersistRefuses(t *testing.T) {
	s, path := persisted(t)
	if _, err := s.Persist(path + "2"); err == nil {
		t.Error("two files at once")
	}
	if _, err := New(Config{}).Persist(t.TempDir()); err == nil {
		t.Error("a directory")
	}
}

func BenchmarkPersistedPut(b *testing.B) {
	s := seeded(b, Config{Throttle: -1, NoLog: true})
	c, err := s.Persist(filepath.Join(b.TempDir(), "state"))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for n := 0; b.Loop(); n++ {
		do(b, s, "PUT", pathTo(2), renamed(s, RecordUUID(2), fmt.Sprint(n)))
	}
}

func BenchmarkPut(b *testing.B) {
	s := seeded(b, Config{Throttle: -1, NoLog: true})
	for n := 0; b.Loop(); n++ {
		do(b, s, "PUT", pathTo(2), renamed(s, RecordUUID(2), fmt.Sprint(n)))
	}
}

func BenchmarkListPage(b *testing.B) {
	s := New(Config{Throttle: -1, NoLog: true})
	records := make([]Record, 10_000)
	for i := range records {
		records[i] = Record{UUID: RecordUUID(i), Value: oldPhone(uint32(i % 1000)), Country: "GB", AccountUUIDs: []string{ClientUUID(1)}}
	}
	if err := s.Seed(records...); err != nil {
		b.Fatal(err)
	}
	ids := make([]string, 200)
	for i := range ids {
		ids[i] = RecordUUID(i * 50)
	}
	for b.Loop() {
		do(b, s, "GET", list+"?per_page=500&include=accounts,primary_accounts&filter[uuid]="+strings.Join(ids, ","), "")
	}
}
