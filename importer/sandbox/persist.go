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

func (st *store) apply(l line) {
	if l.Account != nil {
		st.addAccount(*l.Account)
	}
	if l.Record != nil {
		st.records.put(l.Record.UUID, *l.Record)
	}
}

// commit makes changes: in the file first, if there is one, so that nobody hears of what would not survive a kill. The
// caller holds the lock.
func (s *Server) commit(lines ...line) error {
	if s.file != nil {
		var text bytes.Buffer
		for _, l := range lines {
			_ = encoder(&text).Encode(l) // one of our own types
		}
		n, err := s.file.WriteAt(text.Bytes(), s.size)
		if err != nil {
			err = errors.Join(err, s.file.Truncate(s.size)) // half a line must not stand before the next one
			return fmt.Errorf("keeping the sandbox's state: %w", err)
		}
		s.size += int64(n)
	}
	for _, l := range lines {
		s.store.apply(l)
	}
	return nil
}

// save writes the accounts and records. The logins and the token are those of the Config, and no part of it.
func (st *store) save(w io.Writer) error {
	b := bufio.NewWriter(w) // it keeps an error until Flush
	out := encoder(b)
	_ = out.Encode(line{Version: fileVersion})
	for _, a := range st.accounts.rows {
		_ = out.Encode(line{Account: &a})
	}
	for _, r := range st.records.rows {
		_ = out.Encode(line{Record: &r})
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
// by nobody else (0600), holds no token, and is complete at any instant: a kill costs no change that was answered.
// Close the result when the server has stopped; one process at a time may hold a file.
func (s *Server) Persist(path string) (io.Closer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		return nil, errors.New("the sandbox's state is kept in a file already")
	}
	st := s.store
	switch f, err := safefile.Open(path); {
	case err == nil:
		st = s.emptyStore()
		if err := errors.Join(st.load(f), f.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	var file *os.File
	err := safefile.Write(path, 0o600, st.save)
	if err == nil {
		file, err = safefile.OpenFile(path, os.O_WRONLY)
	}
	if err != nil {
		return nil, fmt.Errorf("keeping the sandbox's state: %w", err)
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("keeping the sandbox's state: %w", errors.Join(err, file.Close()))
	}
	s.store, s.file, s.size = st, file, size
	return file, nil
}
