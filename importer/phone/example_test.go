package phone_test

import (
	"fmt"

	"csvput/importer/phone"
)

func ExampleParser_Parse() {
	p, err := phone.NewParser(phone.Options{Country: "GB"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, cell := range [][2]string{
		{"020 7946 0958", ""},
		{"1174960000", "England"},
		{"(02) 5550 1234", "Australia"},
		{"020 7946 0958 / 07911 123456", ""},
		{"4.47911E+11", ""},
	} {
		number, problem := p.Parse(cell[0], cell[1])
		if problem != nil {
			fmt.Println(problem.Code)
			continue
		}
		fmt.Println(number.E164, number.Region, number.National())
		for _, note := range number.Notes {
			fmt.Println(" ", note.Code+":", note.Message)
		}
	}
	// Output:
	// +442079460958 GB 020 7946 0958
	// +441174960000 GB 0117 496 0000
	//   repaired_leading_zero: the 0 in front was missing: read as 0117 496 0000
	// +61255501234 AU (02) 5550 1234
	// multiple_numbers
	// excel_scientific
}

func ExampleRegion() {
	region, _ := phone.Region("Northern Ireland")
	fmt.Println(region)
	_, problem := phone.Region("44")
	fmt.Println(problem)
	// Output:
	// GB
	// "44" is a number; a country is written as a name, as its two letters, or as a calling code with the + in front
}

func ExampleDescribe() {
	fmt.Println(phone.Describe("+61255501234"))
	// Output: AU (02) 5550 1234 true
}
