// Package web is the browser's face of csvput: the whole job on pages that this computer alone can reach. It is a
// second face over the same course of a run as the terminal (package run), so what the one begins the other can finish.
//
// A screen is found by its name: its handlers in NAME.go, its page in templates/NAME.tmpl, its script in
// static/NAME.js. What all screens share is in server.go (routes, start, end), guard.go (who is let in), page.go (what
// every page shows) and face.go (jobs under way).
package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"csvput/importer/rows"
	"csvput/importer/run"
	"csvput/report"
	"csvput/report/human"
)

// Config is what the pages work with.
type Config struct {
	Job  run.Job // what every job has: settings, log, token and so on; not its face
	Port int     // 0 takes a free one
	File string  // a file to begin with; "" is none
	// Open is told the address of the first page, once.
	Open func(address string)
}

// Limits of a request.
const (
	mostBody    = 1 << 20 // bytes of what a form sends
	mostUpload  = 1 << 30 // bytes of a file
	formTime    = 20 * time.Second
	uploadTime  = 5 * time.Minute
	shutdownFor = 2 * time.Second
)

// server answers the browser.
type server struct {
	Config
	listener   net.Listener
	guard      *guard
	soft, hard context.Context
	upload     limits
	rehearse   atomic.Bool // new runs are rehearsals
	connection connection
	tables     tables

	mu      sync.Mutex
	ending  bool
	working sync.WaitGroup
	works   map[string]*work // the last of each run, by its id
}

// limits of an upload.
type limits struct {
	bytes int64
	time  time.Duration
}

// Serve answers until soft ends. Work under way is then finished as a run is: what is in flight is recorded, or given
// up when hard ends too.
func Serve(soft, hard context.Context, c Config) error {
	s, err := listen(soft, hard, c)
	if err != nil {
		return err
	}
	return s.serve()
}

// listen makes a server that can be reached, and does not answer yet.
func listen(soft, hard context.Context, c Config) (*server, error) {
	listener, err := (&net.ListenConfig{}).Listen(soft, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port)))
	if err != nil {
		return nil, run.Usagef("the page can't be served: %v", err).
			Hint("choose another port with " + c.Job.Word("port") + ", or leave it out for any")
	}
	s := &server{
		Config: c, listener: listener, guard: newGuard(listener.Addr().String()), soft: soft, hard: hard,
		works: map[string]*work{}, upload: limits{mostUpload, uploadTime},
	}
	s.rehearse.Store(c.Job.Settings.Sandbox || !s.hasToken()) // who is not connected yet may try everything
	return s, nil
}

// serve answers until soft ends.
func (s *server) serve() error {
	handler, err := s.handler()
	if err != nil {
		return errors.Join(err, s.listener.Close())
	}
	srv := &http.Server{
		Handler:           handler,
		BaseContext:       func(net.Listener) context.Context { return s.hard },
		ReadHeaderTimeout: formTime,
		ReadTimeout:       formTime, // an upload gets more
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.Job.Log.Handler(), slog.LevelWarn),
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(s.listener) }()
	if err = s.welcome(); err == nil {
		select {
		case err = <-served:
			served <- nil
		case <-s.soft.Done():
		}
	}
	s.end()
	grace, cancel := context.WithTimeout(context.WithoutCancel(s.soft), shutdownFor)
	defer cancel()
	if srv.Shutdown(grace) != nil {
		_ = srv.Close() // whoever is not done by now never will be
	}
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return errors.Join(err, s.tables.close(), s.cut())
}

// welcome opens the first page.
func (s *server) welcome() error {
	if s.File != "" {
		id, err := s.openFile(s.soft, s.File)
		if err != nil {
			return err
		}
		s.guard.start = "/runs/" + id
	}
	s.Open(s.guard.address())
	return nil
}

// handler is everything behind the guard.
func (s *server) handler() (http.Handler, error) {
	assets, err := static()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /static/", http.StripPrefix("/static/", assets))
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, files, "static/icon.svg")
	})
	for pattern, screen := range s.routes() {
		mux.Handle(pattern, s.screen(screen))
	}
	mux.HandleFunc("POST /files", s.receive)
	return s.guard.protect(mux), nil
}

