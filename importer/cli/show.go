package cli

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"csvput/importer"
	"csvput/importer/cli/term"
	"csvput/importer/rows"
	"csvput/importer/run"
	"csvput/report"
	"csvput/report/code"
	"csvput/report/human"
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

// planText is what a plan found.
func (f *face) planText(t *importer.Tally, s report.Summary) string {
	var b strings.Builder
	counts := t.Statuses
	changes := "will change"
	if s.UndoOf != "" {
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
		rowsInAll(t.Rows, blankRows(t)),
	)
	writeMatched(&b, t)
	f.writeChanges(&b, t)
	// csvput run shows the problems at its end, with what to do about each.
	f.writeCodes(&b, t, s, !f.onlyPlans())
	fmt.Fprintf(&b, "\n%s made to read, %s to make", report.Plural(s.Requests.List, "request"),
		report.Plural(t.Requests(), "update"))
	// else the question says so
	if wait := f.client.Estimate(t.Requests()); wait >= time.Second && (f.onlyPlans() || f.c.Bool("yes")) {
		fmt.Fprintf(&b, ", about %s at the quota", human.Duration(wait))
	}
	return b.String() + "."
}

func rowsInAll(n int, more string) counted {
	return counted{n, report.Noun(n, "row") + " in all" + more}
}

// writeMatched says how many rows without an id found their record, and by what, the most frequent first.
func writeMatched(b *strings.Builder, t *importer.Tally) {
	by := slices.SortedFunc(maps.Keys(t.Matched), func(x, y string) int {
		return cmp.Or(cmp.Compare(t.Matched[y], t.Matched[x]), cmp.Compare(x, y))
	})
	if len(by) == 0 {
		return
	}
	b.WriteString("\nFound without an id, by\n")
	for _, by := range by[:min(len(by), mostCodes)] {
		fmt.Fprintf(b, "  %5s  %s\n", report.Thousands(t.Matched[by]), by)
	}
}

func blankRows(t *importer.Tally) string {
	if t.Blank == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s skipped)", report.Plural(t.Blank, "blank row"))
}

// writeChanges shows a sample of a plan as old -> new.
func (f *face) writeChanges(b *strings.Builder, t *importer.Tally) {
	if len(t.First) == 0 {
		return
	}
	b.WriteString("\nChanges\n")
	shown := t.First[:min(len(t.First), mostChanges)]
	for _, row := range shown {
		where := fmt.Sprintf("line %d", row.Line)
		for _, field := range []struct{ was, is, what string }{
			{row.ValueBefore, row.Value, ""},
			{row.NameBefore, row.Name, "name "},
			{row.AccountUUIDsBefore, row.AccountUUIDs, "owners "},
			{row.PrimaryAccountUUIDsBefore, row.PrimaryAccountUUIDs, "primary owners "},
		} {
			if field.was != field.is && field.is != "" {
				was := "(nothing)"
				if field.was != "" {
					was = short(field.was, mostText/2)
				}
				fmt.Fprintf(b, "  %-10s  %s%s -> %s\n", where, field.what, f.screen.Paint(term.Red, was),
					f.screen.Paint(term.Green, short(field.is, mostText/2)))
				where = ""
			}
		}
	}
	if more := t.Statuses[report.Planned] - len(shown); more > 0 {
		fmt.Fprintf(b, "  and %s more, all in %s\n", report.Thousands(more), f.folder.Path(report.PageName))
	}
}

// short keeps a foreign text on one line and bounded.
func short(text string, most int) string {
	text = human.Line(text)
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-3]) + "..."
}

// writeCodes lists what a check found, the most frequent code first, with an example each and, unless it is to be
// brief, what to do.
func (f *face) writeCodes(b *strings.Builder, t *importer.Tally, s report.Summary, brief bool) {
	for _, kind := range []struct {
		kind  code.Kind
		title string
	}{{code.KindProblem, "Problems"}, {code.KindRepair, "Repaired"}, {code.KindWarning, "Worth a look"},
		{code.KindNote, "Notes"}} {
		codes := codesOf(t, kind.kind)
		if len(codes) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n%s\n", kind.title)
		for _, why := range codes[:min(len(codes), mostCodes)] {
			found := t.Examples[why]
			what := string(why)
			if kind.kind == code.KindProblem {
				what = f.screen.Paint(term.Red, what)
			}
			fmt.Fprintf(b, "  %5s  %s, line %d: %s\n", report.Thousands(t.Codes[why]), what, found.Line,
				short(found.Message, mostText))
			if hint := hintOf(why, s); hint != "" && kind.kind == code.KindProblem && !brief {
				fmt.Fprintf(b, "         %s\n", hint)
			}
		}
		if more := len(codes) - mostCodes; more > 0 {
			fmt.Fprintf(b, "  and %s: all rows are in %s\n", report.Plural(more, "more kind"),
				f.folder.Path(report.PageName))
		}
	}
}

// hintOf is what to do about a row with a code. An undo leaves to others what they have changed, and can't be told not
// to.
func hintOf(why code.Code, s report.Summary) string {
	if why == code.ChangedSince && s.UndoOf != "" {
		return "Look at the record in the CRM; if the old value is the right one, put it back there."
	}
	return why.Hint()
}

