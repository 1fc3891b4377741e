package cli_test

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/zalando/go-keyring"

	"csvput/report"
)

// eavesdropper is a server that counts what reaches it, encrypted or not.
func eavesdropper(t *testing.T, w *world) (urls []string, heard *atomic.Int64) {
	t.Helper()
	heard = new(atomic.Int64)
	h := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		heard.Add(1)
		w.server.ServeHTTP(rw, r)
	})
	plain := httptest.NewServer(h)
	t.Cleanup(plain.Close)
	secure := httptest.NewUnstartedServer(h)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	w.write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})))
	_, port, _ := strings.Cut(strings.TrimPrefix(plain.URL, "http://"), ":")
	return []string{plain.URL, plain.URL + "/", "http://localhost:" + port, secure.URL}, heard
}

// redirectFolder makes the summary of a run's folder say another server.
func redirectFolder(t *testing.T, dir string, change func(*report.Summary)) {
	t.Helper()
	folder, err := report.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := folder.ReadSummary()
	if err != nil {
		t.Fatal(err)
	}
	change(&s)
	if err := folder.WriteSummary(s); err != nil {
		t.Fatal(err)
	}
}

// TestForeignFolder gives apply and undo folders whose summary names a server of somebody else's. However
// the token is given, nothing reaches that server, and the command for the token is not even run.
func TestForeignFolder(t *testing.T) {
	keyring.MockInit()
	defer keyring.MockInit()
	for _, made := range []string{"plan", "run"} {
		w := newWorld(t, 3)
		good := w.env["CSVPUT_BASE_URL"]
		if got := w.call(made, "--yes", "$DIR/contacts.csv"); got.code != 0 {
			t.Fatal(got.stderr)
		}
		dir := w.run()
		urls, heard := eavesdropper(t, w)
		w.write("token", secret)
		for name, set := range map[string]func(){
			"environment": func() { w.env["CSVPUT_TOKEN"] = secret },
			"file":        func() { w.env["CSVPUT_TOKEN_FILE"] = w.path("token") },
			"command":     func() { w.env["CSVPUT_TOKEN_COMMAND"] = "touch '" + w.path("asked") + "'; echo " + secret },
			"keyring": func() {
				for _, base := range []string{good, "https://api.plannrcrm.com"} {
					if err := keyring.Set("csvput", base, secret); err != nil {
						t.Fatal(err)
					}
				}
			},
			"own server": func() { w.env["CSVPUT_TOKEN"], w.env["CSVPUT_BASE_URL"] = secret, good },
		} {
			w.env = map[string]string{"CSVPUT_OUT": w.path("undone"), "CSVPUT_CA_CERT": w.path("ca.pem"), "CSVPUT_RETRIES": "0"}
			set()
			for _, url := range append(urls, "https://api.plannrcrm.com@"+strings.TrimPrefix(urls[3], "https://"), "https://api.plannrcrm.com\x00"+urls[3], "") {
				redirectFolder(t, dir, func(s *report.Summary) { s.BaseURL = url })
				for _, command := range [][]string{{"apply", dir}, {"apply", "--yes", "--overwrite", dir}, {"undo", "--yes", dir}, {"undo", "--dry-run", dir}} {
					got := w.call(command...)
					if got.code != 2 || !strings.Contains(got.stderr, "was made for "+strings.ReplaceAll(url, "\x00", "")) && url != "" && !strings.Contains(url, "\x00") {
						t.Errorf("%s, %v of a folder for %q: exit code %d\n%s", name, command, url, got.code, got.stderr)
					}
					if heard.Load() > 0 {
						t.Fatalf("%s, %v of a folder for %q: the server heard of it", name, command, url)
					}
				}
			}
			if _, err := os.Stat(w.path("asked")); err == nil {
				t.Errorf("%s: the token's command was run", name)
			}
		}
	}
}

