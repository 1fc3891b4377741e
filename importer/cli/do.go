package cli

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v3"

	"csvput/importer"
	"csvput/importer/cli/term"
	"csvput/importer/crm"
	"csvput/importer/quota"
	"csvput/importer/rescue"
	"csvput/importer/rows"
	"csvput/importer/run"
	"csvput/report"
	"csvput/report/human"
)

// do carries out a command that works for a while: it opens the screen and the log, and closes them after it.
func (a *app) do(c *cli.Command, work func(run.Job) run.Result) error {
	f := &face{app: a, c: c}
	if err := f.openScreen(); err != nil {
		return err
	}
	closeLog, err := f.openLog()
	if err != nil {
		return err
	}
	for _, file := range a.settings().files {
		f.log.Info("settings", "file", file)
		f.screen.Say("Settings from %s", human.Line(file))
	}
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := rescue.Call(func() error { f.screen.Live(done); return nil }); err != nil {
			a.ease(err)
		}
	})
	result := work(f.job())
	close(done)
	wg.Wait()
	f.logEnd(result)
	err = closeLog()
	if result.End != run.EndDone {
		return result.Ending
	}
	return err
}

// onFile is the action of a command that does something with a file and asks nothing.
func (a *app) onFile(work func(j run.Job, soft, hard context.Context, file string) run.Result) cli.ActionFunc {
	return func(_ context.Context, c *cli.Command) error {
		file, err := argument(c, "file")
		if err != nil {
			return err
		}
		return a.do(c, func(j run.Job) run.Result { return work(j, a.soft, a.hard, file) })
	}
}

// job is what a run needs of the flags.
func (f *face) job() run.Job {
	j := run.Job{
		Command: f.c.Name, Held: held(f.c), Versions: version(), Face: f, Log: f.log, Stdin: f.Stdin,
		CacheDir: f.CacheDir, Token: f.token, Word: dashed, CommandLine: f.commandLine,
	}
	for _, flag := range f.c.Flags {
		name := flag.Names()[0]
		text := fmt.Sprint(f.c.Value(name))
		if list, ok := f.c.Value(name).([]string); ok {
			text = strings.Join(list, "\n")
		}
		_ = j.Settings.Set(name, text) // a flag's value is of the setting's kind
		if f.c.IsSet(name) {
			j.Given = append(j.Given, name)
		}
	}
	return j
}

// held is every setting as it holds for the command, without secrets: what the summary keeps.
func held(c *cli.Command) map[string]string {
	out := map[string]string{}
	for _, f := range c.Flags {
		if name := f.Names()[0]; name != "help" && name != "map" {
			out[name] = hidden(name, settingOf(c, name))
		}
	}
	return out
}

// Stage begins a stage of a run.
func (f *face) Stage(stage importer.Stage, total int64) {
	if stage != "" {
		f.log.Debug("stage", "stage", string(stage), "total", total)
	}
	s := term.Stage{Name: string(stage), Total: total, Bytes: stage == importer.StageCheck}
	if stage == importer.StageSend && f.client != nil {
		s.Least = f.client.Estimate
	}
	f.screen.Begin(s)
}

// Advance says how far the stage is.
func (f *face) Advance(done int64) { f.screen.Advance(done) }

// Outcome counts a row's outcome and logs it.
func (f *face) Outcome(row report.Row) {
	level, word := slog.LevelInfo, string(row.Status)
	if row.Status.Problem() {
		level, word = slog.LevelWarn, "failed"
	}
	f.screen.Count(word)
	if !f.log.Enabled(f.hard, level) {
		return
	}
	value := row.Value
	if !f.c.Bool("log-values") {
		value = mask(value)
	}
	f.log.Log(f.hard, level, "row",
		"line", row.Line, "id", row.ID, "status", string(row.Status), "code", string(row.Code),
		"value", value, "http_status", row.HTTPStatus, "attempts", row.Attempts, "ms", row.MS)
}

// Connected keeps the client, which knows how long requests take.
func (f *face) Connected(client *crm.Client) { f.client = client }

// Wait shows that everybody waits, and that it is over. The client logs it.
func (f *face) Wait(w quota.Wait) {
	what := map[string]string{
		quota.WaitQuota:       "the quota",
		quota.WaitRate:        "the pace set by --rate",
		quota.WaitThrottled:   "the quota, as the CRM asks",
		quota.WaitUnavailable: "the CRM, which is not available",
	}[w.Reason]
	f.screen.Waiting(term.Wait{What: what, For: w.For, Until: w.Until})
}

// Folder gives the log the run's id, and a command that is cut off the way to go on.
func (f *face) Folder(folder *report.Folder, id string, planned bool) {
	f.folder = folder
	f.runID.Store(&id)
	if planned {
		next := f.commandLine("apply", folder.Dir(), nil)
		f.next.Store(&next)
	}
}

// Reading says how the file is read where that is not the plainest way, and what becomes of each column.
func (f *face) Reading(info rows.Info) {
	if info.Guessed {
		f.log.Info("reading", "encoding", info.Encoding, "delimiter", string(info.Delimiter))
		f.screen.Say("reading as %s, separated by %s", info.Encoding, separatorName(info.Delimiter))
	}
	if info.Sheet != "" {
		f.log.Info("reading", "sheet", info.Sheet)
		f.screen.Say("reading the sheet %s", human.Quote(info.Sheet))
	}
	f.log.Info("columns", "used", info.Used(), "not_used", info.Unused, "left_out", info.NotNeeded)
	f.screen.Say("used: %s", human.Line(strings.Join(info.Used(), ", ")))
	if len(info.Unused) > 0 {
		f.screen.Say("not used: %s", unusedColumns(info))
	}
	if len(info.NotNeeded) > 0 {
		f.screen.Say("left out: %s", human.Line(strings.Join(info.NotNeeded, ", ")))
	}
}

