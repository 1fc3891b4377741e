package web

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/xuri/excelize/v2"

	"csvput/importer/rows"
	"csvput/importer/sandbox"
	"csvput/report/page/browsertest"
)

// messy is a file of ten rows, of which six can't be sent, with columns that csvput does not know by their names.
func messy() string {
	var b strings.Builder
	b.WriteString("id;Telefon;Remarks\n")
	for i, number := range []string{
		wish(0).Value, "020 7946 00O1", "020 7946 0002 / 020 7946 0999", "030 1234567", "020 79", wish(5).Value, "2079460006", wish(7).Value, "020 7946 0777", "",
	} {
		id := wish(i).UUID
		if i == 8 {
			id = wish(7).UUID
		}
		fmt.Fprintf(&b, "%s;%s;<b>remark</b> %d\n", id, number, i)
	}
	return b.String()
}

// TestCorrect settles the columns of a messy file, corrects its rows on the page, leaves rows out before the plan and
// after it, and sends the others. The CRM's own list is the judge.
func TestCorrect(t *testing.T) {
	browser := browsertest.Start(t)
	w := newWorld(t, 10, nil)
	v := visit(w, browser)
	v.seen = map[string]bool{"home": true, "confirm": true, "running": true, "result": true}
	v.drop("messy.csv", messy())
	v.on("read", ".primary")
	v.Want(`document.querySelectorAll('#preview tbody tr').length`, "10")
	v.Want(`document.querySelector('#delimiter').value`, "")
	v.Do(chromedp.SetValue(chromedp.CSS("#delimiter"), "comma"))
	browsertest.Eval[bool](v.Tab, `document.querySelector('#delimiter').dispatchEvent(new Event('change', { bubbles: true }))`)
	v.Await("#preview thead th:nth-child(2):last-child") // everything stands in one column
	v.Do(chromedp.SetValue(chromedp.CSS("#delimiter"), ""))
	v.follow("Yes, go on to the columns")
	v.on("columns", ".primary")
	v.Do(chromedp.SetValue(chromedp.CSS("#column-1"), "value"))
	v.follow("Check the rows")
	v.on("check", "#rows")
	v.Want(`document.querySelectorAll('#rows tbody tr').length`, "6")

	cell := func(line int, field string) string {
		return fmt.Sprintf("#rows tr[data-line='%d'] [data-field=%s]", line, field)
	}
	said := func(line int, what string) string {
		return fmt.Sprintf("document.querySelector('#rows tr[data-line=\"%d\"] %s').textContent", line, what)
	}
	// Typed, seen, and left: what is on the page is in the folder.
	browsertest.Eval[bool](v.Tab, fmt.Sprintf(`document.querySelector("%s").select(); true`, cell(3, "value")))
	v.Do(chromedp.SendKeys(chromedp.CSS(cell(3, "value")), "020 7946 0001"))
	v.until(said(3, ".read-as"), "Read as 020 7946 0001 +442079460001")
	v.Do(chromedp.KeyEvent(kb.Tab))
	v.until(`document.getElementById('said').textContent.endsWith('Kept.')`, "true")
	v.Do(chromedp.Reload())
	v.on("check", "#rows")
	v.Want(said(3, ".read-as"), "Read as 020 7946 0001 +442079460001")

	// A country for one that was read in the wrong one, and a row left out.
	v.Do(chromedp.SendKeys(chromedp.CSS(cell(5, "country")), "DE"+kb.Tab))
	v.until(said(5, ".read-as"), "Read as 030 1234567 +49301234567")
	v.Do(chromedp.Click(chromedp.CSS("#rows tr[data-line='6'] [data-skip]")))
	v.Await("#rows tr[data-line='6'].out")
	v.follow("Check again")
	v.on("check", "#rows")
	v.Want(`document.querySelectorAll('#rows tbody tr').length`, "3")
	browsertest.Eval[string](v.Tab, `document.body.dataset.left = "yes"`)
	v.Do(chromedp.Click(chromedp.CSS(".groups a[href*=multiple_numbers]")))
	v.on("check", "#all-of-them")
	v.follow("Keep the first number")
	v.on("check", "#rows")
	browsertest.Eval[string](v.Tab, `document.body.dataset.left = "yes"`)
	v.Do(chromedp.Click(chromedp.CSS("#rows tr[data-line='9'] form button"))) // keep this one of two
	v.on("check", "h1")
	v.Want(`document.querySelector('h1').textContent`, "8 of 10 rows in order, 2 left out.")

	v.follow("Compare with the CRM")
	v.on("changes", "#rows")
	v.Want(`document.querySelector('h1').textContent`, "7 records would change")
	v.Do(chromedp.Click(chromedp.CSS("#rows tr[data-line='2'] [data-skip]")))
	v.until(`document.querySelector('h1').textContent`, "6 records would change")
	v.Do(chromedp.Reload())
	v.on("changes", "#rows tr[data-line='2'].out")
	v.Want(`document.querySelector('h1').textContent`, "6 records would change")
	v.follow("Next: confirm")
	v.on("confirm", ".primary")
	v.follow("Yes, update 6 records")
	v.on("result", "h1")
	v.Want(`document.querySelector('h1').textContent`, "6 of 10 rows updated, 1 already right, 3 left out.")
	want := map[int]string{1: "+442079460001", 2: "+442079460002", 3: "+49301234567", 5: wish(5).Value, 6: wish(6).Value, 7: wish(7).Value}
	w.holds(func(i int) string {
		if value := want[i]; value != "" {
			return value
		}
		return sandbox.Contrast(wish(i)).Value
	})
}

