package rescue_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"csvput/importer/rescue"
)

func TestCall(t *testing.T) {
	failed := errors.New("failed")
	if err := rescue.Call(func() error { return failed }); err != failed {
		t.Errorf("an error becomes %v", err)
	}
	err := rescue.Call(func() error { panic("at the worst moment") })
	p, ok := errors.AsType[*rescue.PanicError](err)
	if !ok || p.Value != "at the worst moment" || !strings.Contains(string(p.Stack), "TestCall") {
		t.Errorf("a panic becomes %v", err)
	}
}

// TestGroup says that a panic of one ends the others, as an error does.
func TestGroup(t *testing.T) {
	group, ctx := rescue.WithContext(context.Background())
	group.SetLimit(2)
	group.Go(func() error {
		<-ctx.Done()
		return ctx.Err()
	})
	group.Go(func() error { panic("at the worst moment") })
	if _, ok := errors.AsType[*rescue.PanicError](group.Wait()); !ok {
		t.Error("the panic is lost")
	}
}
