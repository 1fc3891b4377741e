package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
	"go.yaml.in/yaml/v3"
)

// settingsName is the settings file that is read when it is there.
const settingsName = "csvput.yaml"

// settingsFile holds what a settings file says: whatever a flag says, by the flag's name.
type settingsFile struct {
	path   string
	values map[string]string
}

// loadSettings reads the settings file named by --config or CSVPUT_CONFIG, else csvput.yaml in the
// working directory where there is one.
func (a *app) loadSettings() error {
	path, named := argumentOf(a.Args, "config")
	if !named {
		path, named = a.Env(envName("config"))
	}
	if !named || path == "" {
		path, named = settingsName, false
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return nil
	}
	if err != nil {
		return usagef("the settings file can't be read: %v", err)
	}
	var raw map[string]any
	if err := yaml.Unmarshal(data, &raw); err != nil {
		return usagef("the settings file %s is not valid YAML: %v", path, err)
	}
	a.settings = settingsFile{path: path, values: map[string]string{}}
	known := a.flagNames()
	for key, value := range raw {
		if !slices.Contains(known, key) {
			end := usagef("the settings file %s has an unknown key %q", path, key)
			if key == "token" {
				end.hint("a token is a secret: use csvput login, CSVPUT_TOKEN, token-file or token-command")
			}
			return end.hint("csvput config lists the settings")
		}
		if value == nil {
			continue
		}
		text, err := settingText(value)
		if err != nil {
			return usagef("the settings file %s: %s: %v", path, key, err)
		}
		a.settings.values[key] = text
	}
	return nil
}

// argumentOf finds an option on the command line before it is parsed: the settings file decides how the
// other options are, and errors in parsing must be written as --log-format says. A switch has the value
// "".
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
	return a.settings.values[name]
}

// flagNames are the names that a settings file may use.
func (a *app) flagNames() []string {
	var names []string
	for _, c := range a.root().Commands {
		for _, f := range c.Flags {
			if name := f.Names()[0]; name != "config" && name != "yes" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// settingText writes a YAML value as it would stand on the command line. A list or a mapping is for
// --map, whose items are kept apart by line breaks.
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

// envSource looks a flag up in the environment that the process was given.
type envSource struct {
	key    string
	lookup func(string) (string, bool)
}

func (s *envSource) Lookup() (string, bool) {
	if v, ok := s.lookup(s.key); ok && v != "" {
		return v, true
	}
	return "", false
}
func (s *envSource) IsFromEnv() bool  { return true }
func (s *envSource) Key() string      { return s.key }
func (s *envSource) String() string   { return "environment variable " + s.key }
func (s *envSource) GoString() string { return s.String() }

// fileSource looks a flag up in the settings file.
type fileSource struct {
	key  string
	file *settingsFile
}

func (s *fileSource) Lookup() (string, bool) {
	v, ok := s.file.values[s.key]
	return v, ok
}
func (s *fileSource) String() string   { return "settings file " + s.file.path }
func (s *fileSource) GoString() string { return s.String() }

var _ cli.EnvValueSource = (*envSource)(nil)
