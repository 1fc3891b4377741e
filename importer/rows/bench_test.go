package rows

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"runtime"
	"sync"
	"testing"

	"github.com/gocarina/gocsv"
)

// generate makes a file of n rows with six columns, about 100 bytes a row.
func generate(n int, quoted bool) []byte {
	var b bytes.Buffer
	b.WriteString("id,name,value,country,account_uuids,notes\n")
	q := ""
	if quoted {
		q = `"`
	}
	for i := range n {
		id := fmt.Sprintf("%08x-3b5d-4c39-9d2e-%012x", uint32(i)*2654435761, i+1)
		fmt.Fprintf(&b, "%[1]s%[2]s%[1]s,%[1]sWork phone %[3]d%[1]s,%[1]s020 7946 %04[4]d%[1]s,%[1]sGB%[1]s,%[1]s%[1]s,%[1]scustomer since %[5]d%[1]s\n",
			q, id, i, i%10000, 1990+i%30)
	}
	return b.Bytes()
}

func benchmarkFile(b *testing.B, each func(r *Reader)) {
	for _, quoted := range []bool{false, true} {
		data := generate(200_000, quoted)
		b.Run(map[bool]string{false: "plain", true: "quoted"}[quoted], func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := Open(bytes.NewReader(data), Options{})
				if err != nil {
					b.Fatal(err)
				}
				each(r)
			}
			b.ReportMetric(200_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkChunk is the sequential part of reading.
func BenchmarkChunk(b *testing.B) {
	benchmarkFile(b, func(r *Reader) {
		for {
			if _, err := r.Chunk(); err == io.EOF {
				return
			} else if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRows reads in one goroutine.
func BenchmarkRows(b *testing.B) {
	benchmarkFile(b, func(r *Reader) {
		for {
			c, err := r.Chunk()
			if err == io.EOF {
				return
			} else if err != nil {
				b.Fatal(err)
			}
			if _, err := c.Rows(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRowsParallel reads as the importer does: one goroutine cuts, all processors decode.
func BenchmarkRowsParallel(b *testing.B) {
	benchmarkFile(b, func(r *Reader) {
		chunks := make(chan *Chunk)
		var wg sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			wg.Go(func() {
				for c := range chunks {
					if _, err := c.Rows(); err != nil {
						b.Error(err)
					}
				}
			})
		}
		for {
			c, err := r.Chunk()
			if err == io.EOF {
				break
			} else if err != nil {
				b.Error(err)
				break
			}
			chunks <- c
		}
		close(chunks)
		wg.Wait()
	})
}

// BenchmarkGocsv is what Rows is measured against: gocsv alone, by tags, which finds no encoding, keeps no line and no
// raw cells.
func BenchmarkGocsv(b *testing.B) {
	data := generate(200_000, false)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		u, err := gocsv.NewUnmarshaller(csv.NewReader(bytes.NewReader(data)), tagged{})
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := u.Read(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(200_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

type tagged struct {
	ID           string `csv:"id"`
	Name         string `csv:"name"`
	Value        string `csv:"value"`
	Country      string `csv:"country"`
	AccountUUIDs string `csv:"account_uuids"`
}

// BenchmarkWorkbook reads 100,000 rows as CSV and as a workbook, half of whose numbers are numbers.
func BenchmarkWorkbook(b *testing.B) {
	const n = 100_000
	text := generate(n, false)
	all, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	rows := make([][]any, len(all))
	for i, row := range all {
		for j, cell := range row {
			rows[i] = append(rows[i], cell)
			if i%2 == 1 && j == 2 {
				rows[i][j] = 442079460000 + i%10_000
			}
		}
	}
	book := workbook(b, "Contacts", rows)
	rows, all = nil, nil
	for name, data := range map[string][]byte{"csv": text, "xlsx": book} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				got, _, err := readAll(bytes.NewReader(data), Options{})
				if err != nil || len(got) != n {
					b.Fatal(len(got), err)
				}
			}
			b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
