package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
	"github.com/zalando/go-keyring"
	"golang.org/x/term"

	"csvput/report"
)

// keyringService is the name under which tokens are stored in the system's keyring; the user name
// beside it is the base URL, so that tokens of several servers are kept apart.
const keyringService = "csvput"

// serverKey is a base URL as the keyring and comparisons have it.
func serverKey(base string) string { return strings.TrimRight(base, "/") }

// storedToken is the token that csvput login stored for a server.
func storedToken(base string) (string, error) {
	return keyring.Get(keyringService, serverKey(base))
}

func (a *app) loginCommand() *cli.Command {
	return &cli.Command{
		Name:  "login",
		Usage: "store an access token in the system's keyring",
		Description: "Asks for the token without showing it, tries it, and stores it in the keyring of your\n" +
			"system (Windows Credential Manager, macOS Keychain, Secret Service). Where there is no\n" +
			"keyring, use CSVPUT_TOKEN, --token-file or --token-command instead.\n\n" +
			"Example:\n" +
			"   csvput login",
		Metadata: exits(exitPassing, exitPermanent, exitCredentials),
		Flags:    slices.Concat(a.connectFlags(), a.messageFlags()),
		Action: func(ctx context.Context, c *cli.Command) error {
			return a.withSession(ctx, c, (*session).login)
		},
	}
}

func (a *app) logoutCommand() *cli.Command {
	return &cli.Command{
		Name:  "logout",
		Usage: "remove the stored access token from the system's keyring",
		Description: "The token itself stays valid: to end it, use the CRM.\n\n" +
			"Example:\n" +
			"   csvput logout",
		Flags: []cli.Flag{a.text("base-url", defaultBaseURL, forConnecting, "`URL`: the address of the CRM"), a.configFlag()},
		Action: func(_ context.Context, c *cli.Command) error {
			err := keyring.Delete(keyringService, serverKey(c.String("base-url")))
			switch {
			case errors.Is(err, keyring.ErrNotFound):
				fmt.Fprintf(a.Stderr, "No token was stored for %s.\n", c.String("base-url"))
				return nil
			case err != nil:
				return noKeyring("the token can't be removed", err)
			}
			fmt.Fprintf(a.Stderr, "The token for %s is removed.\n", c.String("base-url"))
			return nil
		},
	}
}

// login is csvput login.
func (s *session) login() error {
	if s.c.Args().Present() {
		return usagef("login takes no argument: the token would be seen by others").hint("csvput login asks for it")
	}
	cfg, err := clientConfig(s.c)
	if err != nil {
		return err
	}
	token, err := s.askToken()
	if err != nil {
		return err
	}
	cfg.Token = func(context.Context) (string, error) { return token, nil }
	if err := s.openClient(cfg); err != nil {
		return err
	}
	logins, err := s.client.Logins(s.soft)
	if err != nil {
		return err
	}
	if err := keyring.Set(keyringService, serverKey(cfg.BaseURL), token); err != nil {
		return noKeyring("the token is good, but it can't be stored", err)
	}
	s.log.Info("stored", "accounts", len(logins))
	s.screen.say("The token is good and stored. It may act as %s.", report.Plural(len(logins), "account"))
	return nil
}

// noKeyring says that the system's keyring does not work, as on a server.
func noKeyring(what string, err error) *ending {
	return usagef("%s: this system has no keyring that works (%v)", what, err).
		hint("set CSVPUT_TOKEN, or keep the token in a file that only you can read and use --token-file")
}

// askToken reads a token without showing it; from a pipe, its first line.
func (s *session) askToken() (string, error) {
	if f, ok := s.Stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		data, err := s.askSecret(f)
		if err != nil {
			return "", err
		}
		return cleanToken(data, "the answer")
	}
	line, err := await(s.soft, func() (string, error) { return bufio.NewReader(s.Stdin).ReadString('\n') })
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return cleanToken(line, "standard input")
}

// askSecret reads a line from a terminal that does not show what is typed, and shows it again afterwards.
func (s *session) askSecret(f *os.File) (string, error) {
	defer fmt.Fprintln(s.Stderr)
	// Not term.ReadPassword: it would hide what is typed at a time of its own, perhaps after we have gone.
	before, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return "", err
	}
	defer term.Restore(int(f.Fd()), before)
	screen := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{f, s.Stderr}, "")
	line, err := await(s.soft, func() (string, error) { return screen.ReadPassword("Access token (not shown): ") })
	if errors.Is(err, io.EOF) { // Ctrl-C and Ctrl-D are keys like others now
		err = signalError{os.Interrupt}
	}
	return line, err
}
