package crm

import (
	"context"
	"net/http"

	"csvput/report/code"
)

// Login is one account that the token may act as.
type Login struct {
	CanWrite             bool
	AccountUUID          string // what Config.Account wants
	AccountName          string
	AccountType          string // client, employee or external
	AccountRole          string
	FirmUUID             string
	FirmName             string
	PreferredAccountUUID string // the account that the person asked to be used; often ""
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
func parseLogins(body []byte) (logins []Login, ok bool) {
	var answer struct {
		Data list[*struct {
			CanWrite  scalar `json:"has_write_permission"`
			Preferred scalar `json:"preferred_account_uuid"`
			Account   struct{ UUID, Name, Type, Role scalar }
			Firm      struct{ UUID, Name scalar }
		}]
	}
	ok = decode(body, &answer) && answer.Data != nil
	for _, l := range answer.Data {
		if l == nil {
			continue
		}
		logins = append(logins, Login{
			CanWrite:             l.CanWrite == "true" || l.CanWrite == "1", // as PHP may write it, too
			PreferredAccountUUID: string(l.Preferred),
			AccountUUID:          string(l.Account.UUID), AccountName: string(l.Account.Name),
			AccountType: string(l.Account.Type), AccountRole: string(l.Account.Role),
			FirmUUID: string(l.Firm.UUID), FirmName: string(l.Firm.Name),
		})
	}
	return logins, ok
}