// TestFolderOfKnownServer goes on with folders of servers that the person has named, or logged in to: the
// token is the one for that server, whatever the environment holds for the usual one.
func TestFolderOfKnownServer(t *testing.T) {
	keyring.MockInit()
	defer keyring.MockInit()
	w := newWorld(t, 3)
	url := w.env["CSVPUT_BASE_URL"]
	if got := w.call("plan", "$DIR/contacts.csv"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	dir := w.run()
	delete(w.env, "CSVPUT_BASE_URL")
	// A slash at the end names no other server.
	if got := w.call("apply", "--base-url", url+"/", "--max-errors", "1", dir); got.code != 0 {
		t.Errorf("named: exit code %d\n%s", got.code, got.stderr)
	}
	w.stdin = secret
	if got := w.call("login", "--base-url", url); got.code != 0 {
		t.Fatal(got.stderr)
	}
	w.stdin = ""
	w.env["CSVPUT_TOKEN"] = "the-token-of-another-server"
	w.env["CSVPUT_OUT"] = w.path("undone")
	before := len(w.server.Requests())
	got := w.call("undo", "--yes", "--json", dir)
	if got.code != 0 || got.summary(t).Statuses[report.Updated] != 3 {
		t.Errorf("logged in: exit code %d\n%s", got.code, got.stderr)
	}
	for _, r := range w.server.Requests()[before:] {
		if r.Status == http.StatusUnauthorized {
			t.Error("the server got the token of another one")
		}
	}
	if got := w.call("logout", "--base-url", url); got.code != 0 {
		t.Fatal(got.stderr)
	}
	if got := w.call("undo", "--yes", dir); got.code != 2 || !strings.Contains(got.stderr, "which is not your CRM") {
		t.Errorf("logged out: exit code %d\n%s", got.code, got.stderr)
	}
	// Named, but for another server than the folder's.
	if got := w.call("undo", "--yes", "--base-url", "https://other.example.com", dir); got.code != 2 || !strings.Contains(got.stderr, "--base-url says https://other.example.com") {
		t.Errorf("another one named: exit code %d\n%s", got.code, got.stderr)
	}
}

// TestForeignRehearsal takes no file for a rehearsal's that has another name, and rehearsals go on: what
// was rehearsed is applied and undone, and the undo is gone on with, without any settings.
func TestForeignRehearsal(t *testing.T) {
	w := newWorld(t, 3)
	w.env = map[string]string{"CSVPUT_OUT": w.path("runs")}
	if got := w.call("plan", "--sandbox", "$DIR/contacts.csv"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	dir := w.run()
	if got := w.call("apply", dir); got.code != 0 || !strings.Contains(got.stderr, "3 updated") {
		t.Errorf("apply: exit code %d\n%s", got.code, got.stderr)
	}
	w.env["CSVPUT_OUT"] = w.path("undone")
	if got := w.call("undo", "--dry-run", dir); got.code != 0 {
		t.Errorf("undo --dry-run: exit code %d\n%s", got.code, got.stderr)
	}
	undone, err := filepath.Glob(w.path("undone/*"))
	if err != nil || len(undone) != 1 {
		t.Fatal(undone, err)
	}
	if got := w.call("apply", undone[0]); got.code != 0 || !strings.Contains(got.stderr, "3 updated") {
		t.Errorf("apply of the undo: exit code %d\n%s", got.code, got.stderr)
	}

	w.write("victim", "keep me\n")
	if err := os.Remove(filepath.Join(dir, "sandbox.jsonl")); err != nil {
		t.Fatal(err)
	}
	redirectFolder(t, dir, func(s *report.Summary) { s.Sandbox = w.path("victim") })
	for _, command := range [][]string{{"apply", dir}, {"undo", "--yes", dir}} {
		if got := w.call(command...); got.code != 2 || !strings.Contains(got.stderr, "is gone") {
			t.Errorf("%v: exit code %d\n%s", command, got.code, got.stderr)
		}
	}
	if data, err := os.ReadFile(w.path("victim")); err != nil || string(data) != "keep me\n" {
		t.Errorf("the file is %q, %v", data, err)
	}
	if n := len(w.server.Requests()); n > 0 {
		t.Errorf("%d requests left the rehearsal", n)
	}
}
