package web

import (
	"net/http"
	"os"
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
	if s.Stage != "Sending the changes to the CRM" || s.Done != 10 || s.Total != 40 || s.Bytes || s.Counts["updated"] != 2 || s.Counts["conflict"] != 1 {
		t.Errorf("%+v", s)
	}
	if len(s.Notes) != 1 || s.Notes[0] != "a proxy answered" {
		t.Errorf("notes %q", s.Notes)
	}
	if !strings.HasPrefix(s.Wait, "Waiting for the CRM's quota, as it asks for, until ") || s.Next != "" {
		t.Errorf("%+v", s)
	}
	for _, stage := range []importer.Stage{importer.StageCheck, importer.StageMatch, importer.StageLookup, importer.StageSend, importer.StageSettle, importer.StageVerify} {
		if stageWords(stage) == "" {
			t.Errorf("there are no words for %s", stage)
		}
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

// TestTerminalToo looks at a run that another program is at work on: nobody is told that it was cut off, and nothing of it
// can be begun here.
func TestTerminalToo(t *testing.T) {
	w := newWorld(t, 2, nil)
	w.open()
	id := w.upload("contacts.csv", contacts(2))
	w.settle(id)
	w.do(id, "plan")
	past, err := w.server.find(id)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := report.Open(past.Dir)
	if err != nil {
		t.Fatal(err)
	}
	release, err := folder.Lock(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(folder.Path(report.ReportName), nil, 0o600); err != nil { // as one that sends has it
		t.Fatal(err)
	}
	w.shows("/runs/"+id, "This run is under way.")
	w.shows("/runs/"+id, "Another csvput is at work on this run")
	w.shows("/", "It goes on in the background.")
	const form = "application/x-www-form-urlencoded"
	if status, text, _ := w.post("/runs/"+id+"/apply", form, ""); status != http.StatusUnprocessableEntity || !strings.Contains(text, "Wait until it has ended") {
		t.Errorf("begun too: %d %s", status, text)
	}
	w.holds(before)
	if err := release(); err != nil {
		t.Fatal(err)
	}
	w.shows("/", "was cut off")
}

// TestEnding ends the program while a run is sent: the page is told, and what is in flight is finished.
func TestEnding(t *testing.T) {
	const n = 6
	w := newWorld(t, n, func(c *Config) { c.Job.Settings.Workers = 1 })
	w.open()
	id := w.upload("contacts.csv", contacts(n))
	w.settle(id)
	w.do(id, "plan")
	held := &gate{arrived: make(chan struct{}), opened: make(chan struct{})}
	w.fault.Store(func(r *sandbox.Request) sandbox.Fault {
		if r.Method == http.MethodPut {
			held.once.Do(func() { close(held.arrived) })
			<-held.opened
		}
		return sandbox.Fault{}
	})
	w.post("/runs/"+id+"/apply", "application/x-www-form-urlencoded", "")
	<-held.arrived
	stopped := make(chan struct{})
	go func() { w.stop(); close(stopped) }()
	<-w.server.soft.Done()
	w.shows("/runs/"+id+"/state", `"ending":true`)
	if status, _, _ := w.post("/files?name=late.csv", "application/octet-stream", contacts(1)); status != http.StatusUnprocessableEntity {
		t.Errorf("new work was begun: %d", status)
	}
	close(held.opened)
	<-stopped
	w.holds(func(i int) string {
		if i == 0 {
			return wished(i)
		}
		return before(i)
	})
}

// TestAbout says how long a plan takes at its pace.
func TestAbout(t *testing.T) {
	for _, tt := range []struct {
		requests, quota int
		rate, want      string
	}{
		{416, 500, "500/m", "about 49 s"},
		{416, 60, "500/m", "about 7 min"}, // the CRM allows less
		{30_000, 0, "500/m", "about 1 h"},
		{3, 500, "500/m", "a few seconds"},
		{30_000, 0, "unlimited", ""},
	} {
		s := report.Summary{Settings: map[string]string{"rate": tt.rate}, Requests: report.Requests{PutPlanned: tt.requests, QuotaLimit: tt.quota}}
		if got := about(s); got != tt.want {
			t.Errorf("%d requests at %s with a quota of %d: %q, want %q", tt.requests, tt.rate, tt.quota, got, tt.want)
		}
	}
}

// TestTrouble says on the page why a job has come to nothing, until the next one.
func TestTrouble(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.open()
	id := w.upload("contacts.csv", contacts(3))
	w.settle(id)
	w.do(id, "plan")
	w.crm.SetToken("another")
	w.do(id, "apply")
	w.shows("/runs/"+id, "The server refuses the token (401 Unauthorized): Unauthenticated.</p><p>Paste a new one under Connection.</p>")
	w.holds(before)
	w.crm.SetToken("secret")
	w.do(id, "apply")
	if _, text := w.get("/runs/" + id); strings.Contains(text, "refuses the token") {
		t.Errorf("it is still said: %s", text)
	}
	w.holds(wished)
}
