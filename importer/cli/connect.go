package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"csvput/importer/crm"
	"csvput/importer/sandbox"
	"csvput/report"
)

// sandboxName is the file that keeps the state of a rehearsal's server, in the run's folder.
const sandboxName = "sandbox.jsonl"

// connect makes the API client and finds the account to act as. write says that the run is going to
// update.
func (s *session) connect(cfg crm.Config, write bool) error {
	if err := s.openClient(cfg); err != nil {
		return err
	}
	logins, err := s.client.Logins(s.hard)
	if err != nil {
		// With an account named, a token that may not list logins can still do its work.
		if remote, ok := errors.AsType[*crm.Error](err); ok && cfg.Account != "" && remote.Stop == crm.StopNone && (remote.Status == 403 || remote.Status == 404) {
			s.summary.Account.UUID = cfg.Account
			return nil
		}
		return err
	}
	login, err := chooseLogin(logins, cfg.Account)
	if err != nil {
		return err
	}
	if write && !login.CanWrite {
		return usagef("the login of %s (%s) may only read", login.AccountName, login.AccountUUID).
			hint("choose another with --account; csvput logins lists them")
	}
	s.summary.Account = report.Account{UUID: login.AccountUUID, Name: login.AccountName}
	s.summary.Firm = report.Firm{Name: login.FirmName}
	s.client.ActAs(login.AccountUUID)
	return nil
}

// openClient makes the API client of the session.
func (s *session) openClient(cfg crm.Config) error {
	cfg.Logger = s.log
	cfg.OnWait = s.screen.waiting
	cfg.Stop = s.soft
	client, err := crm.New(cfg)
	if err != nil {
		return err
	}
	s.client = client
	s.later(func() error { client.Close(); return nil })
	s.summary.BaseURL = cfg.BaseURL
	return nil
}

// preferred tells whether somebody's logins name this one as the one to use.
func preferred(logins []crm.Login, l crm.Login) bool {
	return slices.ContainsFunc(logins, func(o crm.Login) bool {
		return o.PreferredAccountUUID != "" && o.PreferredAccountUUID == l.AccountUUID
	})
}

// chooseLogin is the login of the account asked for; without one, the only sensible login: the one the
// person prefers, else the only employee's login that may write. It never guesses between several.
func chooseLogin(logins []crm.Login, account string) (crm.Login, error) {
	if account != "" {
		if i := slices.IndexFunc(logins, func(l crm.Login) bool { return strings.EqualFold(l.AccountUUID, account) }); i >= 0 {
			return logins[i], nil
		}
		return crm.Login{}, loginList(usagef("the token may not act as account %s", account), logins)
	}
	if len(logins) == 0 {
		return crm.Login{}, usagef("the token belongs to nobody: the CRM lists no login for it").hint("ask your CRM's administrator for access")
	}
	var wanted, sensible []crm.Login
	for _, l := range logins {
		if preferred(logins, l) {
			wanted = append(wanted, l)
		}
		if l.AccountType == "employee" && l.CanWrite {
			sensible = append(sensible, l)
		}
	}
	switch {
	case len(wanted) == 1:
		return wanted[0], nil
	case len(wanted) == 0 && len(sensible) == 1:
		return sensible[0], nil
	}
	return crm.Login{}, loginList(usagef("it is not clear which account to act as"), logins)
}

// loginList adds the logins to an ending.
func loginList(end *ending, logins []crm.Login) *ending {
	end.hint("give one of these accounts with --account UUID:")
	for _, l := range logins {
		end.hint("  " + loginLine(l))
	}
	return end
}

func loginLine(l crm.Login) string {
	may := "may only read"
	if l.CanWrite {
		may = "may write"
	}
	return fmt.Sprintf("%s  %s (%s %s, %s), %s", l.AccountUUID, l.AccountName, l.AccountType, l.AccountRole, l.FirmName, may)
}

// printLogins writes the logins as a table.
func printLogins(w io.Writer, logins []crm.Login) error {
	return printTable(w, []string{"ACCOUNT UUID", "NAME", "FIRM", "TYPE", "ROLE", "MAY WRITE", "PREFERRED"}, func(row func(...string)) {
		for _, l := range logins {
			row(l.AccountUUID, l.AccountName, l.FirmName, l.AccountType, l.AccountRole, yesNo(l.CanWrite), yesNo(preferred(logins, l)))
		}
	})
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// rehearse starts the sandbox in this process, with its state in a file so that later commands find
// the same records, and returns the client configuration that points at it.
func (s *session) rehearse(cfg crm.Config, state string, seed func(*sandbox.Server) error) (crm.Config, error) {
	server := sandbox.New(sandbox.Config{NoLog: true})
	if seed != nil {
		if err := seed(server); err != nil {
			return cfg, err
		}
	}
	if state != "" {
		saved, err := server.Persist(state)
		if err != nil {
			return cfg, err
		}
		s.later(saved.Close)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(s.hard))
	url, wait, err := server.Start(ctx, net.JoinHostPort("127.0.0.1", "0"))
	if err != nil {
		stop()
		return cfg, err
	}
	s.later(func() error { stop(); return wait() })
	cfg.BaseURL, cfg.Account, cfg.CACert = url, "", nil
	cfg.Token = func(context.Context) (string, error) { return sandbox.DefaultToken, nil }
	s.summary.Sandbox = state
	return cfg, nil
}

// sandboxState finds the state file of a rehearsed run: where the summary says, or in the folder when
// that has been moved.
func sandboxState(folder *report.Folder, summary report.Summary) (string, error) {
	for _, path := range []string{summary.Sandbox, folder.Path(sandboxName), filepath.Join(folder.Dir(), filepath.Base(summary.Sandbox))} {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", usagef("the sandbox of this rehearsal is gone: %s", summary.Sandbox)
}
