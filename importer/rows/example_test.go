package rows_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"csvput/importer/rows"
)

func Example() {
	// Excel with a German locale, saved as plain CSV.
	file := "Contact detail ID;Phone;Country\r\n" +
		"6f1c1f3e-2b5d-4c39-9d2e-0a7b8c9d0e1f;020 7946 0958;GB\r\n" +
		"B3D9A7C4-58E1-4F60-8A2B-7C6D5E4F3A2B;(02) 5550 1234;AU\r\n"
	r, err := rows.Open(strings.NewReader(file), rows.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("reading as %s, separated by %c\n", r.Info().Encoding, r.Info().Delimiter)
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		id, _ := rows.ParseID(row.ID)
		fmt.Println(row.Line, id, row.Value, row.Country)
	}
	// Output:
	// reading as UTF-8, separated by ;
	// 2 6f1c1f3e-2b5d-4c39-9d2e-0a7b8c9d0e1f 020 7946 0958 GB
	// 3 b3d9a7c4-58e1-4f60-8a2b-7c6d5e4f3a2b (02) 5550 1234 AU
}

func ExampleReader_Chunk() {
	r, err := rows.Open(strings.NewReader(rows.Template()), rows.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for {
		chunk, err := r.Chunk()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		// Rows may run in another goroutine while this one cuts the next chunk.
		rows, err := chunk.Rows()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(rows), "rows")
	}
	_, n, blank := r.Progress()
	fmt.Println(n, "rows in all,", blank, "blank")
	// Output:
	// 2 rows
	// 2 rows in all, 0 blank
}

func ExampleFileError() {
	_, err := rows.Open(strings.NewReader("Contact ID,Phone No\n1,2\n"), rows.Options{})
	var refused *rows.FileError
	if errors.As(err, &refused) {
		fmt.Println(refused.Code)
		fmt.Println(refused.Message)
		fmt.Println(refused.Advice(func(s rows.Suggestion) string { return fmt.Sprintf("--map '%s=%s'", s.Header, s.Field) }))
	}
	// Output:
	// missing_columns
	// the file has no id column and no column with something to update (value, name, account_uuids, primary_account_uuids); its columns are "Contact ID", "Phone No"
	// did you mean --map 'Contact ID=id' --map 'Phone No=value'?
}

func Example_problem() {
	file := "id,name\n" +
		"6f1c1f3e-2b5d-4c39-9d2e-0a7b8c9d0e1f,Smith, John\n" +
		"b3d9a7c4-58e1-4f60-8a2b-7c6d5e4f3a2b,The \"Blue\" Bar\n"
	r, err := rows.Open(strings.NewReader(file), rows.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for row, err := r.Read(); err == nil; row, err = r.Read() {
		for _, p := range row.Problems {
			fmt.Printf("line %d: %s: %s\n", row.Line, p.Code, p.Message)
		}
	}
	// Output:
	// line 2: ragged_row: The row has 3 cells where the header has 2.
	// line 3: stray_quote: A quotation mark is out of place in the cell "The "Blue" Bar".
}

func ExampleParseIDs() {
	ids, _, _ := rows.ParseIDs("{6F1C1F3E-2B5D-4C39-9D2E-0A7B8C9D0E1F}; b3d9a7c4-58e1-4f60-8a2b-7c6d5e4f3a2b")
	fmt.Println(ids)
	_, clear, _ := rows.ParseIDs("#CLEAR")
	fmt.Println(clear)
	_, _, problem := rows.ParseIDs("Smith & Sons")
	fmt.Println(problem)
	// Output:
	// [6f1c1f3e-2b5d-4c39-9d2e-0a7b8c9d0e1f b3d9a7c4-58e1-4f60-8a2b-7c6d5e4f3a2b]
	// true
	// "Smith" in the list of accounts is not a uuid.
}

func ExampleWriteMap() {
	file := "UUID,Phone No,Notes\n6f1c1f3e-2b5d-4c39-9d2e-0a7b8c9d0e1f,020 7946 0958,x\n"
	r, err := rows.Open(strings.NewReader(file), rows.Options{Map: map[string]string{"Phone No": "value"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := rows.WriteMap(os.Stdout, r.Info()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// UUID=id
	// Phone No=value
	// Notes=
}

func ExampleNewWriter() {
	w := rows.NewWriter(os.Stdout, ';', false)
	_ = w.Write([]string{"id", "name"})
	_ = w.Write([]string{"1", `The "Blue" Bar; Soho`})
	w.Flush()
	if err := w.Error(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// id;name
	// 1;"The ""Blue"" Bar; Soho"
}