// until waits until a script says so.
func (v *visitor) until(expression, want string) {
	v.T.Helper()
	got := browsertest.Eval[string](v.Tab, fmt.Sprintf(`(async () => {
		for (const end = Date.now() + 20000; ; await new Promise((next) => setTimeout(next, 20))) {
			const now = String(%s);
			if (now === %q || Date.now() > end) return now;
		}
	})()`, expression, want))
	if got != want {
		v.T.Fatalf("%s = %q, want %q", expression, got, want)
	}
}

// TestLargeFiles times what the page asks for at 100,000 rows, in the test's log: on a busy machine it says little.
func TestLargeFiles(t *testing.T) {
	text := strings.ReplaceAll(contacts(100_000), "7\n", "\n") // every tenth row is too short
	t.Run("csv", func(t *testing.T) { timeFile(t, "large.csv", text) })
	cells, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var book bytes.Buffer
	out, err := rows.NewTable(&book, "large.xlsx", cells[0])
	for _, row := range cells[1:] {
		err = errors.Join(err, out.Write(row))
	}
	if err = errors.Join(err, out.Close()); err != nil {
		t.Fatal(err)
	}
	cells = nil
	t.Run("xlsx", func(t *testing.T) { timeFile(t, "large.xlsx", book.String()) })
}

