package page_test

import (
	"fmt"
	"iter"
	"log"
	"strings"

	"csvput/report"
	"csvput/report/page"
)

func ExampleWrite() {
	rows := func() iter.Seq2[report.Row, error] {
		return func(yield func(report.Row, error) bool) {
			yield(report.Row{Line: 2, Status: report.Updated, ValueBefore: "+442079460123", Value: "+442079460124"}, nil)
		}
	}
	var out strings.Builder
	if err := page.Write(&out, report.Summary{Command: "run", State: report.StateFinished, Counts: report.Counts{Rows: 1}}, rows); err != nil {
		log.Fatal(err)
	}
	_, title, _ := strings.Cut(out.String(), "<title>")
	title, _, _ = strings.Cut(title, "</title>")
	fmt.Println(title)
	// Output: a run of csvput: 1 row updated
}
