package cli_test

import (
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"csvput/importer/cli"
	"csvput/importer/rows"
	"csvput/importer/run"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file of testdata/golden.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata/golden", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update writes it anew); got:\n%s", path, got)
	}
}

// TestHelp keeps every command's help page.
func TestHelp(t *testing.T) {
	w := &world{t: t}
	golden(t, "help.txt", w.call("--help").stdout)
	for _, c := range cli.CommandsForTest() {
		got := w.call(c.Name, "--help")
		if got.code != 0 || got.stderr != "" {
			t.Errorf("%s --help ends with %d: %s", c.Name, got.code, got.stderr)
		}
		for line := range strings.Lines(got.stdout) {
			if len(line) > 101 {
				t.Errorf("%s --help: a line of %d characters: %s", c.Name, len(line), line)
			}
		}
		if !strings.Contains(got.stdout, "Example") {
			t.Errorf("%s --help has no example", c.Name)
		}
		golden(t, "help-"+c.Name+".txt", got.stdout)
		if help := w.call("help", c.Name); help.stdout != got.stdout {
			t.Errorf("csvput help %s differs from csvput %s --help", c.Name, c.Name)
		}
		all := w.call(c.Name, "--help", "--all").stdout
		for _, f := range c.VisibleFlags() {
			if name := f.Names()[0]; !strings.Contains(all, "--"+name+" ") {
				t.Errorf("csvput %s --help --all does not show --%s", c.Name, name)
			}
		}
	}
	golden(t, "help-run-all.txt", w.call("help", "run", "--all").stdout)
	if got := w.call("help", "rum"); got.code != 2 || !strings.Contains(got.stderr, "did you mean run?") {
		t.Errorf("help for no command ends with %d: %s", got.code, got.stderr)
	}
	if got := w.call("completion", "--help"); !strings.Contains(got.stdout, "csvput completion bash >") {
		t.Errorf("completion --help: %s", got.stdout)
	}
}

// TestHelpTopics says that every exit code, and every column and name of one, is explained.
func TestHelpTopics(t *testing.T) {
	w := &world{t: t}
	codes := w.call("help", "exit-codes").stdout
	for _, end := range []run.End{
		run.EndDone, run.EndError, run.EndUsage, run.EndRowsFailed, run.EndFileRefused, run.EndTransient, run.EndPermanent, run.EndMaxErrors,
		run.EndNoChange, run.EndMaxDuration, run.EndLocked, run.EndCredentials, run.EndChanges, run.EndInterrupted, run.EndTerminated,
	} {
		if !strings.Contains(codes, fmt.Sprintf("\n%6d  ", end)) {
			t.Errorf("exit code %d is not explained:\n%s", end, codes)
		}
	}
	columns := w.call("help", "columns").stdout
	for _, field := range []string{
		rows.FieldID, rows.FieldName, rows.FieldValue, rows.FieldCountry, rows.FieldAccountUUIDs, rows.FieldPrimaryAccountUUIDs, rows.FieldType,
		rows.FieldCurrentValue, rows.FieldClientUUID, rows.FieldClientEmail, rows.FieldClientName, rows.FieldFirstName, rows.FieldLastName,
	} {
		if !regexp.MustCompile(`\b` + field + `\b`).MatchString(columns) {
			t.Errorf("the column %s is not explained:\n%s", field, columns)
		}
	}
}

// TestUnderstood says what csvput makes of a command line that names no command.
func TestUnderstood(t *testing.T) {
	w := newWorld(t, 1)
	w.call("plan", "$DIR/contacts.csv")
	for _, tt := range []struct {
		args, says []string
		code       int
	}{
		{[]string{"$DIR/contacts.csv"}, []string{"what is to be done with", "csvput check ", "csvput plan ", "csvput run ", "csvput ui "}, 2},
		{[]string{"$DIR/contacts.csv", "--yes"}, []string{"what is to be done with"}, 2},
		{[]string{"$RUN"}, []string{"what is to be done with", "csvput apply ", "csvput undo "}, 2},
		{[]string{"$DIR"}, []string{"there is no command"}, 2},
		{[]string{"rum"}, []string{"did you mean run?"}, 2},
		{[]string{"contcts.csv"}, []string{"there is no file contcts.csv", "look at the spelling"}, 2},
		{[]string{"new/leads.xlsx", "--sandbox"}, []string{"there is no file new/leads.xlsx"}, 2},
		{[]string{"--version"}, []string{"phone number metadata:"}, 0},
		{[]string{"accounts"}, []string{"ACCOUNT UUID"}, 0},
		{[]string{"run", "-n", "$DIR/contacts.csv"}, []string{"Nothing was changed"}, 0},
	} {
		got := w.call(tt.args...)
		for _, says := range tt.says {
			if got.code != tt.code || !strings.Contains(got.stdout+got.stderr, says) {
				t.Errorf("%v ends with %d and does not say %q\n%s", tt.args, got.code, says, got.stderr)
			}
		}
	}
	for _, r := range w.server.Requests() {
		if r.Method == "PUT" {
			t.Error("an update was sent")
		}
	}
}

