package web

import (
	"context"
	"mime"
	"net/http"
	"strings"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/run"
)

// export hands out all contact details of the CRM, as a file that comes back here when it was changed. It is asked for
// by a form: it takes of the CRM's quota.
func (s *server) export(w http.ResponseWriter, r *http.Request) error {
	if ok, err := s.connected(); err != nil {
		return err
	} else if !ok {
		return toConnection(w, r, "")
	}
	soft, stop := context.WithCancel(s.soft)
	defer stop()
	defer context.AfterFunc(r.Context(), stop)() // it ends when the browser goes
	name := "contacts-" + time.Now().Format(time.DateOnly) + ".csv"
	if r.FormValue("as") == "xlsx" {
		name = strings.TrimSuffix(name, "csv") + "xlsx"
	}
	file := &attachment{ResponseWriter: w, name: name}
	j := s.job("export", s.settings(false))
	j.Face = &work{}
	result := j.Talk(soft, s.hard, true, func(ctx context.Context, client *crm.Client) error {
		_, err := importer.Run{Client: client, Progress: j.Face}.Export(ctx, file, name, crm.Filter{}, "")
		return err
	})
	switch {
	case result.End == run.EndDone:
		return nil
	case file.begun:
		panic(http.ErrAbortHandler) // the browser says that the file is not whole
	}
	return result.Ending
}

// attachment is an answer that the browser saves as a file. Until something is written, it can still be another one.
type attachment struct {
	http.ResponseWriter
	name  string
	begun bool
}

func (a *attachment) Write(p []byte) (int, error) {
	if !a.begun {
		a.begun = true
		attach(a.Header(), a.name)
	}
	return a.ResponseWriter.Write(p)
}

// attach makes an answer a file to be saved, which is never shown at our address.
func attach(h http.Header, name string) {
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}
