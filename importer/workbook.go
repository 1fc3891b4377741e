package importer

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"

	"csvput/importer/rows/xlsx"
	"csvput/report"
	"csvput/report/formula"
)

// Workbook writes one of the folder's CSV files as a workbook too, and returns the name that it got. It is an
// *xlsx.Error when there are more rows than a sheet has room for.
func Workbook(folder *report.Folder, from, name string) (string, error) {
	return workbook(folder, from, name, func([]string) int { return -1 })
}

// workbook copies a CSV file whose cells are guarded. mark is the column of the cell that is coloured in a row, or -1.
func workbook(folder *report.Folder, from, name string, mark func(cells []string) int) (string, error) {
	in, err := folder.Reader(from)
	if err != nil {
		return "", err
	}
	defer in.Close()
	file, err := folder.File(name)
	if err != nil {
		return "", err
	}
	if err := copyTable(file, in, mark); err != nil {
		return "", errors.Join(err, file.Discard())
	}
	err = file.Commit()
	return file.Name(), err
}

func copyTable(to io.Writer, from io.Reader, mark func(cells []string) int) error {
	text := bufio.NewReader(from)
	if bom, _ := text.Peek(3); string(bom) == "\ufeff" {
		_, _ = text.Discard(3) // they were looked at
	}
	records := csv.NewReader(text)
	records.ReuseRecord = true
	header, err := records.Read()
	if err != nil {
		return err
	}
	out, err := xlsx.NewWriter(to, header)
	if err != nil {
		return err
	}
	for {
		cells, err := records.Read()
		if err == io.EOF {
			return out.Close()
		}
		if err != nil {
			return err
		}
		for i := range cells {
			cells[i] = formula.Unguard(cells[i])
		}
		if err := out.WriteMarked(cells, mark(cells)); err != nil {
			return err
		}
	}
}