// TestEnvironment holds every flag to its environment variable and to its key of the settings file.
func TestEnvironment(t *testing.T) {
	for _, c := range cli.CommandsForTest() {
		for _, f := range c.Flags {
			name := f.Names()[0]
			if name == "help" {
				continue
			}
			want := "CSVPUT_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
			vars, ok := f.(interface{ GetEnvVars() []string })
			if !ok || !slices.Equal(vars.GetEnvVars(), []string{want}) {
				t.Errorf("csvput %s --%s is not %s in the environment", c.Name, name, want)
			}
		}
	}
}

// TestPrecedence says that a flag counts more than the environment, that more than the settings file,
// and that more than the default.
func TestPrecedence(t *testing.T) {
	w := &world{t: t, dir: t.TempDir(), env: map[string]string{}}
	w.write("office.yaml", "country: FR\nworkers: 3\nretries: 2\nmap:\n  - Phone No=value\n  - Wer=name\ntoken-command: pass show crm\n")
	w.env["CSVPUT_COUNTRY"], w.env["CSVPUT_WORKERS"], w.env["CSVPUT_TOKEN"] = "IE", "4", secret
	got := w.call("config", "--config", "$DIR/office.yaml", "--workers", "5")
	for _, want := range []string{
		`country +IE +environment variable CSVPUT_COUNTRY`,
		`workers +5 +command line`,
		`retries +2 +settings file .*office.yaml`,
		`map +Phone No=value, Wer=name +settings file`,
		`rate +500/m +default`,
		`token-command +\(set, not shown\) +settings file`,
		`\(token\) +\(set, not shown\) +environment variable CSVPUT_TOKEN`,
	} {
		if !regexp.MustCompile(want).MatchString(got.stdout) {
			t.Errorf("csvput config does not say %q", want)
		}
	}
	if got.code != 0 || strings.Contains(got.stdout, secret) || strings.Contains(got.stdout, "pass show") {
		t.Errorf("exit code %d:\n%s%s", got.code, got.stdout, got.stderr)
	}
}

// TestMessy holds the whole report of the sample that has one row for each way to be wrong, and that
// csvput check finds the same rows without a network.
func TestMessy(t *testing.T) {
	w := &world{t: t, dir: t.TempDir(), env: map[string]string{}}
	w.env["CSVPUT_OUT"] = w.path("runs")
	if got := w.call("run", "--sandbox", "--yes", "--rate", "100000/m", "../../samples/messy.csv"); got.code != 3 {
		t.Fatalf("exit code %d\n%s", got.code, got.stderr)
	}
	sent := reportColumns(t, filepath.Join(w.run(), "report.csv"), "line", "id", "status", "code")
	golden(t, "messy.csv", strings.Join(sent, "\n")+"\n")

	w.env["CSVPUT_OUT"] = w.path("checked")
	w.env["CSVPUT_BASE_URL"] = "http://127.0.0.1:1"
	if got := w.call("check", "../../samples/messy.csv"); got.code != 3 {
		t.Fatalf("exit code %d\n%s", got.code, got.stderr)
	}
	found, err := filepath.Glob(w.path("checked/*/report.csv"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	invalid := func(rows []string) []string {
		return slices.DeleteFunc(rows, func(row string) bool { return !strings.Contains(row, ",invalid,") })
	}
	checked := invalid(reportColumns(t, found[0], "line", "id", "status", "code"))
	// That a record is of another type is known to the CRM alone.
	planned := slices.DeleteFunc(invalid(sent), func(row string) bool {
		return strings.HasSuffix(row, ",type_mismatch") && !slices.Contains(checked, row)
	})
	if !slices.Equal(checked, planned) {
		t.Errorf("check finds\n%s\nrun finds\n%s", strings.Join(checked, "\n"), strings.Join(planned, "\n"))
	}
}

func reportColumns(t *testing.T, path string, columns ...string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, row := range all[1:] {
		var cells []string
		for _, c := range columns {
			cells = append(cells, row[slices.Index(all[0], c)])
		}
		out = append(out, strings.Join(cells, ","))
	}
	return out
}

// TestTokenStaysSecret looks for the token in every output and file at every verbosity, in a run that
// works, one that is refused, and one whose server answers with what it was sent.
func TestTokenStaysSecret(t *testing.T) {
	for _, flags := range [][]string{{}, {"--quiet"}, {"--verbose"}, {"--verbose", "--log-values"}, {"--verbose", "--log-format", "json"}, {"--verbose", "--log-file", "$DIR/runs/log.txt", "--json"}} {
		for _, command := range [][]string{{"run", "--yes", "--retries", "0", "$DIR/contacts.csv"}, {"plan", "$DIR/contacts.csv"}, {"logins"}, {"export"}, {"config"}} {
			w := newWorld(t, 3)
			if err := os.Mkdir(w.path("runs"), 0o700); err != nil {
				t.Fatal(err)
			}
			w.fail(onPut(2, status(422, `{"message":"You sent Bearer `+secret+`"}`)))
			w.leaks(withFlags(command, slices.DeleteFunc(slices.Clone(flags), func(f string) bool {
				return f == "--json" && command[0] == "export" || command[0] == "config" && f == "--json"
			})...))
			w.env["CSVPUT_TOKEN"] = secret + "-wrong"
			w.leaks(withFlags(command, slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return f == "--json" })...))
		}
	}
}

