package run

import (
	"context"
	"errors"
	"strings"

	"github.com/zalando/go-keyring"
)

// keyringService is the name under which tokens are stored in the system's keyring; the user name beside it is the base
// URL, so that tokens of several servers are kept apart.
const keyringService = "csvput"

// ServerKey is a base URL as the keyring and comparisons have it.
func ServerKey(base string) string { return strings.TrimRight(base, "/") }

// StoredToken reads the token that the keyring has for this very server; nil when there is none.
func StoredToken(server string) func(context.Context) (string, error) {
	read := func(context.Context) (string, error) { return keyring.Get(keyringService, ServerKey(server)) }
	if token, err := read(context.Background()); err != nil || token == "" {
		return nil
	}
	return read
}

// StoreToken keeps a token for a server in the system's keyring.
func StoreToken(server, token string) error {
	if err := keyring.Set(keyringService, ServerKey(server), token); err != nil {
		return noKeyring("the token is good, but it can't be stored", err)
	}
	return nil
}

// ForgetToken removes the token for a server from the system's keyring, and reports whether there was one.
func ForgetToken(server string) (stored bool, err error) {
	err = keyring.Delete(keyringService, ServerKey(server))
	if errors.Is(err, keyring.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, noKeyring("the token can't be removed", err)
	}
	return true, nil
}

// noKeyring says that the system's keyring does not work, as on a server.
func noKeyring(what string, err error) *Ending {
	return Usagef("%s: this system has no keyring that works (%v)", what, err).
		Hint("set CSVPUT_TOKEN, or keep the token in a file that only you can read and use --token-file")
}

// CleanToken refuses what can't be a token, without showing it. It says where it is from.
func CleanToken(s, from string) (string, error) {
	s = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), "\ufeff"))
	switch {
	case s == "":
		return "", Usagef("%s gives an empty token", from)
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", Usagef("%s gives something that is no token: it has spaces or unusual characters in it", from)
	}
	return s, nil
}
