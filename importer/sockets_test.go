package importer_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"

	"csvput/importer"
	"csvput/importer/crm"
	"csvput/importer/sandbox"
	"csvput/report"
)

// tearing is a listener whose connections are reset now and then while a PUT comes in: before any of it has been
// read, or in its middle. The server behind it never sees these requests.
type tearing struct {
	net.Listener
	odds float64

	mu        sync.Mutex
	rnd       *rand.Rand
	swallowed int // PUTs that the server did not get to see
}

func (l *tearing) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &tearingConn{Conn: c, on: l}, nil
}

// dice decides about one PUT: how many of n bytes get through, and whether all of it does.
func (l *tearing) dice(n int) (some int, whole bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rnd.Float64() >= l.odds {
		return n, true
	}
	l.swallowed++
	if l.rnd.IntN(2) == 0 {
		return 0, false
	}
	return n / 2, false
}

type tearingConn struct {
	net.Conn
	on   *tearing
	torn bool
}

// Read cuts a request where it begins: a server that waits for the next one reads its first byte alone.
func (c *tearingConn) Read(p []byte) (int, error) {
	if c.torn {
		return 0, c.reset()
	}
	n, err := c.Conn.Read(p)
	if err != nil || !bytes.HasPrefix(p[:n], []byte("PUT /")) && !bytes.HasPrefix(p[:n], []byte("UT /")) {
		return n, err
	}
	some, whole := c.on.dice(n)
	c.torn = !whole
	if some == 0 {
		return 0, c.reset()
	}
	return some, nil
}

func (c *tearingConn) reset() error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // the close below is what counts
	}
	return errors.Join(syscall.ECONNRESET, c.Close())
}

// TestRandomFaultsOverSockets is TestRandomFaults with sockets and net/http on both sides, and with connections that
// are reset before the server has a request. Every request that the report counts was on the wire, and no other.
func TestRandomFaultsOverSockets(t *testing.T) {
	first := uint64(time.Now().UnixNano()) / 1000
	var wg sync.WaitGroup
	for seed := first; seed < first+4; seed++ {
		wg.Go(func() { // they wait most of the time: all at once, on however few processors
			t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { faultsOverSockets(t, seed) })
		})
	}
	wg.Wait()
}

func faultsOverSockets(t *testing.T, seed uint64) {
	const n = 500
	storm := newStorm(seed, 0.2)
	storm.quick = true
	s := serve(t, sandbox.Config{Throttle: -1, Fault: storm.fault, Jitter: time.Millisecond}, n)
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &tearing{Listener: plain, odds: 0.05, rnd: rand.New(rand.NewPCG(seed, 1))}
	server := &http.Server{Handler: s, ErrorLog: nil}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	c := dial(t, nil, func(cfg *crm.Config) {
		cfg.BaseURL, cfg.Retries, cfg.Timeout = "http://"+plain.Addr().String(), 2, 3*time.Second
	})

	folder, _ := plan(t, c, wishes(n), importer.CheckOptions{})
	o := importer.ApplyOptions{JustMade: true, Verify: seed%2 == 0}
	applyAtLast(t, folder, c, o)
	c.Close()
	if err := server.Shutdown(t.Context()); err != nil { // every request that is under way gets into the log
		t.Error(err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
	rows, _ := finish(t, folder, nil)
	if l.swallowed == 0 {
		t.Error("no connection was torn")
	}
	wantTruth(t, s, rows, storm, o.Verify, l.swallowed)
	if updated := counts(rows)[report.Updated]; updated < n*8/10 {
		t.Errorf("only %d of %d rows are updated", updated, n)
	}
}
