package web

import (
	"context"
	_ "embed"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"csvput/importer/sandbox"
	"csvput/report/page/browsertest"
)

// The pages in a real browser. With CSVPUT_PAGE_SHOTS=folder the tests also leave pictures there.

// axe is axe-core, which finds what people who can't see or point would stumble over.
//
//go:embed testdata/axe.min.js
var axe string

// visitor works the pages in a browser.
type visitor struct {
	browsertest.Tab
	seen map[string]bool // the screens that were looked at; nil looks at none
}

// visit opens the pages in a browser.
func visit(w *world, browser context.Context) *visitor {
	v := &visitor{Tab: browsertest.Open(w.T, browser, w.link)}
	v.Await("h1")
	return v
}

// on waits for a screen. The first time it looks at it, if it is to: light and dark, wide and narrow.
func (v *visitor) on(screen, ready string) {
	v.T.Helper()
	v.Await("html[data-ready] body:not([data-left])[data-screen=" + screen + "] " + ready)
	if v.seen == nil || v.seen[screen] {
		return
	}
	v.seen[screen] = true
	browsertest.Eval[bool](v.Tab, axe+"; true")
	for _, scheme := range []string{"dark", "light"} {
		v.Media("prefers-color-scheme", scheme)
		for _, problem := range browsertest.Eval[[]string](v.Tab, `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
			.then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.failureSummary + ' ' + n.html)))`) {
			v.T.Errorf("%s, %s: %s", screen, scheme, problem)
		}
		v.Shot(screen + "-" + scheme + ".png")
	}
	v.Do(chromedp.EmulateViewport(360, 740))
	if wide := browsertest.Eval[int](v.Tab, `document.documentElement.scrollWidth`); wide > 360 {
		v.T.Errorf("%s: at a width of 360 the page is %d wide", screen, wide)
	}
	v.Shot(screen + "-phone.png")
	v.Do(chromedp.EmulateViewport(1280, 1000))
}

// click presses what has a text.
func (v *visitor) click(text string) {
	v.T.Helper()
	found := browsertest.Eval[bool](v.Tab, `(() => {
		const all = [...document.querySelectorAll('button, a, summary, label')].filter((e) => e.checkVisibility());
		const hit = all.find((e) => e.textContent.trim().startsWith("`+text+`"));
		hit?.click();
		return !!hit;
	})()`)
	if !found {
		v.T.Fatalf("nothing to press says %q on:\n%s", text, browsertest.Eval[string](v.Tab, `document.body.innerText`))
	}
}

// follow is click on what leads to another page, or to this one anew.
func (v *visitor) follow(text string) {
	v.T.Helper()
	browsertest.Eval[string](v.Tab, `document.body.dataset.left = "yes"`)
	v.click(text)
}

// drop hands a file in.
func (v *visitor) drop(name, text string) {
	v.T.Helper()
	path := filepath.Join(v.T.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		v.T.Fatal(err)
	}
	v.Do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
}

// holds holds what the records of the CRM are.
func (w *world) holds(want func(i int) string) {
	w.Helper()
	for i, record := range w.crm.Records() {
		if value := want(i); record.Value != value {
			w.Errorf("record %d holds %s, want %s", i, record.Value, value)
		}
	}
}

func wished(i int) string { return wish(i).Value }
func before(i int) string { return sandbox.Contrast(wish(i)).Value }

// gate holds back the update of a record until it is opened.
type gate struct {
	arrived, opened chan struct{}
	once            sync.Once
}

// TestJob plays the whole job: a file is dropped, looked at, confirmed, stopped in the middle, gone on with and undone.
func TestJob(t *testing.T) {
	const n = 30
	browser := browsertest.Start(t)
	held := &gate{arrived: make(chan struct{}), opened: make(chan struct{})}
	w := newWorld(t, n, func(c *Config) { c.Job.Settings.Workers = 1 })
	w.fault.Store(func(r *sandbox.Request) sandbox.Fault {
		if r.Method == "PUT" && strings.HasSuffix(r.Path, wish(9).UUID) {
			held.once.Do(func() { close(held.arrived) })
			<-held.opened
		}
		return sandbox.Fault{}
	})
	v := visit(w, browser)
	v.seen = map[string]bool{}
	v.on("home", "#drop")
	v.drop("contacts.csv", contacts(n))
	v.on("check", ".primary")
	v.follow("Compare with the CRM")
	v.on("changes", ".primary")
	v.follow("Next: confirm")
	v.on("confirm", ".primary")
	w.holds(before)
	v.follow("Yes, update 30 records")
	v.on("running", "#stop-button")
	<-held.arrived
	v.click("Pause")
	v.Do(chromedp.Reload()) // comes back to the same
	v.on("running", "#stop-button[data-asked=yes]")
	close(held.opened)
	v.on("result", "h1")
	v.Want(`document.querySelector('h1').textContent.startsWith('Stopped early.')`, "true")
	v.follow("Go on")
	v.on("result", "h1")
	v.Want(`document.querySelector('h1').textContent`, "All 30 rows updated.")
	w.holds(wished)

	// Somebody changes a record, and the undo leaves it alone.
	theirs := wish(4)
	theirs.Value = "+442079460999"
	if err := w.crm.Seed(theirs); err != nil {
		t.Fatal(err)
	}
	v.follow("Undo")
	v.on("undo", ".primary")
	v.follow("Show me what would be put back")
	v.on("confirm", "#conflicts")
	v.Want(`document.querySelector('h1').textContent`, "Put back the old values of 29 records?")
	v.follow("See every change, or leave some out")
	v.on("changes", "[data-line='2']")
	v.click("Leave out") // the first
	v.Await("tr.out[data-line='2']")
	v.follow("Next: confirm")
	v.on("confirm", "#conflicts")
	v.Want(`document.querySelector('h1').textContent`, "Put back the old values of 28 records?")
	v.follow("Yes, put them back")
	v.on("result", "h1")
	w.holds(func(i int) string {
		switch i {
		case 0:
			return wished(i)
		case 4:
			return theirs.Value
		}
		return before(i)
	})
	v.follow("History")
	v.on("history", ".runs")
	v.Want(`document.querySelectorAll('.runs > li').length`, "2")
}

