package run

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"csvput/importer"
	"csvput/importer/rows"
	"csvput/report"
	"csvput/report/safefile"
)

// input is the user's file on its way into a run. Its bytes are hashed as they are read and, for runs that may be
// resumed, copied into the run's folder, so that what was read can be read again whatever becomes of the file.
type input struct {
	name    string         // as the user gave it; "-" is standard input
	folder  *report.Folder // whose copy of an earlier input it is; nil for a file of the person's own
	was     report.Summary // what the folder's last job left
	options rows.Options
	file    io.ReadCloser
	at      io.ReaderAt    // the same, where it can be read twice
	text    io.Reader      // the same, as it is read
	copy    *safefile.File // nil: no copy
	hash    hash.Hash
	sum     string // see digest
	bytes   int64
	size    int64 // -1 when not known
	rows    *rows.Reader
	ended   bool // everything was read and the copy is whole
}

// openInput opens the file and reads its beginning. Nothing has been written yet when it fails.
func (c *course) openInput(in *input) error {
	in.hash, in.size = sha256.New(), -1
	open := func() (io.ReadCloser, error) { return os.Open(in.name) }
	switch info, err := os.Stat(in.name); {
	case in.name == "-":
		open = func() (io.ReadCloser, error) { return io.NopCloser(c.Stdin), nil }
	case err != nil:
		return fileProblem(in.name, err)
	case in.folder != nil:
		f, err := safefile.Open(in.folder.Path(in.folder.Input()))
		if err != nil {
			return err
		}
		return in.look(f)
	case info.IsDir():
		return Usagef("%s is a folder", in.name).Hint("name the CSV file in it")
	case info.Mode().IsRegular():
		f, err := os.Open(in.name)
		if err != nil {
			return fileProblem(in.name, err)
		}
		return c.learnt(in, in.look(f))
	}
	in.file = stream(c.soft, func() (io.ReadCloser, error) {
		f, err := open()
		if err != nil {
			return nil, fileProblem(in.name, err)
		}
		return f, nil
	})
	return nil
}

