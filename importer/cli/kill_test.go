package cli_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"csvput/importer/sandbox"
	"csvput/report"
)

// killer kills a process when the server has heard so many requests of it. A request that arrives is
// on the wire: the process dies while its answer is outstanding.
type killer struct {
	after   atomic.Int64
	process atomic.Pointer[os.Process]
}

func (k *killer) fault(*sandbox.Request) sandbox.Fault {
	if k.after.Add(-1) == 0 {
		if p := k.process.Load(); p != nil {
			p.Kill()
		}
	}
	return sandbox.Fault{}
}

// killedRun is a run of a file of n rows that is killed again and again, and resumed.
type killedRun struct {
	t         *testing.T
	killer    *killer
	server    *sandbox.Server
	dir, url  string
	rnd       *rand.Rand
	wished    map[string]string // id -> value
	again     bool              // gone on with by the same command, not by apply
	folder    string            // "" until there is a plan
	killed    int
	settledAt map[string]int // id -> how many requests the server had heard when its line was there
}

func newKilledRun(t *testing.T, n int) *killedRun {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := &killedRun{t: t, killer: &killer{}, dir: t.TempDir(), rnd: rand.New(rand.NewPCG(seed, 0)), wished: map[string]string{}, settledAt: map[string]int{}}
	r.server = sandbox.New(sandbox.Config{Token: secret, Throttle: -1, Fault: r.killer.fault})
	var file strings.Builder
	file.WriteString("id,name,value\n")
	for i := range n {
		id := fmt.Sprintf("9a000000-0000-4000-8000-%012d", i)
		wish := sandbox.Record{UUID: id, Type: sandbox.TypePhone, Name: fmt.Sprintf("Name, %d", i), Value: fmt.Sprintf("+4420794600%02d", i%100)}
		r.wished[id] = wish.Value
		if err := r.server.Seed(sandbox.Contrast(wish)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&file, "%s,\"%s\",%s\n", id, wish.Name, wish.Value)
	}
	if err := os.WriteFile(filepath.Join(r.dir, "contacts.csv"), []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	r.url = startServer(t, r.server)
	return r
}

func (r *killedRun) command(args ...string) *exec.Cmd {
	cmd := exec.Command("csvput", args...)
	cmd.Env = append(os.Environ(), "CSVPUT_BASE_URL="+r.url, "CSVPUT_TOKEN="+secret, "CSVPUT_RATE=100000/m")
	cmd.Dir = r.dir
	return cmd
}

// live runs csvput once, kills it after a few requests unless it has been killed often enough, and tells
// whether it came to its end.
func (r *killedRun) live(kill bool) bool {
	r.t.Helper()
	args := []string{"run", "--yes", "--workers", "4", "contacts.csv"}
	if r.folder != "" && !r.again {
		args = []string{"apply", "--workers", "4", r.folder}
	}
	r.killer.after.Store(-1)
	if kill {
		r.killer.after.Store(1 + r.rnd.Int64N(34))
	}
	cmd := r.command(args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.killer.process.Store(cmd.Process)
	err := cmd.Wait()
	r.killer.process.Store(nil)
	if r.folder == "" || r.again {
		r.folder = plannedFolder(r.t, r.dir)
	}
	if err == nil {
		return true
	}
	if cmd.ProcessState.ExitCode() != -1 {
		r.t.Fatalf("%v ended by itself: %v\n%s", args, err, stderr.String())
	}
	r.killed++
	if r.folder != "" {
		for _, row := range readReport(r.t, r.folder, false) {
			if _, ok := r.settledAt[row["id"]]; !ok && report.Status(row["status"]).Settled() {
				r.settledAt[row["id"]] = len(r.server.Requests())
			}
		}
	}
	return false
}

// check holds the finished run to its promises.
func (r *killedRun) check() {
	rows := readReport(r.t, r.folder, true)
	if len(rows) != len(r.wished) {
		r.t.Errorf("%d rows in the report, want %d", len(rows), len(r.wished))
	}
	for i, row := range rows {
		if row["line"] != fmt.Sprint(i+2) || row["status"] != "updated" {
			r.t.Errorf("row %d: line %s is %s", i, row["line"], row["status"])
		}
	}
	for i, req := range r.server.Requests() {
		if at, ok := r.settledAt[req.ID]; req.Method == http.MethodPut && ok && i >= at {
			r.t.Errorf("%s was sent again although the report had a line for it", req.ID)
		}
	}
	for _, rec := range r.server.Records() {
		if rec.Value != r.wished[rec.UUID] {
			r.t.Errorf("%s holds %s, want %s", rec.UUID, rec.Value, r.wished[rec.UUID])
		}
	}
}

// TestKilledAtAnyMoment kills a run of 1,000 rows with SIGKILL at 50 random moments of planning and
// applying, resumes it each time, and holds it to its promises: every row has one outcome, no row with
// a settled line is sent again, the server holds what was wished, and undo restores every record. The same command again
// goes on as apply does: nothing is planned anew once somebody has said yes.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Run("apply", func(t *testing.T) { killAtAnyMoment(t, false, 50) })
	t.Run("run again", func(t *testing.T) { killAtAnyMoment(t, true, 25) })
}

func killAtAnyMoment(t *testing.T, again bool, kills int) {
	const n = 1000
	r := newKilledRun(t, n)
	r.again = again
	first := states(r.server)
	for life := 0; !r.live(r.killed < kills); life++ {
		if life > 2*kills {
			t.Fatal("the run does not come to an end")
		}
	}
	if r.killed < kills {
		t.Errorf("killed %d times, want %d", r.killed, kills)
	}
	r.check()

	if out, err := r.command("undo", "--yes", r.folder).CombinedOutput(); err != nil {
		t.Fatalf("undo: %v\n%s", err, out)
	}
	for id, now := range states(r.server) {
		if now != first[id] {
			t.Errorf("undo left %s as %s, it was %s", id, now, first[id])
		}
	}
}

// states is every record as text, without the time at which it was last changed.
func states(s *sandbox.Server) map[string]string {
	out := map[string]string{}
	for _, r := range s.Records() {
		r.UpdatedAt = time.Time{}
		out[r.UUID] = fmt.Sprintf("%+v", r)
	}
	return out
}

func startServer(t *testing.T, s *sandbox.Server) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	url, wait, err := s.Start(ctx, "127.0.0.1:0")
	if err != nil {
		stop()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		wait()
	})
	return url
}

// plannedFolder is the only run folder with a plan, "" while there is none. One that was killed before anybody said yes
// does not count where there is another.
func plannedFolder(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "contacts-*", report.SummaryName))
	if len(found) > 1 {
		found = slices.DeleteFunc(found, func(path string) bool {
			_, err := os.Stat(filepath.Join(filepath.Dir(path), report.ReportName))
			return err != nil
		})
	}
	if err != nil || len(found) > 1 {
		t.Fatalf("folders: %v, %v", found, err)
	}
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(found[0])
}

// readReport reads report.csv with nothing of ours: whole is false while it may have a torn last line.
func readReport(t *testing.T, folder string, whole bool) []map[string]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, report.ReportName))
	if err != nil {
		if os.IsNotExist(err) && !whole {
			return nil
		}
		t.Fatal(err)
	}
	text := string(data)
	if !whole {
		text = text[:strings.LastIndexByte(text, '\n')+1]
	}
	rd := csv.NewReader(strings.NewReader(text))
	header, err := rd.Read()
	if err == io.EOF && !whole {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for {
		cells, err := rd.Read()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		row := map[string]string{}
		for i, name := range header {
			row[name] = cells[i]
		}
		out = append(out, row)
	}
}