// TestConnection pastes a token, and chooses an account.
func TestConnection(t *testing.T) {
	browser := browsertest.Start(t)
	w := newWorld(t, 3, nil)
	v := visit(w, browser)
	v.seen = map[string]bool{}
	v.follow("Connection")
	v.on("connection", "#token")
	v.Do(chromedp.SendKeys(chromedp.CSS("#token"), "secret"))
	v.click("For this time only")
	v.follow("Test and use it")
	v.on("connection", "input[name=account]")
	if text := browsertest.Eval[string](v.Tab, `document.documentElement.outerHTML`); strings.Contains(text, "secret") {
		t.Error("the page holds the token")
	}
	v.seen["connection"] = false
	v.on("connection", "input[name=account]") // looked at again, with accounts
	v.Do(chromedp.Click(chromedp.CSS("input[name=account]")))
	v.follow("Use this account")
	v.Await(".mode span")
	if name := w.server.connection.who(); name == "" {
		t.Error("no account is chosen")
	}
}

// TestKilled kills the program while a run is sent, and goes on in a new one.
func TestKilled(t *testing.T) {
	const n = 12
	browser := browsertest.Start(t)
	held := &gate{arrived: make(chan struct{}), opened: make(chan struct{})}
	w := newCRM(t, n)
	w.fault.Store(func(r *sandbox.Request) sandbox.Fault {
		if r.Method == "PUT" && strings.HasSuffix(r.Path, wish(5).UUID) {
			held.once.Do(func() { close(held.arrived) })
			<-held.opened
		}
		return sandbox.Fault{}
	})
	kill := w.child()
	v := visit(w, browser)
	v.drop("contacts.csv", contacts(n))
	v.on("check", ".primary")
	v.follow("Compare with the CRM")
	v.on("changes", ".primary")
	v.follow("Next: confirm")
	v.on("confirm", ".primary")
	v.follow("Yes, update 12 records")
	v.on("running", "#stop-button")
	<-held.arrived
	v.Do(chromedp.Navigate("about:blank")) // the tab is closed
	kill()
	close(held.opened)

	w.child()
	v.Do(chromedp.Navigate(w.link))
	v.on("home", ".runs")
	v.Want(`document.querySelector('.runs .status').textContent`, "was cut off")
	v.follow("Go on")
	v.on("result", "h1")
	v.Want(`document.querySelector('h1').textContent`, "All 12 rows updated.")
	w.holds(wished)
}

// TestKeyboard does the job without a mouse, with a cell that has to be corrected.
func TestKeyboard(t *testing.T) {
	browser := browsertest.Start(t)
	w := newWorld(t, 3, nil)
	v := visit(w, browser)
	v.on("home", "#drop")
	v.Do(chromedp.KeyEvent(kb.Tab))
	v.tabTo("#file") // pressing Enter there opens the system's own dialog
	v.drop("contacts.csv", strings.Replace(contacts(3), wish(1).Value, "12", 1))
	v.on("check", "#rows")
	v.tabTo("[data-field=value]")
	v.Do(chromedp.KeyEvent(wish(1).Value), chromedp.KeyEvent(kb.Tab))
	v.until(`document.getElementById('said').textContent.endsWith('Kept.')`, "true")
	v.tabTo("[action$='/check'] button")
	browsertest.Eval[string](v.Tab, `document.body.dataset.left = "yes"`)
	v.Do(chromedp.KeyEvent(kb.Enter))
	for _, press := range []struct{ screen, what string }{
		{"check", ".primary"}, {"changes", ".primary"}, {"confirm", ".primary"}, {"result", ".todo a[href$='/undo']"}, {"undo", ".primary"}, {"confirm", ".primary"},
	} {
		v.on(press.screen, press.what)
		v.Want(`document.activeElement.tagName`, "H1") // where a screen reader begins
		v.tabTo(press.what)
		browsertest.Eval[string](v.Tab, `document.body.dataset.left = "yes"`)
		v.Do(chromedp.KeyEvent(kb.Enter))
	}
	v.on("result", "h1")
	w.holds(before)
}

// tabTo presses the tabulator until something has the focus, which shows.
func (v *visitor) tabTo(selector string) {
	v.T.Helper()
	for range 40 {
		if browsertest.Eval[bool](v.Tab, `document.activeElement.matches("`+selector+`")`) {
			v.Want(`getComputedStyle(document.activeElement).outlineStyle`, "solid")
			return
		}
		v.Do(chromedp.KeyEvent(kb.Tab))
	}
	v.T.Fatalf("the tabulator does not lead to %s", selector)
}