// routes are the screens, and what can be done on them.
func (s *server) routes() map[string]screen {
	return map[string]screen{
		"GET /{$}":                    s.home,
		"POST /mode":                  s.setMode,
		"GET /connection":             s.showConnection,
		"POST /connection":            s.tryToken,
		"POST /connection/account":    s.chooseAccount,
		"POST /connection/forget":     s.forgetToken,
		"POST /export":                s.export,
		"GET /history":                s.history,
		"GET /runs/{id}":              s.findRun,
		"GET /runs/{id}/read":         s.ofRun(s.read),
		"POST /runs/{id}/read":        s.ofRun(s.keepReading),
		"GET /runs/{id}/columns":      s.ofRun(s.columns),
		"POST /runs/{id}/columns":     s.ofRun(s.keepColumns),
		"GET /runs/{id}/check":        s.ofRun(s.check),
		"POST /runs/{id}/check":       s.ofRun(s.beginCheck),
		"POST /runs/{id}/try/{line}":  s.ofRun(s.try),
		"POST /runs/{id}/rows/{line}": s.ofRun(s.correct),
		"POST /runs/{id}/keep/{line}": s.ofRun(s.keepOne),
		"POST /runs/{id}/group":       s.ofRun(s.correctGroup),
		"GET /runs/{id}/changes":      s.ofRun(s.changes),
		"POST /runs/{id}/plan":        s.ofRun(s.plan),
		"GET /runs/{id}/confirm":      s.ofRun(s.confirm),
		"POST /runs/{id}/apply":       s.ofRun(s.apply),
		"GET /runs/{id}/running":      s.running,
		"GET /runs/{id}/state":        s.tellState,
		"POST /runs/{id}/stop":        s.stop,
		"GET /runs/{id}/result":       s.ofRun(s.result),
		"GET /runs/{id}/files/{name}": s.ofRun(s.handOut),
		"GET /runs/{id}/undo":         s.ofRun(s.undo),
		"POST /runs/{id}/undo":        s.ofRun(s.planUndo),
		"POST /runs/{id}/again":       s.ofRun(s.again),
		"POST /runs/{id}/delete":      s.remove,
	}
}

// screen is a handler of a form or a page. What went wrong is shown in words.
type screen func(w http.ResponseWriter, r *http.Request) error

// screenOfRun is a screen about a run.
type screenOfRun func(w http.ResponseWriter, r *http.Request, past run.Past) error

// ofRun finds the run that a request is about.
func (s *server) ofRun(do screenOfRun) screen {
	return func(w http.ResponseWriter, r *http.Request) error {
		past, err := s.past(r)
		if err != nil {
			return err
		}
		return do(w, r, past)
	}
}

// redirect leads to another screen.
func redirect(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// errNotFound is the error for what there is not.
var errNotFound = errors.New("there is no such page")

func (s *server) screen(do screen) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, mostBody)
		err := r.ParseForm()
		if err == nil { // the request has come in time; an answer may take longer
			err = http.NewResponseController(w).SetReadDeadline(time.Time{})
		}
		if err == nil {
			err = do(w, r)
		}
		if err != nil {
			s.problem(w, r, err)
		}
	})
}

// problem says what went wrong, on a page or to a script.
func (s *server) problem(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusUnprocessableEntity
	switch _, tooLarge := errors.AsType[*http.MaxBytesError](err); {
	case errors.Is(err, errNotFound):
		status = http.StatusNotFound
	case errors.Is(err, os.ErrDeadlineExceeded):
		status, err = http.StatusRequestTimeout, run.Usagef("the file came too slowly, and was given up")
	case tooLarge:
		status, err = http.StatusRequestEntityTooLarge, run.Usagef("that is more than csvput takes")
	}
	told := s.troubleOf(err)
	if r.Header.Get("Accept") == "application/json" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(told)
		return
	}
	w.WriteHeader(status)
	if err := s.render(w, page{Screen: "problem", Title: "That did not work", View: told}); err != nil {
		s.Job.Log.Error("page", "error", err.Error())
	}
}

// trouble is what went wrong, for a person.
type trouble struct {
	What  string   `json:"what"`
	Hints []string `json:"hints"`
}

