package cli_test

import (
	"strings"
	"testing"

	"csvput/report"
)

// TestSettingsKept says that apply and undo go at the pace and within the limits of the run, unless told
// otherwise, and that what they are told holds from then on.
func TestSettingsKept(t *testing.T) {
	w := newWorld(t, 30)
	delete(w.env, "CSVPUT_RATE")
	keeps := func(got result, code int, want map[string]string) {
		t.Helper()
		if got.code != code {
			t.Errorf("ends with %d, want %d\n%s", got.code, code, got.stderr)
		}
		settings := got.summary(t).Settings
		for name, value := range want {
			if settings[name] != value {
				t.Errorf("%s is %q, want %q", name, settings[name], value)
			}
		}
	}
	refuse := onPut(1, status(422, `{"message":"No."}`))
	w.fail(refuse)
	first := map[string]string{"rate": "90000/m", "workers": "1", "max-errors": "2", "retries": "1", "reserve": "7%", "timeout": "20s", "max-wait": "5m0s", "breaker": "9"}
	keeps(w.call("plan", "--json", "--rate", "90000/m", "--workers", "1", "--max-errors", "2", "--retries", "1", "--reserve", "7%", "--timeout", "20s", "--max-wait", "5m", "--breaker", "9", "$DIR/contacts.csv"), 0, first)
	folder := w.run()
	got := w.call("apply", "--json", folder)
	keeps(got, 8, first)
	if n := got.summary(t).Statuses[report.Rejected]; n != 2 {
		t.Errorf("%d rows were refused before --max-errors 2 stopped the run", n)
	}
	told := map[string]string{"rate": "90000/m", "workers": "1", "max-errors": "3", "breaker": "9"}
	keeps(w.call("apply", "--json", "--max-errors", "3", folder), 8, told)
	keeps(w.call("apply", "--json", folder), 8, told)
	w.fail(nil)
	keeps(w.call("apply", "--json", folder), 3, told)
	w.fail(refuse)
	got = w.call("undo", "--json", "--yes", folder)
	keeps(got, 8, told)
	if n := got.summary(t).Statuses[report.Rejected]; n != 3 {
		t.Errorf("%d rows of the undo were refused before --max-errors 3 stopped it", n)
	}
	keeps(w.call("undo", "--json", "--yes", "--max-errors", "4", folder), 8, map[string]string{"workers": "1", "max-errors": "4"})
}

// TestVerifyKept says that what is left of a run with --verify is verified too.
func TestVerifyKept(t *testing.T) {
	w := newWorld(t, 3)
	w.call("plan", "--verify", "$DIR/contacts.csv")
	lists := func() int {
		n := 0
		for _, r := range w.server.Requests() {
			if r.Method == "GET" && strings.HasSuffix(r.Path, "contact-details") {
				n++
			}
		}
		return n
	}
	before := lists()
	if got := w.call("apply", "$RUN"); got.code != 0 || lists()-before != 2 {
		t.Errorf("apply ends with %d after %d readings, want one before and one after\n%s", got.code, lists()-before, got.stderr)
	}
}

// TestUndoHints says that an undo does not send anybody to an option that it has not.
func TestUndoHints(t *testing.T) {
	w := newWorld(t, 3)
	if got := w.call("run", "--yes", "$DIR/contacts.csv"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	rec := w.server.Records()[0]
	rec.Value = "+442079460999"
	if err := w.server.Seed(rec); err != nil {
		t.Fatal(err)
	}
	got := w.call("undo", "--yes", "$RUN")
	if got.code != 3 || !strings.Contains(got.stderr, "changed_since") || !strings.Contains(got.stderr, "if the old value is the right one") || strings.Contains(got.stderr, "--overwrite") {
		t.Errorf("undo ends with %d\n%s", got.code, got.stderr)
	}
}
