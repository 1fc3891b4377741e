package importer_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"csvput/report"
	"csvput/report/code"
)

// fresh is how old a reading may be when the request leaves that rests on it.
const fresh = 5 * time.Second

// finding is something that csvput promised and did not keep.
type finding struct{ id, says string }

// judge holds every report, every change and the end against the server's history.
func (w *world) judge(ventures []*venture) (out []finding) {
	for _, v := range ventures {
		for _, told := range v.told {
			for _, row := range told.rows {
				if says := w.judgeRow(v, told, row); says != "" {
					out = append(out, finding{row.ID, fmt.Sprintf("%s, told at %s, line %d: %s %s: %s (%s)", v.name, w.clock(told.at), row.Line, row.Status, row.Code, says, row.Message)})
				}
			}
		}
	}
	for _, rec := range w.records {
		for i, s := range rec.sets {
			if s.by == nil {
				continue
			}
			for _, says := range w.judgeSet(rec, i) {
				out = append(out, finding{rec.id, fmt.Sprintf("%s, process %d, at %s: %s", s.by.proc.venture.name, s.by.proc.n, w.clock(s.at), says)})
			}
		}
	}
	slices.SortFunc(out, func(a, b finding) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.says, b.says)) })
	return out
}

// tries are the PUTs of a venture for a record that had left by then.
func (v *venture) tries(rec *record, by telling) (out []*try) {
	for _, t := range rec.tries {
		if t.proc.venture == v && t.proc.n <= by.procs && !t.left.After(by.at) {
			out = append(out, t)
		}
	}
	return out
}

// evidence is everything that the venture's processes were shown of a record since and until.
func (v *venture) evidence(rec *record, since time.Time, by telling) (out []*shown) {
	for _, t := range rec.tries {
		if t.proc.venture == v && t.proc.n <= by.procs && t.shown != nil && !t.answered.IsZero() && !t.left.Before(since) && !t.answered.After(by.at) {
			out = append(out, t.shown)
		}
	}
	for _, r := range rec.readings {
		if r.proc.venture == v && r.proc.n <= by.procs && !r.answered.IsZero() && !r.at.Before(since) && !r.answered.After(by.at) {
			out = append(out, r.shown) // nil: it was not there
		}
	}
	return out
}

// holds tells whether an answer shows nothing else than so.
func (s *shown) holds(so contact) bool {
	for f := range fields {
		if s == nil || s[f] != nil && !same(f, *s[f], so[f]) {
			return false
		}
	}
	return true
}

// asWished tells whether an answer shows a field as the row wants it.
func (s *shown) asWished(f field, want contact) bool {
	return s != nil && s[f] != nil && same(f, *s[f], want[f])
}

