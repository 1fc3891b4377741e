package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"csvput/importer/crm"
	"csvput/importer/run"
	"csvput/report"
)

// connection is who the pages act as. The token is never shown.
type connection struct {
	mu     sync.Mutex
	token  string      // pasted; "" is the one that the person has elsewhere
	stored bool        // in the keyring too
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

// tokenOf is what a person has for a server, see run.Job.
type tokenOf = func(server string) (func(context.Context) (string, error), error)

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
	view := connectionView{Server: s.Job.Settings.BaseURL, HasToken: s.hasToken()}
	if past, err := s.find(r.FormValue("run")); err == nil {
		view.Run = &past
	}
	c := &s.connection
	c.mu.Lock()
	view.OnlyNow, view.Tried = c.token != "" && !c.stored, c.tried
	for _, l := range c.logins {
		chosen := c.login != nil && c.login.AccountUUID == l.AccountUUID
		view.Logins = append(view.Logins, loginView{l, run.Preferred(c.logins, l), chosen})
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
	Run      *run.Past // that waits for the connection; nil is none
}

type loginView struct {
	crm.Login
	Preferred, Chosen bool
}

// hasToken reports whether there is a token for the CRM.
func (s *server) hasToken() bool {
	_, err := s.token(s.Job.Settings.BaseURL)
	return err == nil
}

// toConnection leads to the page of the connection, and keeps in mind which run waits for it.
func toConnection(w http.ResponseWriter, r *http.Request, id string) error {
	to := url.URL{Path: "/connection"}
	if id != "" {
		to.RawQuery = url.Values{"run": {id}}.Encode()
	}
	return redirect(w, r, to.String())
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
	if err := s.connect(token, pasted); err != nil {
		return err
	}
	if pasted != "" && r.PostFormValue("keep") == "yes" {
		if err := run.StoreToken(s.Job.Settings.BaseURL, pasted); err != nil {
			return run.EndingOf(err).Hint("it is used until csvput ends")
		}
		s.connection.mu.Lock()
		s.connection.stored = true
		s.connection.mu.Unlock()
	}
	return toConnection(w, r, r.FormValue("run"))
}

// connect asks the CRM what a token may act as, and chooses the account where only one is sensible. One that was pasted
// is kept.
func (s *server) connect(token tokenOf, pasted string) error {
	var logins []crm.Login
	j := s.job("logins", s.settings(false))
	j.Face, j.Token = &work{}, token
	result := j.Talk(s.soft, s.hard, false, func(ctx context.Context, client *crm.Client) (err error) {
		logins, err = client.Logins(ctx)
		return err
	})
	if result.End != run.EndDone {
		return result.Ending
	}
	c := &s.connection
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tried, c.logins = true, logins
	if pasted != "" {
		c.token, c.stored, c.login = pasted, false, nil
	}
	if login, ok := run.SensibleLogin(logins); ok && c.login == nil {
		c.login = &login
	}
	return nil
}

// connected makes sure that it is clear as whom a live run acts, before it is begun; false leads to the page of the
// connection.
func (s *server) connected() (bool, error) {
	if !s.hasToken() {
		return false, nil
	}
	if s.connection.chosen(s.Job.Settings.Account) == "" {
		if err := s.connect(s.token, ""); err != nil {
			return false, err
		}
	}
	return s.connection.chosen(s.Job.Settings.Account) != "", nil
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
	return toConnection(w, r, r.FormValue("run"))
}

// forgetToken removes the token from the keyring and from memory.
func (s *server) forgetToken(w http.ResponseWriter, r *http.Request) error {
	c := &s.connection
	c.mu.Lock()
	c.token, c.stored, c.tried, c.logins, c.login = "", false, false, nil, nil
	c.mu.Unlock()
	if _, err := run.ForgetToken(s.Job.Settings.BaseURL); err != nil {
		return err
	}
	return toConnection(w, r, r.FormValue("run"))
}
