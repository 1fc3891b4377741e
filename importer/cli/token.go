package cli

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"strings"

	"github.com/zalando/go-keyring"

	"csvput/importer/run"
)

// token finds out where the access token for a server comes from: for the one that the person's settings name,
// --token-file or --token-command on the command line, CSVPUT_TOKEN, the same two elsewhere, or the system's keyring;
// for any other, the keyring only. It never comes from an argument, which other users of the machine could read.
func (f *face) token(server string) (func(context.Context) (string, error), error) {
	base := f.c.String("base-url")
	if serverKey(server) != serverKey(base) {
		return keyringToken(server), nil
	}
	file, command := f.c.String("token-file"), f.c.String("token-command")
	_, fileNamed := argumentOf(f.Args, "token-file")
	_, commandNamed := argumentOf(f.Args, "token-command")
	token, set := f.Env("CSVPUT_TOKEN")
	switch {
	case set && strings.TrimSpace(token) != "" && !fileNamed && !commandNamed:
		return func(context.Context) (string, error) { return cleanToken(token, "CSVPUT_TOKEN") }, nil
	case file != "" && !commandNamed:
		read := func(context.Context) (string, error) { return readTokenFile(file) }
		_, err := read(context.Background())
		return read, err
	case command != "":
		return func(ctx context.Context) (string, error) { return f.runTokenCommand(ctx, command) }, nil
	}
	if stored := keyringToken(base); stored != nil {
		return stored, nil
	}
	return nil, run.Usagef("there is no access token").
		Hint("run csvput login once, or set CSVPUT_TOKEN, or use --token-file or --token-command; to try without one, add --sandbox")
}

// keyringToken reads the token that csvput login stored for this very server; nil when there is none.
func keyringToken(base string) func(context.Context) (string, error) {
	if token, err := storedToken(base); err != nil || token == "" {
		return nil
	}
	return func(context.Context) (string, error) { return storedToken(base) }
}

func readTokenFile(file string) (string, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", run.Usagef("--token-file: %v", err)
	}
	if !info.Mode().IsRegular() { // of a pipe, a second reading would wait for ever
		return "", run.Usagef("--token-file: %s is no ordinary file", file)
	}
	// A group may read it: secrets that Kubernetes or systemd mount belong to a group.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o037 != 0 {
		return "", run.Usagef("--token-file: other users can read %s (mode %v)", file, info.Mode().Perm()).Hint("chmod 600 " + quoteArg(file))
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", run.Usagef("--token-file: %v", err)
	}
	return cleanToken(string(data), "--token-file")
}

func (f *face) runTokenCommand(ctx context.Context, command string) (string, error) {
	var out bytes.Buffer
	if err := f.runCommand(ctx, "token-command", command, nil, &out); err != nil {
		return "", run.Usagef("--token-command failed: %v", err)
	}
	return cleanToken(out.String(), "--token-command")
}

// cleanToken refuses what can't be a token, without showing it.
func cleanToken(s, from string) (string, error) {
	s = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), "\ufeff"))
	switch {
	case s == "":
		return "", run.Usagef("%s gives an empty token", from)
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", run.Usagef("%s gives something that is no token: it has spaces or unusual characters in it", from)
	}
	return s, nil
}

// keyringService is the name under which tokens are stored in the system's keyring; the user name beside it is the base
// URL, so that tokens of several servers are kept apart.
const keyringService = "csvput"

// serverKey is a base URL as the keyring and comparisons have it.
func serverKey(base string) string { return strings.TrimRight(base, "/") }

// storedToken is the token that csvput login stored for a server.
func storedToken(base string) (string, error) {
	return keyring.Get(keyringService, serverKey(base))
}
