package cli

import (
	"io"
	"os"
	"sync"
	"sync/atomic"

	"csvput/importer/cli/term"
)

// Process is what a command knows of the process it runs in.
type Process struct {
	Args    []string // the first is the program's name
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Env     func(string) (string, bool)
	Signals <-chan os.Signal // nil never delivers
	// ConfigDir is where programs keep this person's settings, see os.UserConfigDir; "" is nowhere.
	ConfigDir string
	// CacheDir is where programs keep what may be lost, see os.UserCacheDir; "" is nowhere.
	CacheDir string
}

// app is one call of csvput.
type app struct {
	Process
	halt
	read  sync.Once // fills said, see settings
	said  settings
	known []string               // names that a settings file may use
	wrong error                  // a value of the environment or a settings file that can't be one
	ended bool                   // the log says how the command ended
	next  atomic.Pointer[string] // the command line that goes on with what is left, once there is something
}

// watched is an output that ends the command when its reader is gone. A terminal says so with a signal.
func (a *app) watched(w io.Writer) io.Writer {
	if term.IsTerminal(w) {
		return w
	}
	return &pipe{Writer: w, gone: a.ease}
}

// settings are what settings files say: whatever a flag says, by the flag's name.
type settings struct {
	files  []string // those that say anything
	values map[string]setting
	err    error
}

// setting is a value and the file that it stands in.
type setting struct{ value, file string }
