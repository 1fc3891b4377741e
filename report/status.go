package report

import "strings"

// Status is the one word that says what became of a row of the input.
type Status string

// The status words. A row has exactly one; over a run they add up to the rows of the input.
const (
	Planned      Status = "planned"       // plan only: will be sent
	Valid        Status = "valid"         // check only: nothing to complain about
	Updated      Status = "updated"       // sent, and shown to be as wished
	Unchanged    Status = "unchanged"     // the record already was so: nothing sent
	Invalid      Status = "invalid"       // refused by csvput, never sent
	Rejected     Status = "rejected"      // refused by the server, and not applied
	Failed       Status = "failed"        // no success; not applied, and will not be
	Unknown      Status = "unknown"       // may have been applied, or may yet be
	Mismatch     Status = "mismatch"      // the server said yes and shows something else
	Conflict     Status = "conflict"      // somebody changed the record since: left alone
	NotAttempted Status = "not_attempted" // nothing was sent
)

// statusInfo holds what there is to know of a status.
type statusInfo struct {
	status           Status
	settled, problem bool
	phrase           string // rows with the status are ... in a headline
	means            string
}

// statusTable returns every status in the order of the summary.
func statusTable() [11]statusInfo {
	return [...]statusInfo{
		{Planned, false, false, "to be changed", "In a plan only: the row will be sent."},
		{Valid, false, false, "in order", "In a check only: nothing to complain about."},
		{Updated, true, false, "updated", "Sent, and an answer or a reading afterwards shows the record as wished."},
		{Unchanged, true, false, "already right",
			"Nothing was sent: the CRM already held what the row asks for, or the row asks for nothing, or a later " +
				"row was taken instead."},
		{Invalid, true, true, "refused by csvput", "Refused by csvput and never sent."},
		{Rejected, true, true, "refused by the CRM", "Refused by the CRM, and certainly not applied."},
		{Failed, false, true, "failed", "No success, and certainly not applied, nor will it be."},
		{Unknown, false, true, "with an unknown outcome",
			"It may have been applied, or may yet be: an answer was lost, csvput was killed, or the CRM does not " +
				"show it."},
		{Mismatch, true, true, "saved differently by the CRM", "The CRM said yes, and shows something else."},
		{Conflict, true, true, "changed by somebody else and left alone",
			"Somebody changed the record in the meantime, so it was left alone."},
		{NotAttempted, false, true, "not attempted",
			"Nothing was sent: the run stopped before this row, or somebody has left it out."},
	}
}

// Statuses returns every status in the order in which a summary shows them.
func Statuses() []Status {
	table := statusTable()
	out := make([]Status, len(table))
	for i, info := range table {
		out[i] = info.status
	}
	return out
}

// index is the place of s in the table, or -1.
func (s Status) index() int {
	for i, info := range statusTable() {
		if info.status == s {
			return i
		}
	}
	return -1
}

// info is the table's entry of s; the zero value for a word that is no status.
func (s Status) info() statusInfo {
	for _, i := range statusTable() {
		if i.status == s {
			return i
		}
	}
	return statusInfo{}
}

// Known reports whether s is one of Statuses.
func (s Status) Known() bool { return s.index() >= 0 }

// Settled reports whether a resumed run leaves a row with this status alone.
func (s Status) Settled() bool { return s.info().settled }

// Problem reports whether a row with this status did not get through: it belongs in failed.csv and makes the exit code
// 3.
func (s Status) Problem() bool { return s.info().problem }

// Means says what the status means, in one sentence; "" for a word that is no status.
func (s Status) Means() string { return s.info().means }

// Label is the status in words.
func (s Status) Label() string { return strings.ReplaceAll(string(s), "_", " ") }
