package sandbox

import (
	"net/http"
	"net/url"
	"time"
)

// timestamp is how Laravel writes times: whole seconds, with the offset in digits.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05-07:00") }

// detailJSON is a contact detail in an answer. The lists of accounts are there only when asked for.
type detailJSON struct {
	UUID      string         `json:"uuid"`
	CreatedAt string         `json:"created_at"`
	UpdatedAt string         `json:"updated_at"`
	Type      string         `json:"type"`
	Name      string         `json:"name"`
	Value     string         `json:"value"`
	Meta      *metaJSON      `json:"phone_number_meta,omitempty"`
	Accounts  *[]accountJSON `json:"accounts,omitempty"`
	Primary   *[]accountJSON `json:"primary_accounts,omitempty"`
}

type metaJSON struct {
	Country   *string `json:"country"` // null for a number that has none
	Formatted string  `json:"formatted"`
}

type accountJSON struct {
	UUID      string `json:"uuid"`
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"`
	Type      string `json:"type"`
	Role      string `json:"role"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	PhotoURL  string `json:"photo_url"`
}

// json is a record as an answer shows it, with its accounts or without.
func (st *store) json(r Record, owners, primaries bool) detailJSON {
	d := detailJSON{
		UUID: r.UUID, CreatedAt: timestamp(r.CreatedAt), UpdatedAt: timestamp(r.UpdatedAt),
		Type: r.Type, Name: r.Name, Value: r.Value,
	}
	if r.Type == TypePhone {
		d.Meta = &metaJSON{Formatted: national(r.Value)}
		if r.Country != "" {
			d.Meta.Country = &r.Country
		}
	}
	if owners {
		d.Accounts = st.accountsJSON(r.AccountUUIDs)
	}
	if primaries {
		d.Primary = st.accountsJSON(r.PrimaryAccountUUIDs)
	}
	return d
}

func (st *store) accountsJSON(ids []string) *[]accountJSON {
	list := make([]accountJSON, len(ids))
	for i, id := range ids {
		a, _ := st.accounts.get(id)
		list[i] = accountJSON{
			UUID: a.UUID, CreatedAt: timestamp(a.CreatedAt), UpdatedAt: timestamp(a.CreatedAt),
			Type: a.Type, Role: a.Role, FirstName: a.FirstName, LastName: a.LastName, Name: a.Name(), Email: a.Email,
			PhotoURL: "https://eu.ui-avatars.com/api/?name=" + url.QueryEscape(a.Name()),
		}
	}
	return &list
}

// Login is an account that the token may act as.
type Login struct {
	UUID                 string
	CanWrite, CanDelete  bool
	Account              Account
	PreferredAccountUUID string    // blank: not in the answer, as in older versions of the API
	ExpiresAt            time.Time // zero: not in the answer
}

func (s *Server) logins(*call) answer {
	type accountOf struct {
		UUID  string `json:"uuid"`
		Type  string `json:"type"`
		Role  string `json:"role"`
		Name  string `json:"name"`
		Email string `json:"email"`
		Firm  string `json:"firm"`
	}
	type login struct {
		UUID      string    `json:"uuid"`
		CanWrite  bool      `json:"has_write_permission"`
		CanDelete bool      `json:"has_delete_permission"`
		ExpiresAt string    `json:"expires_at,omitempty"`
		Account   accountOf `json:"account"`
		Firm      Firm      `json:"firm"`
		Preferred string    `json:"preferred_account_uuid,omitempty"`
	}
	list := make([]login, len(s.cfg.Logins))
	for i, l := range s.cfg.Logins {
		a := l.Account
		list[i] = login{
			UUID: l.UUID, CanWrite: l.CanWrite, CanDelete: l.CanDelete,
			Account: accountOf{a.UUID, a.Type, a.Role, a.Name(), a.Email, a.firm().Name}, Firm: a.firm(),
			Preferred: l.PreferredAccountUUID,
		}
		if !l.ExpiresAt.IsZero() {
			list[i].ExpiresAt = timestamp(l.ExpiresAt)
		}
	}
	return answerJSON(http.StatusOK, map[string]any{"data": list})
}
