package report

import (
	_ "embed"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/template"
)

//go:embed metrics.tmpl
var metrics string

// WritePrometheus writes the summary in Prometheus' text format, for the textfile collector of node_exporter: one run,
// all gauges, each with HELP and TYPE.
//
//	csvput_rows{status="updated"} 38
//
// Two files in one collector's directory must not hold the same series: schedule one run per file name.
func (s Summary) WritePrometheus(w io.Writer) error {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	text, err := template.New("metrics").Funcs(template.FuncMap{
		"statuses": Statuses,
		"text":     func(v any) string { return escape.Replace(fmt.Sprint(v)) },
		"seconds":  func(ms int64) string { return strconv.FormatFloat(float64(ms)/1000, 'f', -1, 64) },
	}).Parse(strings.ReplaceAll(metrics, "\r\n", "\n"))
	if err != nil {
		return err
	}
	return text.Execute(w, s)
}