// Note says a sentence.
func (f *face) Note(text string) { f.screen.Say("%s", text) }

// Planned shows a plan, and writes down what it found.
func (f *face) Planned(t *importer.Tally, s report.Summary) {
	f.log.Info("plan", "rows", t.Rows, "blank", t.Blank, "statuses", t.Statuses,
		"list_requests", s.Requests.List, "updates", t.Requests(), "folder", f.folder.Dir())
	f.logCodes(t, s)
	if f.onlyPlans() || t.Statuses[report.Planned] > 0 {
		f.screen.Say("%s", f.planText(t, s)) // else the end of the run says it all
	}
}

// Decide asks about n records, and says whose they are.
func (f *face) Decide(ctx context.Context, n int, s report.Summary) (bool, error) {
	if f.c.Bool("yes") {
		return true, nil
	}
	what := "Update"
	if s.UndoOf != "" {
		what = "Put the old values back for"
	}
	f.screen.Say("\nAll changes: %s", f.folder.Path(cmp.Or(s.Files["page"], report.PageName)))
	if name := s.Failed(); name != "" {
		f.screen.Say("Rows left out: %s", f.folder.Path(name))
	}
	return f.screen.Ask(ctx, f.Stdin, f.cost(n, s)+"\n"+what+" "+report.Plural(n, "record")+where(s)+"?")
}

// cost says how long it takes to update n records, and whether that can be put back.
func (f *face) cost(n int, s report.Summary) string {
	long := "a moment"
	if wait := f.client.Estimate(n); wait >= time.Second {
		long = "about " + human.Duration(wait)
	}
	if s.Settings["no-lookup"] == "true" {
		return "This takes " + long + ", and can't be put back: the old values are not read."
	}
	return "This takes " + long + ", and csvput undo can put the old values back."
}

// where says whose records a question is about, and on which server.
func where(s report.Summary) string {
	var b strings.Builder
	if s.Firm.Name != "" {
		fmt.Fprintf(&b, " of %s", human.Line(s.Firm.Name))
	}
	if who := cmp.Or(s.Account.Name, s.Account.UUID); who != "" {
		fmt.Fprintf(&b, ", acting as %s", human.Line(who))
	}
	if s.Sandbox != "" {
		return b.String() + " (in the sandbox)"
	}
	if server, err := url.Parse(s.BaseURL); err == nil {
		fmt.Fprintf(&b, ", at %s", human.Line(server.Host))
	}
	return b.String()
}

// Ended shows what a run leaves, and hands the summary to whoever asked for it.
func (f *face) Ended(r run.Result) error {
	switch {
	case !r.Left:
	case r.Summary.State == report.StateChecked:
		f.logCodes(r.Tally, r.Summary)
		f.screen.Say("%s", f.checkText(r))
	case r.Summary.State == report.StatePlanned:
		f.screen.Say("\nNothing was changed. The plan is in %s%s", r.Folder.Dir(),
			stepLines(append(reports(r), r.Next...)))
	default:
		f.screen.Say("%s", f.endText(r))
	}
	return f.handOver(r.Summary)
}

// logEnd writes the last record of a command.
func (f *face) logEnd(r run.Result) {
	attrs := []any{"exit_code", int(r.End)}
	level := slog.LevelInfo
	if r.What != "" {
		level = slog.LevelError
		attrs = append(attrs, loggable(r.Ending, f.c.Bool("log-values"))...)
	}
	if s := r.Summary; r.Folder != nil && s.State != "" {
		attrs = append(attrs, "state", string(s.State), "rows", s.Rows, "statuses", s.Statuses,
			"duration_ms", s.DurationMS, "folder", r.Folder.Dir(), "next", s.Next)
	}
	f.log.Log(f.hard, level, "ended", attrs...)
	f.ended = f.screen.Machine
}

// ask is do for a command that is going to ask.
func (a *app) ask(c *cli.Command, file string, work func(run.Job) run.Result) error {
	return a.do(c, func(j run.Job) run.Result {
		if err := a.canAsk(c, file); err != nil {
			return a.refuse(j, err)
		}
		return work(j)
	})
}

// canAsk refuses early what would have to ask and can't.
func (a *app) canAsk(c *cli.Command, file string) error {
	hint := "add --yes to update without a question"
	if flagOf(c, "dry-run") != nil {
		hint += ", or --dry-run to look first"
	}
	switch {
	case c.Bool("yes"):
		return nil
	case file == "-":
		return run.Usagef("the file comes from standard input, so there is nobody to ask").Hint(hint)
	case a.machine():
		return run.Usagef("with --log-format json there is no room for a question").Hint(hint)
	case c.Bool("no-input") || !term.IsTerminal(a.Stdin):
		return run.Usagef("there is no terminal to ask on").Hint(hint)
	}
	return nil
}

// refuse ends a job that is not begun.
func (a *app) refuse(j run.Job, err error) run.Result {
	return j.Do(a.soft, a.hard, func(context.Context) error { return err })
}
