package importer_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers/v2"
)

// contacts writes a file of n rows as an office has them, the same for the same seed: 60 % British numbers
// in the spellings that people use, 30 % of other countries by the country column, 5 % e-mail addresses,
// and 5 % that are wrong. Nearly every value occurs once.
func contacts(n int, seed uint64) []byte {
	g := &generator{rand.New(rand.NewPCG(seed, 1))}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"id", "name", "value", "country"}) // a bytes.Buffer takes everything
	for i := range n {
		value, country := g.value()
		_ = w.Write([]string{detailID(i), fmt.Sprintf("Contact %d", i), value, country})
	}
	w.Flush()
	return b.Bytes()
}

type generator struct{ *rand.Rand }

func (g *generator) value() (value, country string) {
	switch p := g.IntN(100); {
	case p < 60:
		return g.british(), ""
	case p < 90:
		return g.foreign()
	case p < 95:
		return g.wrong(), ""
	}
	return fmt.Sprintf("%s.%d@example.%s", g.pick("ada", "grace.h", "alan+crm", "zoe"), g.IntN(1e6), g.pick("com", "co.uk", "org")), ""
}

func (g *generator) pick(of ...string) string { return of[g.IntN(len(of))] }

func (g *generator) digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + g.IntN(10))
	}
	return string(b)
}

// british is a number of London, Manchester, a village, or a mobile phone.
func (g *generator) british() string {
	area, a, b := "20", "7946", g.digits(4)
	switch g.IntN(6) {
	case 0:
		area, a, b = "161", "496", g.digits(4)
	case 1:
		area, a, b = "1225", "3"+g.digits(2), g.digits(3)
	case 2, 3, 4:
		area, a, b = g.pick("7400", "7711", "7817", "7912"), g.digits(3), g.digits(3)
	}
	switch g.IntN(10) {
	case 0:
		return "+44" + area + a + b
	case 1:
		return "+44 " + area + " " + a + " " + b
	case 2:
		return "0044 " + area + " " + a + b
	case 3:
		return "+44 (0)" + area + " " + a + " " + b
	case 4:
		return "(0" + area + ") " + a + " " + b
	case 5:
		return "0" + area + "-" + a + "-" + b
	case 6:
		return "0" + area + "." + a + "." + b
	case 7:
		return "0" + area + " " + a + b
	}
	return "0" + area + a + b
}

// examples are a mobile and a landline number of countries with business in Britain, from the metadata.
var examples = sync.OnceValue(func() []example {
	var all []example
	for _, region := range []string{"US", "CA", "DE", "FR", "ES", "IT", "NL", "IE", "PL", "AU", "IN", "CH", "SE", "PT", "ZA", "JP"} {
		for _, kind := range []phonenumbers.PhoneNumberType{phonenumbers.MOBILE, phonenumbers.FIXED_LINE} {
			n := phonenumbers.GetExampleNumberForTypeInRegion(region, kind)
			all = append(all, example{region, phonenumbers.Format(n, phonenumbers.NATIONAL), phonenumbers.Format(n, phonenumbers.INTERNATIONAL)})
		}
	}
	return all
})

type example struct{ region, national, international string }

// foreign is an example number with other digits at its end, which mostly is in use too.
func (g *generator) foreign() (value, country string) {
	e := examples()[g.IntN(len(examples()))]
	text := e.national
	switch g.IntN(4) {
	case 0:
		text = e.international
	case 1:
		text = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(text)
	}
	b := []byte(text)
	for i, left := len(b)-1, 5; i >= 0 && left > 0; i-- {
		if '0' <= b[i] && b[i] <= '9' {
			b[i] = byte('0' + g.IntN(10))
			left--
		}
	}
	return string(b), g.pick(e.region, strings.ToLower(e.region), e.region)
}

// wrong is no number: too short, too long, not in use, or no number at all.
func (g *generator) wrong() string {
	switch g.IntN(4) {
	case 0:
		return "0" + g.digits(4)
	case 1:
		return "+44 20 7946 " + g.digits(9)
	case 2:
		return "+44 00" + g.digits(8)
	}
	return g.pick("call reception", "see notes", "front desk only")
}
