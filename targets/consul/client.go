package consul

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// answer is a response whose status is 200 or 404.
type answer struct {
	found  bool
	header http.Header
	body   []byte
}

// refusal is an answer that Consul gave and that says no.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string {
	if r.text == "" {
		return fmt.Sprintf("HTTP %d", r.status)
	}
	return fmt.Sprintf("HTTP %d: %s", r.status, r.text)
}

// busy reports whether Consul did nothing and says that it may do it later. A 500 alone says nothing of the kind: refused writes are
// 500 too.
func (r *refusal) busy() bool {
	switch r.status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return true
	case http.StatusInternalServerError:
		return strings.Contains(r.text, "No cluster leader") || strings.Contains(r.text, "not ready to serve consistent reads") ||
			strings.Contains(r.text, "Intentions are read only while being upgraded") // a leader's first moments
	}
	return false
}

// unclear reports whether a write may have happened although its answer is not a success: a gateway gave up, or the leader did
// while it was at it.
func (r *refusal) unclear() bool {
	switch r.status {
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return true
	case http.StatusInternalServerError:
		return strings.Contains(r.text, "leadership lost") || strings.Contains(r.text, "rpc error making call") || strings.Contains(r.text, "timed out")
	}
	return false
}

// maxError bounds what is read of an answer that is an error.
const maxError = 1 << 10

// request sends one request, once. Only 200 and 404 are no error.
func (c *Conn) request(ctx context.Context, method, path string, query url.Values, body []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, c.url(path, query), bytes.NewReader(body))
	if err != nil {
		return answer{}, errors.New("the address makes no valid request")
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.config.Token != "" {
		request.Header.Set("X-Consul-Token", c.config.Token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return answer{}, withoutURL(err)
	}
	defer response.Body.Close()
	return c.answer(response)
}

func (c *Conn) answer(response *http.Response) (answer, error) {
	switch response.StatusCode {
	case http.StatusOK, http.StatusNotFound:
		text, err := io.ReadAll(response.Body)
		if err != nil {
			return answer{}, fmt.Errorf("read the answer: %w", err)
		}
		return answer{found: response.StatusCode == http.StatusOK, header: response.Header, body: text}, nil
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxError))
	return answer{}, &refusal{status: response.StatusCode, text: c.discreet(text)}
}

// discreet makes a server's text one line, and takes the token out of it, should it ever be in.
func (c *Conn) discreet(text []byte) string {
	line := strings.Join(strings.Fields(string(text)), " ")
	if c.config.Token != "" {
		line = strings.ReplaceAll(line, c.config.Token, "(token)")
	}
	return line
}

func (c *Conn) url(path string, query url.Values) string {
	q := url.Values{}
	for key, values := range query {
		q[key] = values
	}
	for key, value := range map[string]string{"dc": c.config.Datacenter, "partition": c.config.Partition, "ns": c.config.Namespace} {
		if value != "" {
			q.Set(key, value)
		}
	}
	u := *c.base
	u.Path += path
	u.RawQuery = q.Encode()
	return u.String()
}

// withoutURL drops what net/http puts around an error: the caller says better what it was about.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// refusedConnections is how often a connection is tried that nobody accepts: long enough for an agent that restarts a listener, short
// enough for somebody who mistyped a port.
const refusedConnections = 4

// patiently repeats an operation while it fails in a way that may pass: Consul is busy, or (where the operation is one that may safely be
// sent twice) the connection broke.
func (c *Conn) patiently(ctx context.Context, twice bool, operation func() (answer, error)) (answer, error) {
	refused := 0
	try := func() (answer, error) {
		a, err := operation()
		var no *refusal
		switch {
		case err == nil:
			return a, nil
		case errors.As(err, &no) && (no.busy() || twice && no.unclear()):
			return a, err
		case errors.Is(err, syscall.ECONNREFUSED):
			if refused++; refused < refusedConnections {
				return a, err
			}
		case twice && no == nil && ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) && broken(err):
			return a, err
		}
		return a, backoff.Permanent(err)
	}
	policy := backoff.NewExponentialBackOff()
	policy.InitialInterval, policy.MaxInterval = 50*time.Millisecond, 2*time.Second
	return backoff.Retry(ctx, try, backoff.WithBackOff(policy), backoff.WithMaxElapsedTime(c.config.Patience))
}

// broken reports whether a connection was cut while it was used.
func broken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// get reads, and reads again where that may help.
func (c *Conn) get(ctx context.Context, path string, query url.Values) (answer, error) {
	return c.patiently(ctx, true, func() (answer, error) { return c.request(ctx, http.MethodGet, path, query, nil) })
}
