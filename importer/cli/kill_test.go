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

// TestKilledAtAnyMoment kills a run of 1,000 rows with SIGKILL at 50 random moments of planning and
// applying, resumes it each time, and holds it to its promises: every row has one outcome, no row with
// a settled line is sent again, the server holds what was wished, and undo restores every record.
func TestKilledAtAnyMoment(t *testing.T) {
	const n, kills = 1000, 50
	var k killer
	server := sandbox.New(sandbox.Config{Token: secret, Throttle: -1, Fault: k.fault})
	wished := map[string]string{}
	var file strings.Builder
	file.WriteString("id,name,value\n")
	for i := range n {
		id := fmt.Sprintf("9a000000-0000-4000-8000-%012d", i)
		wish := sandbox.Record{UUID: id, Type: sandbox.TypePhone, Name: fmt.Sprintf("Name, %d", i), Value: fmt.Sprintf("+4420794600%02d", i%100)}
		wished[id] = wish.Value
		if err := server.Seed(sandbox.Contrast(wish)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&file, "%s,\"%s\",%s\n", id, wish.Name, wish.Value)
	}
	first := states(server)
	dir := t.TempDir()
	input := filepath.Join(dir, "contacts.csv")
	if err := os.WriteFile(input, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	url := startServer(t, server)

	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	command := func(args ...string) *exec.Cmd {
		cmd := exec.Command("csvput", args...)
		cmd.Env = append(os.Environ(), "CSVPUT_BASE_URL="+url, "CSVPUT_TOKEN="+secret)
		cmd.Dir = dir
		return cmd
	}
	settledAt := map[string]int{} // id -> how many requests the server had heard when its line was there
	folder, killed := "", 0
	for life := 0; ; life++ {
		if life > 20*kills {
			t.Fatal("the run does not come to an end")
		}
		args := []string{"run", "--yes", "--rate", "100000/m", "--workers", "4", "contacts.csv"}
		if folder != "" {
			args = []string{"apply", "--rate", "100000/m", "--workers", "4", folder}
		}
		k.after.Store(-1)
		if killed < kills {
			k.after.Store(1 + rnd.Int64N(34))
		}
		cmd := command(args...)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		k.process.Store(cmd.Process)
		err := cmd.Wait()
		k.process.Store(nil)
		if err == nil {
			break
		}
		if cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("%v ended by itself: %v\n%s", args, err, stderr.String())
		}
		killed++
		if folder == "" {
			folder = plannedFolder(t, dir)
		}
		if folder != "" {
			for _, row := range readReport(t, folder, false) {
				if _, ok := settledAt[row["id"]]; !ok {
					settledAt[row["id"]] = len(server.Requests())
				}
			}
		}
	}
	if killed < kills {
		t.Errorf("killed %d times, want %d", killed, kills)
	}
	if folder == "" {
		folder = plannedFolder(t, dir)
	}

	rows := readReport(t, folder, true)
	if len(rows) != n {
		t.Errorf("%d rows in the report, want %d", len(rows), n)
	}
	for i, row := range rows {
		if row["line"] != fmt.Sprint(i+2) || row["status"] != "updated" {
			t.Errorf("row %d: line %s is %s", i, row["line"], row["status"])
		}
	}
	for i, r := range server.Requests() {
		if at, ok := settledAt[r.ID]; r.Method == http.MethodPut && ok && i >= at {
			t.Errorf("%s was sent again although the report had a line for it", r.ID)
		}
	}
	for _, r := range server.Records() {
		if r.Value != wished[r.UUID] {
			t.Errorf("%s holds %s, want %s", r.UUID, r.Value, wished[r.UUID])
		}
	}

	if out, err := command("undo", "--yes", "--rate", "100000/m", folder).CombinedOutput(); err != nil {
		t.Fatalf("undo: %v\n%s", err, out)
	}
	for id, now := range states(server) {
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

// plannedFolder is the only run folder with a plan, "" while there is none.
func plannedFolder(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "contacts-*", report.SummaryName))
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
