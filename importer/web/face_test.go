package web

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"csvput/importer"
	"csvput/importer/quota"
	"csvput/importer/sandbox"
	"csvput/report"
)

// TestState holds what the page is told of a job under way.
func TestState(t *testing.T) {
	w := &work{ended: make(chan struct{}), counts: map[string]int{}, dir: "/runs/contacts"}
	w.Stage(importer.StageSend, 40)
	w.Advance(10)
	w.Outcome(report.Row{Status: report.Updated})
	w.Outcome(report.Row{Status: report.Updated})
	w.Outcome(report.Row{Status: report.Conflict})
	w.Note("a proxy\nanswered")
	w.Note("Going on with /runs/contacts")
	w.Wait(quota.Wait{Reason: quota.WaitThrottled, For: time.Minute, Until: time.Now().Add(time.Minute)})
	s := w.state()
	if s.Stage != "Updating the records" || s.Done != 10 || s.Total != 40 || s.Bytes || s.Counts["updated"] != 2 || s.Counts["conflict"] != 1 {
		t.Errorf("%+v", s)
	}
	if len(s.Notes) != 1 || s.Notes[0] != "a proxy answered" {
		t.Errorf("notes %q", s.Notes)
	}
	if !strings.HasPrefix(s.Wait, "Waiting for the CRM's quota, as it asks for, until ") || s.Next != "" {
		t.Errorf("%+v", s)
	}
	w.Wait(quota.Wait{Reason: quota.WaitThrottled})
	if s := w.state(); s.Wait != "" {
		t.Errorf("still waits: %s", s.Wait)
	}
}

// TestTwoTabs says yes in two tabs at the same time: the records are updated once, and both see how it goes.
func TestTwoTabs(t *testing.T) {
	const n = 6
	w := newWorld(t, n, nil)
	w.open()
	id := w.upload("contacts.csv", contacts(n))
	w.settle(id)
	w.do(id, "plan")
	var puts atomic.Int64
	held := &gate{arrived: make(chan struct{}), opened: make(chan struct{})}
	w.fault.Store(func(r *sandbox.Request) sandbox.Fault {
		if r.Method == http.MethodPut {
			puts.Add(1)
			held.once.Do(func() { close(held.arrived) })
			<-held.opened
		}
		return sandbox.Fault{}
	})
	const form = "application/x-www-form-urlencoded"
	w.post("/runs/"+id+"/apply", form, "")
	<-held.arrived
	first := w.server.work(id)
	for _, what := range []string{"apply", "plan", "check", "apply"} {
		if status, _, at := w.post("/runs/"+id+"/"+what, form, ""); status != http.StatusOK || at != "/runs/"+id+"/running" || w.server.work(id) != first {
			t.Errorf("%s in another tab: %d at %s", what, status, at)
		}
	}
	close(held.opened)
	w.settle(id)
	w.shows("/runs/"+id, "All 6 rows updated.")
	if puts.Load() != n {
		t.Errorf("%d updates were sent", puts.Load())
	}
}