// judgeRow says what is untrue about a row of a report, by the meaning of its status.
func (w *world) judgeRow(v *venture, told telling, row report.Row) string {
	rec := w.record(row.ID)
	wish := v.wishes[row.Line]
	tries := v.tries(rec, told)
	applied := slices.ContainsFunc(tries, func(t *try) bool { return !t.applied.IsZero() })
	open := slices.ContainsFunc(tries, func(t *try) bool { return !t.refused() || t.answered.After(told.at) })
	whole := func(s *shown) bool {
		for f := range fields {
			if wish.named[f] && !s.asWished(f, wish.to) {
				return false
			}
		}
		return s != nil
	}
	switch row.Status {
	case report.Updated:
		if len(tries) == 0 {
			read := row.Code == code.ConfirmedByReading || row.Code == code.DuplicateRow
			if v.killed(told) && read && slices.ContainsFunc(v.evidence(rec, w.born, told), whole) {
				return "" // it may have been sent by the process that was killed
			}
			return "nothing was sent"
		}
		seen := v.evidence(rec, tries[0].left, told)
		var last *reading // on which the first request rests
		for _, r := range rec.readings {
			if r.proc.venture == v && !r.answered.IsZero() && !r.answered.After(tries[0].left) {
				last = r
			}
		}
		for f := range fields {
			overwrites := slices.ContainsFunc(tries, func(t *try) bool { return t.proc.overwrite })
			if plan := planned(v, rec); overwrites && plan != nil && plan.shown.asWished(f, wish.to) {
				continue // a plan does not keep what is named without being changed
			}
			if last != nil && last.shown.asWished(f, wish.to) {
				continue // it was so before, and nothing more was wished
			}
			if wish.named[f] && !admits(row, f) && !slices.ContainsFunc(seen, func(s *shown) bool { return s.asWished(f, wish.to) }) {
				return "nothing shows " + f.column() + " as wished after it was sent"
			}
		}
	case report.Unchanged:
		switch {
		case row.Code == code.Superseded || wish.named == [fields]bool{}:
		case open || applied:
			return "it was sent"
		case !slices.ContainsFunc(rec.readings, func(r *reading) bool {
			ok := r.proc.venture == v && r.found && !r.answered.IsZero()
			for f := range fields {
				// What a reading did not show was so in truth, at least.
				ok = ok && (!wish.named[f] || same(f, r.was[f], wish.to[f]))
			}
			return ok
		}):
			return "no reading found it as wished"
		}
	case report.Invalid:
		if len(tries) > 0 {
			return "it was sent"
		}
	case report.Rejected, report.Failed:
		if slices.ContainsFunc(tries, func(t *try) bool { return w.shows(v, rec, t, told) }) {
			return "an attempt was applied"
		}
	case report.Conflict:
		if slices.ContainsFunc(tries, func(t *try) bool { return w.shows(v, rec, t, told) }) {
			return "it was not left alone: an attempt was applied"
		}
		if !w.touched(v, rec) {
			return "nobody changed it"
		}
	case report.Mismatch:
		if !slices.ContainsFunc(tries, func(t *try) bool { return !t.answered.IsZero() && t.status >= 200 && t.status < 300 }) {
			return "the server did not say yes"
		}
		plan := planned(v, rec)
		other := func(s *shown) bool {
			for f := range fields {
				switch {
				case s == nil:
					return true
				case s[f] == nil:
				case wish.named[f] && !same(f, *s[f], wish.to[f]), !wish.named[f] && plan != nil && !same(f, *s[f], plan.was[f]):
					return true
				}
			}
			return false
		}
		if !slices.ContainsFunc(v.evidence(rec, tries[0].left, told), other) {
			return "nothing shows anything else"
		}
	case report.NotAttempted:
		if open || applied {
			return "it was sent"
		}
	case report.Unknown:
		if len(tries) == 0 && !v.killed(told) {
			return "nothing was sent, and no process was killed"
		}
		plan := planned(v, rec)
		if !told.last || plan == nil || rec.gone || row.Code == code.UndoNotPossible || v.name == "first undo" {
			break // of what was never shown before, nobody can tell; and the last undo changes what the first one left
		}
		for f := range fields {
			if w.hidden(f) && wish.named[f] {
				return ""
			}
		}
		// The world stands still, and every record is read.
		switch now := shows(rec.now, "list", true); {
		case len(differ(rec.now, plan.was)) == 0 && plan.shown.holds(plan.was):
			return "it is as it was planned, could be sent again, and is left as it is for ever"
		case whole(now) && !w.touched(v, rec): // else it can't be told from the fields of the row whose doing it is
			return "it is as wished, and is left unknown for ever"
		}
	default:
		return "no status for the end of a run"
	}
	return ""
}

// shows tells whether a try changed something that nobody had put back by then: what changed nothing, and what a colleague
// put back before anybody looked, no client can know of.
func (w *world) shows(v *venture, rec *record, t *try, by telling) bool {
	changed := false
	for _, s := range rec.sets {
		switch plan := planned(v, rec); {
		case s.by == t:
			changed = len(differ(s.was, s.is)) > 0
		case s.by == nil && !s.at.After(by.at) && plan != nil && len(differ(s.is, plan.was)) == 0:
			changed = false
		}
	}
	return changed
}

