package importer

import "csvput/report"

// LeftOut are the lines of the rows that somebody has left out since the plan was made.
type LeftOut map[int]bool

const textLeftOut = "Somebody has left the row out; nothing was sent for it."

// has reports whether the row on a line is left out. One that may have been sent before is not any more.
func (l LeftOut) has(outcomes *report.Outcomes, line int, id string) bool {
	if !l[line] {
		return false
	}
	status, ok := outcomes.Status(line, id)
	return !ok && !outcomes.Damaged() || status == report.NotAttempted
}
