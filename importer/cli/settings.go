package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"csvput/importer/run"
)

const (
	settingsName = "csvput.yaml"
	maxSettings  = 64 << 10 // bytes of a settings file
)

// settings reads the settings files when the first flag asks for them: help, completion and the version need none,
// whatever state they are in. What is wrong with them is for before to say.
func (a *app) settings() *settings {
	a.read.Do(func() {
		a.said.values = map[string]setting{}
		a.said.err = a.readSettings()
	})
	return &a.said
}

// readSettings reads the settings file named by --config or CSVPUT_CONFIG. Without one it reads the person's own, and
// then csvput.yaml in the working directory: a folder may be somebody else's, a download or a shared drive, so that its
// file has a say in harmless things only.
func (a *app) readSettings() error {
	path, named := argumentOf(a.Args, "config")
	if !named {
		path, named = a.Env(envName("config"))
	}
	if named && path != "" {
		return a.addSettings(path, true)
	}
	var own string
	if a.ConfigDir != "" {
		own = filepath.Join(a.ConfigDir, "csvput", settingsName)
		if err := a.addSettings(own, true); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if sameFile(own, settingsName) {
		return nil
	}
	if err := a.addSettings(settingsName, false); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// addSettings takes in a settings file; what it says counts more than what was read before.
func (a *app) addSettings(path string, own bool) error {
	raw, err := parseSettings(path)
	if err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		switch {
		case !slices.Contains(a.known, key):
			end := run.Usagef("the settings file %s has an unknown key %q", path, key)
			if key == "token" {
				end.Hint("a token is a secret: use csvput login, CSVPUT_TOKEN, token-file or token-command")
			}
			return end.Hint("csvput config lists the settings")
		case !own && !harmless(key):
			return run.Usagef("%s in this folder may not set %s: such a file may come from somebody else, so it can "+
				"only say how a file is read, shown and paced", path, key).
				Hint(fmt.Sprintf("if you want it: give --%s or set %s, %sor name the file, if it is yours: --config %s",
					key, envName(key), a.ownSettings(), path))
		case raw[key] == nil:
			continue
		}
		text, err := settingText(raw[key])
		if err != nil {
			return run.Usagef("the settings file %s: %s: %v", path, key, err)
		}
		a.said.values[key] = setting{text, path}
	}
	if len(raw) > 0 {
		a.said.files = append(a.said.files, path)
	}
	return nil
}

// ownSettings is where a person's own settings can stand, as part of a sentence.
func (a *app) ownSettings() string {
	if a.ConfigDir == "" {
		return ""
	}
	return "write it into " + filepath.Join(a.ConfigDir, "csvput", settingsName) + ", "
}

// harmless reports whether a setting may come from a folder that is perhaps somebody else's. Those that decide where
// the token goes, what is run, what is written where, or what is sent without a look are not among them, and no new one
// is until it is written here.
func harmless(name string) bool {
	switch name {
	case "country", "map", "sheet", "ignore", "extension", "vanity", "on-duplicate", "from-line", "limit", "delimiter",
		"encoding", "rate", "reserve", "workers", "timeout", "retries", "max-wait", "breaker", "max-errors",
		"max-duration", "lock-timeout", "verify", "error-on-no-change", "detailed-exit-code", "no-input", "json",
		"verbose", "progress", "progress-interval", "log-format":
		return true
	}
	return false
}

// parseSettings reads a settings file, which is a file indeed: opening a pipe would wait for a writer.
func parseSettings(path string) (map[string]any, error) {
	problem := func(err error) error {
		return &run.Ending{End: run.EndUsage, What: fmt.Sprintf("the settings file can't be read: %v", err),
			Code: "usage", Err: err}
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, problem(err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxSettings {
		return nil, run.Usagef("the settings file %s is no ordinary file of at most %d KiB", path, maxSettings>>10)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, problem(err)
	}
	var doc any
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, run.Usagef("the settings file %s is not valid YAML: %v", path, err)
	}
	raw, ok := doc.(map[string]any)
	if !ok && doc != nil {
		return nil, run.Usagef("the settings file %s holds no settings, one a line, such as country: GB", path)
	}
	return raw, nil
}

// argumentOf finds an option on the command line before it is parsed: the settings file decides how the other options
// are, and errors in parsing must be written as --log-format says. A switch has the value "".
func argumentOf(args []string, name string) (string, bool) {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		for _, dashes := range []string{"--", "-"} {
			if v, ok := strings.CutPrefix(arg, dashes+name+"="); ok {
				return v, true
			}
			if arg == dashes+name {
				if i+1 < len(args) {
					return args[i+1], true
				}
				return "", true
			}
		}
	}
	return "", false
}

// early is an option's value before the command line is parsed, "" when nothing sets it.
func (a *app) early(name string) string {
	if v, ok := argumentOf(a.Args, name); ok {
		return v
	}
	return a.surrounding(name)
}

// surrounding is what the environment or the settings file says, "" when neither does.
func (a *app) surrounding(name string) string {
	if v, ok := a.Env(envName(name)); ok && v != "" {
		return v
	}
	return a.settings().values[name].value
}

// settingText writes a YAML value as it would stand on the command line. A list or a mapping is for --map, whose items
// are kept apart by line breaks.
func settingText(v any) (string, error) {
	switch v := v.(type) {
	case string, bool, int, float64:
		return fmt.Sprint(v), nil
	case []any:
		var lines []string
		for _, item := range v {
			s, err := settingText(item)
			if err != nil {
				return "", err
			}
			lines = append(lines, s)
		}
		return strings.Join(lines, "\n"), nil
	case map[string]any:
		var lines []string
		for key, item := range v {
			s, err := settingText(item)
			if err != nil {
				return "", err
			}
			lines = append(lines, key+"="+s)
		}
		slices.Sort(lines)
		return strings.Join(lines, "\n"), nil
	}
	return "", fmt.Errorf("%v is no setting", v)
}

// source looks a flag up in the environment or in the settings files. A value that can't be one is the app's to refuse:
// the library would do so in words of its own.
type source struct {
	app   *app
	flag  string
	env   bool                            // else in the settings files
	wrong func(value string) (why string) // "" when nothing is
}

func (s *source) Lookup() (string, bool) {
	var (
		value, at string
		ok        bool
	)
	if s.env {
		value, ok = s.app.Env(s.Key())
		ok, at = ok && value != "", "environment variable "+s.Key()
	} else {
		said, there := s.app.settings().values[s.flag]
		value, at, ok = said.value, "settings file "+said.file, there
	}
	why := ""
	if ok && value != "" {
		why = s.wrong(value)
	}
	if why != "" && s.app.wrong == nil {
		s.app.wrong = run.Usagef("the %s says %s: %q, which is %s", at, s.flag, value, why).Hint(settingsHint)
	}
	return value, ok && why == ""
}

func (s *source) IsFromEnv() bool  { return s.env }
func (s *source) Key() string      { return envName(s.flag) }
func (s *source) String() string   { return s.flag }
func (s *source) GoString() string { return s.flag }

// envName is the environment variable of a flag: CSVPUT_ and its name in capitals with _ for -.
func envName(flag string) string {
	return "CSVPUT_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// settingsHint is for a setting that is wrong somewhere else than on the command line.
const settingsHint = "csvput config shows where each setting comes from"

// machine reports whether stderr holds log records and nothing else: --log-format json, and no file for them.
func (a *app) machine() bool {
	return a.early("log-format") == "json" && a.early("log-file") == ""
}
