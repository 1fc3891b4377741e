package report

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
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
	path := filepath.Join(t.TempDir(), PageName)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := sampleRows(n)
	if err := WritePage(f, sampleSummary(rows()), rows); err != nil {
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
	address := url.URL{Scheme: "file", Path: path}
	p.do(chromedp.Navigate(address.String()), chromedp.WaitReady(chromedp.CSS("html[data-ready]")))
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

func testFilters(p tab) {}
func testTexts(p tab)   {}
func testLarge(p tab) {
	p.t.Log(eval[float64](p, `performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd`))
	p.t.Log(p.after(`document.querySelector('#statuses input').click()`))
	p.t.Log(p.after(typed("020 7946 0123")))
	p.t.Log(p.after(typed("client.12")))
	p.t.Log(eval[string](p, shown), eval[int](p, lines))
}
