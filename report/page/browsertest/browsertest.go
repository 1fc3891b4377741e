// Package browsertest drives a real browser in tests of pages.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Start starts a headless browser, or skips the test where there is none. CI sets CSVPUT_BROWSER_TEST=1, so that there
// a missing browser is a failure.
func Start(t *testing.T) context.Context {
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
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
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

// Tab is a browser tab of its own.
type Tab struct {
	T   *testing.T
	ctx context.Context
}

// Open opens an address in a new tab. What the page writes to the console fails the test when it ends.
func Open(t *testing.T, browser context.Context, address string) Tab {
	t.Helper()
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
	p := Tab{t, ctx}
	p.Do(chromedp.Navigate(address))
	return p
}

// Do does something in the tab.
func (p Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	p.T.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.T.Fatal(err)
	}
}

// Await waits until a selector finds something visible.
func (p Tab) Await(selector string) {
	p.T.Helper()
	soon, stop := context.WithTimeout(p.ctx, 20*time.Second)
	defer stop()
	if err := chromedp.Do(soon, chromedp.WaitVisible(chromedp.CSS(selector))); err != nil {
		text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
		p.T.Fatalf("no %s on the page: %v\n%s", selector, err, text)
	}
}

// Run does something in the tab and returns what came of it.
func Run[T any](p Tab, action chromedp.Action[T]) T {
	p.T.Helper()
	value, err := chromedp.Run(p.ctx, action)
	if err != nil {
		p.T.Fatal(err)
	}
	return value
}

// Eval returns what a JavaScript expression is; a promise is waited for.
func Eval[T any](p Tab, expression string) T {
	p.T.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.T.Fatalf("%s: %v", expression, err)
	}
	return value
}

// Want holds what an expression is, as text.
func (p Tab) Want(expression, want string) {
	p.T.Helper()
	if got := Eval[string](p, "String("+expression+")"); got != want {
		p.T.Errorf("%s = %q, want %q", expression, got, want)
	}
}

// Media sets a media feature, such as prefers-color-scheme.
func (p Tab) Media(feature, value string) {
	p.T.Helper()
	p.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
		})
		return err
	}))
}

// Shot leaves a picture of the whole page in the folder CSVPUT_PAGE_SHOTS, if that is set.
func (p Tab) Shot(name string) {
	p.T.Helper()
	shots := os.Getenv("CSVPUT_PAGE_SHOTS")
	if shots == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(shots, name), Run(p, chromedp.FullScreenshot(100)), 0o600); err != nil {
		p.T.Error(err)
	}
}