// touched tells whether somebody else changed a record since the venture, or what it undoes, was planned.
func (w *world) touched(v *venture, rec *record) bool {
	run := v
	if v.undoes != nil {
		run = v.undoes
	}
	since := w.born
	if r := planned(run, rec); r != nil {
		since = r.at
	}
	for _, s := range rec.sets {
		if s.at.Before(since) {
			continue
		}
		if s.by == nil || s.by.proc.venture != v && s.by.proc.venture != run {
			return true
		}
	}
	// Undo can't know what a run left that does not know itself.
	return run != v && slices.ContainsFunc(rec.tries, func(t *try) bool {
		return t.proc.venture == run && (t.answered.IsZero() || t.shown == nil && !t.refused() || t.fault == "discard")
	})
}

// planned is the reading of a record on which the venture's plan rests.
func planned(v *venture, rec *record) (last *reading) {
	for _, r := range rec.readings {
		if r.proc == v.planer && !r.answered.IsZero() {
			last = r
		}
	}
	return last
}

// setter says who gave a field the value that it had before the ith change, and when; nil is as the record was at first.
func (rec *record) setter(i int, f field) *set {
	for j := i - 1; j >= 0; j-- {
		if !same(f, rec.sets[j].was[f], rec.sets[j].is[f]) {
			return &rec.sets[j]
		}
	}
	return nil
}

// hidden tells whether lists never show a field.
func (w *world) hidden(f field) bool {
	return f == owners && w.nature.listOwners != "list" || f == primaries && (!w.nature.listPrimary || w.nature.noPrimary)
}

// named are the fields that a venture may change of a record.
func (v *venture) named(rec *record) (out [fields]bool) {
	for _, wish := range v.wishes {
		if wish.id == rec.id {
			for f := range fields {
				out[f] = out[f] || wish.named[f]
			}
		}
	}
	return out
}

// judgeSet says what a change by csvput destroyed of a colleague's work.
func (w *world) judgeSet(rec *record, i int) (out []string) {
	s := rec.sets[i]
	p, v := s.by.proc, s.by.proc.venture
	changed := differ(s.was, s.is)
	if len(changed) == 0 {
		return nil
	}
	old := func(c *set) bool { return c != nil && c.by == nil && c.at.Before(s.by.left.Add(-fresh)) }
	named, plan := v.named(rec), planned(v, rec)
	for _, f := range changed {
		by := rec.setter(i, f)
		switch {
		case !named[f] && by == nil:
			out = append(out, fmt.Sprintf("%s was changed from %q to %q, and the file does not name it", f.column(), s.was[f], s.is[f]))
		case p.noLookup || !old(by):
		case !named[f]:
			out = append(out, fmt.Sprintf("a colleague's %s %q, set %s before the request left, was overwritten with %q, and the file does not name it",
				f.column(), s.was[f], s.by.left.Sub(by.at), s.is[f]))
		case p.overwrite || w.hidden(f) || plan == nil || same(f, s.was[f], plan.was[f]):
		default:
			out = append(out, fmt.Sprintf("a colleague's %s %q, set %s before the request left, was overwritten with %q", f.column(), s.was[f], s.by.left.Sub(by.at), s.is[f]))
		}
	}
	if v.undoes == nil || p.noLookup || p.overwrite {
		return out
	}
	left := -1 // the last change by the run that is undone
	for j := range i {
		if by := rec.sets[j].by; by != nil && by.proc.venture == v.undoes && len(differ(rec.sets[j].was, rec.sets[j].is)) > 0 {
			left = j
		}
	}
	if left < 0 {
		then := telling{at: s.by.left, procs: p.n}
		if !v.undoes.killed(then) && !slices.ContainsFunc(v.undoes.tries(rec, then), func(t *try) bool { return !t.refused() }) {
			out = append(out, "undo changed a record that the run never changed")
		}
		return out
	}
	for f := range fields {
		by := rec.setter(i, f)
		if plan := planned(v.undoes, rec); plan != nil && same(f, s.was[f], plan.was[f]) {
			continue // it is what it was before the run
		}
		if old(by) && by.at.After(rec.sets[left].at) && !w.hidden(f) && !same(f, s.was[f], rec.sets[left].is[f]) {
			out = append(out, fmt.Sprintf("undo changed a record of which a colleague had changed %s since the run", f.column()))
		}
	}
	return out
}

