package importer

import (
	"testing"

	"csvput/report"
)

// Every combination of evidence has an outcome, and no outcome claims more than the evidence shows.
func TestDecide(t *testing.T) {
	names := [sents]string{"nothing", "earlier", "refused", "failed", "maybe", "maybe yet", "unseen", "accepted", "other"}
	views := [seens]string{"not read", "gone", "wished", "before", "hidden", "part", "other"}
	want := map[string]string{
		"nothing/not read": "not_attempted again", "nothing/gone": "rejected", "nothing/wished": "unchanged",
		"nothing/before": "not_attempted again", "nothing/hidden": "not_attempted again", "nothing/part": "conflict", "nothing/other": "conflict",

		"earlier/not read": "unknown again", "earlier/gone": "unknown", "earlier/wished": "updated",
		"earlier/before": "unknown again", "earlier/hidden": "unknown again", "earlier/part": "unknown", "earlier/other": "unknown",

		"refused/not read": "rejected", "refused/gone": "rejected", "refused/wished": "rejected",
		"refused/before": "rejected", "refused/hidden": "rejected", "refused/part": "rejected", "refused/other": "rejected",

		"failed/not read": "failed again", "failed/gone": "rejected", "failed/wished": "conflict",
		"failed/before": "failed again", "failed/hidden": "failed again", "failed/part": "conflict", "failed/other": "conflict",

		"maybe/not read": "unknown", "maybe/gone": "unknown", "maybe/wished": "updated",
		"maybe/before": "failed again", "maybe/hidden": "unknown again", "maybe/part": "unknown", "maybe/other": "unknown",

		"maybe yet/not read": "unknown", "maybe yet/gone": "unknown", "maybe yet/wished": "updated",
		"maybe yet/before": "unknown again", "maybe yet/hidden": "unknown again", "maybe yet/part": "unknown", "maybe yet/other": "unknown",

		"unseen/not read": "unknown", "unseen/gone": "unknown", "unseen/wished": "updated",
		"unseen/before": "mismatch", "unseen/hidden": "unknown", "unseen/part": "unknown", "unseen/other": "mismatch",

		"accepted/not read": "updated", "accepted/gone": "mismatch", "accepted/wished": "updated",
		"accepted/before": "mismatch", "accepted/hidden": "updated", "accepted/part": "updated", "accepted/other": "mismatch",

		"other/not read": "mismatch", "other/gone": "mismatch", "other/wished": "updated",
		"other/before": "mismatch", "other/hidden": "mismatch", "other/part": "mismatch", "other/other": "mismatch",
	}
	for s := range sents {
		for r := range seens {
			name := names[s] + "/" + views[r]
			v := decide(s, r)
			got := string(v.status)
			if v.send {
				got += " again"
			}
			if got != want[name] {
				t.Errorf("%s: %s, want %s", name, got, want[name])
			}
			certain := s == sentNothing || s == sentRefused || s == sentFailed // that nothing of ours was applied
			switch v.status {
			case report.Updated:
				if certain || r == seenGone || r == seenBefore || r == seenOther {
					t.Errorf("%s is updated, though nobody has seen it", name)
				}
			case report.Unchanged, report.NotAttempted:
				if !certain {
					t.Errorf("%s is %s, though something may have been sent", name, v.status)
				}
			case report.Failed, report.Rejected:
				if !certain && !(s == sentMaybe && r == seenBefore) {
					t.Errorf("%s is %s, though it may have been applied", name, v.status)
				}
			case report.Mismatch:
				if s != sentUnseen && s != sentAccepted && s != sentOther {
					t.Errorf("%s is a mismatch, though the server never said yes", name)
				}
			}
			if v.send && r != seenBefore && r != seenHidden && r != seenNothing {
				t.Errorf("%s may be sent, though the record is not as it was", name)
			}
		}
	}
}
