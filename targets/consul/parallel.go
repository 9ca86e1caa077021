package consul

import (
	"runtime"
	"sync"
)

// inParallel calls work for 0 to n-1, in a few runs of neighbours, one for each processor. Decoding is most of what a large mesh costs.
// It returns the first error by number, whichever came first in time.
func inParallel(n int, work func(int) error) (int, error) {
	errs := make([]error, n)
	workers := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w * n / workers; i < (w+1)*n/workers; i++ {
				errs[i] = work(i)
			}
		})
	}
	wait.Wait()
	for i, err := range errs {
		if err != nil {
			return i, err
		}
	}
	return n, nil
}
