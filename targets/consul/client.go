package consul

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/hashicorp/consul/api"
)

// refusal is an answer that Consul gave and that says no.
type refusal struct{ api.StatusError }

// refused returns the refusal that an error is; one of code 0 where it is none.
func refused(err error) (no refusal) {
	errors.As(err, &no)
	return no
}

func (r refusal) Error() string {
	if r.Body == "" {
		return fmt.Sprintf("HTTP %d", r.Code)
	}
	return fmt.Sprintf("HTTP %d: %s", r.Code, r.Body)
}

// busy reports whether Consul did nothing and says that it may do it later. A 500 alone says nothing of the kind: refused writes are
// 500 too.
func (r refusal) busy() bool {
	switch r.Code {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return true
	case http.StatusInternalServerError:
		return strings.Contains(r.Body, "No cluster leader") || strings.Contains(r.Body, "not ready to serve consistent reads") ||
			strings.Contains(r.Body, "Intentions are read only while being upgraded") // a leader's first moments
	}
	return false
}

// unclear reports whether a write may have happened although its answer is not a success: a gateway gave up, or the leader did
// while it was at it.
func (r refusal) unclear() bool {
	switch r.Code {
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return true
	case http.StatusInternalServerError:
		return strings.Contains(r.Body, "leadership lost") || strings.Contains(r.Body, "rpc error making call") || strings.Contains(r.Body, "timed out")
	}
	return false
}

// read runs a request of the client's that only reads, and runs it again where that may help.
func (c *Conn) read(ctx context.Context, request func(*api.QueryOptions) error) error {
	return c.patiently(ctx, func() error {
		return c.once(ctx, func(ctx context.Context) error { return request(new(api.QueryOptions).WithContext(ctx)) })
	})
}

// once runs one request of the client's under the timeout.
func (c *Conn) once(ctx context.Context, request func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	return c.plain(request(ctx))
}

// plain turns an error of the client's into one that can stand at the end of a path: without the URL, which the caller says better, and a
// refusal as a refusal.
func (c *Conn) plain(err error) error {
	var no api.StatusError
	var unsent *url.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &no):
		return refusal{api.StatusError{Code: no.Code, Body: c.discreet(no.Body)}}
	case errors.As(err, &unsent):
		return worded(unsent.Err)
	}
	return fmt.Errorf("read the answer: %w", err)
}

// worded says of a server that doesn't speak TLS that it is the address that is wrong. The client's words for it are about records and
// handshakes.
func worded(err error) error {
	var record tls.RecordHeaderError
	if errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &record) {
		return errors.New("the address says https, and what answers there does not speak TLS: write http://, or another port")
	}
	return err
}

// maxError bounds what is repeated of an answer that is an error.
const maxError = 1 << 10

// discreet makes a server's text one short line, and takes the token out of it, should it ever be in.
func (c *Conn) discreet(text string) string {
	line := strings.Join(strings.Fields(text), " ")
	if c.config.Token != "" {
		line = strings.ReplaceAll(line, c.config.Token, "(token)")
	}
	return line[:min(len(line), maxError)]
}

// refusedConnections is how often a connection is tried that nobody accepts: long enough for an agent that restarts a listener, short
// enough for somebody who mistyped a port.
const refusedConnections = 4

// patiently repeats an operation that may safely be run twice, while it fails in a way that may pass: Consul is busy, or the connection
// broke.
func (c *Conn) patiently(ctx context.Context, operation func() error) error {
	closed := 0
	try := func() (struct{}, error) {
		err := operation()
		no := refused(err)
		switch {
		case err == nil:
			return struct{}{}, nil
		case no.busy(), no.unclear():
			return struct{}{}, err
		case errors.Is(err, syscall.ECONNREFUSED):
			if closed++; closed < refusedConnections {
				return struct{}{}, err
			}
		case ctx.Err() == nil && broken(err):
			return struct{}{}, err
		}
		return struct{}{}, backoff.Permanent(err)
	}
	policy := backoff.NewExponentialBackOff()
	policy.InitialInterval, policy.MaxInterval = 50*time.Millisecond, 2*time.Second
	_, err := backoff.Retry(ctx, try, backoff.WithBackOff(policy), backoff.WithMaxElapsedTime(c.config.Patience))
	return err
}

// broken reports whether a connection was cut while it was used.
func broken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
