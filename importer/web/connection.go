package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"sync"

	"csvput/importer/crm"
	"csvput/importer/run"
	"csvput/report"
)

// connection is who the pages act as. The token is never shown.
type connection struct {
	mu     sync.Mutex
	token  string      // pasted, and kept for as long as the program runs; "" is the person's stored one
	tried  bool        // the token was good
	logins []crm.Login // what it may act as
	login  *crm.Login  // the one chosen; nil leaves it to the CRM's preference
}

// chosen is the account of a new run.
func (c *connection) chosen(usual string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.login == nil {
		return usual
	}
	return c.login.AccountUUID
}

// who names the account that was chosen; "" is not known yet.
func (c *connection) who() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.login == nil {
		return ""
	}
	return nameOf(c.login.AccountName, c.login.FirmName)
}

// named names the account of a run.
func (c *connection) named(was report.Summary) string {
	return nameOf(cmp.Or(was.Account.Name, was.Account.UUID), was.Firm.Name)
}

func nameOf(account, firm string) string {
	if account == "" || firm == "" {
		return account + firm
	}
	return account + ", " + firm
}

// token is run.Job's: what was pasted here, or what the person has elsewhere.
func (s *server) token(server string) (func(context.Context) (string, error), error) {
	s.connection.mu.Lock()
	defer s.connection.mu.Unlock()
	if token := s.connection.token; token != "" && run.ServerKey(server) == run.ServerKey(s.Job.Settings.BaseURL) {
		return func(context.Context) (string, error) { return token, nil }, nil
	}
	return s.Job.Token(server)
}

// showConnection shows which server the pages talk to, and as whom.
func (s *server) showConnection(w http.ResponseWriter, r *http.Request) error {
	view := connectionView{Server: s.Job.Settings.BaseURL}
	_, err := s.token(view.Server)
	view.HasToken = err == nil
	c := &s.connection
	c.mu.Lock()
	view.OnlyNow, view.Tried = c.token != "", c.tried
	for _, l := range c.logins {
		view.Logins = append(view.Logins, loginView{l, run.Preferred(c.logins, l), c.login != nil && c.login.AccountUUID == l.AccountUUID})
	}
	c.mu.Unlock()
	return s.render(w, page{Screen: "connection", Title: "Connection", View: view})
}

type connectionView struct {
	Server   string
	HasToken bool
	OnlyNow  bool // the token is forgotten when the program ends
	Tried    bool
	Logins   []loginView
}

type loginView struct {
	crm.Login
	Preferred, Chosen bool
}

// tryToken tries a token that was pasted, or without one the stored one, and lists what it may act as.
func (s *server) tryToken(w http.ResponseWriter, r *http.Request) error {
	pasted := r.PostFormValue("token")
	token := s.token
	if pasted != "" {
		clean, err := run.CleanToken(pasted, "what you pasted")
		if err != nil {
			return err
		}
		pasted = clean
		token = func(string) (func(context.Context) (string, error), error) {
			return func(context.Context) (string, error) { return clean, nil }, nil
		}
	}
	logins, err := s.listLogins(token)
	if err != nil {
		return err
	}
	keep := r.PostFormValue("keep") == "yes"
	if pasted != "" && keep {
		if err := run.StoreToken(s.Job.Settings.BaseURL, pasted); err != nil {
			return err
		}
	}
	c := &s.connection
	c.mu.Lock()
	defer c.mu.Unlock()
	if pasted != "" {
		c.token = pasted // in the keyring or not, it counts for this time
		c.login = nil
	}
	c.tried, c.logins = true, logins
	if writable := slices.DeleteFunc(slices.Clone(logins), func(l crm.Login) bool { return !l.CanWrite }); len(writable) == 1 {
		c.login = &writable[0]
	}
	http.Redirect(w, r, "/connection", http.StatusSeeOther)
	return nil
}

// listLogins asks the CRM what a token may act as.
func (s *server) listLogins(token func(string) (func(context.Context) (string, error), error)) (logins []crm.Login, err error) {
	j := s.Job
	j.Settings.Sandbox, j.Face, j.Token, j.Word = false, &work{}, token, words
	result := j.Talk(s.soft, s.hard, false, func(ctx context.Context, client *crm.Client) error {
		logins, err = client.Logins(ctx)
		return err
	})
	if result.End != run.EndDone {
		return nil, result.Ending
	}
	return logins, nil
}

// chooseAccount makes new runs act as an account of those listed.
func (s *server) chooseAccount(w http.ResponseWriter, r *http.Request) error {
	c := &s.connection
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.logins, func(l crm.Login) bool { return l.AccountUUID == r.FormValue("account") })
	if i < 0 {
		return run.Usagef("choose one of the accounts")
	}
	c.login = &c.logins[i]
	http.Redirect(w, r, "/connection", http.StatusSeeOther)
	return nil
}

// forgetToken removes the token from the keyring and from memory.
func (s *server) forgetToken(w http.ResponseWriter, r *http.Request) error {
	if _, err := run.ForgetToken(s.Job.Settings.BaseURL); err != nil {
		return err
	}
	c := &s.connection
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token, c.tried, c.logins, c.login = "", false, nil, nil
	http.Redirect(w, r, "/connection", http.StatusSeeOther)
	return nil
}