func (w *world) leaks(args []string) {
	w.t.Helper()
	got := w.call(args...)
	if strings.Contains(got.stdout+got.stderr, secret) {
		w.t.Errorf("%v shows the token:\n%s%s", args, got.stdout, got.stderr)
	}
	w.lacks(secret, args)
}

// lacks looks for a word in every file of the world.
func (w *world) lacks(word string, args []string) {
	w.t.Helper()
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), word) {
			w.t.Errorf("%v writes %s into %s", args, word, path)
		}
		return err
	})
	if err != nil {
		w.t.Error(err)
	}
}

// TestTokenCommandStaysSecret looks for a word of the command for the token in every output and file: what
// is kept, shown and advised has to do without it.
func TestTokenCommandStaysSecret(t *testing.T) {
	const word = "vault-passphrase"
	command := "echo " + secret + " # --passphrase " + word
	given := map[string]func(*world) []string{
		"option":      func(*world) []string { return []string{"--token-command", command} },
		"with a sign": func(*world) []string { return []string{"--token-command=" + command} },
		"environment": func(w *world) []string { w.env["CSVPUT_TOKEN_COMMAND"] = command; return nil },
		"settings": func(w *world) []string {
			w.write("office.yaml", "token-command: '"+command+"'\non-finish: 'true # "+word+"'\n")
			return []string{"--config", "$DIR/office.yaml"}
		},
	}
	for name, give := range given {
		for _, args := range [][]string{
			{"run", "--yes", "$DIR/contacts.csv"},
			{"run", "--yes", "--max-errors", "1", "--json", "$DIR/contacts.csv"},
			{"run", "--yes", "--verbose", "--log-format", "json", "$DIR/contacts.csv"},
			{"run", "--yes", "--verbose", "--log-file", "$DIR/log.txt", "--on-finish", "cat # " + word, "$DIR/contacts.csv"},
			{"plan", "--json", "$DIR/contacts.csv"},
			{"run", "--yes", "--retries", "0", "--breaker", "1", "--metrics-file", "$DIR/run.prom", "$DIR/down.csv"},
			{"logins", "--verbose"},
			{"config"},
		} {
			w := newWorld(t, 3)
			delete(w.env, "CSVPUT_TOKEN")
			options := give(w)
			w.write("contacts.csv", "id,value\n9a000000-0000-4000-8000-000000000001,020 7946 0999\n9a000000-0000-4000-8000-000000000002,n/a\n")
			w.write("down.csv", "id,value\n9a000000-0000-4000-8000-000000000001,020 7946 0999\n")
			if strings.HasSuffix(args[len(args)-1], "down.csv") {
				w.fail(onPut(1, status(500, "{}")))
			}
			outputs := []result{w.call(withFlags(args, options...)...)}
			if outputs[0].code != 0 && !strings.Contains(outputs[0].stdout+outputs[0].stderr, "row") {
				t.Errorf("%s, %v: exit code %d\n%s", name, args, outputs[0].code, outputs[0].stderr)
			}
			w.fail(nil)
			for _, dir := range w.runs() {
				outputs = append(outputs, w.call(withFlags([]string{"apply", "--json", dir}, options...)...))
			}
			// Options where they do not belong.
			outputs = append(outputs, w.call(append(options, args...)...), w.call(append(args, options...)...))
			os.Remove(w.path("office.yaml"))
			for _, out := range outputs {
				if strings.Contains(out.stdout+out.stderr, word) {
					t.Errorf("%s, %v shows the command for the token:\n%s%s", name, args, out.stdout, out.stderr)
				}
			}
			w.lacks(word, args)
		}
	}
}
