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

// loginJSON is a login on the wire.
type loginJSON struct {
	UUID      scalar `json:"uuid"`
	CanWrite  scalar `json:"has_write_permission"`
	CanDelete scalar `json:"has_delete_permission"`
	Preferred scalar `json:"preferred_account_uuid"`
	ExpiresAt scalar `json:"expires_at"`
	Email     scalar `json:"email"`
	Account   struct {
		UUID  scalar `json:"uuid"`
		Name  scalar `json:"name"`
		Type  scalar `json:"type"`
		Role  scalar `json:"role"`
		Email scalar `json:"email"`
	} `json:"account"`
	Firm struct {
		UUID scalar `json:"uuid"`
		Name scalar `json:"name"`
	} `json:"firm"`
}

// Logins returns the accounts that the token may act as. It needs no Config.Account. The error is an *Error.
func (c *Client) Logins(ctx context.Context) (logins []Login, err error) {
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
func parseLogins(body []byte) ([]Login, bool) {
	var answer struct {
		Data list[*loginJSON] `json:"data"`
	}
	if !decode(body, &answer) {
		return nil, false
	}
	var logins []Login
	for _, l := range answer.Data {
		if l == nil {
			continue
		}
		logins = append(logins, Login{
			UUID: string(l.UUID), CanWrite: l.CanWrite.true(), CanDelete: l.CanDelete.true(),
			AccountUUID: string(l.Account.UUID), AccountName: string(l.Account.Name),
			AccountType: string(l.Account.Type), AccountRole: string(l.Account.Role),
			FirmUUID: string(l.Firm.UUID), FirmName: string(l.Firm.Name),
			PreferredAccountUUID: string(l.Preferred), Email: string(or(l.Email, l.Account.Email)), ExpiresAt: string(l.ExpiresAt),
		})
	}
	return logins, answer.Data != nil
}
