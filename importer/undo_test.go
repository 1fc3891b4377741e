package importer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

// planUndo plans the undo of a run into a new folder.
func planUndo(t testing.TB, from *report.Folder, c *crm.Client) *report.Folder {
	t.Helper()
	to := newFolder(t)
	if _, err := on(to, c, quiet{}).Undo(t.Context(), from, nil); err != nil {
		t.Fatal(err)
	}
	return to
}

// undo takes a run back and returns the report of that.
func undo(t testing.TB, from *report.Folder, c *crm.Client) map[int]report.Row {
	t.Helper()
	to := planUndo(t, from, c)
	apply(t, to, c, importer.ApplyOptions{JustMade: true})
	rows, _ := finish(t, to, nil)
	return rows
}

// changes wishes for something else in every record that the default login sees.
func changes(s *sandbox.Server) []byte {
	cells := [][]string{{"id", "name", "value", "country", "account_uuids", "primary_account_uuids"}}
	for i, r := range s.Records() {
		if r.FirmUUID != sandbox.DefaultFirm().UUID {
			continue
		}
		row := []string{r.UUID, fmt.Sprintf("New name %d", i), "", "", "", ""}
		switch {
		case r.Type == sandbox.TypeEmail:
			row[2] = fmt.Sprintf("new.%d@example.org", i)
		case r.Country == "GB":
			row[2], row[3] = "030 123456", "DE"
		default:
			row[2] = fmt.Sprintf("07400 %06d", i)
		}
		switch i % 4 {
		case 0:
			row[4] = sandbox.ClientUUID(8) + ";" + sandbox.ClientUUID(9)
		case 1:
			row[5] = sandbox.ClientUUID(10)
		case 2:
			row[5] = "#CLEAR"
		case 3:
			row[1] = ""
		}
		cells = append(cells, row)
	}
	return table(cells...)
}

// Undo puts every kind of record back as it was, to the byte; undoing that makes it again what the run made of it.
func TestUndo(t *testing.T) {
	for _, lenient := range []bool{false, true} {
		s := sandbox.New(sandbox.Config{Throttle: -1, Lenient: lenient})
		if err := s.Seed(sandbox.DefaultSeed()...); err != nil {
			t.Fatal(err)
		}
		n := len(sandbox.DefaultSeed()) - 1
		c := dial(t, s.Transport())
		first := states(s)
		folder, rows := run(t, c, changes(s), importer.ApplyOptions{})
		if c := counts(rows); c[report.Updated] != n {
			t.Fatalf("the run is %v", c)
		}
		changed := states(s)
		back := planUndo(t, folder, c)
		for _, row := range all(t, back, report.PlanName) {
			if row.Status != report.Planned {
				t.Errorf("line %d is %s %s: %s", row.Line, row.Status, row.Code, row.Message)
			}
		}
		sameStates(t, s, changed)
		apply(t, back, c, importer.ApplyOptions{JustMade: true, Verify: true})
		if rows, _ := finish(t, back, nil); counts(rows)[report.Updated] != n {
			t.Errorf("undo is %v", counts(rows))
		}
		sameStates(t, s, first)
		if rows := undo(t, back, c); counts(rows)[report.Updated] != n {
			t.Errorf("undoing undo is %v", counts(rows))
		}
		sameStates(t, s, changed)
		if rows := undo(t, folder, c); counts(rows)[report.Updated] != n {
			t.Errorf("the second undo is %v", counts(rows))
		}
		sameStates(t, s, first)
	}
}

// rewriting is a server that makes something else of what it is sent, before it stores it.
type rewriting struct {
	http.RoundTripper
	change func(body map[string]any)
}

func (w rewriting) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPut {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			return nil, err
		}
		w.change(body)
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	}
	return w.RoundTripper.RoundTrip(r)
}

// lower is a server that stores e-mail addresses in lower case.
func lower(body map[string]any) {
	if v, ok := body["value"].(string); ok {
		body["value"] = strings.ToLower(v)
	}
}

// An address that the server stores in lower case is confirmed, verified, settled by reading and put back all the same.
func TestServerLowersAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 3
		cfg := unlimited()
		cfg.Fault = func(q *sandbox.Request) sandbox.Fault {
			if q.Method == http.MethodPut && numberOf(q.ID) == 1 && strings.Contains(q.Body, "capitals") {
				return sandbox.Fault{Kind: sandbox.FaultReset, Done: true}
			}
			return sandbox.Fault{}
		}
		s := sandbox.New(cfg)
		cells := [][]string{{"id", "value"}}
		for i := range n {
			if err := s.Seed(sandbox.Record{UUID: detailID(i), Name: "Work", Value: fmt.Sprintf("old.%d@example.com", i), AccountUUIDs: []string{sandbox.ClientUUID(1)}}); err != nil {
				t.Fatal(err)
			}
			cells = append(cells, []string{detailID(i), fmt.Sprintf("In.CAPITALS.%d@example.com", i)})
		}
		first := states(s)
		c := dial(t, rewriting{s.Transport(), lower})
		folder, rows := run(t, c, table(cells...), importer.ApplyOptions{Verify: true})
		for _, row := range rows {
			if row.Status != report.Updated {
				t.Errorf("line %d is %s %s: %s", row.Line, row.Status, row.Code, row.Message)
			}
		}
		changed := states(s)
		back := planUndo(t, folder, c)
		apply(t, back, c, importer.ApplyOptions{JustMade: true})
		if rows, _ := finish(t, back, nil); counts(rows)[report.Updated] != n {
			t.Errorf("undo is %v", rows)
		}
		sameStates(t, s, first)
		if rows := undo(t, back, c); counts(rows)[report.Updated] != n {
			t.Errorf("undoing undo is %v", rows)
		}
		sameStates(t, s, changed)
	})
}

