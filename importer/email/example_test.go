package email_test

import (
	"fmt"

	"csvput/importer/email"
)

func ExampleParse() {
	for _, cell := range []string{"Ann@example.com", "mailto:ann@example.com", "Ann <ann@example.com>"} {
		addr, notes, problem := email.Parse(cell)
		if problem != nil {
			fmt.Println(problem.Code+":", problem)
			continue
		}
		fmt.Println(addr, len(notes))
	}
	// Output:
	// Ann@example.com 0
	// ann@example.com 1
	// email_display_name: "Ann <ann@example.com>" has more in it than the address "ann@example.com"
}
