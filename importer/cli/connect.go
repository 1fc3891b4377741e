package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"csvput/importer/crm"
	"csvput/report"
)

// connect makes the API client and finds the account to act as. write says that the run is going to
// update.
func (s *session) connect(cfg crm.Config, write bool) error {
	if err := s.openClient(cfg); err != nil {
		return err
	}
	logins, err := s.client.Logins(s.soft)
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

// serverOf is the server and the account of an earlier run, with a token that was given for that server.
// The folder may be somebody else's, so what it says of the server is not enough to send anything there:
// the person's own settings must say the same, or the person must have logged in there.
func (s *session) serverOf(folder *report.Folder, was report.Summary, cfg crm.Config) (crm.Config, error) {
	var err error
	switch {
	case s.c.Bool("sandbox"):
		return cfg, usagef("%s was made for %s, not for the sandbox", folder.Dir(), was.BaseURL)
	case cfg.Account != "" && cfg.Account != was.Account.UUID:
		return cfg, usagef("%s was made for account %s, and --account says %s", folder.Dir(), was.Account.UUID, cfg.Account)
	case serverKey(cfg.BaseURL) == serverKey(was.BaseURL):
		cfg.Token, err = s.tokenSource(s.c)
	case s.c.IsSet("base-url"):
		err = usagef("%s was made for %s, and --base-url says %s", folder.Dir(), was.BaseURL, cfg.BaseURL)
	default:
		if cfg.Token = keyringToken(was.BaseURL); cfg.Token == nil {
			err = usagef("%s was made for %s, which is not your CRM (%s); nothing was sent there", folder.Dir(), was.BaseURL, cfg.BaseURL).
				hint("if you know that server: log in there once with csvput login --base-url " + quoteArg(was.BaseURL) +
					", or give --base-url and the token for it")
		}
		cfg.BaseURL = was.BaseURL
	}
	if s.summary.Settings["base-url"] != "" {
		s.summary.Settings["base-url"] = cfg.BaseURL // what there is to do next goes there too
	}
	cfg.Account = was.Account.UUID
	return cfg, err
}

// connectPlain makes the client for a command that reads no file and makes no folder. With --sandbox it
// is the sandbox's own records.
func (s *session) connectPlain() (crm.Config, error) {
	cfg, err := clientConfig(s.c)
	if err != nil {
		return cfg, err
	}
	if s.c.Bool("sandbox") {
		return s.rehearse(cfg, "", seedDefault)
	}
	cfg.Token, err = s.tokenSource(s.c)
	return cfg, err
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
	s.client, s.screen.estimate = client, client.Estimate
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
		may := "may only read"
		if l.CanWrite {
			may = "may write"
		}
		end.hint(fmt.Sprintf("  %s  %s (%s %s, %s), %s", l.AccountUUID, l.AccountName, l.AccountType, l.AccountRole, l.FirmName, may))
	}
	return end
}
