package importer

import (
	"time"

	"csvput/report"
	"csvput/report/code"
)

// How long a request may still be applied after nobody waits for its answer any more.
const (
	// lateAfterLoss is for an answer that did not come: something holds the request up, and servers and proxies let
	// none last longer.
	lateAfterLoss = 10 * time.Minute
	// lateAfterKill is for a request that was under way when its process ended: nothing is known to hold it up.
	lateAfterKill = 30 * time.Second
)

// lateUntil is when no request of an unknown row can be on its way any more.
func lateUntil(row report.Row) time.Time {
	at, _ := time.Parse(time.RFC3339, row.At)
	return at.Add(lateAfterLoss)
}

// redoneUntil is when the request of an unknown row can't undo what an undo does any more. After a kill, half a minute
// is waited for what is next to impossible anyway; after an answer that did not come, as long as it may take.
func redoneUntil(row report.Row) time.Time {
	if row.Code != code.Interrupted {
		return lateUntil(row)
	}
	at, _ := time.Parse(time.RFC3339, row.At)
	return at.Add(lateAfterKill)
}

// mayBeRedone reports of a planned row of an undo whether the run that is undone may still have a request for it on its
// way.
func mayBeRedone(row report.Row) bool {
	return row.Code == code.Interrupted || row.Code == code.Timeout
}
