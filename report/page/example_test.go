package page_test

import (
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"csvput/report"
	"csvput/report/page"
)

func ExamplePage() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	folder, err := report.Create(dir, "example", time.Now())
	if err != nil {
		log.Fatal(err)
	}
	p, err := page.Create(folder, time.Now())
	if err != nil {
		log.Fatal(err)
	}
	if err := p.Add(report.Row{Line: 2, Status: report.Updated, ValueBefore: "+442079460123", Value: "+442079460124"}); err != nil {
		log.Fatal(err)
	}
	if err := p.Commit(&report.Summary{Command: "run", State: report.StateFinished, Counts: report.Counts{Rows: 1}}); err != nil {
		log.Fatal(err)
	}
	html, err := os.ReadFile(folder.Path(report.PageName))
	if err != nil {
		log.Fatal(err)
	}
	_, title, _ := strings.Cut(string(html), "<title>")
	title, _, _ = strings.Cut(title, "</title>")
	fmt.Println(title)
	// Output: a run of csvput: 1 row updated
}
