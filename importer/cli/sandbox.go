package cli

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"time"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
	"csvput/importer/sandbox"
	"csvput/report"
)

func (a *app) sandboxCommand() *cli.Command {
	return &cli.Command{
		Name: "sandbox",
		Flags: append([]cli.Flag{
			a.text("seed", "", forRunning, "make a record for every row of `FILE`"),
			a.number("port", 8080, forRunning, "listen on this `PORT` of the loopback address; 0 takes a free one"),
			a.text("state", "", forRunning, "keep the records in `FILE`, and take them from there when it is there"),
			a.yes("lenient", forRunning, "behave as the older revision of the API: absent fields stay as they are"),
			a.number("fail-every", 0, forRunning, "answer every `Nth` update with a server error"),
			a.duration("latency", 0, forRunning, "take `TIME` for every answer"),
			a.number("throttle", 500, forRunning, "allow so many `REQUESTS` in a window"),
			a.duration("window", time.Minute, forRunning, "the `TIME` that such a window lasts"),
		}, append(a.readingFlags(), a.messageFlags()...)...),
		Action: func(_ context.Context, c *cli.Command) error {
			return a.do(c, func(j run.Job) run.Result {
				return j.Do(a.soft, a.hard, func(ctx context.Context) error { return serve(ctx, c, j) })
			})
		},
	}
}

// serve is csvput sandbox.
func serve(ctx context.Context, c *cli.Command, j run.Job) error {
	server := sandbox.New(sandbox.Config{
		Lenient: c.Bool("lenient"), FailEvery: c.Int("fail-every"), Latency: c.Duration("latency"),
		Throttle: c.Int("throttle"), ThrottleWindow: c.Duration("window"), NoLog: true,
	})
	if err := j.Seed(ctx, server, c.String("seed")); err != nil {
		return err
	}
	if state := c.String("state"); state != "" {
		saved, err := server.Persist(state)
		if err != nil {
			return run.Usagef("--state: %v", err)
		}
		defer saved.Close()
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	url, wait, err := server.Start(ctx, net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Int("port"))))
	if err != nil {
		return run.Usagef("the sandbox can't listen: %v", err).Hint("choose another port with --port, or 0 for any")
	}
	j.Log.Info("listening", "url", url, "token", sandbox.DefaultToken)
	j.Face.Note(fmt.Sprintf("The sandbox has %s and listens on %s until Ctrl-C.\nTo use it, type in another "+
		"window:\n\n%s",
		report.Plural(len(server.Records()), "record"), url, sandboxEnv(runtime.GOOS, url)))
	return wait()
}

// sandboxEnv is how to point csvput at a sandbox, in the shell of a system.
func sandboxEnv(system, url string) string {
	const file = "   csvput run contacts.csv"
	if system == "windows" {
		return "   $env:CSVPUT_BASE_URL='" + url + "'; $env:CSVPUT_TOKEN='" + sandbox.DefaultToken + "'\n" + file +
			"\n\n(PowerShell; in cmd: set CSVPUT_BASE_URL=" + url + " and set CSVPUT_TOKEN=" + sandbox.DefaultToken +
			")"
	}
	return "   export CSVPUT_BASE_URL=" + url + " CSVPUT_TOKEN=" + sandbox.DefaultToken + "\n" + file
}
