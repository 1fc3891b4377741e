package importer

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"

	"csvput/importer/rows"
	"csvput/importer/rows/xlsx"
	"csvput/report"
	"csvput/report/code"
	"csvput/report/formula"
	"csvput/report/safefile"
)

// Workbook writes one of the folder's CSV files as a workbook too, and returns the name that it got. It is an
// *xlsx.Error when there are more rows than a sheet has room for.
func Workbook(folder *report.Folder, from, name string) (string, error) {
	return workbook(folder, from, name, func([]string) int { return -1 })
}

// commit completes failed.csv, and where the input was a workbook writes failed.xlsx, in which the cells that were
// refused are coloured. named is told what the two are called.
func (l *failedLayout) commit(folder *report.Folder, file *safefile.File, named func(file, name string)) error {
	if err := file.Commit(); err != nil {
		return err
	}
	named("failed", file.Name())
	if l.info.Kind != rows.KindWorkbook {
		return nil
	}
	name, err := workbook(folder, file.Name(), report.FailedWorkbookName, func(cells []string) int {
		return l.column(code.Code(cells[len(cells)-2]))
	})
	named(report.FailedWorkbookName, name)
	return err
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

// column is where the cell stands that a problem is about, -1 when it is about none.
func (l *failedLayout) column(problem code.Code) int {
	field := rows.FieldValue
	switch problem {
	case code.MissingID, code.InvalidID, code.DuplicateID, code.NotFound:
		field = rows.FieldID
	case code.InvalidCountry:
		field = rows.FieldCountry
	case code.InvalidType:
		field = rows.FieldType
	case code.InvalidName, code.NameTooLong:
		field = rows.FieldName
	case code.InvalidAccountUUIDs:
		field = rows.FieldAccountUUIDs
	case code.NotANumber, code.Ambiguous, code.TooShort, code.TooLong, code.InvalidLength, code.InvalidForCountry,
		code.LocalOnly, code.LettersInNumber, code.MultipleNumbers, code.MaskedDigits, code.Extension,
		code.ExcelScientific, code.Placeholder, code.Formula,
		code.InvalidEmail, code.MultipleEmails, code.EmailDisplayName, code.TypeMismatch:
	default:
		return -1
	}
	for at, i := range l.keep {
		if l.info.Fields[i] == field {
			return at
		}
	}
	return -1
}
