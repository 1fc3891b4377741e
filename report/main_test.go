package report

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// childEnv names the work of a child process: these tests kill it.
const childEnv = "CSVPUT_REPORT_TEST_CHILD"

func TestMain(m *testing.M) {
	if work, dir, ok := strings.Cut(os.Getenv(childEnv), ":"); ok {
		fmt.Fprintln(os.Stderr, child(work, dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// child works until it is killed. It says on its standard output what it has done.
func child(work, dir string) error {
	folder := &Folder{dir: dir}
	if _, err := folder.Lock(context.Background(), 0); err != nil {
		return err
	}
	outcomes, err := folder.Outcomes()
	if err != nil {
		return err
	}
	next := len(outcomes.index) + 2
	if err := outcomes.Close(); err != nil {
		return err
	}
	switch work {
	case "journal":
		journal, _, err := folder.Journal()
		if err != nil {
			return err
		}
		for ; ; next++ {
			if err := journal.Append(childRow(next)); err != nil {
				return err
			}
			fmt.Println(next)
		}
	case "limit":
		if err := limitFileSize(fileLimit); err != nil {
			return err
		}
		return fillFiles(folder)
	case "file":
		for n := 1; ; n++ {
			if err := writeReport(folder, n); err != nil {
				return err
			}
			fmt.Println(n)
		}
	}
	return errors.New("no such work")
}

func childRow(line int) Row {
	row := typical(line)
	row.Name, row.Message = "two\nlines", strings.Repeat("so ", line%500)
	return row
}

// writeReport makes a report.csv of 200 rows that all carry n.
func writeReport(folder *Folder, n int) error {
	f, err := folder.File(ReportName)
	if err != nil {
		return err
	}
	w := NewWriter(f)
	if err := w.WriteHeader(); err != nil {
		return err
	}
	for i := range 200 {
		row := typical(i + 2)
		row.Attempts = n
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return f.Commit()
}

// fileLimit is how many bytes a file may have for the child that fills files.
const fileLimit = 50_001

// fillFiles writes more than the system takes, to the journal and to a file in the making.
func fillFiles(folder *Folder) error {
	journal, _, err := folder.Journal()
	if err != nil {
		return err
	}
	lines := 0
	for ; err == nil; lines++ {
		err = journal.Append(typical(2))
	}
	fmt.Printf("%d lines, then: %v\n", lines-1, err)
	if err := journal.Close(); err != nil {
		return err
	}
	file, err := folder.File(PlanName)
	if err != nil {
		return err
	}
	file.Write(make([]byte, 2*fileLimit))
	fmt.Printf("commit: %v\n", file.Commit())
	return nil
}

// killAfter starts a child and kills it after it has reported n times. It returns the last thing that the child
// said it had done.
func killAfter(t *testing.T, work, dir string, n int) (last int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), childEnv+"="+work+":"+dir)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for i := 0; ; i++ {
		if i == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
				t.Fatal(err)
			}
			break
		}
		if last, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	return last
}

// A dozen processes work on one journal, one after the other, and each is killed at some moment. Nothing that any of
// them said it had written is lost.
func TestKilledJournalLosesNothing(t *testing.T) {
	dir := t.TempDir()
	folder := &Folder{dir: dir}
	const kills = 12
	next := 2
	for i := range kills {
		last := killAfter(t, "journal", dir, 1+rand.IntN(100))
		release, err := folder.Lock(t.Context(), 0)
		if err != nil {
			t.Fatalf("the dead process still holds the lock: %v", err)
		}
		outcomes, err := folder.Outcomes()
		if err != nil {
			t.Fatal(err)
		}
		if n := len(outcomes.index); n < last-1 || n > last {
			t.Fatalf("%d rows; the process said it had written up to line %d", n, last)
		}
		if i == kills-1 {
			next = 2
		}
		for line := next; line <= last; line++ {
			if row, ok, err := outcomes.Get(line, childRow(line).ID); err != nil || !ok || row != childRow(line) {
				t.Fatalf("line %d: %t, %v, %#v", line, ok, err, row)
			}
		}
		next = last + 1
		if err := errors.Join(outcomes.Close(), release()); err != nil {
			t.Fatal(err)
		}
	}
}

// A process that replaces report.csv over and over is killed: what is there is always one whole report.
func TestKilledFileIsWholeOrAbsent(t *testing.T) {
	dir := t.TempDir()
	for range 10 {
		last := killAfter(t, "file", dir, rand.IntN(8))
		data, err := os.ReadFile(filepath.Join(dir, ReportName))
		if errors.Is(err, os.ErrNotExist) && last == 0 {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		rows, err := readAll(data)
		if err != nil || len(rows) != 200 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, row := range rows {
			if row.Attempts != rows[0].Attempts || row.Attempts < last {
				t.Fatalf("rows of report %d in report %d; the process had written %d", row.Attempts, rows[0].Attempts, last)
			}
		}
	}
}
