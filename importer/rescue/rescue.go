// Package rescue turns a panic into an error. A panic that no goroutine catches ends the whole process with a
// trace: no report is finished, no lock given back, and nobody is told what to do.
package rescue

import (
	"context"
	"fmt"
	"runtime/debug"

	"golang.org/x/sync/errgroup"
)

// PanicError is a panic: a fault of the program, not of its input.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Call calls f. A panic of f is returned as a *PanicError.
func Call(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{v, debug.Stack()}
		}
	}()
	return f()
}

// Group is an errgroup.Group in which a panic is an error like any other.
type Group struct{ group *errgroup.Group }

// WithContext returns a group, and a context that ends with its first error.
func WithContext(ctx context.Context) (Group, context.Context) {
	group, ctx := errgroup.WithContext(ctx)
	return Group{group}, ctx
}

// SetLimit bounds how many functions run at once.
func (g Group) SetLimit(n int) { g.group.SetLimit(n) }

// Go calls f in a goroutine of its own.
func (g Group) Go(f func() error) {
	g.group.Go(func() error { return Call(f) })
}

// Wait waits for all functions and returns the first error.
func (g Group) Wait() error { return g.group.Wait() }
