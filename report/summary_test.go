package report

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"csvput/report/code"
)

// stoppedRun is the summary of a run with something in every field.
func stoppedRun() Summary {
	start := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	s := Summary{
		RunID: "contacts-20260102T150405Z", Command: "run", State: StateStopped,
		Stop: &Stop{code.Unauthenticated, "The CRM did not accept the token.", true, "unused_countries", 1, "Land"}, ExitCode: 12,
		Input:   Input{Name: "contacts.csv", Path: "/home/ada/contacts.csv", SHA256: "ab12", Bytes: 4321, Encoding: "UTF-8", Delimiter: ",", Rows: 3, Blank: 1, UnusedColumns: []string{"Notes"}},
		Account: Account{"9fddf204-6ed4-5596-8b8a-257554a08e41", "Alice <Admin>"}, Firm: Firm{"Acme & Co"},
		BaseURL: "https://api.plannrcrm.com", Sandbox: "sandbox.jsonl",
		Requests:  Requests{Logins: 1, List: 2, Put: 3, Attempts: 8, Retries: 2, Throttled: 1, WaitedMS: 1500, ListPlanned: 2, PutPlanned: 3, QuotaLimit: 500, QuotaRemaining: 492},
		StartedAt: start, FinishedAt: start.Add(2500 * time.Millisecond).In(time.FixedZone("", 3600)), DurationMS: 2500,
		Versions: Versions{"v1.2.3", "go1.26.0", "v2.0.7"}, Settings: map[string]string{"country": "GB"}, UndoOf: "before",
		Next: []string{"csvput apply contacts-20260102T150405Z"}, Files: map[string]string{ReportName: "report (2).csv"},
		Timeline: Timeline{From: start, BucketMS: 1000, Buckets: []Bucket{{Sent: 2, Failed: 1, Throttled: 1}}, Waits: []Wait{{start, start.Add(time.Second), "quota"}}},
	}
	s.Add(Row{Status: Updated, Country: "GB"})
	s.Add(Row{Status: Invalid, Code: code.TooShort, Country: "GB"})
	s.Add(Row{Status: NotAttempted, Code: code.Stopped})
	return s
}

func TestSummaryRoundTrip(t *testing.T) {
	for _, s := range []Summary{stoppedRun(), {}} {
		f := folderWith(t, nil)
		if err := f.WriteSummary(s); err != nil {
			t.Fatal(err)
		}
		wantFiles(t, f, SummaryName)
		wantMode(t, f.Path(SummaryName), 0o600)
		got, err := f.ReadSummary()
		if err != nil {
			t.Fatal(err)
		}
		if want := s.normal(); !reflect.DeepEqual(got, want) {
			t.Errorf("got\n%#v\nwant\n%#v", got, want)
		}
		var again bytes.Buffer
		if err := got.Encode(&again); err != nil || again.String() != string(contents(t, f, SummaryName)) {
			t.Errorf("%v; encoded again it is\n%s", err, again.String())
		}
	}
}

