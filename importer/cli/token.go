package cli

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"strings"

	"github.com/urfave/cli/v3"
)

// tokenSource finds out where the access token comes from: --token-file or --token-command on the command
// line, CSVPUT_TOKEN, the same two elsewhere, or the system's keyring. It never comes from an argument,
// which other users of the machine could read. It is for the server that the person's settings name. The
// function it returns is called again when the server refuses the token.
func (s *session) tokenSource(c *cli.Command) (func(context.Context) (string, error), error) {
	file, command, base := c.String("token-file"), c.String("token-command"), c.String("base-url")
	_, fileNamed := argumentOf(s.Args, "token-file")
	_, commandNamed := argumentOf(s.Args, "token-command")
	token, set := s.Env("CSVPUT_TOKEN")
	switch {
	case set && strings.TrimSpace(token) != "" && !fileNamed && !commandNamed:
		return func(context.Context) (string, error) { return cleanToken(token, "CSVPUT_TOKEN") }, nil
	case file != "" && !commandNamed:
		read := func(context.Context) (string, error) { return readTokenFile(file) }
		_, err := read(context.Background())
		return read, err
	case command != "":
		return func(ctx context.Context) (string, error) { return s.runTokenCommand(ctx, command) }, nil
	}
	if stored := keyringToken(base); stored != nil {
		return stored, nil
	}
	return nil, usagef("there is no access token").
		hint("run csvput login once, or set CSVPUT_TOKEN, or use --token-file or --token-command; to try without one, add --sandbox")
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
		return "", usagef("--token-file: %v", err)
	}
	if !info.Mode().IsRegular() { // of a pipe, a second reading would wait for ever
		return "", usagef("--token-file: %s is no ordinary file", file)
	}
	// A group may read it: secrets that Kubernetes or systemd mount belong to a group.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o037 != 0 {
		return "", usagef("--token-file: other users can read %s (mode %v)", file, info.Mode().Perm()).hint("chmod 600 " + quoteArg(file))
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", usagef("--token-file: %v", err)
	}
	return cleanToken(string(data), "--token-file")
}

func (s *session) runTokenCommand(ctx context.Context, command string) (string, error) {
	var out bytes.Buffer
	if err := s.runCommand(ctx, "token-command", command, nil, &out); err != nil {
		return "", usagef("--token-command failed: %v", err)
	}
	return cleanToken(out.String(), "--token-command")
}

// cleanToken refuses what can't be a token, without showing it.
func cleanToken(s, from string) (string, error) {
	s = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), "\ufeff"))
	switch {
	case s == "":
		return "", usagef("%s gives an empty token", from)
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", usagef("%s gives something that is no token: it has spaces or unusual characters in it", from)
	}
	return s, nil
}
