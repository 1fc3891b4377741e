package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"csvput/report/safefile"
)

// line is one line of the file that keeps a server's state: an account or a record as it is from there on. The first
// line of a file holds the version alone.
type line struct {
	Version int      `json:"csvput_sandbox,omitempty"`
	Account *Account `json:"account,omitempty"`
	Record  *Record  `json:"record,omitempty"`
}

const fileVersion = 1

var errKept = errors.New("the sandbox's state is kept in a file already")

func (st *store) apply(l line) {
	if l.Account != nil {
		st.addAccount(*l.Account)
	}
	if l.Record != nil {
		st.addRecord(*l.Record)
	}
}

// commit makes changes: in the file first, if there is one, so that nobody hears of what would not survive a kill. The
// caller holds the lock.
func (s *Server) commit(lines ...line) error {
	if s.journal != nil {
		var b bytes.Buffer
		for _, l := range lines {
			b.Write(append(marshal(l), '\n'))
		}
		if err := s.journal.append(b.Bytes()); err != nil {
			return fmt.Errorf("keeping the sandbox's state: %w", err)
		}
	}
	for _, l := range lines {
		s.store.apply(l)
	}
	return nil
}

// save writes the accounts and records. The logins and the token are those of the Config, and no part of it.
func (st *store) save(w io.Writer) error {
	b := bufio.NewWriter(w)
	put := func(l line) { b.Write(append(marshal(l), '\n')) } // an error stays in b
	put(line{Version: fileVersion})
	accounts := make([]Account, len(st.accounts))
	for _, a := range st.accounts {
		accounts[a.seq] = a.Account
	}
	for _, a := range accounts {
		put(line{Account: &a})
	}
	for _, id := range st.order {
		r := st.records[id]
		put(line{Record: &r})
	}
	return b.Flush()
}

// load adds what save and commit wrote. A last line without its end was being written when the program died: nobody was
// told of it, and it is left out.
func (st *store) load(r io.Reader) error {
	b := bufio.NewReader(r)
	for n := 1; ; n++ {
		text, err := b.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			if n == 1 {
				return errors.New("not the state of a sandbox: it has no lines")
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the sandbox's state: %w", err)
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil || n == 1 && l.Version == 0 {
			return fmt.Errorf("line %d is not the state of a sandbox", n)
		}
		if l.Version > fileVersion {
			return fmt.Errorf("the sandbox's state has format %d, newer than this program's %d", l.Version, fileVersion)
		}
		st.apply(l)
	}
}

// Persist keeps the state in a file from now on: JSON lines, one per account and record and then one per change, each
// written before the answer that tells of it. If the file exists, its state replaces the server's. The file can be read
// by nobody else (0600), holds no token, and is complete at any instant: a kill costs no change that was answered. Close
// the result when done; one process at a time may hold a file.
func (s *Server) Persist(path string) (io.Closer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal != nil {
		return nil, errKept
	}
	st := s.store
	switch f, err := safefile.Open(path); {
	case err == nil:
		st = s.emptyStore()
		err := errors.Join(st.load(f), f.Close())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	j, err := newJournal(path, st)
	if err != nil {
		return nil, fmt.Errorf("keeping the sandbox's state: %w", err)
	}
	s.store, s.journal = st, j
	return closer(func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.journal != j {
			return nil
		}
		s.journal = nil
		return j.file.Close()
	}), nil
}

type closer func() error

func (c closer) Close() error { return c() }

// journal is the file of Persist.
type journal struct {
	file *os.File
	size int64 // of the lines that count
}

// newJournal writes the whole state beside path, puts it in its place and keeps it open.
func newJournal(path string, st store) (*journal, error) {
	if err := safefile.Write(path, 0o600, st.save); err != nil {
		return nil, err
	}
	f, err := safefile.OpenFile(path, os.O_WRONLY)
	if err != nil {
		return nil, err
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &journal{f, size}, nil
}

// append adds whole lines or nothing.
func (j *journal) append(lines []byte) error {
	n, err := j.file.WriteAt(lines, j.size)
	if err != nil {
		return errors.Join(err, j.file.Truncate(j.size)) // half a line must not stand before the next one
	}
	j.size += int64(n)
	return nil
}
