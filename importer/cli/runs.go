package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
	"csvput/report"
)

func (a *app) runsCommand() *cli.Command {
	return &cli.Command{
		Name: "runs",
		Flags: []cli.Flag{
			a.text("out", "", forOutput, "look in `FOLDER` (default: the folder you are in)"),
			a.jsonFlag("the list"), a.configFlag(),
		},
		Action: func(_ context.Context, c *cli.Command) error {
			past, err := a.pastRuns(c.String("out"), func(run.Past) bool { return true })
			if err != nil {
				return err
			}
			return a.printRuns(past, c.Bool("json"))
		},
	}
}

// pastRuns are those runs in a folder that are wanted.
func (a *app) pastRuns(parent string, wanted func(run.Past) bool) ([]run.Past, error) {
	past, err := run.Runs(parent)
	return slices.DeleteFunc(past, func(p run.Past) bool { return !wanted(p) }), err
}

// choice adds runs to an ending, as the commands that name one each.
func (a *app) choice(end *run.Ending, verb string, past []run.Past) *run.Ending {
	end.Hint("name the one that you mean:")
	for _, p := range past {
		end.Hint(fmt.Sprintf("  %s: %s; %s of %s, %s", a.commandLine(verb, p.Dir, nil), stateText(p),
			report.Plural(p.Was.Rows, "row"), p.Was.Input.Name, when(p.Was.StartedAt)))
	}
	return end
}

// stateText is the state of a run in a few words.
func stateText(p run.Past) string {
	text := map[string]string{
		string(report.StatePlanned): "planned, nobody has said yes to it yet",
		"begun":                     "begun and not ended",
		string(report.StateStopped): "stopped early",
	}[p.State()]
	if text == "" {
		text = p.State()
	}
	if p.Was.UndoOf != "" {
		return "undo, " + text
	}
	return text
}

// when is a time as a person's clock has it.
func when(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// runView is a run as --json prints it.
type runView struct {
	ID        string                `json:"id"`
	Folder    string                `json:"folder"`
	Command   string                `json:"command"`
	File      string                `json:"file"` // that it read
	StartedAt time.Time             `json:"started_at,omitzero"`
	State     string                `json:"state"`
	Agreed    bool                  `json:"agreed"` // somebody has said yes to its plan
	Rows      int                   `json:"rows"`
	Statuses  map[report.Status]int `json:"statuses"`
	Sandbox   bool                  `json:"sandbox"`
	Page      string                `json:"page"`  // report.html, "" when there is none
	Next      []string              `json:"next"`  // commands that make sense now
	Error     string                `json:"error"` // why the folder can't be read
}

// printRuns is what csvput runs prints.
func (a *app) printRuns(past []run.Past, json bool) error {
	if json {
		views := []runView{}
		for _, p := range past {
			views = append(views, a.viewOf(p))
		}
		return printJSON(a.Stdout, views)
	}
	if len(past) == 0 {
		fmt.Fprintln(a.Stderr, "There are no runs here. They stand beside their files, or below --out.")
		return nil
	}
	header := []string{"WHEN", "FILE", "COMMAND", "STATE", "ROWS", "UPDATED", "PROBLEMS", "NEXT", "FOLDER"}
	return printTable(a.Stdout, header, func(row func(...string)) {
		for _, p := range past {
			if p.Err != nil {
				row("", "", "", p.State(), "", "", "", "", p.Dir)
				fmt.Fprintf(a.Stderr, "%s\n", p.Err)
				continue
			}
			command := p.Was.Command
			if p.Was.Sandbox != "" {
				command += " (sandbox)"
			}
			row(when(p.Was.StartedAt), p.Was.Input.Name, command, p.State(), report.Thousands(p.Was.Rows),
				report.Thousands(p.Was.Statuses[report.Updated]), report.Thousands(p.Was.Problems()),
				strings.Join(verbs(p), ", "), p.Dir)
		}
	})
}

// verbs are the commands that make sense with a run now.
func verbs(p run.Past) []string {
	var out []string
	if p.Left() {
		out = append(out, "apply")
	}
	if p.Undoable() {
		out = append(out, "undo")
	}
	return out
}

func (a *app) viewOf(p run.Past) runView {
	v := runView{
		ID: p.ID(), Folder: p.Dir, Command: p.Was.Command, File: p.Was.Input.Path, StartedAt: p.Was.StartedAt,
		State: p.State(), Agreed: p.Agreed,
		Rows: p.Was.Rows, Statuses: p.Was.Statuses, Sandbox: p.Was.Sandbox != "", Next: []string{},
	}
	if path, err := filepath.Abs(p.Dir); err == nil {
		v.Folder = path
	}
	if page := p.Was.Files["page"]; page != "" {
		v.Page = filepath.Join(v.Folder, page)
	}
	for _, verb := range verbs(p) {
		v.Next = append(v.Next, a.commandLine(verb, p.Dir, nil))
	}
	if p.Err != nil {
		v.Error = p.Err.Error()
	}
	return v
}
