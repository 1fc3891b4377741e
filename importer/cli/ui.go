package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/urfave/cli/v3"

	"csvput/importer/run"
	"csvput/importer/web"
)

func (a *app) uiCommand() *cli.Command {
	return &cli.Command{
		Name:      "ui",
		ArgsUsage: "[FILE]",
		Flags: slices.Concat([]cli.Flag{
			a.number("port", 0, forRunning, "listen on this `PORT` of the loopback address (default: a free one)"),
			a.yes("no-open", forRunning, "print the address and open no browser"),
		}, a.readingFlags(), a.connectFlags(), []cli.Flag{a.outFlag()}, a.messageFlags()),
		Action: func(_ context.Context, c *cli.Command) error {
			if c.NArg() > 1 {
				return run.Usagef("ui takes one file")
			}
			return a.do(c, func(j run.Job) run.Result {
				return j.Do(a.soft, a.hard, func(soft context.Context) error {
					var redirect string
					defer func() { _ = os.Remove(redirect) }()
					return web.Serve(soft, a.hard, web.Config{
						Job: j, Port: c.Int("port"), File: c.Args().First(),
						Open: func(address string) { redirect = a.openPage(c, j.Face, address) },
					})
				})
			})
		},
	}
}

// openPage prints the address and opens it in the browser, through a file that it returns, if there is one.
func (a *app) openPage(c *cli.Command, screen run.Face, address string) (redirect string) {
	fmt.Fprintln(a.Stdout, address)
	if c.Bool("no-open") {
		return ""
	}
	target := address
	if _, wsl := a.Env("WSL_DISTRO_NAME"); !wsl { // there the browser is one of Windows, which can't read our files
		if file, err := a.writeRedirect(address); err == nil {
			redirect, target = file, file
		}
	}
	name, args := opener(runtime.GOOS)
	command := exec.CommandContext(a.hard, name, append(args, target)...)
	if command.Start() != nil {
		screen.Note("No browser could be opened: open the address above in yours.")
		return redirect
	}
	go func() { _ = command.Wait() }() // or it stays a zombie
	screen.Note("csvput is open in your browser. Leave this window open; Ctrl-C ends it.")
	return redirect
}

// writeRedirect makes a page that leads to an address. Only this user can read it: others can see the arguments of a
// program, and the address lets in whoever comes first.
func (a *app) writeRedirect(address string) (path string, err error) {
	dir := filepath.Join(cmp.Or(a.CacheDir, os.TempDir()), "csvput")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "open-*.html") // 0600
	if err != nil {
		return "", err
	}
	return f.Name(), errors.Join(web.WriteRedirect(f, address), f.Close())
}

// opener is the program of a system that opens files in the programs meant for them.
func opener(system string) (name string, args []string) {
	switch system {
	case "windows":
		return "rundll32", []string{"url.dll,FileProtocolHandler"}
	case "darwin":
		return "open", nil
	}
	return "xdg-open", nil
}
