package cli_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"csvput/importer/cli"
	"csvput/importer/sandbox"
)

// TestMain lets the test binary be csvput itself: the scripts, and the tests that kill it, run it as a
// process of its own.
func TestMain(m *testing.M) {
	// Under the race detector a process sleeps a second before it ends; ours end hundreds of times.
	if os.Getenv("GORACE") == "" {
		os.Setenv("GORACE", "atexit_sleep_ms=0")
	}
	os.Unsetenv("CSVPUT_BROWSER_TEST") // the gate's, for another package; csvput knows no such variable
	testscript.Main(m, map[string]func(){"csvput": func() { os.Exit(csvput()) }})
}

func csvput() int {
	own, _ := os.UserConfigDir()
	return cli.Run(context.Background(), cli.Process{Args: os.Args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Env: os.LookupEnv, Environ: os.Environ(), Signals: cli.Signals(), ConfigDir: own, CacheDir: os.Getenv("XDG_CACHE_HOME")})
}

// secret is the token of every script; it must turn up nowhere.
const secret = "s3cr3t-t0ken-that-must-not-be-seen"

type serverKey struct{}

// TestScripts runs the command line scenarios of testdata/script. Each has a server of its own, with the
// made-up records, at $URL; CSVPUT_BASE_URL and CSVPUT_TOKEN point at it.
//
//	seed FILE [csvput options]  gives the server a record for every row of FILE, with other values
//	exit CODE csvput ...        the command ends with this exit code
//	puts N                      so many updates have reached the server since the script began
//	lists N                     so many list requests have
//	record UUID FIELD VALUE     the server's record holds this
//	edit UUID VALUE             somebody else changes the record's value
//	rows FILE [column=value]... N   so many rows of a CSV file match
//	noleak                      the token is in no output and no file
//	folder VAR PREFIX           puts the path of the only folder named PREFIX* into $VAR
func TestScripts(t *testing.T) {
	samples, err := filepath.Abs("../../samples")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			server := sandbox.New(sandbox.Config{Token: secret})
			if err := server.Seed(sandbox.DefaultSeed()...); err != nil {
				return err
			}
			ctx, stop := context.WithCancel(context.Background())
			url, wait, err := server.Start(ctx, "127.0.0.1:0")
			if err != nil {
				stop()
				return err
			}
			env.Defer(func() {
				stop()
				wait()
			})
			env.Values[serverKey{}] = server
			env.Setenv("URL", url)
			env.Setenv("CSVPUT_BASE_URL", url)
			env.Setenv("CSVPUT_TOKEN", secret)
			env.Setenv("SAMPLES", samples)
			env.Setenv("GORACE", os.Getenv("GORACE"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exit":   exitCode,
			"puts":   requests(http.MethodPut),
			"lists":  requests(http.MethodGet),
			"record": record,
			"edit":   edit,
			"seed":   seed,
			"rows":   countRows,
			"noleak": noLeak,
			"folder": folder,

			"workbook": workbook,
			"cell":     cell,
			"tocsv":    toCSV,
		},
	})
}

func server(ts *testscript.TestScript) *sandbox.Server {
	return ts.Value(serverKey{}).(*sandbox.Server)
}

func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE program ...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if exit, ok := errors.AsType[interface {
		error
		ExitCode() int
	}](err); ok {
		code = strconv.Itoa(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if code != args[0] {
		ts.Fatalf("exit code %s, want %s\n%s", code, args[0], ts.ReadFile("stderr"))
	}
}

func requests(method string) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		n := 0
		for _, r := range server(ts).Requests() {
			if r.Method == method && strings.Contains(r.Path, "contact-details") {
				n++
			}
		}
		if got := strconv.Itoa(n); neg || len(args) != 1 || got != args[0] {
			ts.Fatalf("%s %s requests, want %v", got, method, args)
		}
	}
}

func record(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: record UUID FIELD VALUE")
	}
	r, ok := server(ts).Record(args[0])
	if !ok {
		ts.Fatalf("no record %s", args[0])
	}
	got, ok := map[string]string{
		"name": r.Name, "value": r.Value, "country": r.Country,
		"account_uuids": strings.Join(r.AccountUUIDs, ";"), "primary_account_uuids": strings.Join(r.PrimaryAccountUUIDs, ";"),
	}[args[1]]
	if !ok || got != args[2] {
		ts.Fatalf("the record's %s is %q, want %q", args[1], got, args[2])
	}
}

func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: edit UUID VALUE")
	}
	r, ok := server(ts).Record(args[0])
	if !ok {
		ts.Fatalf("no record %s", args[0])
	}
	r.Value, r.Country = args[1], ""
	ts.Check(server(ts).Seed(r))
}

func seed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: seed FILE")
	}
	ts.Check(cli.SeedForTest(server(ts), ts.MkAbs(args[0])))
}

func countRows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: rows FILE [column=value]... N")
	}
	rd := csv.NewReader(strings.NewReader(ts.ReadFile(args[0])))
	all, err := rd.ReadAll()
	ts.Check(err)
	n := 0
	for _, row := range all[1:] {
		match := true
		for _, want := range args[1 : len(args)-1] {
			column, value, _ := strings.Cut(want, "=")
			i := slices.Index(all[0], column)
			if i < 0 {
				ts.Fatalf("%s has no column %s", args[0], column)
			}
			match = match && row[i] == value
		}
		if match {
			n++
		}
	}
	if want := args[len(args)-1]; strconv.Itoa(n) != want {
		ts.Fatalf("%d rows of %s match %v, want %s\n%s", n, args[0], args[1:len(args)-1], want, ts.ReadFile(args[0]))
	}
}

func noLeak(ts *testscript.TestScript, neg bool, args []string) {
	for _, stream := range []string{"stdout", "stderr"} {
		if strings.Contains(ts.ReadFile(stream), secret) {
			ts.Fatalf("the token is in %s", stream)
		}
	}
	ts.Check(filepath.WalkDir(ts.Getenv("WORK"), func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(data), secret) {
			err = fmt.Errorf("the token is in %s", path)
		}
		return err
	}))
}

func folder(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: folder VAR PREFIX")
	}
	found, err := filepath.Glob(ts.MkAbs(args[1]) + "*Z*")
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("folders: %v", found)
	}
	ts.Setenv(args[0], found[0])
}
