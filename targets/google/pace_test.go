package google

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// TestPace sends more than a minute takes: what fits goes at once, and no minute ever holds more than the quota.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 10
		p := newPace(Pace{Reads: limit})
		begun := time.Now()
		var mu sync.Mutex
		var sent []time.Duration
		var all sync.WaitGroup
		for range 3*limit + 1 {
			all.Go(func() {
				if err := p.read(t.Context(), "acme"); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				sent = append(sent, time.Since(begun))
			})
		}
		all.Wait()
		for i, at := range sent {
			if want := time.Duration(i/limit) * window; at != want {
				t.Errorf("request %d went after %s, want %s", i, at, want)
			}
		}
		if err := p.read(t.Context(), "other"); err != nil || time.Since(begun) != 3*window {
			t.Errorf("another project waits too: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range limit {
			if err := p.read(ctx, "acme"); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		}
	})
}

func TestPatiently(t *testing.T) {
	for _, test := range []struct {
		code  codes.Code
		times int // that it fails
		calls int
		ok    bool
	}{
		{codes.OK, 0, 1, true},
		{codes.Unavailable, 3, 4, true},
		{codes.ResourceExhausted, 8, 9, true},
		{codes.Unavailable, 1000, 0, false},
		{codes.PermissionDenied, 1, 1, false},
		{codes.Aborted, 1, 1, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			calls, begun := 0, time.Now()
			_, err := patiently(t.Context(), 15*time.Second, func() (int, error) {
				if calls++; calls <= test.times {
					return 0, status.Error(test.code, "no")
				}
				return 0, nil
			})
			if (err == nil) != test.ok || test.calls > 0 && calls != test.calls || time.Since(begun) > 2*time.Minute {
				t.Errorf("%s: %v after %d calls and %s", test.code, err, calls, time.Since(begun))
			}
		})
	}
}