// troubleOf says what is wrong.
func (s *server) troubleOf(err error) *trouble {
	if errors.Is(err, report.ErrLocked) {
		return &trouble{"Another csvput is at work on this run, perhaps in a terminal.",
			[]string{"Wait until it has ended, then load this page again."}}
	}
	end := run.EndingOf(err)
	switch file, ok := errors.AsType[*rows.FileError](err); {
	case ok && file.HeaderLine > 0:
		return &trouble{fmt.Sprintf("The names of the columns seem to be on line %d of the file.", file.HeaderLine),
			[]string{fmt.Sprintf("Choose line %d on the screen Read.", file.HeaderLine)}}
	case ok && file.Code == rows.CodeMissingColumns:
		return &trouble{"It is not clear yet what each column is.",
			[]string{"Say under Columns what each is: one tells whose contact detail a row is, and one is the " +
				"new number or address."}}
	case ok && len(file.Columns) == 0 && file.Hint != "":
		end.Hint(file.Hint)
	}
	return &trouble{s.plain(end.Error()), s.hintsOf(end)}
}

// plain writes what a message says as a sentence of its own, and without the paths of runs.
func (s *server) plain(text string) string {
	text = human.Line(strings.ReplaceAll(text, s.folders()+string(os.PathSeparator), ""))
	first, size := utf8.DecodeRuneInString(text)
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") {
		return string(unicode.ToUpper(first)) + text[size:]
	}
	return string(unicode.ToUpper(first)) + text[size:] + "."
}

// writeJSON answers a script.
func writeJSON(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(v)
}

// start begins work that the end of the server waits for; false when that has come.
func (s *server) start(f func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ending {
		s.working.Go(f)
	}
	return !s.ending
}

// end waits for the work under way, and lets no new one begin.
func (s *server) end() {
	s.mu.Lock()
	s.ending = true
	s.mu.Unlock()
	s.working.Wait()
}

// keep remembers the work on a run. Of two at the same time, the run's lock lets only the first go on.
func (s *server) keep(id string, w *work) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if first := s.works[id]; first == nil || first.over() {
		s.works[id] = w
	}
}

// work is the last work on a run; nil when there was none since the program began.
func (s *server) work(id string) *work {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.works[id]
}

// atWork reports whether a job on a run is under way here.
func (s *server) atWork(id string) bool {
	w := s.work(id)
	return w != nil && !w.over()
}

// cut is the ending of work that stopped because the program was asked to.
func (s *server) cut() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	why, ok := errors.AsType[*run.Ending](context.Cause(s.soft))
	for _, w := range s.works {
		if end := w.outcome(); ok && end != nil && end.Resumable && end.End == why.End {
			return end.Hint("to go on: " + s.Job.CommandLine("apply", w.dir, nil) + ", or csvput ui")
		}
	}
	return nil
}

// folders is where the runs are.
func (s *server) folders() string {
	switch out := s.Job.Settings.Out; {
	case out != "":
		return out
	case s.File != "":
		return filepath.Dir(s.File)
	}
	return "."
}

// past finds the run that a request is about.
func (s *server) past(r *http.Request) (run.Past, error) { return s.find(r.PathValue("id")) }

// find finds a run among those that there are: the id is no path.
func (s *server) find(id string) (run.Past, error) {
	runs, err := run.Runs(s.folders())
	if err != nil {
		return run.Past{}, err
	}
	for _, past := range runs {
		if past.ID() == id {
			return past, past.Err
		}
	}
	return run.Past{}, fmt.Errorf("there is no such run here; perhaps it was deleted: %w", errNotFound)
}

// settings are those of a new job; in a rehearsal nothing real is touched.
func (s *server) settings(rehearsal bool) run.Settings {
	settings := s.Job.Settings
	settings.Sandbox, settings.Out = rehearsal, s.folders()
	if !rehearsal {
		settings.Account = s.connection.chosen(settings.Account)
	}
	return settings
}

// settingsOf are those of a job that goes on with a run: server, account and sandbox are the run's own.
func (s *server) settingsOf(past run.Past) run.Settings {
	settings := s.Job.Settings
	// where all is to be a rehearsal, nothing else is gone on with
	settings.Sandbox = settings.Sandbox && !rehearsed(past.Was)
	settings.Account, settings.Out = "", ""
	return settings
}
