package page

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"iter"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"csvput/report"
	"csvput/report/code"
)

// pageOf is the page as text.
func pageOf(t testing.TB, s report.Summary, rows func() iter.Seq2[report.Row, error], b bounds) string {
	t.Helper()
	var out strings.Builder
	if err := write(&out, s, rows(), b); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// write makes a page of rows.
func write(w io.Writer, s report.Summary, rows iter.Seq2[report.Row, error], b bounds) error {
	p, err := begin(w, s.StartedAt, b)
	if err != nil {
		return err
	}
	for row := range rows {
		if err := p.Add(row); err != nil {
			return err
		}
	}
	return p.end(s)
}

// all are bounds that leave no row out.
var all = bounds{lines: 1_000_000, rows: 1_000_000}

func seq(rows ...report.Row) func() iter.Seq2[report.Row, error] {
	return func() iter.Seq2[report.Row, error] {
		return func(yield func(report.Row, error) bool) {
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// between returns the texts between two marks.
func between(s, from, to string) []string {
	var out []string
	for {
		_, rest, found := strings.Cut(s, from)
		if !found {
			return out
		}
		text, rest, _ := strings.Cut(rest, to)
		out = append(out, text)
		s = rest
	}
}

const rowsOpen = `<script type="application/json" class="rows">`

// unpack reads the rows of a page as page.js does. Of the columns that pack leaves out when they do not
// change, it gives back the blank.
func unpack(t testing.TB, page string, base int64) []report.Row {
	t.Helper()
	var rows []report.Row
	seen := []string{""}
	for _, block := range between(page, rowsOpen, "</script>") {
		var packed [][]any
		if err := json.Unmarshal([]byte(block), &packed); err != nil {
			t.Fatalf("a block of rows is no JSON: %v", err)
		}
		for _, cells := range packed {
			rows = append(rows, unpackRow(cells, &seen, base))
		}
	}
	return rows
}

func unpackRow(cells []any, seen *[]string, base int64) report.Row {
	cells = append(cells, make([]any, 21-len(cells))...)
	number := func(i int) int64 {
		n, _ := cells[i].(float64)
		return int64(n)
	}
	text := func(i int) string {
		s, _ := cells[i].(string)
		return s
	}
	shared := func(i int) string {
		s, ok := cells[i].(string)
		if !ok {
			return (*seen)[number(i)]
		}
		if len(*seen) < maxShared {
			*seen = append(*seen, s)
		}
		return s
	}
	id := text(3)
	if rest, ok := strings.CutPrefix(id, "="); ok {
		id = rest
	} else {
		id = id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
	}
	r := report.Row{Line: int(number(0)), Status: report.Status(shared(1)), Code: code.Code(shared(2)), ID: id, Type: shared(4), Country: shared(5),
		NameBefore: shared(6), Name: shared(7), ValueBefore: text(8), Value: text(9), National: text(10), Message: shared(11),
		HTTPStatus: int(number(12)), Attempts: int(number(13)), MS: number(14),
		AccountUUIDsBefore: shared(16), AccountUUIDs: shared(17), PrimaryAccountUUIDsBefore: shared(18), PrimaryAccountUUIDs: shared(19), MatchedBy: shared(20)}
	if at := number(15); at != 0 {
		r.At = time.Unix(base+at, 0).UTC().Format(time.RFC3339)
	}
	return r
}

// asPacked is what of a row comes back.
func asPacked(r report.Row) report.Row {
	r.Name, r.Value = changed(r.NameBefore, r.Name), changed(r.ValueBefore, r.Value)
	r.AccountUUIDs = changedList(r.AccountUUIDsBefore, r.AccountUUIDs)
	r.PrimaryAccountUUIDs = changedList(r.PrimaryAccountUUIDsBefore, r.PrimaryAccountUUIDs)
	if r.AccountUUIDs == "" {
		r.AccountUUIDsBefore = ""
	}
	if r.PrimaryAccountUUIDs == "" {
		r.PrimaryAccountUUIDsBefore = ""
	}
	for _, s := range []*string{&r.Name, &r.NameBefore} {
		*s = strings.ToValidUTF8(*s, "\ufffd")
	}
	return r
}

func TestPageHoldsEveryRow(t *testing.T) {
	rows := sampleRows(12_000) // three blocks
	s := sampleSummary(rows())
	got := unpack(t, pageOf(t, s, rows, all), clockBase(s.StartedAt))
	if len(got) != s.Rows {
		t.Fatalf("the page holds %d rows, want %d", len(got), s.Rows)
	}
	i := 0
	for row := range rows() {
		if want := asPacked(row); got[i] != want {
			t.Fatalf("row %d = %+v\nwant %+v", i, got[i], want)
		}
		i++
	}
}

func TestPageSaysTheCounts(t *testing.T) {
	rows := sampleRows(5_000)
	s := sampleSummary(rows())
	page := pageOf(t, s, rows, all)
	legend := between(page, `<ul class="legend">`, "</ul>")[0]
	for status, n := range s.Statuses {
		want := fmt.Sprintf(`<b>%s</b> <span class="label">%s</span>`, report.Thousands(n), status.Label())
		if n > 0 && !strings.Contains(legend, want) {
			t.Errorf("the legend lacks %q", want)
		}
	}
	for found, n := range s.Codes {
		want := fmt.Sprintf(`<option value="%s">%[1]s (%s)</option>`, found, report.Thousands(n))
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
		info, _ := found.Info()
		if info.Kind == code.KindProblem && !strings.Contains(page, escaped(info.Hint)) {
			t.Errorf("the page lacks the hint of %s", found)
		}
	}
	if n := strings.Count(between(page, `<section class="static"`, "</section>")[0], "<tr class="); n != s.Problems() {
		t.Errorf("%d rows are printed, want all %d problems", n, s.Problems())
	}
}

// escaped is a text as html/template writes it.
func escaped(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "+", "&#43;").Replace(s)
}

func TestPageEscapes(t *testing.T) {
	for _, bad := range hostile() {
		row := report.Row{Line: 2, ID: bad, Status: report.Rejected, Code: code.Code(bad), Message: bad, Type: bad, NameBefore: bad, Name: "x" + bad,
			ValueBefore: bad, Value: "x" + bad, Country: bad, National: bad, AccountUUIDs: bad, PrimaryAccountUUIDs: bad, At: bad}
		s := sampleSummary(seq(row)())
		s.Input.Name, s.Account.Name, s.Firm.Name, s.BaseURL, s.RunID, s.Command = bad, bad, bad, bad, bad, bad
		s.Settings, s.Files, s.Next = map[string]string{bad: bad}, map[string]string{"plan": bad}, []string{"csvput " + bad}
		s.State, s.Stop = report.StateStopped, &report.Stop{Code: code.Code(bad), Message: bad}
		s.Timeline.Waits[0].Reason = bad
		page := pageOf(t, s, seq(row), all)
		for mark, want := range map[string]int{"<script": 3, "</script>": 3, "<img": 0, "<b>&": 0, "onerror=alert(1)>": 0, "<style": 1} {
			if n := strings.Count(page, mark); n != want {
				t.Errorf("%q: %q occurs %d times, want %d", bad, mark, n, want)
			}
		}
		for _, data := range between(page, `<script type="application/json"`, "</script>") {
			_, data, _ = strings.Cut(data, ">")
			if i := strings.IndexAny(data, "<>&\u2028\u2029"); i >= 0 {
				t.Errorf("%q: %q stands unescaped in the data", bad, data[i:i+1])
			}
			if !json.Valid([]byte(data)) {
				t.Errorf("%q: invalid JSON: %s", bad, data)
			}
		}
	}
}

func FuzzPack(f *testing.F) {
	for _, bad := range hostile() {
		f.Add(3, bad, bad, bad, "2026-11-23T14:05:10Z")
	}
	f.Add(1, "9b2c9a1b-9713-5c77-90e9-fdd59e305ea2", "a", "b", "")
	f.Add(1, "\xc2", "\x80", "a", "") // valid only together
	f.Fuzz(func(t *testing.T, line int, id, before, after, at string) {
		row := report.Row{Line: line, ID: id, Status: report.Updated, Message: after, NameBefore: before, Name: after, ValueBefore: before, Value: after,
			AccountUUIDsBefore: before, AccountUUIDs: after, At: at}
		var b strings.Builder
		out := bufio.NewWriter(&b)
		p := newPacker(out, sampleStart())
		err := errors.Join(p.write(row), p.write(row))
		p.end()
		if err = errors.Join(err, out.Flush()); err != nil {
			t.Fatal(err)
		}
		got := unpack(t, b.String(), clockBase(sampleStart()))
		if len(got) != 2 || got[0] != got[1] {
			t.Fatalf("the same row twice came back as %+v", got)
		}
		if utf8.ValidString(id) && utf8.ValidString(before) && utf8.ValidString(after) && line > -1<<53 && line < 1<<53 {
			want := asPacked(row)
			want.At = got[0].At
			if got[0] != want {
				t.Errorf("got %+v\nwant %+v", got[0], want)
			}
		}
		if strings.ContainsAny(strings.NewReplacer(rowsOpen, "", "</script>", "").Replace(b.String()), "<>&\u2028\u2029") {
			t.Errorf("something stands unescaped in %s", b.String())
		}
	})
}

// TestPagePolicy holds that the policy allows the page's own style and script by their hashes, and that
// nothing else could load.
func TestPagePolicy(t *testing.T) {
	rows := seq(report.Row{Line: 2, Status: report.Updated}, report.Row{Line: 3, Status: report.Failed, Code: code.Network})
	page := pageOf(t, sampleSummary(rows()), rows, all)
	policy := html.UnescapeString(between(page, `http-equiv="Content-Security-Policy" content="`, `"`)[0])
	want := "default-src 'none'; script-src " + cspHash(between(page, "<script>", "</script>")[0]) +
		"; style-src " + cspHash(between(page, "<style>", "</style>")[0]) + "; base-uri 'none'; form-action 'none'"
	if policy != want {
		t.Errorf("policy = %s\nwant %s", policy, want)
	}
	for _, attribute := range []string{" src=", " srcset=", " style=", " onclick=", "@import", "<link", "<iframe", "<form", "http://"} {
		if strings.Contains(page, attribute) {
			t.Errorf("the page has %q", attribute)
		}
	}
	if strings.Count(page, "https://") != 1 { // the CRM's address, as text
		t.Errorf("the page has %d addresses, want 1", strings.Count(page, "https://"))
	}
	for _, address := range regexp.MustCompile(`url\([^#]`).FindAllString(page, -1) {
		t.Errorf("the style loads %q", address)
	}
}

func TestPageLeavesOutWhatABrowserCannotHold(t *testing.T) {
	rows := sampleRows(3_000)
	s := sampleSummary(rows())
	page := pageOf(t, s, rows, bounds{lines: 500, rows: 2_000})
	got := unpack(t, page, clockBase(s.StartedAt))
	if want := fmt.Sprintf("The table holds %s of 3,000 rows", report.Thousands(len(got))); !strings.Contains(page, want) {
		t.Errorf("the page does not say %q", want)
	}
	problems := 0
	for _, row := range got {
		if row.Status.Problem() {
			problems++
		} else if row.Line > 500 {
			t.Errorf("line %d is %s, and there", row.Line, row.Status)
		}
	}
	if len(got) < 500 || len(got) > 1_000 || problems != s.Problems() {
		t.Errorf("%d rows with %d problems, want all %d", len(got), problems, s.Problems())
	}
	if !slices.IsSortedFunc(got, func(a, b report.Row) int { return a.Line - b.Line }) {
		t.Error("the rows are not in their order")
	}
	if few := unpack(t, pageOf(t, s, rows, bounds{rows: 20}), clockBase(s.StartedAt)); len(few) != 20 {
		t.Errorf("%d rows, want 20", len(few))
	}
}

// probe counts what is written and looks at the heap once in a while.
type probe struct {
	written int64
	most    uint64
	next    int64
}

func (p *probe) Write(b []byte) (int, error) {
	if p.written += int64(len(b)); p.written >= p.next {
		p.next += 2 << 20
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		p.most = max(p.most, m.HeapAlloc)
	}
	return len(b), nil
}

func TestLargePage(t *testing.T) {
	rows := sampleRows(100_000)
	s := sampleSummary(rows())
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	p := &probe{}
	if err := write(p, s, rows(), all); err != nil {
		t.Fatal(err)
	}
	grown := int64(p.most) - int64(before.HeapAlloc)
	t.Logf("%d bytes, %d bytes of heap", p.written, grown)
	if p.written > 30e6 {
		t.Errorf("the page of 100,000 rows has %d bytes, want at most 30 MB", p.written)
	}
	if grown > 16<<20 {
		t.Errorf("writing it took %d bytes of heap", grown)
	}
}

type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestPageErrors(t *testing.T) {
	for _, room := range []int{0, 1 << 16, 400_000} {
		if err := write(&full{room}, report.Summary{}, sampleRows(5_000)(), all); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("a disk with room for %d bytes: %v, want %v", room, err, io.ErrShortWrite)
		}
	}
}

// TestPageOfEveryKindOfRun holds what the page says first and proposes next, for every way a run can end.
func TestPageOfEveryKindOfRun(t *testing.T) {
	row := func(line int, status report.Status, code code.Code) report.Row {
		return report.Row{Line: line, Status: status, Code: code}
	}
	tests := []struct {
		name    string
		summary report.Summary
		rows    []report.Row
		want    []string
		not     []string
	}{
		{"nothing known", report.Summary{}, nil,
			[]string{"There were no rows", "tone-quiet", "Nothing to do."}, []string{`id="all-rows"`, `id="problems"`, `id="timeline"`, `id="countries"`}},
		{"check, all well", report.Summary{Command: "check", State: report.StateChecked, Next: []string{"csvput plan a.csv"}}, []report.Row{row(2, report.Valid, "")},
			[]string{"tone-good", "Nothing was sent: a check reads only the file.", "See what would change in the CRM:", "csvput plan a.csv"}, []string{`id="problems"`}},
		{"check, a problem", report.Summary{Command: "check", State: report.StateChecked}, []report.Row{row(2, report.Valid, ""), row(3, report.Invalid, code.TooShort)},
			[]string{"tone-look", `id="problems"`, "correct them there and run that file"}, nil},
		{"plan", report.Summary{Command: "plan", State: report.StatePlanned, Requests: report.Requests{PutPlanned: 1}, Next: []string{"go run . apply dir"}}, []report.Row{row(2, report.Planned, "")},
			[]string{"tone-quiet", "Nothing has been sent yet. Carrying out the plan takes 1 request.", "Carry out the plan:"}, nil},
		{"finished", report.Summary{Command: "run", State: report.StateFinished, Next: []string{"csvput undo dir"}}, []report.Row{row(2, report.Updated, code.RepairedFloat)},
			[]string{"tone-good", "put the old values back:", `id="notes"`, "Remarks on 1 row that is fine"}, []string{`id="problems"`}},
		{"stopped", report.Summary{State: report.StateStopped, Stop: &report.Stop{Code: code.Network, Message: "The network went away.", Resumable: true}, Next: []string{"csvput apply dir"}},
			[]report.Row{row(2, report.NotAttempted, code.Stopped)},
			[]string{"tone-stop", "The network went away. It can go on where it stopped", "Go on where the run stopped:"}, nil},
		{"stopped for an unknown reason", report.Summary{State: report.StateStopped}, []report.Row{row(2, report.NotAttempted, "later_code"), row(3, report.Failed, "")},
			[]string{"Rows with the code later_code.", "Rows without a code."}, nil},
		{"rehearsal", report.Summary{Sandbox: "state.jsonl", State: report.StateFinished}, []report.Row{row(2, report.Updated, "")},
			[]string{"Nothing in the CRM was touched."}, nil},
		{"a taken file name", report.Summary{Files: map[string]string{"report": "report (2).csv", "page": report.PageName}}, []report.Row{row(2, report.Updated, "")},
			[]string{`<a href="report%20%282%29.csv">report (2).csv</a>`}, []string{"report.html</a>"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			page := pageOf(t, tt.summary, seq(tt.rows...), all)
			_, page, _ = strings.Cut(page, "<body>")
			for _, want := range tt.want {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %q", want)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(page, not) {
					t.Errorf("the page has %q", not)
				}
			}
		})
	}
}
