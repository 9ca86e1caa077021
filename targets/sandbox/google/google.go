package google

import (
	"context"
	"net"
	"path/filepath"
	"time"

	"cloud.google.com/go/iam/admin/apiv1/adminpb"
	"google.golang.org/grpc"

	"gatehouse/targets/sandbox"
)

// Options are the settings of the double. The zero Options is a Google that holds nothing, whose callers may do everything, and that
// never says they are too many.
type Options struct {
	Principal  string              // who calls without saying so, such as "user:ann@acme.example"; "": the operator
	Clock      func() time.Time    // what conditions and quotas go by; nil: time.Now
	Roles      map[string][]string // more predefined roles, or others than roles.json has, with the permissions that they hold
	MaxPage    int                 // most items of a page, whatever the request asks for; 0: as many as Google gives
	Quota      Quota               // the zero Quota has no end
	AnyAccount bool                // members may be service accounts that don't exist
}

// Google is one double: any number of projects. Recorder's calls carry gRPC's codes as their Status, and routes such as
// "SecretManagerService/SetIamPolicy".
//
// Faults are ordered as Status (a gRPC code) and Body (its message). With Drop the call is done first: the caller hears the Status, or
// UNAVAILABLE where there is none, of a call that succeeded.
type Google struct {
	sandbox.Recorder
	sandbox.Faults
	store      *sandbox.Store
	opts       Options
	roles      map[string]*adminpb.Role
	conditions *conditions
	quota      pace
}

// Open opens the double whose state lies in a file below dir, which is made where it doesn't exist. Several processes may open the same
// one. With an empty dir it lives in memory and starts empty.
func Open(dir string, o Options) (*Google, error) {
	roles, err := readRoles(o.Roles)
	if err != nil {
		return nil, err
	}
	conditions, err := newConditions()
	if err != nil {
		return nil, err
	}
	store := sandbox.NewStore()
	if dir != "" {
		if store, err = sandbox.OpenStore(Path(dir), "google"); err != nil {
			return nil, err
		}
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Google{store: store, opts: o, roles: roles, conditions: conditions, quota: pace{limit: o.Quota}}, nil
}

// Path returns the file that holds the state below dir.
func Path(dir string) string { return filepath.Join(dir, "google.jsonl") }

// Close releases the files of the state; none of it is lost without.
func (g *Google) Close() error { return g.store.Close() }

// Serve answers on the listener until the context ends, and returns nil then.
func (g *Google) Serve(ctx context.Context, listener net.Listener) error {
	server := g.server()
	stopped := context.AfterFunc(ctx, server.Stop)
	defer stopped()
	return server.Serve(listener)
}

// Start serves on a free port of the loopback interface. It returns the address, such as 127.0.0.1:40123, as clients take it for an
// endpoint, and a function that stops serving and returns when that is done.
func (g *Google) Start() (address string, stop func(), err error) {
	listener, err := sandbox.Listen()
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = g.Serve(ctx, listener)
	}()
	return listener.Addr().String(), func() { cancel(); <-done }, nil
}

func (g *Google) server() *grpc.Server {
	server := grpc.NewServer(grpc.UnaryInterceptor(g.intercept))
	g.register(server)
	return server
}
