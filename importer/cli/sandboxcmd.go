package cli

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/urfave/cli/v3"

	"csvput/importer"
	"csvput/importer/rows"
	"csvput/importer/sandbox"
)

func (a *app) sandboxCommand() *cli.Command {
	return &cli.Command{
		Name:  "sandbox",
		Usage: "serve a pretend CRM on this computer, for rehearsals",
		Description: "Answers as the real API does, with records made up or taken from a CSV file (with other\n" +
			"values than the file's, so that there is something to update). Only this computer can reach\n" +
			"it. It ends with Ctrl-C.\n\n" +
			"Examples:\n" +
			"   csvput sandbox --seed contacts.csv --port 8080\n" +
			"   csvput sandbox --fail-every 10 --latency 200ms",
		Flags: slices.Concat([]cli.Flag{
			a.text("seed", "", forRunning, "make a record for every row of `FILE`"),
			a.number("port", 8080, forRunning, "listen on this `PORT` of the loopback address; 0 takes a free one"),
			a.text("state", "", forRunning, "keep the records in `FILE`, and take them from there when it is there"),
			a.yes("lenient", forRunning, "behave as the older revision of the API: absent fields stay as they are"),
			a.number("fail-every", 0, forRunning, "answer every `Nth` update with a server error"),
			a.duration("latency", 0, forRunning, "take so long for every answer (`TIME`)"),
			a.number("throttle", 500, forRunning, "allow so many `REQUESTS` in a window"),
			a.duration("window", time.Minute, forRunning, "the length of that window (`TIME`)"),
		}, a.readingFlags(), a.outputFlags()),
		Action: func(ctx context.Context, c *cli.Command) error {
			return a.withSession(ctx, c, (*session).sandbox)
		},
	}
}

// sandbox is csvput sandbox.
func (s *session) sandbox() error {
	c := s.c
	if c.Args().Present() {
		return usagef("sandbox takes no file").hint("to fill it from one: csvput sandbox --seed " + quoteArg(c.Args().First()))
	}
	server := sandbox.New(sandbox.Config{
		Lenient: c.Bool("lenient"), FailEvery: c.Int("fail-every"), Latency: c.Duration("latency"),
		Throttle: c.Int("throttle"), ThrottleWindow: c.Duration("window"), NoLog: true,
	})
	if err := s.seed(server); err != nil {
		return err
	}
	if state := c.String("state"); state != "" {
		saved, err := server.Persist(state)
		if err != nil {
			return err
		}
		s.later(saved.Close)
	}
	ctx, stop := context.WithCancel(s.soft)
	defer stop()
	url, wait, err := server.Start(ctx, net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Int("port"))))
	if err != nil {
		return usagef("the sandbox can't listen: %v", err).hint("choose another port with --port, or 0 for any")
	}
	fmt.Fprintf(s.Stderr, "The sandbox has %s and listens on %s until Ctrl-C. In another window:\n\n"+
		"   export CSVPUT_BASE_URL=%s CSVPUT_TOKEN=%s\n"+
		"   csvput run contacts.csv\n\n"+
		"(In PowerShell: $env:CSVPUT_BASE_URL='%s'; $env:CSVPUT_TOKEN='%s')\n",
		count(len(server.Records()), "record"), url, url, sandbox.DefaultToken, url, sandbox.DefaultToken)
	return wait()
}

// seed fills the sandbox from the file named, or with records made up.
func (s *session) seed(server *sandbox.Server) error {
	file := s.c.String("seed")
	if file == "" {
		return seedDefault(server)
	}
	ro, co, err := readOptions(s.c)
	if err != nil {
		return err
	}
	in, err := s.openInput(file, ro)
	if err != nil {
		return err
	}
	defer in.close()
	reader, err := rows.Open(in.file, ro)
	if err != nil {
		return err
	}
	return seedRows(server, reader, co)
}

// seedDefault fills a sandbox with records made up.
func seedDefault(server *sandbox.Server) error {
	return server.Seed(sandbox.DefaultSeed()...)
}

// seedFrom fills a sandbox with a record for every row of the file.
func seedFrom(original importer.Source, o importer.CheckOptions) func(*sandbox.Server) error {
	return func(server *sandbox.Server) error {
		in, closer, err := original()
		if err != nil {
			return err
		}
		defer closer.Close()
		return seedRows(server, in, o)
	}
}

// seedRows makes a record for every row that names one, with other values than the row's so that
// there is something to update.
func seedRows(server *sandbox.Server, in *rows.Reader, o importer.CheckOptions) error {
	return importer.Wishes(in, o, func(w importer.Wish) error {
		if err := server.EnsureClients(slices.Concat(w.AccountUUIDs, w.PrimaryAccountUUIDs)...); err != nil {
			return err
		}
		kind := w.Type
		if kind == "" {
			kind = "phone_number"
		}
		return server.Seed(sandbox.Contrast(sandbox.Record{
			UUID: w.ID, Type: kind, Name: w.Name, Value: w.Value, Country: w.Country,
			AccountUUIDs: w.AccountUUIDs, PrimaryAccountUUIDs: w.PrimaryAccountUUIDs,
		}))
	})
}
