package google

import (
	"context"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/iam/admin/apiv1/adminpb"
	denypb "cloud.google.com/go/iam/apiv2/iampb"
	"cloud.google.com/go/resourcemanager/apiv3/resourcemanagerpb"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"gatehouse/targets/sandbox"
)

func (g *Google) register(server *grpc.Server) {
	secretmanagerpb.RegisterSecretManagerServiceServer(server, &secretManager{Google: g})
	resourcemanagerpb.RegisterProjectsServer(server, &projects{Google: g})
	adminpb.RegisterIAMServer(server, &iamAdmin{Google: g})
	denypb.RegisterPoliciesServer(server, &denyPolicies{Google: g})
}

// reads are what the names of methods begin with that ask for no change.
var reads = []string{"Access", "Get", "List", "Query", "Search", "Test"}

func isRead(method string) bool {
	return slices.ContainsFunc(reads, func(verb string) bool { return strings.HasPrefix(method, verb) })
}

// route shortens a full method, such as /google.cloud.secretmanager.v1.SecretManagerService/GetSecret.
func route(full string) string { return full[strings.LastIndexByte(full, '.')+1:] }

// intercept wraps every method with the record of calls, the faults and the quota.
func (g *Google) intercept(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	call := sandbox.Call{Route: route(info.FullMethod), Path: resourceOf(req)}
	call.Method = call.Route[strings.IndexByte(call.Route, '/')+1:]
	call.Write = !isRead(call.Method)
	fault, done := g.Begin(call.Write)
	if fault.Delay > 0 {
		select {
		case <-time.After(fault.Delay):
		case <-ctx.Done():
		}
	}
	answer, err := g.answer(ctx, req, call, fault, handle, done)
	if status.Code(err) == codes.Unknown && err != nil {
		err = status.Error(codes.Internal, err.Error()) // what went wrong is the double's, such as a full disk
	}
	call.Status = int(status.Code(err))
	g.Add(call)
	if err != nil {
		return nil, err
	}
	return answer, nil
}

func (g *Google) answer(ctx context.Context, req any, call sandbox.Call, fault sandbox.Fault, handle grpc.UnaryHandler, done func()) (any, error) {
	ordered := status.Error(codes.Code(fault.Status), fault.Body)
	if fault.Status != 0 && !fault.Drop {
		return nil, ordered
	}
	if err := g.pace(call); err != nil {
		return nil, err
	}
	answer, err := handle(ctx, req)
	done()
	switch {
	case fault.Drop && fault.Status != 0:
		return nil, ordered
	case fault.Drop:
		return nil, status.Error(codes.Unavailable, "sandbox: the connection broke")
	}
	return answer, err
}

// resourceOf returns the name of what a request is about.
func resourceOf(req any) string {
	switch r := req.(type) {
	case interface{ GetResource() string }:
		return r.GetResource()
	case interface{ GetParent() string }:
		return r.GetParent()
	case interface{ GetName() string }:
		return r.GetName()
	}
	return ""
}

// principalKey is the metadata by which a caller says who it is.
const principalKey = "x-sandbox-principal"

// caller is who calls.
type caller struct {
	operator bool     // who owns the sandbox: may do everything
	ids      []string // in normal form; the first is the principal, the others are sets that it belongs to
}

// caller reads who calls.
func (g *Google) caller(ctx context.Context) (caller, error) {
	var given []string
	if md, ok := metadata.FromIncomingContext(ctx); ok {
		given = md.Get(principalKey)
	}
	if len(given) == 0 && g.opts.Principal != "" {
		given = []string{g.opts.Principal}
	}
	c := caller{operator: len(given) == 0}
	for _, text := range given {
		id, ok := normalMember(text)
		if !ok || public(id) {
			return c, status.Errorf(codes.Unauthenticated, "sandbox: %q is no principal", text)
		}
		c.ids = append(c.ids, id)
	}
	return c, nil
}

// As makes every call of a connection come from a principal, such as "user:ann@acme.example", that belongs to some groups or principal
// sets. Give it to clients as a gRPC dial option.
func As(principal string, sets ...string) grpc.DialOption {
	values := []string{principalKey, principal}
	for _, s := range sets {
		values = append(values, principalKey, s)
	}
	return grpc.WithChainUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		return invoke(metadata.AppendToOutgoingContext(ctx, values...), method, req, reply, cc, opts...)
	})
}
