package report

import (
	"fmt"
	"os"
	"strings"
	"time"

	"csvput/report/code"
)

// A run is killed, resumed and finished.
func ExampleFolder() {
	out, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(out)
	folder, err := Create(out, "contacts.csv", time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(folder.ID())

	journal, _, err := folder.Journal()
	if err != nil {
		fmt.Println(err)
		return
	}
	journal.Append(Row{Line: 3, Status: Updated})
	journal.Append(Row{Line: 2, Status: Failed, Code: code.Timeout})
	journal.Close()

	again, before, err := folder.Journal()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(before.Status(2, ""))
	again.Append(Row{Line: 2, Status: Updated})
	again.Close()
	before.Close()

	outcomes, err := folder.Outcomes()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer outcomes.Close()
	for line := 2; line <= 4; line++ {
		status, ok := outcomes.Status(line, "")
		fmt.Println(line, ok, status)
	}
	// Output:
	// contacts-20260102T150405Z
	// failed true
	// 2 true updated
	// 3 true updated
	// 4 false
}

func ExampleSummary_WritePrometheus() {
	var s Summary
	s.Add(Row{Status: Updated})
	var b strings.Builder
	if err := s.WritePrometheus(&b); err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, `csvput_rows{status="u`) {
			fmt.Print(line)
		}
	}
	// Output:
	// csvput_rows{status="updated"} 1
	// csvput_rows{status="unchanged"} 0
	// csvput_rows{status="unknown"} 0
}
