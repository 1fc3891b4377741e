package run

import (
	"cmp"
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/rows"
	"csvput/importer/sandbox"
	"csvput/report"
)

// sandboxName is the file that keeps the state of a rehearsal's server, in the run's folder.
const sandboxName = "sandbox.jsonl"

// rehearse starts the sandbox in this process, with its state in a file so that later commands find the same records,
// and returns the client configuration that points at it.
func (c *course) rehearse(cfg crm.Config, state string, seed func(*sandbox.Server) error) (crm.Config, error) {
	server := sandbox.New(sandbox.Config{NoLog: true})
	if seed != nil {
		if err := seed(server); err != nil {
			return cfg, err
		}
	}
	if state != "" {
		saved, err := server.Persist(state)
		if err != nil {
			return cfg, err
		}
		c.later(saved.Close)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(c.hard))
	url, wait, err := server.Start(ctx, net.JoinHostPort("127.0.0.1", "0"))
	if err != nil {
		stop()
		return cfg, err
	}
	c.later(func() error { stop(); return wait() })
	cfg.BaseURL, cfg.Account, cfg.CACert = url, "", nil
	cfg.Token = func(context.Context) (string, error) { return sandbox.DefaultToken, nil }
	c.summary.Sandbox = state
	return cfg, nil
}

// rehearseInput copies the file into the folder, fills a sandbox from it, and begins reading again: the sandbox is to
// know every record before the first is asked for.
func (c *course) rehearseInput(in *input, cfg crm.Config, co importer.CheckOptions) (crm.Config, error) {
	if err := in.end(); err != nil {
		return cfg, err
	}
	original := in.source(c.folder)
	cfg, err := c.rehearse(cfg, c.folder.Path(sandboxName), func(server *sandbox.Server) error {
		reader, closer, err := original()
		if err != nil {
			return err
		}
		defer closer.Close()
		return seedRows(server, reader, co)
	})
	if err != nil {
		return cfg, err
	}
	return cfg, in.beginAgain(c)
}

// sandboxState finds the state file of a rehearsed run: in the folder, which may have been moved, or, for the undo of a
// run, in that run's folder, where the summary says. The folder may be somebody else's: no file of another name is
// taken for one, and no pipe.
func sandboxState(folder *report.Folder, summary report.Summary) (string, error) {
	for _, path := range []string{folder.Path(sandboxName), summary.Sandbox} {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && filepath.Base(path) == sandboxName {
			return path, nil
		}
	}
	return "", Usagef("the sandbox of this rehearsal is gone: %s", summary.Sandbox)
}

// seedDefault fills a sandbox with records made up.
func seedDefault(server *sandbox.Server) error {
	return server.Seed(sandbox.DefaultSeed()...)
}

// Seed fills a sandbox from a file, or without one with records made up.
func (j Job) Seed(soft context.Context, server *sandbox.Server, file string) error {
	if file == "" {
		return seedDefault(server)
	}
	ro, co, err := j.reading()
	if err != nil {
		return err
	}
	in := &input{name: file, options: ro}
	if err := (&course{Job: j, soft: soft}).openInput(in); err != nil {
		return err
	}
	defer in.close()
	reader, err := rows.Open(in.file, ro)
	if err != nil {
		return err
	}
	return seedRows(server, reader, co)
}

// seedRows makes a record for every row that names one, with other values than the row's so that there is something to
// update, and with what the row says of the record as it is.
func seedRows(server *sandbox.Server, in *rows.Reader, o importer.CheckOptions) error {
	return importer.Wishes(in, o, func(w importer.Wish) error {
		if err := server.EnsureClients(slices.Concat(w.AccountUUIDs, w.PrimaryAccountUUIDs)...); err != nil {
			return err
		}
		owners, err := seedClients(server, w.Clients)
		if err != nil {
			return err
		}
		kind := w.Type
		if kind == "" && !strings.Contains(w.CurrentValue, "@") {
			kind = sandbox.TypePhone
		}
		record := sandbox.Contrast(sandbox.Record{
			UUID: w.ID, Type: kind, Name: w.Name, Value: cmp.Or(w.Value, w.CurrentValue), Country: w.Country,
			AccountUUIDs: w.AccountUUIDs, PrimaryAccountUUIDs: w.PrimaryAccountUUIDs,
		})
		if w.CurrentValue != "" {
			record.Value, record.Country = w.CurrentValue, ""
		}
		if len(owners) > 0 {
			record.AccountUUIDs = owners
		}
		if w.Matched && w.Name != "" && w.Value != "" {
			record.Name = w.Name // the record may have to be found by it
		}
		return server.Seed(record)
	})
}

// seedClients makes the clients that a row names, and returns their uuids.
func seedClients(server *sandbox.Server, clients []crm.Owner) ([]string, error) {
	var uuids []string
	for _, c := range clients {
		uuids = append(uuids, c.UUID)
		if c.Name+c.Email == "" {
			continue // a name is made up for it
		}
		first, last, _ := strings.Cut(c.Name, " ")
		if err := server.AddClients(sandbox.Account{UUID: c.UUID, FirstName: first, LastName: last,
			Email: c.Email}); err != nil {
			return nil, err
		}
	}
	return uuids, server.EnsureClients(uuids...)
}
