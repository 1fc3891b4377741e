package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
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
