package run

import (
	"context"
	"io"
	"log/slog"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/quota"
	"csvput/importer/rows"
	"csvput/report"
)

// Job is one thing to do, with all that it needs. Its methods do it, once.
//
// Each takes two contexts: when soft ends no new work is begun, and what is in flight is finished and recorded; when
// hard ends, that is given up too. Their causes say why the run ended, see Ending.
type Job struct {
	Command  string // what the summary calls it: check, plan, run, apply, undo
	Settings Settings
	Given    []string          // names of the settings that count more than those of the run that is gone on with
	Held     map[string]string // what the summary keeps of the settings, without secrets; nil is all of Settings
	Versions report.Versions
	Face     Face
	Log      *slog.Logger
	Stdin    io.Reader // the file named "-"
	CacheDir string    // where a person's locks stand beside those of the folders; "" is nowhere

	// Token is what the person has for a server: a function that gives the access token, called again when the server
	// refuses it. It is nil, without an error, when the server is not the one of the person's own settings and the
	// person has nothing for it.
	Token func(server string) (func(context.Context) (string, error), error)
	// CommandLine writes a command line that does something with a file or folder, under the settings given.
	CommandLine func(verb, argument string, settings map[string]string) string
	// Word is what the face calls a setting; nil is its name.
	Word func(setting string) string
}

// Face is told what happens, and asked. Its methods may be called from several goroutines, but for those of Progress.
type Face interface {
	importer.Progress // a stage "" is none: what was shown of the last one is to go

	// Connected says which client talks to the server.
	Connected(*crm.Client)
	// Wait says that all requests wait, or that this is over.
	Wait(quota.Wait)
	// Folder says which folder the run leaves, and whether what is left of a plan in it can be applied from now on.
	Folder(folder *report.Folder, id string, planned bool)
	// Reading says how the file is read.
	Reading(rows.Info)
	// Note is a sentence for the person.
	Note(text string)
	// Planned shows a plan that is whole.
	Planned(*importer.Tally, report.Summary)
	// Decide asks whether so many records are to be updated. It gives up when the context ends.
	Decide(ctx context.Context, records int, s report.Summary) (bool, error)
	// Ended shows what the run leaves and hands it over, the last thing before its locks are given back. It is not
	// called for a run that leaves nothing and ends well.
	Ended(Result) error
}

// Result is what a run came to.
type Result struct {
	*Ending // never nil
	Summary report.Summary
	Folder  *report.Folder  // nil: none was made
	Left    bool            // the folder holds all that the run leaves
	Tally   *importer.Tally // of a check or a plan that was not carried out
	Next    []Step
}

// Step is what there is to do after a run: a command line, ready to paste.
type Step struct{ What, Command string }

// word is what the face calls a setting.
func (j *Job) word(name string) string {
	if j.Word == nil {
		return name
	}
	return j.Word(name)
}
