package cli_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"
)

// TestLogin stores a token in the keyring, uses it, and takes it out again; and says what to do where
// there is no keyring.
func TestLogin(t *testing.T) {
	keyring.MockInit()
	w := newWorld(t, 1)
	delete(w.env, "CSVPUT_TOKEN")
	if got := w.call("logins"); got.code != 2 || !strings.Contains(got.stderr, "there is no access token") {
		t.Errorf("before: exit code %d\n%s", got.code, got.stderr)
	}
	w.stdin = secret + "-wrong\n"
	if got := w.call("login"); got.code != 12 {
		t.Errorf("a wrong token: exit code %d\n%s", got.code, got.stderr)
	}
	w.stdin = secret + "\r\n"
	if got := w.call("login"); got.code != 0 || !strings.Contains(got.stderr, "may act as 2 accounts") || strings.Contains(got.stderr, secret) {
		t.Errorf("login: exit code %d\n%s", got.code, got.stderr)
	}
	w.stdin = ""
	if got := w.call("logins"); got.code != 0 || !strings.Contains(got.stdout, "Alice Admin") {
		t.Errorf("logins: exit code %d\n%s", got.code, got.stderr)
	}
	for _, want := range []string{"is removed", "No token was stored"} {
		if got := w.call("logout"); got.code != 0 || !strings.Contains(got.stderr, want) {
			t.Errorf("logout: exit code %d\n%s", got.code, got.stderr)
		}
	}
	if got := w.call("logins"); got.code != 2 {
		t.Errorf("after: exit code %d\n%s", got.code, got.stderr)
	}

	keyring.MockInitWithError(errors.New("no D-Bus"))
	defer keyring.MockInit()
	w.stdin = secret
	for _, command := range []string{"login", "logout"} {
		got := w.call(command)
		if got.code != 2 || !strings.Contains(got.stderr, "no keyring that works (no D-Bus)") || !strings.Contains(got.stderr, "hint: set CSVPUT_TOKEN") {
			t.Errorf("%s without a keyring: exit code %d\n%s", command, got.code, got.stderr)
		}
	}
	w.env["CSVPUT_TOKEN"] = secret
	if got := w.call("logins"); got.code != 0 {
		t.Errorf("logins without a keyring: exit code %d\n%s", got.code, got.stderr)
	}
}
