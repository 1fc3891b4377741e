package cli

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"csvput/importer"
	"csvput/report"
	"csvput/report/code"
)

// How much is shown on the terminal; the folder has all of it.
const (
	mostChanges  = 6   // rows of a plan
	mostCodes    = 8   // kinds of problem, and of anything else, that a plan has
	mostProblems = 5   // rows with problems at the end of a run
	mostText     = 100 // characters of an example
)

// counted is a number and what it counts.
type counted struct {
	n    int
	text string
}

// writeCounts writes numbers above each other, leaving out what there is none of.
func writeCounts(b *strings.Builder, lines ...counted) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, l := range lines {
		if l.n > 0 {
			fmt.Fprintf(w, "%s\t %s\n", report.Thousands(l.n), l.text)
		}
	}
	w.Flush()
}

// showPlan shows what a plan found.
func (s *session) showPlan(t *importer.Tally) {
	var b strings.Builder
	counts := t.Statuses
	changes := "will change"
	if s.summary.UndoOf != "" {
		changes = "will be put back"
	}
	if counts[report.Planned] == 0 {
		fmt.Fprintf(&b, "Nothing %s.\n\n", changes)
	}
	writeCounts(&b,
		counted{counts[report.Planned], changes},
		counted{counts[report.Unchanged], "already right"},
		counted{counts[report.Invalid], "refused by csvput"},
		counted{counts[report.Rejected], "unknown to the CRM"},
		counted{counts[report.Conflict], "changed by somebody since: left alone"},
		counted{t.Rows, "rows in all" + blankRows(t)},
	)
	s.showChanges(&b, t)
	// csvput run shows the problems at its end, with what to do about each.
	s.showCodes(&b, t, !s.onlyPlans())
	fmt.Fprintf(&b, "\n%s made to read, %s to make", report.Plural(s.summary.Requests.List, "request"), report.Plural(t.Requests(), "update"))
	if wait := s.client.Estimate(t.Requests()); wait >= time.Second {
		fmt.Fprintf(&b, ", about %s at the quota", roughly(wait))
	}
	s.screen.say("%s.", b.String())
}

func blankRows(t *importer.Tally) string {
	if t.Blank == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s skipped)", report.Plural(t.Blank, "blank row"))
}

// showChanges shows a sample of a plan as old -> new.
func (s *session) showChanges(b *strings.Builder, t *importer.Tally) {
	if len(t.First) == 0 {
		return
	}
	b.WriteString("\nChanges\n")
	shown := t.First[:min(len(t.First), mostChanges)]
	for _, row := range shown {
		where := fmt.Sprintf("line %d", row.Line)
		for _, f := range []struct{ was, is, what string }{
			{row.ValueBefore, row.Value, ""},
			{row.NameBefore, row.Name, "name "},
			{row.AccountUUIDsBefore, row.AccountUUIDs, "owners "},
			{row.PrimaryAccountUUIDsBefore, row.PrimaryAccountUUIDs, "primary owners "},
		} {
			if f.was != f.is && f.is != "" {
				was := "(nothing)"
				if f.was != "" {
					was = short(f.was, mostText/2)
				}
				fmt.Fprintf(b, "  %-10s  %s%s -> %s\n", where, f.what, s.screen.paint(red, was), s.screen.paint(green, short(f.is, mostText/2)))
				where = ""
			}
		}
	}
	if more := t.Statuses[report.Planned] - len(shown); more > 0 {
		fmt.Fprintf(b, "  and %s more, all in %s\n", report.Thousands(more), s.folder.Path(report.PlanName))
	}
}

// short keeps a foreign text on one line and bounded.
func short(text string, most int) string {
	text = oneLine(text)
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-3]) + "..."
}

// showCodes lists what a check found, the most frequent code first, with an example each and, unless it
// is to be brief, what to do.
func (s *session) showCodes(b *strings.Builder, t *importer.Tally, brief bool) {
	for _, kind := range []struct {
		kind  code.Kind
		title string
	}{{code.KindProblem, "Problems"}, {code.KindRepair, "Repaired"}, {code.KindWarning, "Worth a look"}, {code.KindNote, "Notes"}} {
		codes := codesOf(t, kind.kind)
		if len(codes) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n%s\n", kind.title)
		for _, found := range codes[:min(len(codes), mostCodes)] {
			f := t.Codes[found]
			what := string(found)
			if kind.kind == code.KindProblem {
				what = s.screen.paint(red, what)
			}
			fmt.Fprintf(b, "  %5s  %s, line %d: %s\n", report.Thousands(f.Count), what, f.Line, short(f.Message, mostText))
			if hint := s.hintOf(found); hint != "" && kind.kind == code.KindProblem && !brief {
				fmt.Fprintf(b, "         %s\n", hint)
			}
		}
		if more := len(codes) - mostCodes; more > 0 {
			fmt.Fprintf(b, "  and %d more kinds: all rows are in %s\n", more, s.folder.Path(report.PageName))
		}
	}
}

// hintOf is what to do about a row with a code. An undo leaves to others what they have changed, and can't be
// told not to.
func (s *session) hintOf(why code.Code) string {
	if why == code.ChangedSince && s.summary.UndoOf != "" {
		return "Look at the record in the CRM; if the old value is the right one, put it back there."
	}
	return why.Hint()
}

