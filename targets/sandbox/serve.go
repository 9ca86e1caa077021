package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Listen opens a port of the loopback interface that nobody uses.
func Listen() (net.Listener, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return listener, nil
}

// Serve answers on the listener until the context ends, and returns nil then; requests that wait for something are cut off.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	stopped := context.AfterFunc(ctx, func() { server.Close() })
	defer stopped()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}

// Start serves on a free port of the loopback interface. It returns the base URL, such as http://127.0.0.1:40123, and a function that
// stops serving and returns when that is done.
func Start(handler http.Handler) (url string, stop func(), err error) {
	listener, err := Listen()
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = Serve(ctx, listener, handler)
	}()
	return "http://" + listener.Addr().String(), func() { cancel(); <-done }, nil
}
