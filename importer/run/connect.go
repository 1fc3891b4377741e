package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"csvput/importer/crm"
	"csvput/report"
)

// connect makes the API client and finds the account to act as. write says that the run is going to update.
func (c *course) connect(cfg crm.Config, write bool) error {
	if err := c.openClient(cfg); err != nil {
		return err
	}
	logins, err := c.client.Logins(c.soft)
	if err != nil {
		// With an account named, a token that may not list logins can still do its work.
		if remote, ok := errors.AsType[*crm.Error](err); ok && cfg.Account != "" && remote.Stop == crm.StopNone &&
			(remote.Status == 403 || remote.Status == 404) {
			c.summary.Account.UUID = cfg.Account
			return nil
		}
		return err
	}
	login, err := c.chooseLogin(logins, cfg.Account)
	if err != nil {
		return err
	}
	if write && !login.CanWrite {
		return Usagef("the login of %s (%s) may only read", login.AccountName, login.AccountUUID).
			Hint("choose another with " + c.word("account") + "; csvput logins lists them")
	}
	c.summary.Account = report.Account{UUID: login.AccountUUID, Name: login.AccountName}
	c.summary.Firm = report.Firm{Name: login.FirmName}
	c.client.ActAs(login.AccountUUID)
	return nil
}

// connectAs connects to the server, and as the account, that an earlier run used. Settings that say otherwise are
// refused: a plan is true for one account of one server.
func (c *course) connectAs(folder *report.Folder, was report.Summary) error {
	cfg, err := c.clientConfig()
	if err != nil {
		return err
	}
	if was.Sandbox == "" {
		if cfg, err = c.serverOf(folder, was, cfg); err != nil {
			return err
		}
		return c.connect(cfg, true)
	}
	state, err := sandboxState(folder, was)
	if err != nil {
		return err
	}
	if cfg, err = c.rehearse(cfg, state, nil); err != nil {
		return err
	}
	cfg.Account = was.Account.UUID
	return c.connect(cfg, true)
}

// serverOf is the server and the account of an earlier run, with a token that was given for that server. The folder may
// be somebody else's, so what it says of the server is not enough to send anything there: the person's own settings
// must say the same, or the person must have a token for that very server.
func (c *course) serverOf(folder *report.Folder, was report.Summary, cfg crm.Config) (crm.Config, error) {
	other := ServerKey(cfg.BaseURL) != ServerKey(was.BaseURL)
	switch {
	case c.Settings.Sandbox:
		return cfg, Usagef("%s was made for %s, not for the sandbox", folder.Dir(), was.BaseURL)
	case cfg.Account != "" && cfg.Account != was.Account.UUID:
		return cfg, Usagef("%s was made for account %s, and %s says %s", folder.Dir(), was.Account.UUID,
			c.word("account"), cfg.Account)
	case other && slices.Contains(c.Given, "base-url"):
		return cfg, Usagef("%s was made for %s, and %s says %s", folder.Dir(), was.BaseURL, c.word("base-url"),
			cfg.BaseURL)
	}
	own := cfg.BaseURL
	if other {
		cfg.BaseURL = was.BaseURL
	}
	if c.summary.Settings["base-url"] != "" {
		c.summary.Settings["base-url"] = cfg.BaseURL // what there is to do next goes there too
	}
	cfg.Account = was.Account.UUID
	var err error
	if cfg.Token, err = c.Token(cfg.BaseURL); cfg.Token == nil && err == nil {
		err = Usagef("%s was made for %s, which is not your CRM (%s); nothing was sent there", folder.Dir(),
			was.BaseURL, own).
			Hint("if you know that server: log in there once with " +
				c.CommandLine("login", "", map[string]string{"base-url": was.BaseURL}) +
				", or give " + c.word("base-url") + " and the token for it")
	}
	return cfg, err
}

// openClient makes the API client of the run.
func (c *course) openClient(cfg crm.Config) error {
	cfg.Logger = c.Log
	cfg.OnWait = c.Face.Wait
	cfg.Stop = c.soft
	client, err := crm.New(cfg)
	if err != nil {
		return err
	}
	c.client = client
	c.Face.Connected(client)
	c.later(func() error { client.Close(); return nil })
	c.summary.BaseURL = cfg.BaseURL
	return nil
}

// Preferred reports whether somebody's logins name this one as the one to use.
func Preferred(logins []crm.Login, l crm.Login) bool {
	return slices.ContainsFunc(logins, func(o crm.Login) bool {
		return o.PreferredAccountUUID != "" && o.PreferredAccountUUID == l.AccountUUID
	})
}

// chooseLogin is the login of the account asked for; without one, the only sensible one. It never guesses between
// several.
func (c *course) chooseLogin(logins []crm.Login, account string) (crm.Login, error) {
	if account != "" {
		if i := slices.IndexFunc(logins, func(l crm.Login) bool {
			return strings.EqualFold(l.AccountUUID,
				account)
		}); i >= 0 {
			return logins[i], nil
		}
		return crm.Login{}, c.loginList(Usagef("the token may not act as account %s", account), logins)
	}
	if len(logins) == 0 {
		return crm.Login{}, Usagef("the token belongs to nobody: the CRM lists no login for it").
			Hint("ask your CRM's administrator for access")
	}
	if login, ok := SensibleLogin(logins); ok {
		return login, nil
	}
	return crm.Login{}, c.loginList(Usagef("it is not clear which account to act as"), logins)
}

// SensibleLogin is the only sensible login, if there is one: that which the person prefers, else the only employee's
// that may write.
func SensibleLogin(logins []crm.Login) (crm.Login, bool) {
	var wanted, sensible []crm.Login
	for _, l := range logins {
		if Preferred(logins, l) {
			wanted = append(wanted, l)
		}
		if l.AccountType == "employee" && l.CanWrite {
			sensible = append(sensible, l)
		}
	}
	switch {
	case len(wanted) == 1:
		return wanted[0], true
	case len(wanted) == 0 && len(sensible) == 1:
		return sensible[0], true
	}
	return crm.Login{}, false
}

// loginList adds the logins to an ending.
func (c *course) loginList(end *Ending, logins []crm.Login) *Ending {
	end.Hint("give one of these accounts with " + c.word("account") + " UUID:")
	for _, l := range logins {
		may := "may only read"
		if l.CanWrite {
			may = "may write"
		}
		end.Hint(fmt.Sprintf("  %s  %s (%s %s, %s), %s", l.AccountUUID, l.AccountName, l.AccountType, l.AccountRole,
			l.FirmName, may))
	}
	return end
}

// Talk connects and calls do. Without an account the client acts as nobody.
func (j Job) Talk(soft, hard context.Context, account bool, do func(context.Context, *crm.Client) error) Result {
	return j.do(soft, hard, func(c *course) error {
		cfg, err := c.clientConfig()
		if err != nil {
			return err
		}
		if c.Settings.Sandbox {
			cfg, err = c.rehearse(cfg, "", seedDefault)
		} else {
			cfg.Token, err = c.Token(cfg.BaseURL)
		}
		if err != nil {
			return err
		}
		if account {
			err = c.connect(cfg, false)
		} else {
			err = c.openClient(cfg)
		}
		if err != nil {
			return err
		}
		return do(c.soft, c.client)
	})
}
