package report

import (
	"strings"
	"testing"
)

func TestStatuses(t *testing.T) {
	for i, s := range Statuses() {
		if !s.Known() || s.index() != i || !strings.HasSuffix(s.Means(), ".") {
			t.Errorf("%s: known %t, index %d, %q", s, s.Known(), s.index(), s.Means())
		}
	}
	list := func(is func(Status) bool) string {
		var out []string
		for _, s := range Statuses() {
			if is(s) {
				out = append(out, string(s))
			}
		}
		return strings.Join(out, " ")
	}
	if got := list(Status.Settled); got != "updated unchanged invalid rejected mismatch conflict" {
		t.Errorf("settled: %s", got)
	}
	if got := list(Status.Problem); got != "invalid rejected failed unknown mismatch conflict not_attempted" {
		t.Errorf("problems: %s", got)
	}
	for _, s := range []Status{"", "upd", "Updated"} {
		if s.Known() || s.Settled() || s.Problem() || s.Means() != "" {
			t.Errorf("%q is taken for a status", s)
		}
	}
	if table := statusesMarkdown(); strings.Count(table, "\n") != len(Statuses())+2 || !strings.Contains(table, "| `failed` | No success, and certainly not applied, nor will it be. | yes |") {
		t.Errorf("got\n%s", table)
	}
}
