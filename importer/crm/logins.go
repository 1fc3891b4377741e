package crm

import (
	"context"
	"net/http"

	"csvput/report/code"
)

// Login is one account that the token may act as.
type Login struct {
	UUID                 string // of the login itself
	CanWrite             bool
	CanDelete            bool
	AccountUUID          string // what Config.Account wants
	AccountName          string
	AccountType          string // client, employee or external
	AccountRole          string
	FirmUUID             string
	FirmName             string
	PreferredAccountUUID string // the account that the person asked to be used; often ""
	Email                string
	ExpiresAt            string // as the server writes it; "" = not said
}

// Logins returns the accounts that the token may act as. It needs no Config.Account. The error is an *Error.
func (c *Client) Logins(ctx context.Context) ([]Login, error) {
	var logins []Login
	q := &call{kind: kindLogins, method: http.MethodGet, url: c.url(pathLogins, "")}
	q.read = func(body []byte, _ func(string) string) *Error {
		var ok bool
		if logins, ok = parseLogins(body); !ok {
			return &Error{Code: code.NotJSON}
		}
		return nil
	}
	if e := c.do(ctx, q, new(Tries)); e != nil {
		return nil, e
	}
	return logins, nil
}

// parseLogins reads {"data": [login, ...]}.
func parseLogins(body []byte) (logins []Login, ok bool) {
	s := scanner{data: body}
	s.object(func(key []byte) {
		if string(key) != "data" {
			s.skip()
			return
		}
		ok = s.array(func() {
			var l Login
			s.keep()
			if readLogin(&s, &l) {
				logins = append(logins, l)
			} else {
				s.skip()
			}
		})
		if !ok {
			s.skip()
		}
	})
	return logins, ok && s.valid()
}

func readLogin(s *scanner, l *Login) bool {
	var person, account string
	ok := s.object(func(key []byte) {
		switch string(key) {
		case "uuid":
			l.UUID = s.text()
		case "has_write_permission":
			l.CanWrite = s.truth()
		case "has_delete_permission":
			l.CanDelete = s.truth()
		case "preferred_account_uuid":
			l.PreferredAccountUUID = s.text()
		case "expires_at":
			l.ExpiresAt = s.text()
		case "email":
			person = s.text()
		case "account":
			readParty(s, map[string]*string{
				"uuid": &l.AccountUUID, "name": &l.AccountName, "type": &l.AccountType, "role": &l.AccountRole, "email": &account,
			})
		case "firm":
			readParty(s, map[string]*string{"uuid": &l.FirmUUID, "name": &l.FirmName})
		default:
			s.skip()
		}
	})
	l.Email = or(person, account)
	return ok
}

// readParty reads the wanted members of an object; anything else is skipped.
func readParty(s *scanner, wanted map[string]*string) {
	ok := s.object(func(key []byte) {
		if field := wanted[string(key)]; field != nil {
			*field = s.text()
		} else {
			s.skip()
		}
	})
	if !ok {
		s.skip()
	}
}

// truth reads a boolean; PHP applications also write 1 and "1".
func (s *scanner) truth() bool {
	word := s.text()
	return word == "true" || word == "1"
}
