package page

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"csvput/report"
	"csvput/report/code"
)

// The page in a real browser. With CSVPUT_PAGE_SHOTS=folder the test also leaves pictures there:
//
//	CSVPUT_PAGE_SHOTS=/some/folder go test -run TestPageInBrowser ./report
//
// A picture of the page of any run, without this test:
//
//	chromium --headless --hide-scrollbars --window-size=1280,1000 --screenshot=page.png "file://$PWD/report.html"

// browser starts a headless browser, or skips the test where there is none. CI sets CSVPUT_BROWSER_TEST=1,
// so that there a missing browser is a failure.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		const reason = "there is no chromium, chromium-browser, google-chrome or chrome on the PATH"
		if os.Getenv("CSVPUT_BROWSER_TEST") == "1" {
			t.Fatal("CSVPUT_BROWSER_TEST=1, and " + reason)
		}
		t.Skip(reason)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(
		chromedp.ExecPath(path), chromedp.DisableGPU, chromedp.WindowSize(1280, 1000),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true)))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	return ctx
}

// tab is a page in a browser tab of its own.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// openPage opens the page of n sample rows from a file and waits until its table is there. What the page
// writes to the console fails the test when it ends.
func openPage(t *testing.T, browser context.Context, n int) tab {
	t.Helper()
	path := filepath.Join(t.TempDir(), report.PageName)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := sampleRows(n)
	if err := write(f, sampleSummary(rows()), rows(), all); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(browser)
	console := chromedp.Console(ctx)
	var reading sync.WaitGroup
	reading.Go(func() {
		for message, err := range console {
			if err != nil {
				return
			}
			t.Errorf("console: %s %s", message.Type, message.Text)
		}
	})
	t.Cleanup(func() {
		cancel()
		reading.Wait()
	})
	p := tab{t, ctx}
	address := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(path), "/")}
	p.do(chromedp.Navigate(address.String()))
	soon, stop := context.WithTimeout(ctx, 20*time.Second)
	defer stop()
	if err := chromedp.Do(soon, chromedp.WaitReady(chromedp.CSS("html[data-ready]"))); err != nil {
		t.Fatalf("the page's script did not finish: %v", err)
	}
	return p
}

func (p tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// eval returns what a JavaScript expression is; a promise is waited for.
func eval[T any](p tab, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

func (p tab) want(expression, want string) {
	p.t.Helper()
	if got := eval[string](p, "String("+expression+")"); got != want {
		p.t.Errorf("%s = %q, want %q", expression, got, want)
	}
}

// after runs an action in the page and returns how many milliseconds passed until the line with the number
// of rows had changed and was painted.
func (p tab) after(action string) float64 {
	p.t.Helper()
	return eval[float64](p, `new Promise((done) => {
		const start = performance.now();
		new MutationObserver((_, seen) => {
			seen.disconnect();
			requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
		}).observe(document.getElementById('shown'), { childList: true, characterData: true, subtree: true });
		`+action+`;
	})`)
}

const (
	shown = `document.getElementById('shown').textContent`
	lines = `document.querySelectorAll('#rows tr').length`
)

func typed(words string) string {
	return `const box = document.getElementById('search'); box.value = ` + "`" + words + "`" + `; box.dispatchEvent(new Event('input'))`
}

func (p tab) media(feature, value string) {
	p.t.Helper()
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
		})
		return err
	}))
}

func TestPageInBrowser(t *testing.T) {
	window := browser(t)
	t.Run("filters", func(t *testing.T) { testFilters(openPage(t, window, 9_876)) })
	t.Run("texts", func(t *testing.T) { testTexts(openPage(t, window, 60)) })
	t.Run("looks", func(t *testing.T) { testLooks(openPage(t, window, 9_876)) })
	t.Run("100,000 rows", func(t *testing.T) { testLarge(openPage(t, window, 100_000)) })
}

// testLooks checks the two colour schemes, a narrow window and the printed page.
func testLooks(p tab) {
	shots := os.Getenv("CSVPUT_PAGE_SHOTS")
	shot := func(name string) {
		if shots == "" {
			return
		}
		picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
		if err == nil {
			err = os.WriteFile(filepath.Join(shots, name), picture, 0o600)
		}
		if err != nil {
			p.t.Error(err)
		}
	}
	const ground = `getComputedStyle(document.body).backgroundColor`
	p.media("prefers-color-scheme", "light")
	light := eval[string](p, ground)
	shot("light.png")
	p.media("prefers-color-scheme", "dark")
	if dark := eval[string](p, ground); dark == light {
		p.t.Errorf("dark mode has the same ground as light: %s", dark)
	}
	shot("dark.png")
	p.media("prefers-color-scheme", "light")
	p.do(chromedp.EmulateViewport(400, 800))
	if wide := eval[int](p, `document.documentElement.scrollWidth`); wide > 400 {
		p.t.Errorf("at a width of 400 the page is %d wide", wide)
	}
	shot("narrow.png")
	pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPreferCSSPageSize()))
	if err != nil {
		p.t.Fatal(err)
	}
	if !strings.HasPrefix(string(pdf), "%PDF-") || len(pdf) > 5<<20 {
		p.t.Errorf("printing gave %d bytes", len(pdf))
	}
	if shots != "" {
		if err := os.WriteFile(filepath.Join(shots, "print.pdf"), pdf, 0o600); err != nil {
			p.t.Error(err)
		}
	}
}

