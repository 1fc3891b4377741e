package cli_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"csvput/importer/cli"
)

// harmlessSettings are all that the csvput.yaml of a folder may say, with values that are right.
func harmlessSettings() map[string]string {
	return map[string]string{
		"country": "GB", "map": "{Phone No: value}", "extension": "drop", "vanity": "true", "on-duplicate": "last",
		"from-line": "2", "limit": "1", "delimiter": "comma", "encoding": "utf-8",
		"rate": "8/s", "reserve": "5%", "workers": "2", "timeout": "10s", "retries": "0", "max-wait": "1m", "breaker": "3",
		"max-errors": "5", "max-duration": "2h", "lock-timeout": "1s", "verify": "true", "error-on-no-change": "false",
		"detailed-exit-code": "true", "no-input": "true", "json": "false", "verbose": "true", "progress": "plain",
		"progress-interval": "1m", "log-format": "text", "ignore": "Notes", "sheet": "Contacts",
	}
}

// inFolder is a world in whose folder csvput is called.
func inFolder(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), env: map[string]string{}}
	w.own = w.path("home")
	if err := os.MkdirAll(w.path("home/csvput"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(w.dir)
	return w
}

// TestForeignSettings says of every setting that there is whether the csvput.yaml of the folder that one
// happens to be in may hold it: only what the list above has. Each may stand in the person's own
// settings, and in a file that the person names.
func TestForeignSettings(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range cli.CommandsForTest() {
		for _, f := range c.Flags {
			name := f.Names()[0]
			if seen[name] || name == "help" || name == "config" || name == "yes" {
				continue
			}
			seen[name] = true
			w := inFolder(t)
			value, harmless := harmlessSettings()[name]
			if !harmless {
				value = "hidden-value"
			}
			// A wrong value is found later than a key that may not be there.
			w.write("csvput.yaml", name+": "+value+"\n")
			got := w.call("config")
			refused := got.code == 2 && strings.Contains(got.stderr, "csvput.yaml in this folder may not set "+name)
			if refused == harmless || harmless && got.code != 0 {
				t.Errorf("%s in this folder's csvput.yaml: exit code %d\n%s", name, got.code, got.stderr)
			}
			for _, want := range []string{"--" + name, "CSVPUT_", w.path("home/csvput/csvput.yaml"), "--config csvput.yaml"} {
				if refused && !strings.Contains(got.stderr, want) {
					t.Errorf("%s: the hint does not say %s:\n%s", name, want, got.stderr)
				}
			}
			if strings.Contains(got.stderr, value) && !harmless {
				t.Errorf("%s: the value is shown:\n%s", name, got.stderr)
			}
			for _, own := range [][]string{{"config", "--config", "csvput.yaml"}, {"config"}} {
				if len(own) == 1 {
					w.write("home/csvput/csvput.yaml", name+": "+value+"\n")
					os.Remove(w.path("csvput.yaml"))
				}
				if got := w.call(own...); strings.Contains(got.stderr, "may not set") || strings.Contains(got.stderr, "unknown key") {
					t.Errorf("%s in one's own settings: exit code %d\n%s", name, got.code, got.stderr)
				}
			}
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d settings", len(seen))
	}
}

// TestForeignSettingsRunNothing puts the worst into a folder's csvput.yaml: nothing is run, written or
// sent, whatever the command and whatever YAML has for hiding a key.
func TestForeignSettingsRunNothing(t *testing.T) {
	for _, text := range []string{
		"token-command: touch owned; echo x\non-finish: touch owned\n",
		"base-url: $URL\n",
		"<<: {base-url: $URL}\n",
		"x: &x {base-url: $URL}\n<<: *x\n",
		"\"base\\x2durl\": $URL\n",
		"? base-url\n: $URL\n",
		"country: GB\n---\nbase-url: $URL\n",
		"log-file: owned\nmetrics-file: owned\nout: owned\n",
	} {
		for _, command := range [][]string{{"check", "contacts.csv"}, {"plan", "contacts.csv"}, {"run", "--yes", "contacts.csv"}, {"logins"}, {"export"}, {"login"}} {
			w := newWorld(t, 1)
			t.Chdir(w.dir)
			url := w.env["CSVPUT_BASE_URL"]
			delete(w.env, "CSVPUT_BASE_URL")
			w.env["CSVPUT_RETRIES"], w.stdin = "0", secret+"\n"
			w.env["CSVPUT_TIMEOUT"] = "2s"
			w.write("csvput.yaml", strings.ReplaceAll(text, "$URL", url))
			got := w.call(command...)
			// Of several documents only the first is read.
			if got.code != 2 && !strings.Contains(text, "---") {
				t.Errorf("%q, %v: exit code %d\n%s", text, command, got.code, got.stderr)
			}
			if n := len(w.server.Requests()); n > 0 {
				t.Errorf("%q, %v: %d requests", text, command, n)
			}
			if _, err := os.Stat("owned"); err == nil {
				t.Errorf("%q, %v: something was written", text, command)
			}
		}
	}
}

// TestSettingsSaid says which files hold: in csvput config, and in a run's opening lines and log.
func TestSettingsSaid(t *testing.T) {
	w := newWorld(t, 1)
	t.Chdir(w.dir)
	w.own = w.path("home")
	if err := os.MkdirAll(w.path("home/csvput"), 0o700); err != nil {
		t.Fatal(err)
	}
	own := w.path("home/csvput/csvput.yaml")
	delete(w.env, "CSVPUT_RATE")
	w.write("home/csvput/csvput.yaml", "country: FR\nworkers: 3\nrate: 90000/m\nbase-url: https://crm.example.com\n")
	w.write("csvput.yaml", "country: DE\nretries: 1\n")
	w.env["CSVPUT_RETRIES"] = "2"
	got := w.call("config")
	for _, want := range []string{
		`country +DE +settings file csvput.yaml`,
		`retries +2 +environment variable CSVPUT_RETRIES`,
		`workers +3 +settings file ` + regexp.QuoteMeta(own),
		`rate +90000/m +settings file ` + regexp.QuoteMeta(own),
	} {
		if !regexp.MustCompile(want).MatchString(got.stdout) {
			t.Errorf("csvput config does not say %q:\n%s%s", want, got.stdout, got.stderr)
		}
	}
	got = w.call("plan", "contacts.csv")
	if got.code != 0 || !strings.HasPrefix(got.stderr, "Settings from "+own+"\nSettings from csvput.yaml\n") {
		t.Errorf("exit code %d\n%s", got.code, got.stderr)
	}
	w.write("office.yaml", "country: GB\n")
	got = w.call("plan", "--config", "office.yaml", "--log-format", "json", "contacts.csv")
	if records := got.records(t); got.code != 0 || records[0]["msg"] != "settings" || records[0]["file"] != "office.yaml" || strings.Contains(got.stderr, own) {
		t.Errorf("exit code %d\n%s", got.code, got.stderr)
	}

	// In the folder of one's own settings, they are one's own.
	t.Chdir(w.path("home/csvput"))
	if got := w.call("config"); got.code != 0 || !strings.Contains(got.stdout, "https://crm.example.com") && !strings.Contains(got.stdout, w.env["CSVPUT_BASE_URL"]) {
		t.Errorf("exit code %d\n%s", got.code, got.stderr)
	}
}

// TestWrongValues says where a value stands that can't be one, what it is and what it should be, wherever it comes from.
func TestWrongValues(t *testing.T) {
	w := inFolder(t)
	for _, tt := range []struct{ name, value, want string }{
		{"workers", "many", "not a whole number"}, {"workers", "-3", "below 0"},
		{"timeout", "5", "not a time such as 30s, 5m or 2h"}, {"timeout", "-5s", "below 0"},
		{"vanity", "perhaps", "neither true nor false"},
	} {
		check := func(got result, where string) {
			t.Helper()
			if got.code != 2 || !strings.Contains(got.stderr, "csvput: error: "+where) || !strings.Contains(got.stderr, tt.want) {
				t.Errorf("%s %s: exit code %d\n%s", tt.name, tt.value, got.code, got.stderr)
			}
		}
		key := "CSVPUT_" + strings.ToUpper(tt.name)
		check(w.call("plan", "--"+tt.name+"="+tt.value, "contacts.csv"), "--"+tt.name+` "`+tt.value+`" is `)
		w.env[key] = tt.value
		check(w.call("plan", "contacts.csv"), "the environment variable "+key+" says "+tt.name+`: "`+tt.value+`", which is `)
		delete(w.env, key)
		w.write("csvput.yaml", tt.name+": "+tt.value+"\n")
		check(w.call("config"), "the settings file csvput.yaml says "+tt.name+`: "`+tt.value+`", which is `)
		w.write("csvput.yaml", "")
	}
}

// TestMaxErrorsIsNumber refuses what is no number of rows.
func TestMaxErrorsIsNumber(t *testing.T) {
	w := newWorld(t, 1)
	for _, value := range []string{"NaN%", "nan%", "Inf%", "-Inf%", "+Inf%", "-1%", "1e9%", "101%", "%", "NaN", "Inf", "-1", "1e9", "1.5", "0x5%"} {
		if got := w.call("run", "--yes", "--max-errors", value, "$DIR/contacts.csv"); got.code != 2 || !strings.Contains(got.stderr, "--max-errors") {
			t.Errorf("--max-errors %s: exit code %d\n%s", value, got.code, got.stderr)
		}
	}
	for _, value := range []string{"0", "5", "0%", "5%", "2.5 %", "100%"} {
		if got := w.call("run", "--yes", "--sandbox", "--max-errors", value, "$DIR/contacts.csv"); got.code != 0 {
			t.Errorf("--max-errors %s: exit code %d\n%s", value, got.code, got.stderr)
		}
	}
	if len(w.server.Requests()) > 0 {
		t.Error("a request was made")
	}
}

// TestUnknownVariables says that a misspelt variable of the environment ends the command before anything is sent: it
// may have been meant to say where to.
func TestUnknownVariables(t *testing.T) {
	for name, near := range map[string]string{"CSVPUT_SANBOX": "CSVPUT_SANDBOX", "CSVPUT_BASEURL": "CSVPUT_BASE_URL", "csvput_account": "CSVPUT_ACCOUNT", "CSVPUT_TOKEN_FIEL": "CSVPUT_TOKEN_FILE"} {
		w := newWorld(t, 3)
		w.env[name] = secret
		for _, args := range [][]string{{"run", "--yes", "$DIR/contacts.csv"}, {"check", "$DIR/contacts.csv"}, {"logins"}, {"config"}} {
			got := w.call(args...)
			if got.code != 2 || !strings.Contains(got.stderr, name+" is none that csvput knows") || !strings.Contains(got.stderr, "did you mean "+near+"?") || strings.Contains(got.stderr, secret) {
				t.Errorf("%v with %s ends with %d: %s", args, name, got.code, got.stderr)
			}
		}
		if n := len(w.server.Requests()); n > 0 || len(w.runs()) > 0 {
			t.Errorf("with %s, %d requests were sent, and there are runs %v", name, n, w.runs())
		}
		if got := w.call("run", "--help"); got.code != 0 {
			t.Errorf("no help with %s: %s", name, got.stderr)
		}
		w.env[name] = ""
		if got := w.call("check", "$DIR/contacts.csv"); got.code != 0 {
			t.Errorf("%s without a value ends with %d: %s", name, got.code, got.stderr)
		}
	}
}
