package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Start serves on a loopback address such as "127.0.0.1:8080" until ctx ends; port 0 takes a free one. It returns the
// base URL at once. wait blocks until the server has stopped, and returns nil when that was because of ctx. Any other
// address than a loopback one is refused: whoever reaches the server can write to it. So is a request that names
// another host: a web page may have its own name point at this computer, and what the browser then sends here is the
// page's.
func (s *Server) Start(ctx context.Context, addr string) (url string, wait func() error, err error) {
	refused := fmt.Errorf("the sandbox serves this computer only, and %q is not a loopback address such as "+
		"127.0.0.1:8080", addr)
	host, _, err := net.SplitHostPort(addr)
	if err != nil || host != "localhost" && !net.ParseIP(host).IsLoopback() {
		return "", nil, refused
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return "", nil, err
	}
	a, ok := l.Addr().(*net.TCPAddr)
	if !ok || !a.IP.IsLoopback() { // what "localhost" is, the system decides
		return "", nil, errors.Join(refused, l.Close())
	}
	srv := &http.Server{
		Handler:           namedLocally(s, strconv.Itoa(a.Port)),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 60 * time.Second, // as nginx
		IdleTimeout:       75 * time.Second,
	}
	served, serving := errgroup.WithContext(ctx)
	served.Go(func() error { return srv.Serve(l) })
	served.Go(func() error {
		<-serving.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if srv.Shutdown(grace) != nil {
			_ = srv.Close() // whoever is not done by now never will be
		}
		return nil
	})
	return "http://" + l.Addr().String(), func() error {
		if err := served.Wait(); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	}, nil
}

// namedLocally hands on requests whose Host is a name or an address of this computer alone, with the port.
func namedLocally(next http.Handler, port string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, p, err := net.SplitHostPort(r.Host)
		if err != nil { // no port
			host, p = strings.Trim(r.Host, "[]"), "80"
		}
		if p != port || !strings.EqualFold(host, "localhost") && !net.ParseIP(host).IsLoopback() {
			http.Error(w,
				"The sandbox answers this computer only, and "+strconv.Quote(r.Host)+" is not one of its names.",
				http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}