// judgeUndo says what is not as it was after the last undo of a run.
func (w *world) judgeUndo(run, undo *venture) (out []finding) {
	said := map[string]report.Row{}
	for _, row := range undo.told[len(undo.told)-1].rows {
		said[row.ID] = row
	}
	for _, rec := range w.records {
		first := -1
		for i, s := range rec.sets {
			if s.by != nil && s.by.proc.venture == run && len(differ(s.was, s.is)) > 0 {
				first = i
				break
			}
		}
		if first < 0 {
			continue
		}
		since := w.born
		if r := planned(run, rec); r != nil {
			since = r.at
		}
		if slices.ContainsFunc(rec.sets, func(s set) bool { return s.by == nil && !s.at.Before(since) }) {
			continue
		}
		row, ok := said[rec.id]
		for _, f := range differ(rec.now, rec.sets[first].was) {
			was := rec.sets[first].was[f]
			if by := rec.setter(len(rec.sets), f); by != nil && by.by != nil && by.by.proc.dead && by.at.Sub(by.by.left) > 30*time.Second {
				continue // so long undo does not wait for what a process sent that was killed
			}
			possible := !run.blind && !w.hidden(f) && !(w.nature.strict && w.hidden(owners)) && (f != label && f != value || strings.TrimSpace(was) != "") && (f != owners || was != "" || !w.nature.strict)
			switch {
			case possible:
				out = append(out, finding{rec.id, fmt.Sprintf("after undo, %s is %q and was %q before the run; undo says %s %s (%s)", f.column(), rec.now[f], was, row.Status, row.Code, row.Message)})
			case !ok || !row.Status.Problem() && !strings.Contains(row.Message, f.column()):
				out = append(out, finding{rec.id, fmt.Sprintf("after undo, %s is %q and was %q before the run; undo keeps silent about it: %q %s (%s)", f.column(), rec.now[f], was, row.Status, row.Code, row.Message)})
			}
		}
	}
	return out
}

// clock is a time as the story tells it.
func (w *world) clock(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Sub(w.born).Round(time.Millisecond).String()
}

// story is what happened to a record, and what the processes did.
func (w *world) story(id string, ventures []*venture) string {
	tale := slices.Clone(w.tale)
	add := func(at time.Time, format string, args ...any) {
		tale = append(tale, line{at, fmt.Sprintf(format, args...)})
	}
	if rec := w.records[id]; rec != nil {
		add(w.born, "it is %q", rec.first)
		for _, s := range rec.sets {
			switch {
			case s.deleted:
				add(s.at, "a colleague deletes it")
			case s.by == nil:
				add(s.at, "a colleague makes it %q", s.is)
			default:
				add(s.at, "attempt %d is applied: %q", s.by.nth, s.is)
			}
		}
		for _, t := range rec.tries {
			add(t.left, "attempt %d of process %d leaves (%s): %v", t.nth, t.proc.n, cmp.Or(t.fault, "no fault"), t.sent)
			if !t.answered.IsZero() {
				add(t.answered, "attempt %d is answered with %d", t.nth, t.status)
			}
		}
		for _, r := range rec.readings {
			add(r.at, "process %d reads it (answer there at %s): found %t, %q", r.proc.n, w.clock(r.answered), r.found, r.was)
		}
	}
	for _, v := range ventures {
		for _, told := range v.told {
			for _, row := range told.rows {
				if row.ID == id {
					add(told.at, "%s tells of line %d, which wants %q %v: %s %s, %d attempts (%s)", v.name, row.Line, v.wishes[row.Line].to, v.wishes[row.Line].named, row.Status, row.Code, row.Attempts, row.Message)
				}
			}
		}
	}
	slices.SortStableFunc(tale, func(a, b line) int { return a.at.Compare(b.at) })
	var b strings.Builder
	for _, l := range tale {
		fmt.Fprintf(&b, "%12s  %s\n", w.clock(l.at), l.s)
	}
	return b.String()
}
