package google

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// quotaPatience is how much longer than for a server that is away one waits for a quota, which is by the minute.
const quotaPatience = 8

// patiently repeats a call, with growing pauses and jitter, while Google says that it can't answer now.
func patiently[T any](ctx context.Context, patience time.Duration, call func() (T, error)) (T, error) {
	away, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	try := func() (T, error) {
		out, err := call()
		switch code := status.Code(err); {
		case err == nil:
			return out, nil
		case ctx.Err() != nil:
		case code == codes.ResourceExhausted,
			(code == codes.Unavailable || code == codes.DeadlineExceeded) && away.Err() == nil:
			return out, err
		}
		return out, backoff.Permanent(err)
	}
	policy := backoff.NewExponentialBackOff()
	policy.InitialInterval, policy.MaxInterval = 100*time.Millisecond, 10*time.Second
	return backoff.Retry(ctx, try, backoff.WithBackOff(policy), backoff.WithMaxElapsedTime(quotaPatience*patience))
}

// plain says an error of Google's as people read it.
func plain(err error) error {
	var moved interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &moved) {
		return err
	}
	s := moved.GRPCStatus()
	return fmt.Errorf("%s: %s", s.Code(), s.Message())
}

// denied adds to a refusal the permission that the caller lacks.
func denied(err error, permission, resource string) error {
	if status.Code(err) == codes.PermissionDenied {
		return fmt.Errorf("%w: the caller needs %s on %s", plain(err), permission, resource)
	}
	return plain(err)
}
