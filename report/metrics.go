package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"csvput/report/code"
)

// WritePrometheus writes the summary in Prometheus' text format, for the textfile collector of node_exporter: one run,
// all gauges, each with HELP and TYPE.
//
//	csvput_rows{status="updated"} 38
//
// Two files in one collector's directory must not hold the same series: schedule one run per file name.
func (s Summary) WritePrometheus(w io.Writer) error {
	var m metrics
	m.family("csvput_run_info", "The run: its id, command and how it ended.")
	m.sample("csvput_run_info", 1, "run_id", s.RunID, "command", s.Command, "state", string(s.State), "version", s.Versions.Csvput)
	m.family("csvput_rows", "Rows of the input by status.")
	for _, status := range Statuses() {
		m.sample("csvput_rows", float64(s.Statuses[status]), "status", string(status))
	}
	m.family("csvput_row_codes", "Rows of the input by code, for the codes that occurred.")
	for _, code := range sortedKeys(s.Codes) {
		m.sample("csvput_row_codes", float64(s.Codes[code]), "code", string(code))
	}
	m.family("csvput_requests", "Requests to the server by kind, retries not counted.")
	m.sample("csvput_requests", float64(s.Requests.Logins), "kind", "logins")
	m.sample("csvput_requests", float64(s.Requests.List), "kind", "list")
	m.sample("csvput_requests", float64(s.Requests.Put), "kind", "put")
	m.single("csvput_request_attempts", "Requests that were sent, retries included.", float64(s.Requests.Attempts))
	m.single("csvput_request_retries", "Requests that were sent again.", float64(s.Requests.Retries))
	m.single("csvput_throttled_responses", "Answers that said too many requests (429).", float64(s.Requests.Throttled))
	m.single("csvput_quota_wait_seconds", "Time spent waiting for quota.", seconds(s.Requests.WaitedMS))
	m.single("csvput_duration_seconds", "How long the run took.", seconds(s.DurationMS))
	m.single("csvput_exit_code", "The exit code of the run; 0 is good.", float64(s.ExitCode))
	resumable := 0.0
	if s.Stop != nil && s.Stop.Resumable {
		resumable = 1
	}
	m.single("csvput_resumable", "1 when the run stopped early and csvput apply can carry on.", resumable)
	if !s.FinishedAt.IsZero() {
		m.single("csvput_last_run_timestamp_seconds", "When the run ended, in Unix time.", unixSeconds(s.FinishedAt))
	}
	_, err := io.WriteString(w, m.String())
	return err
}

func seconds(ms int64) float64 { return float64(ms) / 1000 }

func unixSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// sortedKeys are the codes that occurred, in alphabetical order.
func sortedKeys(codes map[code.Code]int) []code.Code {
	keys := make([]code.Code, 0, len(codes))
	for code, n := range codes {
		if n > 0 {
			keys = append(keys, code)
		}
	}
	slices.Sort(keys)
	return keys
}

// metrics builds Prometheus' text format.
type metrics struct{ strings.Builder }

func (m *metrics) family(name, help string) {
	fmt.Fprintf(m, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

func (m *metrics) single(name, help string, value float64) {
	m.family(name, help)
	m.sample(name, value)
}

// sample writes one line; labels are names and values in turn.
func (m *metrics) sample(name string, value float64, labels ...string) {
	m.WriteString(name)
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	var pairs []string
	for i := 0; i < len(labels); i += 2 {
		pairs = append(pairs, labels[i]+`="`+escape.Replace(labels[i+1])+`"`)
	}
	if len(pairs) > 0 {
		m.WriteString("{" + strings.Join(pairs, ",") + "}")
	}
	m.WriteString(" " + strconv.FormatFloat(value, 'f', -1, 64) + "\n")
}
