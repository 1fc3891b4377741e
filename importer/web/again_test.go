package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// do sends a form about a run, waits for the work that it begins, and returns the run that it leads to.
func (w *world) do(id, what string, fields ...string) (next string) {
	w.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	status, text, at := w.post("/runs/"+id+"/"+what, "application/x-www-form-urlencoded", form.Encode())
	if status != http.StatusOK || !strings.HasPrefix(at, "/runs/") {
		w.Fatalf("%s: %d at %s\n%s", what, status, at, text)
	}
	next, _, _ = strings.Cut(strings.TrimPrefix(at, "/runs/"), "/")
	w.settle(next)
	return next
}

// shows holds that a page has a text.
func (w *world) shows(path, want string) {
	w.Helper()
	if status, text := w.get(path); status != http.StatusOK || !strings.Contains(text, want) {
		w.Errorf("%s: %d, and not %q:\n%s", path, status, want, text)
	}
}

// TestAgain rehearses, does the same for real, and takes up the rows that are left.
func TestAgain(t *testing.T) {
	w := newWorld(t, 4, nil)
	w.open()
	w.post("/mode", "application/x-www-form-urlencoded", "mode=rehearsal")
	id := w.upload("contacts.csv", strings.Replace(contacts(4), wish(2).Value, "12", 1))
	w.settle(id)
	w.shows("/runs/"+id+"/check", "3 of 4 rows in order, 1 to be corrected")
	w.do(id, "plan")
	w.shows("/runs/"+id+"/confirm", "Rehearsal:")
	w.do(id, "apply")
	w.holds(before)

	w.shows("/runs/"+id+"/result", "Now for real")
	earnest := w.do(id, "again", "rows", "all")
	w.do(earnest, "plan")
	w.shows("/runs/"+earnest+"/confirm", "Live:")
	w.do(earnest, "apply")
	w.holds(func(i int) string {
		if i == 2 {
			return before(i)
		}
		return wished(i)
	})
	w.shows("/runs/"+earnest+"/result", "Correct the 1 that is left")
	left := w.do(earnest, "again", "rows", "left")
	w.shows("/runs/"+left+"/check", "1 row to be corrected")
	w.shows("/history", "contacts.csv")
}

// TestUndoCorrected takes back a run whose cells were corrected on the page.
func TestUndoCorrected(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.open()
	id := w.upload("contacts.csv", strings.Replace(contacts(3), wish(1).Value, "12", 1))
	w.settle(id)
	fields := url.Values{"field": {"value"}, "text": {wish(1).Value}}
	if status, text, _ := w.post("/runs/"+id+"/rows/3", "application/x-www-form-urlencoded", fields.Encode()); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	w.do(id, "plan")
	w.do(id, "apply")
	w.holds(wished)
	undo := w.do(id, "undo")
	w.shows("/runs/"+undo+"/confirm", "Put back the old values of 3 records?")
	w.do(undo, "apply")
	w.holds(before)
}

// TestWorkbook rehearses with a workbook, does it again, and leaves nothing to correct.
func TestWorkbook(t *testing.T) {
	w := newWorld(t, 0, nil)
	w.open()
	w.post("/mode", "application/x-www-form-urlencoded", "mode=rehearsal")
	book, err := os.ReadFile("../../samples/contacts.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	id := w.upload("contacts.xlsx", string(book))
	w.settle(id)
	w.do(id, "plan")
	w.do(id, "apply")
	w.shows("/runs/"+id+"/result", "report.xlsx")
	if status, text := w.get("/runs/" + id + "/files/report.xlsx"); status != http.StatusOK || !strings.HasPrefix(text, "PK") {
		t.Errorf("report.xlsx: %d", status)
	}
	w.shows("/runs/"+w.do(id, "again", "rows", "all")+"/check", "contacts.xlsx")
	if status, text, _ := w.post("/runs/"+id+"/again", "application/x-www-form-urlencoded", "rows=left"); status != http.StatusUnprocessableEntity || !strings.Contains(text, "No row is left") {
		t.Errorf("what is left of it: %d %s", status, text)
	}
}

// TestOnlyTheFirst sends a few of the records, then the others.
func TestOnlyTheFirst(t *testing.T) {
	w := newWorld(t, 8, nil)
	w.open()
	id := w.upload(url.QueryEscape("Müller é.csv"), contacts(8))
	w.settle(id)
	w.do(id, "plan")
	w.shows("/runs/"+id+"/confirm", "Only the first 5")
	w.do(id, "apply", "only", "5")
	w.holds(func(i int) string {
		if i < 5 {
			return wished(i)
		}
		return before(i)
	})
	w.shows("/runs/"+id+"/result", "Go on")
	w.do(id, "apply")
	w.holds(wished)
}

// TestBeginsWithRehearsal opens the pages of somebody who has no token: nothing real is begun with.
func TestBeginsWithRehearsal(t *testing.T) {
	w := newWorld(t, 1, func(c *Config) {
		c.Job.Token = func(string) (func(context.Context) (string, error), error) { return nil, errors.New("none") }
	})
	w.open()
	w.shows("/", `class="rehearsal-choice" aria-pressed="true"`)
	w.post("/mode", "application/x-www-form-urlencoded", "mode=live")
	w.shows("/", "csvput is not connected to your CRM yet")
}

// TestLeftOfWorkbook takes up the rows that are left of a workbook.
func TestLeftOfWorkbook(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.open()
	var b bytes.Buffer
	f := excelize.NewFile()
	for i, row := range [][]any{{"id", "phone"}, {wish(0).UUID, wish(0).Value}, {wish(1).UUID, "020 79"}, {wish(2).UUID, wish(2).Value}} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	id := w.upload("clients.xlsx", b.String())
	w.settle(id)
	w.do(id, "plan")
	w.do(id, "apply")
	w.shows("/runs/"+id+"/result", "/files/failed.xlsx")
	left := w.do(id, "again", "rows", "left")
	w.shows("/runs/"+left+"/check", "1 row to be corrected")
	line := regexp.MustCompile(`data-line="(\d+)"`).FindStringSubmatch(w.page("/runs/" + left + "/check"))
	if line == nil {
		t.Fatal("no row to correct")
	}
	w.post("/runs/"+left+"/rows/"+line[1], "application/x-www-form-urlencoded", "field=value&text="+url.QueryEscape(wish(1).Value))
	w.do(left, "plan")
	w.do(left, "apply")
	w.holds(wished)
}

// page is the text of a page.
func (w *world) page(path string) string {
	w.Helper()
	_, text := w.get(path)
	return text
}
