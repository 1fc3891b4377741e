package importer_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestArrows holds the direction of imports between our packages: main -> cli -> web -> run -> importer -> leaves -> base.
// The base is what could be a library of anybody's, and the words that all of them use. A leaf imports nothing else of
// ours, and the sandbox, a second opinion on the wire format, is a leaf.
func TestArrows(t *testing.T) {
	const module = "csvput"
	leaves := []string{"csvput/importer/rows", "csvput/importer/phone", "csvput/importer/email", "csvput/importer/crm", "csvput/importer/sandbox", "csvput/report"}
	base := []string{"csvput/report/formula", "csvput/report/safefile", "csvput/report/code", "csvput/report/human"}
	may := map[string][]string{
		module:                     {"csvput/importer/cli"},
		"csvput/importer/cli":      slices.Concat([]string{"csvput/importer", "csvput/importer/run", "csvput/importer/web", "csvput/importer/cli/term"}, leaves, base),
		"csvput/importer/web":      slices.Concat([]string{"csvput/importer", "csvput/importer/run", "csvput/importer/web/table"}, leaves, base),
		"csvput/importer/cli/term": {"csvput/report", "csvput/report/human"},
		"csvput/importer/run":      slices.Concat([]string{"csvput/importer"}, leaves, base),
		"csvput/importer":          slices.DeleteFunc(slices.Concat(leaves, base), func(p string) bool { return p == "csvput/importer/sandbox" }),
	}
	for _, leaf := range leaves {
		may[leaf] = base
	}
	for _, b := range base {
		may[b] = nil
	}
	// The API client asks the limiter before each attempt; who reads a rate or shows a wait knows its words.
	const limiter = "csvput/importer/quota"
	may[limiter] = base
	for _, p := range []string{"csvput/importer/cli", "csvput/importer/web", "csvput/importer/run", "csvput/importer/crm"} {
		may[p] = append(may[p], limiter)
	}
	// Where goroutines are begun, a panic is caught.
	const rescue = "csvput/importer/rescue"
	may[rescue] = nil
	for _, p := range []string{"csvput/importer/cli", "csvput/importer/web", "csvput/importer/run", "csvput/importer", "csvput/importer/crm"} {
		may[p] = append(may[p], rescue)
	}
	// The page shows what a run left, so it stands above the report.
	may["csvput/report/page"] = append(slices.Clone(base), "csvput/report")
	for _, p := range []string{"csvput/importer/web", "csvput/importer/run", "csvput/importer"} {
		may[p] = append(may[p], "csvput/report/page")
	}
	may["csvput/importer/web"] = append(may["csvput/importer/web"], "csvput/importer/web/table")
	may["csvput/importer/web/table"] = slices.Concat([]string{"csvput/importer", "csvput/importer/rows", "csvput/report"}, base)
	may["csvput/importer/phone"] = slices.Concat(base, []string{"csvput/importer/phone/numbering"}) // its inner part
	may["csvput/importer/phone/numbering"] = nil
	may["csvput/importer/rows"] = slices.Concat(base, []string{"csvput/importer/rows/xlsx"}) // likewise
	const xlsx = "csvput/importer/rows/xlsx"
	may[xlsx] = base
	for _, p := range []string{"csvput/importer/run", "csvput/importer"} {
		may[p] = append(may[p], xlsx)
	}
	may["csvput/report/page/browsertest"] = nil // for tests only
	// What would turn a package into something else than it is for.
	mustNot := map[string][]string{
		"csvput/importer":           {"net/http", "os", "flag", "github.com/schollz/progressbar/v3", "github.com/urfave/cli/v3"},
		"csvput/importer/rows":      {"net/http", "os"},
		"csvput/importer/rows/xlsx": {"net/http", "os", "github.com/xuri/excelize/v2"},
		"csvput/importer/phone":     {"net/http", "os"},
		"csvput/importer/crm":       {"os", "github.com/gocarina/gocsv", "golang.org/x/time/rate"},
		"csvput/importer/quota":     {"os"},
		"csvput/importer/sandbox":   {"github.com/gocarina/gocsv"},
		"csvput/report":             {"net/http", "html/template"},
		"csvput/report/page":        {"net/http", "os"},
		"csvput/importer/run":       {"flag", "os/signal", "golang.org/x/term", "github.com/urfave/cli/v3", "github.com/schollz/progressbar/v3", "html/template"},
		"csvput/importer/web":       {"flag", "os/exec", "os/signal", "github.com/urfave/cli/v3", "golang.org/x/term"},
		"csvput/importer/cli":       {"github.com/gocarina/gocsv", "github.com/nyaruka/phonenumbers/v2", "golang.org/x/time/rate"},
	}
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		allowed, known := may[pkg.ImportPath]
		if !known {
			t.Errorf("package %s has no place in the table of arrows", pkg.ImportPath)
		}
		for _, imp := range pkg.Imports {
			if ours := imp == module || strings.HasPrefix(imp, module+"/"); ours && !slices.Contains(allowed, imp) {
				t.Errorf("%s imports %s", pkg.ImportPath, imp)
			}
			if slices.Contains(mustNot[pkg.ImportPath], imp) {
				t.Errorf("%s imports %s", pkg.ImportPath, imp)
			}
		}
	}
	if seen < len(may) {
		t.Errorf("go list knows %d packages, the table %d", seen, len(may))
	}
}
