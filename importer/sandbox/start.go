package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Start serves on a loopback address such as "127.0.0.1:8080" until ctx ends; port 0 takes a free one. It returns the base
// URL at once. wait blocks until the server has stopped, and returns nil when that was because of ctx. Any other address
// than a loopback one is refused: whoever reaches the server can write to it.
func (s *Server) Start(ctx context.Context, addr string) (url string, wait func() error, err error) {
	refused := fmt.Errorf("the sandbox serves this computer only, and %q is not a loopback address such as 127.0.0.1:8080", addr)
	host, _, err := net.SplitHostPort(addr)
	if err != nil || host != "localhost" && !net.ParseIP(host).IsLoopback() {
		return "", nil, refused
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return "", nil, err
	}
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() { // what "localhost" is, the system decides
		return "", nil, errors.Join(refused, l.Close())
	}
	srv := &http.Server{
		Handler:           s,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 60 * time.Second, // as nginx
		IdleTimeout:       75 * time.Second,
	}
	served, stopped := make(chan error, 1), make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	go func() {
		select {
		case err := <-served:
			stopped <- err
		case <-ctx.Done():
			grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			if srv.Shutdown(grace) != nil {
				_ = srv.Close() // whoever is not done by now never will be
			}
			<-served
			stopped <- nil
		}
	}()
	return "http://" + l.Addr().String(), sync.OnceValue(func() error { return <-stopped }), nil
}