// look takes a regular file as the input, if it is not refused. That is seen before a folder is made: most files that
// are refused are refused here.
func (in *input) look(f *os.File) error {
	info, err := f.Stat()
	if err == nil {
		_, err = rows.Open(f, in.options)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	in.file, in.size, in.at = f, info.Size(), f
	return nil
}

// digest is the SHA-256 of a regular file, which is to be read from its beginning afterwards.
func (in *input) digest() (string, error) {
	f, ok := in.file.(io.ReadSeeker)
	if in.sum != "" {
		return in.sum, nil
	}
	if !ok {
		return "", errors.ErrUnsupported
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	in.sum = hex.EncodeToString(sum.Sum(nil))
	_, err := f.Seek(0, io.SeekStart)
	return in.sum, err
}

// begin starts reading into a run's folder.
func (in *input) begin(c *course, keep bool) error {
	text := bufio.NewReader(in.file)
	in.text = text
	name := copyName(text)
	if in.folder == nil && (keep || in.size < 0) {
		var err error
		if in.copy, err = c.folder.File(name); err != nil {
			return err
		}
	}
	if name == report.WorkbookName {
		return in.beginAgain(c) // its table of contents is at its end
	}
	var err error
	in.rows, err = rows.Open(in.tapped(), in.options)
	return err
}

// beginAgain reads all of the file, and begins reading once more.
func (in *input) beginAgain(c *course) error {
	reader, closer, err := in.source(c.folder)()
	if err != nil {
		return err
	}
	c.later(closer.Close)
	in.rows = reader
	return nil
}

// copyName is what the copy of a file is called: a workbook has a name of its own.
func copyName(file *bufio.Reader) string {
	head, _ := file.Peek(4) // an error stays for those who read
	if rows.IsWorkbook(string(head)) {
		return report.WorkbookName
	}
	return report.InputName
}

// tapped is the file, with everything that is read of it hashed, counted and copied.
func (in *input) tapped() io.Reader {
	taps := []io.Writer{in.hash, countBytes{&in.bytes}}
	if in.copy != nil {
		taps = append(taps, in.copy)
	}
	return io.TeeReader(in.text, io.MultiWriter(taps...))
}

type countBytes struct{ n *int64 }

func (c countBytes) Write(p []byte) (int, error) {
	*c.n += int64(len(p))
	return len(p), nil
}

// end reads what is left, as with --limit, and makes the copy whole.
func (in *input) end() error {
	if in.ended {
		return nil
	}
	in.ended = true
	if _, err := io.Copy(io.Discard, in.tapped()); err != nil {
		return err
	}
	if in.copy != nil {
		return in.copy.Commit()
	}
	return nil
}

func (in *input) close() error {
	return in.file.Close()
}

// summary is what the summary says of the file.
func (in *input) summary(t *importer.Tally) report.Input {
	info := in.rows.Info()
	out := report.Input{
		Name: filepath.Base(in.name), Path: in.name,
		SHA256: hex.EncodeToString(in.hash.Sum(nil)), Bytes: in.bytes,
		Kind: info.Kind, Sheet: info.Sheet,
		Rows: t.Rows, Blank: t.Blank, UnusedColumns: info.Unused,
	}
	if info.Kind == rows.KindCSV {
		out.Encoding, out.Delimiter = info.Encoding, string(info.Delimiter)
	}
	path, err := filepath.Abs(in.name)
	switch {
	case in.folder != nil:
		out.Name, out.Path, out.Corrections = in.was.Input.Name, in.was.Input.Path, in.was.Input.Corrections
	case in.name == "-":
		out.Name = "stdin"
	case in.size < 0:
		out.Path = "-" // what stands in a pipe can be had once
	case err == nil:
		out.Path = path
	}
	return out
}

// source opens what was read once more: the copy, or the file that is still open. What a pipe held can't be had twice,
// and a file's name may lead to another file by now.
func (in *input) source(folder *report.Folder) importer.Source {
	return func() (*rows.Reader, io.Closer, error) {
		if err := in.end(); err != nil {
			return nil, nil, err
		}
		if in.copy != nil {
			return again(folder, in.name, in.options)()
		}
		rd, err := rows.Open(io.NewSectionReader(in.at, 0, in.bytes), in.options)
		return rd, io.NopCloser(nil), err
	}
}

// again opens the file that a run was made from: the copy in the folder, or the file itself, if that can be read twice.
func again(folder *report.Folder, name string, o rows.Options) importer.Source {
	return func() (*rows.Reader, io.Closer, error) {
		f, err := folder.Reader(folder.Input())
		if info, other := os.Stat(name); errors.Is(err, fs.ErrNotExist) && other == nil && info.Mode().IsRegular() {
			f, err = os.Open(name)
		}
		if err != nil {
			return nil, nil, err
		}
		in, err := rows.Open(f, o)
		if err != nil {
			return nil, nil, errors.Join(err, f.Close())
		}
		return in, f, nil
	}
}

// stream reads what may block for ever when it is opened or read: a terminal, a pipe. Reading ends when the context
// does.
func stream(ctx context.Context, open func() (io.ReadCloser, error)) io.ReadCloser {
	r, w := io.Pipe()
	context.AfterFunc(ctx, func() { w.CloseWithError(context.Cause(ctx)) })
	go func() {
		f, err := open()
		if err == nil {
			_, err = io.Copy(w, f)
			err = errors.Join(err, f.Close())
		}
		w.CloseWithError(err)
	}()
	return r
}

// fileProblem says in a sentence why a file can't be opened.
func fileProblem(path string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return NoFile(path)
	case errors.Is(err, fs.ErrPermission):
		return Usagef("%s may not be read by you", path)
	}
	return Usagef("%s can't be read: %v", path, err)
}

// MustBeNew refuses a file that is there already, and a link that leads nowhere.
func MustBeNew(path string) error {
	if _, err := os.Lstat(path); path != "" && err == nil {
		return Usagef("%s is there already, and csvput overwrites nothing", path)
	}
	return nil
}

// WriteNew writes a file that must not be there yet, and only when it is whole.
func WriteNew(path string, fill func(io.Writer) error) error {
	if err := MustBeNew(path); err != nil {
		return err
	}
	begun := false
	err := safefile.Write(path, 0o600, func(w io.Writer) error {
		begun = true
		if err := fill(w); err != nil {
			return err
		}
		return MustBeNew(path) // an export takes its time
	})
	if err != nil && !begun {
		return Usagef("%s can't be written: %v", path, errors.Unwrap(err))
	}
	return err
}

// beside is what the run's folder is made beside: the file, but for a pipe, which stands where nothing can be written.
func (in *input) beside() string {
	if in.size < 0 {
		return "-"
	}
	return in.name
}
