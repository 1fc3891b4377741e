package quota_test

import (
	"fmt"

	"csvput/importer/quota"
)

func ExampleParseRate() {
	for _, s := range []string{"500/m", "50/6s", "unlimited", "fast"} {
		rate, err := quota.ParseRate(s)
		fmt.Println(rate, err)
	}
	// Output:
	// {500 1m0s} <nil>
	// {50 6s} <nil>
	// {0 0s} <nil>
	// {0 0s} "fast" is no rate: write it like 500/m, 8/s or 50/6s, with 1 to 100000 requests, or unlimited
}

func ExampleReserve_Of() {
	reserve, err := quota.ParseReserve("5%")
	fmt.Println(reserve.Of(500), reserve.Of(60), err)
	// Output:
	// 25 5 <nil>
}