// A change of capitals alone is not taken for done by looking at the address without them.
func TestCapitalsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for done, want := range map[bool]report.Status{false: report.Unknown, true: report.Updated} {
			s := sandbox.New(sandbox.Config{Throttle: -1, Fault: onPuts(sandbox.Fault{Kind: sandbox.FaultReset, Done: done})})
			if err := s.Seed(sandbox.Record{UUID: detailID(0), Name: "Work", Value: "ada@example.com", AccountUUIDs: []string{sandbox.ClientUUID(1)}}); err != nil {
				t.Fatal(err)
			}
			_, rows := run(t, dial(t, s.Transport()), table([]string{"id", "value"}, []string{detailID(0), "Ada@example.com"}), importer.ApplyOptions{})
			if rows[2].Status != want {
				t.Errorf("written: %t, and the row is %s %s", done, rows[2].Status, rows[2].Code)
			}
		}
	})
}

// A name that was blank can't be put back where the CRM takes none, and does not stand in the way where nobody touched it.
func TestUndoBlankName(t *testing.T) {
	s := sandbox.New(sandbox.Config{Throttle: -1, Lenient: true})
	for i := range 2 {
		if err := s.Seed(sandbox.Record{UUID: detailID(i), Value: fmt.Sprintf("old.%d@example.com", i), AccountUUIDs: []string{sandbox.ClientUUID(1)}}); err != nil {
			t.Fatal(err)
		}
	}
	first := states(s)
	c := dial(t, s.Transport())
	folder, rows := run(t, c, table([]string{"id", "name", "value"}, []string{detailID(0), "", "new.0@example.com"}, []string{detailID(1), "Work", "new.1@example.com"}), importer.ApplyOptions{})
	if c := counts(rows); c[report.Updated] != 2 {
		t.Fatalf("the run is %v", rows)
	}
	changed := states(s)
	rows = undo(t, folder, c)
	wantRow(t, rows[2], report.Updated, "")
	wantRow(t, rows[3], report.Invalid, code.UndoNotPossible)
	now := states(s)
	if now[detailID(0)] != first[detailID(0)] || now[detailID(1)] != changed[detailID(1)] {
		t.Errorf("the records are %v", now)
	}
}

// What the server made something else of is no secret to undo: it is reported, and left to a person.
func TestUndoMismatch(t *testing.T) {
	s := serve(t, unlimited(), 2)
	shout := func(body map[string]any) { body["name"] = strings.ToUpper(fmt.Sprint(body["name"])) }
	folder, rows := run(t, dial(t, rewriting{s.Transport(), shout}), wishes(2), importer.ApplyOptions{})
	for _, row := range rows {
		wantRow(t, row, report.Mismatch, code.Mismatch)
	}
	meddle(t, s, 1, func(r *sandbox.Record) { *r = sandbox.Contrast(wish(1)) }) // put back by hand
	rows = undo(t, folder, dial(t, s.Transport()))
	if len(rows) != 2 {
		t.Fatalf("undo has %d rows, want 2", len(rows))
	}
	wantRow(t, rows[2], report.Conflict, code.ChangedSince)
	wantRow(t, rows[3], report.Unchanged, code.AlreadySo)
}

// A run that was given up can be undone as it is: what was in flight is found out by reading.
func TestUndoOfBrokenRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 20
		var hang atomic.Bool
		cfg := unlimited()
		cfg.Fault = func(q *sandbox.Request) sandbox.Fault {
			if i := numberOf(q.ID); i >= 10 && hang.Load() {
				return sandbox.Fault{Kind: sandbox.FaultHang, Done: i%2 == 0}
			}
			return sandbox.Fault{}
		}
		s := serve(t, cfg, n)
		first := states(s)
		c := dial(t, s.Transport(), func(cfg *crm.Config) { cfg.Timeout = time.Hour })
		for name, finished := range map[string]bool{"finished": true, "killed": false} {
			folder, _ := plan(t, c, wishes(n), importer.CheckOptions{})
			hang.Store(true)
			soft, hard, _, abort := contexts(t)
			time.AfterFunc(time.Second, abort)
			_ = on(folder, c, quiet{}).Apply(soft, hard, importer.ApplyOptions{JustMade: true, Workers: 4}) // aborted by us
			if finished {
				finish(t, folder, nil)
			}
			back := planUndo(t, folder, c)
			got := map[report.Status]int{}
			for _, row := range all(t, back, report.PlanName) {
				got[row.Status]++
			}
			if got[report.Planned] != 14 || got[report.Unchanged] != 0 {
				t.Errorf("%s: the undo's plan is %v", name, got)
			}
			hang.Store(false)
			after(time.Minute) // no request is on its way any more
			apply(t, back, c, importer.ApplyOptions{JustMade: true})
			sameStates(t, s, first)
		}
	})
}