func timeFile(t *testing.T, name, text string) {
	w := newWorld(t, 0, nil)
	w.open()
	began := time.Now()
	id := w.upload(name, text)
	w.settle(id)
	w.shows("/runs/"+id+"/check", "to be corrected")
	t.Logf("from the file to the first page: %v", time.Since(began).Round(time.Millisecond))
	for what, query := range map[string]string{
		"a page far behind": "show=all&page=900", "a filter": "code=too_short&page=5", "a search": "text=name+9999", "a search for nothing": "text=no+such+row",
		"backwards": "show=all&order=last",
	} {
		began := time.Now()
		if status, _ := w.get("/runs/" + id + "/check?" + query); status != http.StatusOK {
			t.Errorf("%s: %d", what, status)
		}
		t.Logf("%s: %v", what, time.Since(began).Round(time.Millisecond))
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	t.Logf("memory: %d MiB from the system, %d MiB in use", memory.Sys>>20, memory.HeapInuse>>20)
}

// TestWorkbook chooses one of the sheets of a workbook, and corrects a cell of it.
func TestCorrectWorkbook(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.open()
	f := excelize.NewFile()
	for _, name := range []string{"Sheet1", "Old"} {
		_, err := f.NewSheet(name)
		for i := range 3 {
			header, number := []any{"id", "phone"}, wish(i).Value
			if i == 1 {
				number = "020 79"
			}
			err = errors.Join(err, f.SetSheetRow(name, "A1", &header), f.SetSheetRow(name, fmt.Sprintf("A%d", i+2), &[]any{wish(i).UUID, number}))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	id := w.upload("clients.xlsx", b.String())
	w.settle(id)
	w.shows("/runs/"+id+"/read", "<option value=\"Old\"")
	w.do(id, "read", "sheet", "Old")
	w.do(id, "columns", "country", "GB", "column-0", "id", "column-1", "value")
	w.shows("/runs/"+id+"/read", "<option value=\"Old\" selected")
	w.shows("/runs/"+id+"/read", "<option value=\"Sheet1\"")
	w.shows("/runs/"+id+"/check", "2 of 3 rows in order")
	status, text, _ := w.post("/runs/"+id+"/rows/3", "application/x-www-form-urlencoded", "field=value&text=020+7946+0001")
	if status != http.StatusOK || !strings.Contains(text, `"readAs":"020 7946 0001 +442079460001"`) {
		t.Errorf("corrected: %d %s", status, text)
	}
	w.do(id, "plan")
	w.shows("/runs/"+id+"/changes", "3 records would change")
	w.do(id, "apply")
	w.holds(wished)
}

// TestHeaderLine hands in a file with a title above the names of its columns: the line is said, chosen and kept, and an
// earlier choice of another line is seen in the preview at once.
func TestHeaderLine(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.open()
	id := w.upload("titled.csv", "Contacts of our clients\nmade by Ann\n"+contacts(3))
	w.shows("/runs/"+id+"/read", "seem to be on line 3 of the file")
	w.shows("/runs/"+id+"/read?header-line=3", `<th scope="row">4</th>`)
	w.do(id, "read", "header-line", "3")
	w.shows("/runs/"+id+"/read", `name="header-line" type="number" min="1" value="3"`)
	w.do(id, "columns", "country", "GB", "column-0", "id", "column-1", "name", "column-2", "value")
	w.do(id, "plan")
	w.shows("/runs/"+id+"/changes", "3 records would change")
	w.do(id, "apply")
	w.holds(wished)
	w.shows("/runs/"+w.do(id, "again", "rows", "all")+"/check", "All 3 rows in order")
	w.shows("/runs/"+w.upload("short.csv", "x\n"+contacts(1))+"/read?header-line=99", "nothing is on this line of the file or below it")
}

// TestSameCell corrects a cell in two tabs: what the second one has not seen is not written over.
func TestSameCell(t *testing.T) {
	w := newWorld(t, 2, nil)
	w.open()
	id := w.upload("contacts.csv", contacts(2))
	w.settle(id)
	const form = "application/x-www-form-urlencoded"
	from := func(before, text string) url.Values {
		return url.Values{"field": {"name"}, "before": {before}, "text": {text}}
	}
	if status, text, _ := w.post("/runs/"+id+"/rows/3", form, from("Name 1", "Ann").Encode()); status != http.StatusOK {
		t.Errorf("the first tab: %d %s", status, text)
	}
	if status, text, _ := w.post("/runs/"+id+"/rows/3", form, from("Name 1", "Bob").Encode()); status == http.StatusOK || !strings.Contains(text, "Ann") {
		t.Errorf("the second tab: %d %s", status, text)
	}
	w.shows("/runs/"+id+"/check?show=all", `value="Ann"`)
	if status, text, _ := w.post("/runs/"+id+"/rows/3", form, from("Ann", "Bob").Encode()); status != http.StatusOK {
		t.Errorf("having seen it: %d %s", status, text)
	}
}

// TestUnfit reads a file in another way after a cell was corrected: that the correction is passed over is said.
func TestUnfit(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.open()
	id := w.upload("contacts.csv", "id,name,phone,mobile\n"+wish(0).UUID+",A,12,34\n")
	w.settle(id)
	w.do(id, "columns", "country", "GB", "column-0", "id", "column-1", "name", "column-2", "value", "column-3", "-")
	w.post("/runs/"+id+"/rows/2", "application/x-www-form-urlencoded", "field=value&text=020+7946+0001")
	w.do(id, "check")
	w.shows("/runs/"+id+"/check", "1 row in order")
	w.do(id, "columns", "country", "GB", "column-0", "id", "column-1", "name", "column-2", "-", "column-3", "value")
	w.shows("/runs/"+id+"/check", "1 correction that you made earlier counts for nothing any more")
}

// TestRepairs approves what csvput has repaired, as a group: that is kept, changes nothing, and is not asked again. A plan
// that was made before still holds.
func TestRepairs(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.open()
	id := w.upload("contacts.csv", strings.ReplaceAll(contacts(3), "+44", "")) // as Excel leaves them, without the 0
	w.settle(id)
	w.shows("/runs/"+id+"/check", "All 3 are right")
	w.do(id, "plan")
	w.shows("/runs/"+id+"/confirm", "3 new values that csvput mended and nobody has approved yet")
	w.do(id, "group", "code", "repaired_leading_zero", "do", "approve")
	w.shows("/runs/"+id+"/check", "✓ approved")
	if _, text := w.get("/runs/" + id + "/confirm"); !strings.Contains(text, "Update 3 records?") || strings.Contains(text, "approved") {
		t.Errorf("approved: %s", text)
	}
	w.do(id, "apply")
	w.holds(wished)
}

// TestBroken puts rows right whose cells can't be told apart: one with a comma too many, one that is too short, and one
// with a stray quotation mark. They count once somebody says that the cells are right.
func TestBroken(t *testing.T) {
	w := newWorld(t, 4, nil)
	w.open()
	lines := strings.Split(contacts(4), "\n")
	lines[1] = wish(0).UUID + ",Name, 0," + wish(0).Value
	lines[2] = wish(1).UUID + "," + wish(1).Value
	lines[3] = wish(2).UUID + `,Name "2,` + wish(2).Value
	id := w.upload("contacts.csv", strings.Join(lines, "\n"))
	w.settle(id)
	w.shows("/runs/"+id+"/check", "1 of 4 rows in order")
	const form = "application/x-www-form-urlencoded"
	correct := func(line int, field, text string) (said string) {
		t.Helper()
		status, said, _ := w.post(fmt.Sprintf("/runs/%s/rows/%d", id, line), form, url.Values{"field": {field}, "text": {text}}.Encode())
		if status != http.StatusOK {
			t.Errorf("line %d: %d %s", line, status, said)
		}
		return said
	}
	for i := range 3 {
		correct(i+2, "name", wish(i).Name)
		if said := correct(i+2, "value", wish(i).Value); !strings.Contains(said, `"problem":true`) {
			t.Errorf("before the cells are said to be right: %s", said)
		}
		if said := correct(i+2, "csvput_whole", "yes"); !strings.Contains(said, `"problem":false`) || !strings.Contains(said, wish(i).Value) {
			t.Errorf("put right: %s", said)
		}
	}
	w.do(id, "check")
	w.shows("/runs/"+id+"/check", "All 4 rows in order")
	if said := correct(3, "name", "Ann"); !strings.Contains(said, `"problem":false`) {
		t.Errorf("corrected again: %s", said)
	}
	correct(3, "name", wish(1).Name)
	w.do(id, "plan")
	w.do(id, "apply")
	w.holds(wished)
	for i, record := range w.crm.Records() {
		if record.Name != wish(i).Name {
			t.Errorf("record %d is called %q", i, record.Name)
		}
	}
}

// TestCandidates chooses one of several records that a row without an id may mean: the page offers each of them.
func TestCandidates(t *testing.T) {
	w := newWorld(t, 3, nil)
	w.open()
	const shared = "+442079460900"
	for i := range 2 {
		record := sandbox.Contrast(wish(i))
		record.Value = shared
		if err := w.crm.Seed(record); err != nil {
			t.Fatal(err)
		}
	}
	id := w.upload("moved.csv", "Old number,New number\n"+shared+",020 7946 0901\n"+sandbox.Contrast(wish(2)).Value+",020 7946 0902\n")
	w.settle(id)
	w.do(id, "plan")
	for i := range 2 {
		w.shows("/runs/"+id+"/check", `data-id="`+wish(i).UUID+`"`)
	}
	status, text, _ := w.post("/runs/"+id+"/rows/2", "application/x-www-form-urlencoded", "field=id&before=&text="+wish(1).UUID)
	if status != http.StatusOK || !strings.Contains(text, `"problem":false`) {
		t.Errorf("%d %s", status, text)
	}
	w.shows("/runs/"+id+"/changes", "compare once more")
	w.do(id, "plan")
	w.shows("/runs/"+id+"/changes", "2 records would change")
	w.do(id, "apply")
	w.holds(func(i int) string { return []string{shared, "+442079460901", "+442079460902"}[i] })
}

// TestDateCell corrects a cell of a workbook that was refused because it holds a date.
func TestDateCell(t *testing.T) {
	w := newWorld(t, 1, nil)
	w.open()
	f := excelize.NewFile()
	var b bytes.Buffer
	err := errors.Join(f.SetSheetRow("Sheet1", "A1", &[]any{"id", "phone"}),
		f.SetSheetRow("Sheet1", "A2", &[]any{wish(0).UUID, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}), f.Write(&b))
	if err != nil {
		t.Fatal(err)
	}
	id := w.upload("clients.xlsx", b.String())
	w.settle(id)
	w.shows("/runs/"+id+"/check", "The cell holds the date")
	w.post("/runs/"+id+"/rows/2", "application/x-www-form-urlencoded", "field=value&text="+url.QueryEscape(wish(0).Value))
	w.do(id, "check")
	w.shows("/runs/"+id+"/check", "1 row in order")
	w.do(id, "plan")
	w.do(id, "apply")
	w.holds(wished)
}