// testFilters works the table as an operator would.
func testFilters(p tab) {
	const (
		count    = `document.getElementById('table').getAttribute('aria-rowcount')`
		first    = `document.querySelector('#rows tr').getAttribute('aria-rowindex')`
		statuses = `[...new Set([...document.querySelectorAll('#rows .status')].map((s) => s.textContent))].join()`
	)
	summary := sampleSummary(sampleRows(9_876)())
	problems := report.Thousands(summary.Problems())
	p.want(shown, "9,876 rows, showing 1 to 100")
	p.want(count, "9877")
	p.want(lines, "100")

	p.after(`document.querySelector('[data-go=next]').click()`)
	p.want(shown, "9,876 rows, showing 101 to 200")
	p.want(first, "102")
	p.after(`document.querySelector('[data-go=last]').click()`)
	p.want(lines, "76")
	p.want(`document.querySelector('[data-go=next]').disabled`, "true")
	p.after(`const n = document.getElementById('page'); n.value = 3; n.dispatchEvent(new Event('change'))`)
	p.want(shown, "9,876 rows, showing 201 to 300")

	p.after(`document.querySelector('#statuses input').click()`) // all problems
	p.want(shown, problems+" rows of 9,876, showing 1 to 100")
	p.after(`document.querySelector('#statuses input').click()`)
	p.after(`document.querySelector('#statuses input[value=mismatch]').click()`)
	p.want(statuses, "mismatch")
	p.want(lines, strconv.Itoa(summary.Statuses[report.Mismatch]))
	p.after(`document.getElementById('clear').click()`)
	p.want(shown, "9,876 rows, showing 1 to 100")

	p.after(`const c = document.getElementById('code'); c.value = 'not_found'; c.dispatchEvent(new Event('change'))`)
	p.want(lines, strconv.Itoa(summary.Codes[code.NotFound]))
	p.after(`document.querySelector('[data-show-code=too_short]').click()`)
	p.want(`document.getElementById('code').value`, "too_short")
	p.want(count, strconv.Itoa(summary.Codes[code.TooShort]+1))
	p.after(`document.getElementById('clear').click()`)

	testSearch(p)

	// By keyboard alone: the first stop skips to the report, and a chip is a checkbox.
	p.after(`document.getElementById('clear').click()`)
	p.want(`document.activeElement.id`, "search")
	p.do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(" "))
	p.want(`document.activeElement.checked`, "true")
	p.want(shown, problems+" rows of 9,876, showing 1 to 100")
	p.want(`document.querySelectorAll('[data-country]')[0].textContent`, "United Kingdom GB")
}

// testSearch leaves a search that finds nothing.
func testSearch(p tab) {
	// A number is found as it is stored, as it is dialled, and without its spaces.
	p.after(typed("+442079460449"))
	stored := eval[string](p, shown)
	p.after(typed("line 2"))
	p.want(lines, "1")
	for _, words := range []string{"020 7946 0449", "(020) 7946-0449", "02079460449"} {
		p.after(typed(words))
		national := eval[string](p, shown)
		if _, rest, found := strings.Cut(national, " of 9,876"); !found || rest != "" {
			p.t.Errorf("%q: %s", words, national)
		}
		p.after(typed("no such thing"))
	}
	if !strings.Contains(stored, " of 9,876") {
		p.t.Errorf("the stored number: %s", stored)
	}
	p.want(shown, "No row matches.")
	p.want(`document.getElementById('none').hidden || !document.getElementById('table').hidden`, "false")
}

// testTexts holds that hostile names are text, in the table and in the printed one.
func testTexts(p tab) {
	names := eval[[]string](p, `[...document.querySelectorAll('#rows tr')].flatMap((tr) => [...tr.querySelectorAll('ins')].map((i) => i.textContent))`)
	for _, bad := range hostile() {
		if want := strings.ToValidUTF8(bad, "\ufffd"); !slices.Contains(names, want) {
			p.t.Errorf("the table lacks the name %q", want)
		}
	}
	p.want(`document.querySelectorAll('main script, main img').length`, "0")
	p.want(`document.querySelectorAll('h1').length`, "1")
	p.want(`document.documentElement.lang`, "en")
	p.want(`getComputedStyle(document.querySelector('.static')).display`, "none")
	// Every control has a name, and ids are unique.
	p.want(`[...document.querySelectorAll('input, select')].filter((c) => !c.labels.length).length`, "0")
	p.want(`[...document.querySelectorAll('button')].filter((b) => !b.textContent.trim()).length`, "0")
	p.want(`(() => { const ids = [...document.querySelectorAll('[id]')].map((e) => e.id); return ids.length - new Set(ids).size })()`, "0")
	p.want(`[...document.querySelectorAll('[aria-labelledby], [aria-describedby]')].filter((e) =>
		!document.getElementById(e.getAttribute('aria-labelledby') || e.getAttribute('aria-describedby'))).length`, "0")

	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}), chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS(".static table")), chromedp.WaitNotVisible(chromedp.CSS("#all-rows")))
}

// testLarge opens, filters and searches 100,000 rows. How long that takes is logged: on a busy machine it says little.
func testLarge(p tab) {
	open := eval[float64](p, `performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd`)
	filter := p.after(`document.querySelector('#statuses input').click()`)
	search := p.after(typed("020 7946 0123"))
	again := p.after(typed("020 7946 0124"))
	p.t.Logf("100,000 rows: open %.0f ms, filter %.0f ms, first search %.0f ms, next search %.0f ms", open, filter, search, again)
	p.after(`document.getElementById('clear').click()`)
	p.want(shown, "100,000 rows, showing 1 to 100")
}