// codesOf are the codes of a kind that were found, the most frequent first.
func codesOf(t *importer.Tally, kind code.Kind) []code.Code {
	var out []code.Code
	for _, found := range t.SortedCodes() {
		if info, _ := found.Info(); info.Kind == kind && found != code.AlreadySo {
			out = append(out, found)
		}
	}
	slices.SortStableFunc(out, func(a, b code.Code) int { return cmp.Compare(t.Codes[b].Count, t.Codes[a].Count) })
	return out
}

// logPlan writes down what a plan found.
func (s *session) logPlan(t *importer.Tally) {
	s.log.Info("plan", "rows", t.Rows, "blank", t.Blank, "statuses", t.Statuses,
		"list_requests", s.summary.Requests.List, "updates", t.Requests(), "folder", s.folder.Dir())
	s.logCodes(t)
}

// logCodes writes down which problems were found. The message of a row quotes its value, so it is left
// out unless values may be logged.
func (s *session) logCodes(t *importer.Tally) {
	for _, found := range codesOf(t, code.KindProblem) {
		f := t.Codes[found]
		attrs := []any{"code", string(found), "rows", f.Count, "line", f.Line, "hint", s.hintOf(found)}
		if s.c.Bool("log-values") {
			attrs = append(attrs, "message", oneLine(f.Message))
		}
		s.log.Log(s.hard, slog.LevelWarn, "problem", attrs...)
	}
}

// showCheck shows what a check found.
func (s *session) showCheck(t *importer.Tally, steps []step) {
	var b strings.Builder
	writeCounts(&b,
		counted{t.Statuses[report.Valid], "in order"},
		counted{t.Problems(), "to be corrected"},
		counted{t.Rows, "rows in all" + blankRows(t)},
	)
	if len(t.First) > 0 {
		b.WriteString("\nWhat the CRM would get for the first rows\n")
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, row := range t.First {
			fmt.Fprintf(w, "  line %d\t%s\t%s\t%s\t%s\n", row.Line, row.Value, row.Country, row.National, short(row.Name, mostText/2))
		}
		w.Flush()
	}
	s.showCodes(&b, t, false)
	fmt.Fprintf(&b, "\n%s Took %s.", s.summary.Headline(), s.took())
	s.screen.say("%s%s", b.String(), stepLines(append(s.reports(), steps...)))
}

func (s *session) took() string {
	return roughly(time.Duration(s.summary.DurationMS) * time.Millisecond)
}

// reports are the files that a person opens first.
func (s *session) reports() []step {
	return []step{{"Report", s.folder.Path(s.summary.Files["page"])}}
}

// showEnd shows how a run ended.
func (s *session) showEnd(steps []step) {
	var b strings.Builder
	b.WriteString("\n")
	lines := []counted{}
	for _, status := range report.Statuses() {
		lines = append(lines, counted{s.summary.Statuses[status], s.paintStatus(status)})
	}
	writeCounts(&b, append(lines, counted{s.summary.Rows, "rows in all"})...)
	if s.summary.Problems() > 0 {
		s.firstProblems(&b)
	}
	fmt.Fprintf(&b, "\n%s Took %s.", s.summary.Headline(), s.took())
	s.screen.say("%s%s", b.String(), stepLines(append(s.reports(), steps...)))
}

func (s *session) paintStatus(status report.Status) string {
	switch {
	case status.Problem():
		return s.screen.paint(red, string(status))
	case status == report.Updated:
		return s.screen.paint(green, string(status))
	}
	return string(status)
}

// firstProblems shows the first row of each kind of problem, with its line and what to do: what happened
// while sending before what was wrong with the file.
func (s *session) firstProblems(b *strings.Builder) {
	var sent, file []report.Row
	seen := map[code.Code]bool{}
	for row, err := range importer.Rows(s.folder, s.summary.Files["report"]) {
		if err != nil {
			return // the table above is right; the rows are in the report
		}
		if !row.Status.Problem() || row.Status == report.NotAttempted || seen[row.Code] {
			continue
		}
		seen[row.Code] = true
		if row.Status == report.Invalid {
			file = append(file, row)
		} else {
			sent = append(sent, row)
		}
	}
	all := append(sent, file...)
	for _, row := range all[:min(len(all), mostProblems)] {
		fmt.Fprintf(b, "\n%s:%d  %s: %s\n", s.summary.Input.Name, row.Line, s.screen.paint(red, string(row.Code)), short(row.Message, 2*mostText))
		if hint := s.hintOf(row.Code); hint != "" {
			fmt.Fprintf(b, "    %s\n", hint)
		}
		if more := s.summary.Codes[row.Code] - 1; more > 0 {
			fmt.Fprintf(b, "    and %s like it\n", moreRows(more))
		}
	}
	if name := s.summary.Files["failed"]; name != "" && (len(all) > mostProblems || len(all) < s.summary.Problems()) {
		fmt.Fprintf(b, "\nAll rows with problems are in %s\n", s.folder.Path(name))
	}
}

func moreRows(n int) string {
	if n == 1 {
		return "1 more row"
	}
	return report.Thousands(n) + " more rows"
}