// codesOf are the codes of a kind that were found, the most frequent first.
func codesOf(t *importer.Tally, kind code.Kind) []code.Code {
	var out []code.Code
	for _, info := range code.All() {
		if info.Kind == kind && t.Codes[info.Code] > 0 && info.Code != code.AlreadySo {
			out = append(out, info.Code)
		}
	}
	slices.SortStableFunc(out, func(a, b code.Code) int { return cmp.Compare(t.Codes[b], t.Codes[a]) })
	return out
}

// logCodes writes down which problems were found. The message of a row quotes its value, so it is left out unless
// values may be logged.
func (f *face) logCodes(t *importer.Tally, s report.Summary) {
	for _, why := range codesOf(t, code.KindProblem) {
		found := t.Examples[why]
		attrs := []any{"code", string(why), "rows", t.Codes[why], "line", found.Line, "hint", hintOf(why, s)}
		if f.c.Bool("log-values") {
			attrs = append(attrs, "message", human.Line(found.Message))
		}
		f.log.Log(f.hard, slog.LevelWarn, "problem", attrs...)
	}
}

// checkText is what a check found.
func (f *face) checkText(r run.Result) string {
	var b strings.Builder
	t, s := r.Tally, r.Summary
	writeCounts(&b,
		counted{t.Statuses[report.Valid], "in order"},
		counted{t.Problems(), "to be corrected"},
		rowsInAll(t.Rows, blankRows(t)),
	)
	if len(t.First) > 0 {
		b.WriteString("\nWhat the CRM would get for the first rows\n")
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		for _, row := range t.First {
			fmt.Fprintf(w, "  line %d\t%s\t%s\t%s\t%s\n", row.Line, row.Value, row.Country, row.National,
				short(row.Name, mostText/2))
		}
		w.Flush()
	}
	f.writeCodes(&b, t, s, false)
	fmt.Fprintf(&b, "\n%s Took %s.", s.Headline(), took(s))
	return b.String() + stepLines(append(reports(r), r.Next...))
}

func took(s report.Summary) string {
	return human.Duration(time.Duration(s.DurationMS) * time.Millisecond)
}

// reports are the files that a person opens first.
func reports(r run.Result) []run.Step {
	return []run.Step{{What: "Report", Command: r.Folder.Path(r.Summary.Files["page"])}}
}

// endText is how a run ended.
func (f *face) endText(r run.Result) string {
	var b strings.Builder
	s := r.Summary
	b.WriteString("\n")
	lines := []counted{}
	for _, status := range report.Statuses() {
		lines = append(lines, counted{s.Statuses[status], f.paintStatus(status)})
	}
	writeCounts(&b, append(lines, rowsInAll(s.Rows, ""))...)
	if s.Problems() > 0 {
		f.firstProblems(&b, r)
	}
	fmt.Fprintf(&b, "\n%s Took %s.", s.Headline(), took(s))
	return b.String() + stepLines(append(reports(r), r.Next...))
}

func (f *face) paintStatus(status report.Status) string {
	switch {
	case status.Problem():
		return f.screen.Paint(term.Red, string(status))
	case status == report.Updated:
		return f.screen.Paint(term.Green, string(status))
	}
	return string(status)
}

// firstProblems shows the first row of each kind of problem, with its line and what to do: what happened while sending
// before what was wrong with the file.
func (f *face) firstProblems(b *strings.Builder, r run.Result) {
	s := r.Summary
	var sent, file []report.Row
	seen := map[code.Code]bool{}
	for row, err := range importer.Rows(r.Folder, s.Files["report"]) {
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
		fmt.Fprintf(b, "\n%s:%d  %s: %s\n", s.Input.Name, row.Line, f.screen.Paint(term.Red, string(row.Code)),
			short(row.Message, 2*mostText))
		if hint := hintOf(row.Code, s); hint != "" {
			fmt.Fprintf(b, "    %s\n", hint)
		}
		if more := s.Codes[row.Code] - 1; more > 0 {
			fmt.Fprintf(b, "    and %s like it\n", report.Plural(more, "more row"))
		}
	}
	if name := s.Failed(); name != "" && (len(all) > mostProblems || len(all) < s.Problems()) {
		fmt.Fprintf(b, "\nAll rows with problems are in %s\n", r.Folder.Path(name))
	}
}

// unusedColumns names the columns that are not used, with what a misspelt one may be meant to be.
func unusedColumns(info rows.Info) string {
	const most = 10
	var names []string
	for i, name := range info.Unused {
		if i == most {
			names = append(names, fmt.Sprintf("%d more", len(info.Unused)-most))
			break
		}
		text := short(name, mostText/2)
		for _, s := range info.Suggestions {
			if human.Line(s.Header) == human.Line(name) {
				text += fmt.Sprintf(" (is it %s? then %s)", s.Field, columnOption(s))
			}
		}
		names = append(names, text)
	}
	return strings.Join(names, ", ")
}

func separatorName(r rune) string {
	name := map[rune]string{'\t': "tabs", ',': "commas", ';': "semicolons", '|': "|"}[r]
	if name == "" {
		return string(r)
	}
	return name
}

func stepLines(steps []run.Step) string {
	text, width := "", 0
	for _, st := range steps {
		width = max(width, len(st.What)+1)
	}
	for _, st := range steps {
		text += fmt.Sprintf("\n%-*s  %s", width, st.What+":", st.Command)
	}
	return text
}