func TestSummaryJSON(t *testing.T) {
	var b bytes.Buffer
	if err := stoppedRun().Encode(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"{\n  \"schema\": 1,\n  \"run_id\": \"contacts-20260102T150405Z\",\n  \"folder\": \"\",\n",
		`"name": "Alice <Admin>"`, `"name": "Acme & Co"`,
		`"conflict": 0,`, `"updated": 1,`,
		`"finished_at": "2026-01-02T15:04:07.5Z"`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
	b.Reset()
	if err := (Summary{}).Encode(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"stop": null`, `"next": []`, `"codes": {}`, `"buckets": []`, `"waits": []`, `"settings": {}`, `"files": {}`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "started_at") || strings.Contains(b.String(), "0001-01-01") {
		t.Errorf("a time that is not known is there:\n%s", b.String())
	}
}

// The documentation names every field of the schema, at its depth.
func TestSummaryCheck(t *testing.T) {
	s := stoppedRun()
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	s.Rows++
	if err := s.Check(); err == nil || err.Error() != "the report accounts for 3 rows, and the input has 4" {
		t.Errorf("got %v", err)
	}
	s.Add(Row{Status: "odd"})
	if err := s.Check(); err == nil || !strings.Contains(err.Error(), `"odd"`) {
		t.Errorf("got %v", err)
	}
}

func TestReadSummaryErrors(t *testing.T) {
	f := folderWith(t, nil)
	if _, err := f.ReadSummary(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	for data, says := range map[string]string{
		"":             "not a summary",
		"[]":           "not a summary",
		`{"schema":2}`: "schema 2, and this csvput reads schema 1",
		`{}`:           "schema 0",
	} {
		if err := os.WriteFile(f.Path(SummaryName), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := f.ReadSummary(); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), f.Path(SummaryName)) {
			t.Errorf("%q: %v", data, err)
		}
	}
}

func TestHeadline(t *testing.T) {
	for _, tt := range []struct {
		s    Summary
		want string
	}{
		{Summary{}, "There were no rows."},
		{Summary{Counts: Counts{Rows: 1, Statuses: map[Status]int{Updated: 1}}}, "1 row updated."},
		{Summary{Counts: Counts{Rows: 40, Statuses: map[Status]int{Updated: 40}}}, "All 40 rows updated."},
		{Summary{Counts: Counts{Rows: 12345, Statuses: map[Status]int{Unchanged: 12345}}}, "All 12,345 rows already right."},
		{Summary{Counts: Counts{Rows: 40, Statuses: map[Status]int{Updated: 38, Invalid: 2}, Codes: map[code.Code]int{code.TooShort: 1, code.Extension: 1, code.RepairedFloat: 7}}},
			"38 of 40 rows updated, 2 refused by csvput: 1 too short, 1 extension."},
		{Summary{Counts: Counts{Rows: 40, Statuses: map[Status]int{Updated: 1, Rejected: 39}, Codes: map[code.Code]int{code.NotFound: 30, code.Forbidden: 2, code.Unprocessable: 6, code.TooLarge: 1}}},
			"1 of 40 rows updated, 39 refused by the CRM: 30 not found, 6 unprocessable, 2 forbidden, and other reasons."},
		{Summary{Command: "check", State: StateChecked, Counts: Counts{Rows: 40, Statuses: map[Status]int{Valid: 39, Invalid: 1}, Codes: map[code.Code]int{code.NotANumber: 1}}},
			"39 of 40 rows in order, 1 to be corrected: 1 not a number."},
		{Summary{Command: "check", State: StateChecked, Counts: Counts{Rows: 2, Statuses: map[Status]int{Invalid: 2}, Codes: map[code.Code]int{code.InvalidID: 2}}},
			"All 2 rows to be corrected: 2 invalid id."},
		{Summary{Command: "plan", State: StatePlanned, Counts: Counts{Rows: 40, Statuses: map[Status]int{Planned: 12, Unchanged: 28}}}, "12 of 40 rows to be changed, 28 already right."},
		{Summary{Command: "apply", UndoOf: "contacts", Counts: Counts{Rows: 3, Statuses: map[Status]int{Updated: 2, Conflict: 1}, Codes: map[code.Code]int{code.ChangedSince: 1}}},
			"2 of 3 rows put back, 1 changed by somebody else and left alone: 1 changed since."},
		{Summary{Command: "apply", UndoOf: "contacts", Counts: Counts{Rows: 3, Statuses: map[Status]int{Planned: 3}}}, "All 3 rows to be put back."},
		{Summary{State: StateStopped, Counts: Counts{Rows: 400, Statuses: map[Status]int{Updated: 120, Unknown: 4, NotAttempted: 276}, Codes: map[code.Code]int{code.Stopped: 276, code.Timeout: 4}}},
			"Stopped early. 120 of 400 rows updated, 4 with an unknown outcome, 276 not attempted: 4 timeout."},
		{Summary{State: StateStopped, Counts: Counts{Rows: 400}}, "Stopped early. 0 of 400 rows done."},
	} {
		if got := tt.s.Headline(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 100000: "100,000", 1234567: "1,234,567", -12: "-12", -123: "-123", -1234: "-1,234"} {
		if got := Thousands(n); got != want {
			t.Errorf("Thousands(%d) = %s", n, got)
		}
	}
	if got := Plural(1, "request") + ", " + Plural(0, "request") + ", " + Plural(2000, "request"); got != "1 request, 0 requests, 2,000 requests" {
		t.Error(got)
	}
}

func TestWritePrometheus(t *testing.T) {
	s := stoppedRun()
	s.RunID = "a\"b\\c\nd"
	var b strings.Builder
	if err := s.WritePrometheus(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		`csvput_run_info{run_id="a\"b\\c\nd",command="run",state="stopped",version="v1.2.3"} 1`,
		`csvput_rows{status="updated"} 1`, `csvput_rows{status="conflict"} 0`, `csvput_row_codes{code="too_short"} 1`,
		`csvput_requests{kind="put"} 3`, `csvput_request_attempts 8`, `csvput_quota_wait_seconds 1.5`, `csvput_duration_seconds 2.5`,
		`csvput_exit_code 12`, `csvput_resumable 1`, `csvput_last_run_timestamp_seconds 1767366247.5`,
	} {
		if !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	// The grammar of https://prometheus.io/docs/instrumenting/exposition_formats/: a family's HELP, TYPE and samples
	// stand together, and no series comes twice.
	sample := regexp.MustCompile(`^([a-z_]+)(\{[a-z_]+="([^"\\]|\\.)*"(,[a-z_]+="([^"\\]|\\.)*")*\})? [0-9.]+$`)
	seen, families, family := map[string]bool{}, map[string]bool{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "# HELP "); ok {
			family, _, _ = strings.Cut(name, " ")
			if families[family] {
				t.Errorf("%s comes twice", family)
			}
			families[family] = true
			continue
		}
		if line == "# TYPE "+family+" gauge" {
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil || m[1] != family {
			t.Errorf("wrong line %q in family %s", line, family)
			continue
		}
		series := line[:strings.LastIndex(line, " ")]
		if seen[series] {
			t.Errorf("%s comes twice", series)
		}
		seen[series] = true
	}
	b.Reset()
	if err := (Summary{}).WritePrometheus(&b); err != nil || strings.Contains(b.String(), "csvput_last_run_timestamp_seconds") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

func ExampleSummary_Headline() {
	var s Summary
	for range 38 {
		s.Add(Row{Status: Updated})
	}
	s.Add(Row{Status: Invalid, Code: code.TooShort})
	s.Add(Row{Status: Rejected, Code: code.NotFound})
	fmt.Println(s.Headline())
	// Output: 38 of 40 rows updated, 1 refused by csvput, 1 refused by the CRM: 1 too short, 1 not found.
}
