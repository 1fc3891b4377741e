package page

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"csvput/report"
	"csvput/report/code"
	"csvput/report/page/browsertest"
)

// The page in a real browser. With CSVPUT_PAGE_SHOTS=folder the test also leaves pictures there:
//
//	CSVPUT_PAGE_SHOTS=/some/folder go test -run TestPageInBrowser ./report
//
// A picture of the page of any run, without this test:
//
//	chromium --headless --hide-scrollbars --window-size=1280,1000 --screenshot=page.png "file://$PWD/report.html"

// tab is a page in a browser tab of its own.
type tab struct{ browsertest.Tab }

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
	address := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(path), "/")}
	p := tab{browsertest.Open(t, browser, address.String())}
	p.Do(chromedp.WaitReady(chromedp.CSS("html[data-ready]")))
	return p
}

// after runs an action in the page and returns how many milliseconds passed until the line with the number
// of rows had changed and was painted.
func (p tab) after(action string) float64 {
	p.T.Helper()
	return browsertest.Eval[float64](p.Tab, `new Promise((done) => {
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

func TestPageInBrowser(t *testing.T) {
	window := browsertest.Start(t)
	t.Run("filters", func(t *testing.T) { testFilters(openPage(t, window, 9_876)) })
	t.Run("texts", func(t *testing.T) { testTexts(openPage(t, window, 60)) })
	t.Run("looks", func(t *testing.T) { testLooks(openPage(t, window, 9_876)) })
	t.Run("100,000 rows", func(t *testing.T) { testLarge(openPage(t, window, 100_000)) })
}

// testLooks checks the two colour schemes, a narrow window and the printed page.
func testLooks(p tab) {
	const ground = `getComputedStyle(document.body).backgroundColor`
	p.Media("prefers-color-scheme", "light")
	light := browsertest.Eval[string](p.Tab, ground)
	p.Shot("light.png")
	p.Media("prefers-color-scheme", "dark")
	if dark := browsertest.Eval[string](p.Tab, ground); dark == light {
		p.T.Errorf("dark mode has the same ground as light: %s", dark)
	}
	p.Shot("dark.png")
	p.Media("prefers-color-scheme", "light")
	p.Do(chromedp.EmulateViewport(400, 800))
	if wide := browsertest.Eval[int](p.Tab, `document.documentElement.scrollWidth`); wide > 400 {
		p.T.Errorf("at a width of 400 the page is %d wide", wide)
	}
	p.Shot("narrow.png")
	pdf := browsertest.Run(p.Tab, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPreferCSSPageSize()))
	if !strings.HasPrefix(string(pdf), "%PDF-") || len(pdf) > 5<<20 {
		p.T.Errorf("printing gave %d bytes", len(pdf))
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
	p.Want(shown, "9,876 rows, showing 1 to 100")
	p.Want(count, "9877")
	p.Want(lines, "100")

	p.after(`document.querySelector('[data-go=next]').click()`)
	p.Want(shown, "9,876 rows, showing 101 to 200")
	p.Want(first, "102")
	p.after(`document.querySelector('[data-go=last]').click()`)
	p.Want(lines, "76")
	p.Want(`document.querySelector('[data-go=next]').disabled`, "true")
	p.after(`const n = document.getElementById('page'); n.value = 3; n.dispatchEvent(new Event('change'))`)
	p.Want(shown, "9,876 rows, showing 201 to 300")

	p.after(`document.querySelector('#statuses input').click()`) // all problems
	p.Want(shown, problems+" rows of 9,876, showing 1 to 100")
	p.after(`document.querySelector('#statuses input').click()`)
	p.after(`document.querySelector('#statuses input[value=mismatch]').click()`)
	p.Want(statuses, "mismatch")
	p.Want(lines, strconv.Itoa(summary.Statuses[report.Mismatch]))
	p.after(`document.getElementById('clear').click()`)
	p.Want(shown, "9,876 rows, showing 1 to 100")

	p.after(`const c = document.getElementById('code'); c.value = 'not_found'; c.dispatchEvent(new Event('change'))`)
	p.Want(lines, strconv.Itoa(summary.Codes[code.NotFound]))
	p.after(`document.querySelector('[data-show-code=too_short]').click()`)
	p.Want(`document.getElementById('code').value`, "too_short")
	p.Want(count, strconv.Itoa(summary.Codes[code.TooShort]+1))
	p.after(`document.getElementById('clear').click()`)

	testSearch(p)

	// By keyboard alone: the first stop skips to the report, and a chip is a checkbox.
	p.after(`document.getElementById('clear').click()`)
	p.Want(`document.activeElement.id`, "search")
	p.Do(chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(" "))
	p.Want(`document.activeElement.checked`, "true")
	p.Want(shown, problems+" rows of 9,876, showing 1 to 100")
	p.Want(`document.querySelectorAll('[data-country]')[0].textContent`, "United Kingdom GB")
}

// testSearch leaves a search that finds nothing.
func testSearch(p tab) {
	// A number is found as it is stored, as it is dialled, and without its spaces.
	p.after(typed("+442079460449"))
	stored := browsertest.Eval[string](p.Tab, shown)
	p.after(typed("line 2"))
	p.Want(lines, "1")
	for _, words := range []string{"020 7946 0449", "(020) 7946-0449", "02079460449"} {
		p.after(typed(words))
		national := browsertest.Eval[string](p.Tab, shown)
		if _, rest, found := strings.Cut(national, " of 9,876"); !found || rest != "" {
			p.T.Errorf("%q: %s", words, national)
		}
		p.after(typed("no such thing"))
	}
	if !strings.Contains(stored, " of 9,876") {
		p.T.Errorf("the stored number: %s", stored)
	}
	p.Want(shown, "No row matches.")
	p.Want(`document.getElementById('none').hidden || !document.getElementById('table').hidden`, "false")
}

// testTexts holds that hostile names are text, in the table and in the printed one.
func testTexts(p tab) {
	names := browsertest.Eval[[]string](p.Tab, `[...document.querySelectorAll('#rows tr')].flatMap((tr) => [...tr.querySelectorAll('ins')].map((i) => i.textContent))`)
	for _, bad := range hostile() {
		if want := strings.ToValidUTF8(bad, "\ufffd"); !slices.Contains(names, want) {
			p.T.Errorf("the table lacks the name %q", want)
		}
	}
	p.Want(`document.querySelectorAll('main script, main img').length`, "0")
	p.Want(`document.querySelectorAll('h1').length`, "1")
	p.Want(`document.documentElement.lang`, "en")
	p.Want(`getComputedStyle(document.querySelector('.static')).display`, "none")
	// Every control has a name, and ids are unique.
	p.Want(`[...document.querySelectorAll('input, select')].filter((c) => !c.labels.length).length`, "0")
	p.Want(`[...document.querySelectorAll('button')].filter((b) => !b.textContent.trim()).length`, "0")
	p.Want(`(() => { const ids = [...document.querySelectorAll('[id]')].map((e) => e.id); return ids.length - new Set(ids).size })()`, "0")
	p.Want(`[...document.querySelectorAll('[aria-labelledby], [aria-describedby]')].filter((e) =>
		!document.getElementById(e.getAttribute('aria-labelledby') || e.getAttribute('aria-describedby'))).length`, "0")

	p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}), chromedp.Reload(), chromedp.WaitVisible(chromedp.CSS(".static table")), chromedp.WaitNotVisible(chromedp.CSS("#all-rows")))
}

// testLarge opens, filters and searches 100,000 rows. How long that takes is logged: on a busy machine it says little.
func testLarge(p tab) {
	open := browsertest.Eval[float64](p.Tab, `performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd`)
	filter := p.after(`document.querySelector('#statuses input').click()`)
	search := p.after(typed("020 7946 0123"))
	again := p.after(typed("020 7946 0124"))
	p.T.Logf("100,000 rows: open %.0f ms, filter %.0f ms, first search %.0f ms, next search %.0f ms", open, filter, search, again)
	p.after(`document.getElementById('clear').click()`)
	p.Want(shown, "100,000 rows, showing 1 to 100")
}
