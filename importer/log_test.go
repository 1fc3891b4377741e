package importer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/sandbox"
	"csvput/report"
	"csvput/report/code"
)

// connect serves s over loopback sockets until the test ends, and returns a client that reaches it.
func connect(t testing.TB, s *sandbox.Server, change ...func(*crm.Config)) *crm.Client {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	url, wait, err := s.Start(ctx, "127.0.0.1:0")
	if err != nil {
		stop()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := wait(); err != nil {
			t.Error(err)
		}
	})
	return dial(t, nil, append(change, func(cfg *crm.Config) { cfg.BaseURL = url })...)
}

// mixture is a file of n rows of which some are refused by us, some by the server, and some already so, and the
// same for the same seed. The records are those of serve.
func mixture(s *sandbox.Server, n int, r *rand.Rand) []byte {
	cells := [][]string{{"id", "name", "value", "account_uuids"}}
	for i := range n {
		w, owner := wish(i), ""
		switch p := r.IntN(100); {
		case p < 4:
			w.Value = "12"
		case p < 8:
			w.UUID = fmt.Sprintf("%s%012d", sandbox.UnknownPrefix, i)
		case p < 14:
			owner = sandbox.ForeignClientUUID
		case p < 20:
			w, _ = s.Record(w.UUID)
		}
		cells = append(cells, []string{w.UUID, w.Name, w.Value, owner})
	}
	return table(cells...)
}

// TestReportEqualsServersLog holds the report against what the server wrote down of its own accord: every row that was
// sent is there once, with the body that the row says and the answer that the row says, and nothing else was sent.
func TestReportEqualsServersLog(t *testing.T) {
	const n = 1000
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	dice := make([]bool, n) // by record: the server finds fault with it
	for i := range dice {
		dice[i] = r.IntN(20) == 0
	}
	cfg := sandbox.Config{Throttle: -1, Jitter: 8 * time.Millisecond}
	cfg.Fault = func(q *sandbox.Request) sandbox.Fault {
		i := numberOf(q.ID)
		if q.Method != http.MethodPut || i < 0 || !dice[i] {
			return sandbox.Fault{}
		}
		return sandbox.Fault{Kind: sandbox.FaultStatus, Status: 422, Counted: true,
			Body: fmt.Sprintf(`{"message":"The given data was invalid.","errors":{"value":["Number %d is taken."]}}`, i)}
	}
	s := serve(t, cfg, n)
	file := mixture(s, n, r)
	_, rows := run(t, connect(t, s), file, importer.ApplyOptions{})
	if len(rows) != n {
		t.Fatalf("%d rows in the report, want %d", len(rows), n)
	}

	log := map[string]sandbox.Request{}
	for _, q := range requests(s, http.MethodPut) {
		if _, twice := log[q.ID]; twice {
			t.Errorf("%s was sent twice", q.ID)
		}
		log[q.ID] = q
	}
	for _, row := range rows {
		q, sent := log[row.ID]
		delete(log, row.ID)
		if !sent {
			if row.Attempts != 0 || row.HTTPStatus != 0 || row.Status != report.Invalid && row.Status != report.Unchanged && row.Code != code.NotFound {
				t.Errorf("line %d is %s after %d attempts, and the server knows nothing of it", row.Line, row.Status, row.Attempts)
			}
			continue
		}
		compareWithLog(t, row, q)
	}
	for id := range log {
		t.Errorf("%s was sent, and no row says so", id)
	}
	for _, status := range []report.Status{report.Updated, report.Unchanged, report.Invalid, report.Rejected} {
		if counts(rows)[status] < n/100 {
			t.Errorf("only %d rows are %s: the file is not what it should be", counts(rows)[status], status)
		}
	}
}

// compareWithLog holds one row that was sent against the server's log.
func compareWithLog(t *testing.T, row report.Row, q sandbox.Request) {
	t.Helper()
	if row.Attempts != 1 || row.HTTPStatus != q.Status {
		t.Errorf("line %d says status %d after %d attempts, the server answered %d once", row.Line, row.HTTPStatus, row.Attempts, q.Status)
	}
	want := report.Rejected
	if q.Status == http.StatusOK {
		want = report.Updated
	}
	if row.Status != want || (q.Status == 422) != (row.Code == code.Unprocessable) {
		t.Errorf("line %d is %s %s, and the server answered %d", row.Line, row.Status, row.Code, q.Status)
	}
	if q.Status == 422 && !strings.Contains(row.Message, "is taken") && !strings.Contains(row.Message, "account_uuids.0") {
		t.Errorf("line %d does not say what the server said: %s", row.Line, row.Message)
	}
	var body struct {
		Name, Value string
		Owners      []string `json:"account_uuids"`
		Primary     []string `json:"primary_account_uuids"`
	}
	if err := json.Unmarshal([]byte(q.Body), &body); err != nil {
		t.Fatalf("line %d: %v in %s", row.Line, err, q.Body)
	}
	said := []string{row.Name, row.Value, row.AccountUUIDs, row.PrimaryAccountUUIDs}
	if arrived := []string{body.Name, body.Value, strings.Join(body.Owners, ";"), strings.Join(body.Primary, ";")}; !slices.Equal(arrived, said) {
		t.Errorf("line %d says %q was sent, and %q arrived", row.Line, said, arrived)
	}
	if !q.Applied {
		return
	}
	if before := []string{q.Before.Name, q.Before.Value, q.After.Name, q.After.Value}; !slices.Equal(before, []string{row.NameBefore, row.ValueBefore, row.Name, row.Value}) {
		t.Errorf("line %d does not say what the server changed: %q", row.Line, before)
	}
}
