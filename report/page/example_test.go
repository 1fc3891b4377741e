package page_test

import (
	"fmt"
	"log"
	"strings"

	"csvput/report"
	"csvput/report/page"
)

func ExampleWrite() {
	row := report.Row{Line: 2, Status: report.Updated, ValueBefore: "+442079460123", Value: "+442079460124"}
	var figures page.Figures
	figures.Add(row)
	rows := func(yield func(report.Row, error) bool) { yield(row, nil) }
	var out strings.Builder
	if err := page.Write(&out, report.Summary{Command: "run", State: report.StateFinished, Counts: report.Counts{Rows: 1}}, &figures, rows); err != nil {
		log.Fatal(err)
	}
	_, title, _ := strings.Cut(out.String(), "<title>")
	title, _, _ = strings.Cut(title, "</title>")
	fmt.Println(title)
	// Output: a run of csvput: 1 row updated
}
