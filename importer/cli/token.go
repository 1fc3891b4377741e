package cli

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"strings"

	"csvput/importer/run"
)

// token finds out where the access token for a server comes from: for the one that the person's settings name,
// --token-file or --token-command on the command line, CSVPUT_TOKEN, the same two elsewhere, or the system's keyring;
// for any other, the keyring only. It never comes from an argument, which other users of the machine could read.
func (f *face) token(server string) (func(context.Context) (string, error), error) {
	base := f.c.String("base-url")
	if run.ServerKey(server) != run.ServerKey(base) {
		return run.StoredToken(server), nil
	}
	file, command := f.c.String("token-file"), f.c.String("token-command")
	_, fileNamed := argumentOf(f.Args, "token-file")
	_, commandNamed := argumentOf(f.Args, "token-command")
	token, set := f.Env("CSVPUT_TOKEN")
	switch {
	case set && strings.TrimSpace(token) != "" && !fileNamed && !commandNamed:
		return func(context.Context) (string, error) { return run.CleanToken(token, "CSVPUT_TOKEN") }, nil
	case file != "" && !commandNamed:
		read := func(context.Context) (string, error) { return readTokenFile(file) }
		_, err := read(context.Background())
		return read, err
	case command != "":
		return func(ctx context.Context) (string, error) { return f.runTokenCommand(ctx, command) }, nil
	}
	if stored := run.StoredToken(base); stored != nil {
		return stored, nil
	}
	return nil, run.Usagef("there is no access token").
		Hint("run csvput login once, or set CSVPUT_TOKEN, or use --token-file or --token-command; to try without " +
			"one, add --sandbox")
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
		return "", run.Usagef("--token-file: other users can read %s (mode %v)", file, info.Mode().Perm()).
			Hint("chmod 600 " + quoteArg(file))
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", run.Usagef("--token-file: %v", err)
	}
	return run.CleanToken(string(data), "--token-file")
}

func (f *face) runTokenCommand(ctx context.Context, command string) (string, error) {
	var out bytes.Buffer
	if err := f.runCommand(ctx, "token-command", command, nil, &out); err != nil {
		return "", run.Usagef("--token-command failed: %v", err)
	}
	return run.CleanToken(out.String(), "--token-command")
}
