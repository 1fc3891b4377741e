package sandbox

import (
	"net/http"
	"time"
)

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
