package importer_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

// This file is all that the simulated world knows of the engine.

// manner is how one process works.
type manner struct {
	workers, retries, breaker, maxErrors int
	timeout                              time.Duration
	noLookup, overwrite, verify          bool
	resumed                              bool // goes on with what another process began
}

// linkUp makes the client of one process.
func linkUp(transport http.RoundTripper, stop context.Context, m manner) (*crm.Client, error) {
	return crm.New(crm.Config{
		BaseURL: "http://127.0.0.1", Account: sandbox.EmployeeAccountUUID, Transport: transport, Stop: stop,
		Token:   func(context.Context) (string, error) { return sandbox.DefaultToken, nil },
		Workers: m.workers, Timeout: m.timeout, Retries: m.retries, Breaker: m.breaker,
	})
}

// planFile plans a file. A nil client plans without reading.
func planFile(ctx context.Context, file []byte, folder *report.Folder, client *crm.Client, last bool) error {
	in, err := rows.Open(bytes.NewReader(file), rows.Options{})
	if err != nil {
		return err
	}
	o := importer.CheckOptions{Again: source(file)}
	if last {
		o.OnDuplicate = importer.DuplicateLast
	}
	_, err = on(folder, client, quiet{}).Plan(ctx, in, o)
	return err
}

// carryOut applies what is left of a plan.
func carryOut(soft, hard context.Context, folder *report.Folder, client *crm.Client, m manner, progress importer.Progress) error {
	o := importer.ApplyOptions{
		Workers: m.workers, NoLookup: m.noLookup, Overwrite: m.overwrite, Verify: m.verify, MaxErrors: m.maxErrors,
		JustMade: !m.resumed, // as run and undo have it
	}
	return on(folder, client, progress).Apply(soft, hard, o)
}

// unrecorded tells whether outcomes could not be written down.
func unrecorded(err error) bool {
	_, ok := errors.AsType[*importer.UnrecordedError](err)
	return ok
}

// takeBack plans the undo of a run.
func takeBack(ctx context.Context, from, to *report.Folder, client *crm.Client) error {
	_, err := on(to, client, quiet{}).Undo(ctx, from, nil)
	return err
}

// tellEnd puts the report in order, so many rows of it, and returns them.
func tellEnd(folder *report.Folder) ([]report.Row, error) {
	s := report.Summary{Files: map[string]string{}}
	planned, err := rowsOf(folder, report.PlanName)
	if err != nil {
		return nil, err
	}
	s.Rows = len(planned)
	stop := report.Stop{Code: code.Stopped, Message: "The run stopped before this row.", Resumable: true}
	page, err := importer.Finish(folder, &s, stop, nil, nil)
	if err != nil {
		return nil, err
	}
	if err := page.Discard(); err != nil {
		return nil, err
	}
	return rowsOf(folder, report.ReportName)
}

func rowsOf(folder *report.Folder, name string) ([]report.Row, error) {
	var out []report.Row
	for row, err := range importer.Rows(folder, name) {
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

// cellsOf are the fields of a row as it is to be, and which of them it names.
func cellsOf(row report.Row) (wish contact, named [fields]bool) {
	for f, cell := range [fields]string{row.Name, row.Value, row.AccountUUIDs, row.PrimaryAccountUUIDs} {
		named[f] = cell != ""
		wish[f] = content(field(f), cell)
	}
	return wish, named
}

// changesOf are the fields of a row as it is to be, and in which of them that is not as it was.
func changesOf(row report.Row) (wish contact, named [fields]bool) {
	wish, named = cellsOf(row)
	for f, cell := range [fields]string{row.NameBefore, row.ValueBefore, row.AccountUUIDsBefore, row.PrimaryAccountUUIDsBefore} {
		named[f] = named[f] && wish[f] != content(field(f), cell)
	}
	return wish, named
}

// content is what a cell says.
func content(f field, cell string) string {
	if f < owners {
		return cell
	}
	if cell == "#CLEAR" {
		return ""
	}
	return list(strings.Split(cell, ";"))
}

// admits tells whether an updated row says itself that a field could not be seen.
func admits(row report.Row, f field) bool {
	return row.Code != "" && row.Code != code.ConfirmedByReading && strings.Contains(row.Message, f.column())
}
