package web

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"csvput/importer/sandbox"
)

// TestDelete deletes a run when somebody is sure, and never while it is at work.
func TestDelete(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.open()
	id := w.upload("contacts.csv", contacts(3))
	w.settle(id)
	w.do(id, "plan")
	const form = "application/x-www-form-urlencoded"
	if status, _, _ := w.post("/runs/"+id+"/delete", form, ""); status != http.StatusUnprocessableEntity || w.files() == "" {
		t.Errorf("not sure: %d", status)
	}
	held := &gate{arrived: make(chan struct{}), opened: make(chan struct{})}
	w.fault.Store(func(r *sandbox.Request) sandbox.Fault {
		if r.Method == http.MethodPut {
			held.once.Do(func() { close(held.arrived) })
			<-held.opened
		}
		return sandbox.Fault{}
	})
	w.post("/runs/"+id+"/apply", form, "")
	<-held.arrived
	if status, text, _ := w.post("/runs/"+id+"/delete", form, "sure=yes"); status != http.StatusUnprocessableEntity || !strings.Contains(text, "at work") {
		t.Errorf("at work: %d %s", status, text)
	}
	close(held.opened)
	w.settle(id)
	if status, text, at := w.post("/runs/"+id+"/delete", form, "sure=yes"); status != http.StatusOK || at != "/history" || strings.Contains(text, "contacts.csv") {
		t.Errorf("deleted: %d %s", status, text)
	}
	if left := w.files(); left != "" {
		t.Errorf("left are %s", left)
	}
}

// TestExport gets the contacts as a file.
func TestExport(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.open()
	status, text, _ := w.post("/export", "application/x-www-form-urlencoded", "")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if status != http.StatusOK || err != nil || len(rows) != 4 || rows[1][0] != wish(0).UUID {
		t.Errorf("%d %v %v", status, err, rows)
	}
	_, text, _ = w.post("/export", "application/x-www-form-urlencoded", "as=xlsx")
	if id := w.upload("contacts.xlsx", text); !strings.HasPrefix(text, "PK") {
		t.Errorf("a workbook: %q", text)
	} else {
		w.settle(id)
		w.shows("/runs/"+id+"/check", "All 3 rows in order")
	}
	w.crm.SetToken("another")
	for _, as := range []string{"csv", "xlsx"} {
		if status, text, _ := w.post("/export", "application/x-www-form-urlencoded", "as="+as); status != http.StatusUnprocessableEntity {
			t.Errorf("with a token that is refused, as %s: %d %s", as, status, text)
		}
	}
}
