package importer

import (
	"context"

	"csvput/importer/rescue"
)

// inOrder carries out tasks on as many goroutines as there are workers, and uses their results in the order of the
// tasks. feed gives the tasks; one goroutine calls it and one calls use. ahead bounds how many tasks are under way
// beyond the one whose result is due, and so the memory. The first error ends everything.
func inOrder[T, R any](
	ctx context.Context, ahead int, feed func(ctx context.Context, give func(T) error) error,
	workers []func(context.Context, T) (R, error), use func(R) error,
) error {
	type place struct {
		task T
		done chan R
	}
	group, ctx := rescue.WithContext(ctx)
	todo, ordered := make(chan place), make(chan place, ahead)
	group.Go(func() error {
		defer close(todo)
		defer close(ordered)
		return feed(ctx, func(task T) error {
			p := place{task, make(chan R, 1)}
			for _, c := range []chan place{ordered, todo} {
				select {
				case c <- p:
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
			return nil
		})
	})
	for _, work := range workers {
		group.Go(func() error {
			for p := range todo {
				result, err := work(ctx, p.task)
				if err != nil {
					return err
				}
				p.done <- result
			}
			return nil
		})
	}
	group.Go(func() error {
		for p := range ordered {
			select {
			case result := <-p.done:
				if err := use(result); err != nil {
					return err
				}
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return nil
	})
	return group.Wait()
}
