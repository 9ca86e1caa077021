package realconsul_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	rbac "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	httprbac "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/rbac/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	networkrbac "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/rbac/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	semver "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// This file asks Consul, in Envoy's place, what a proxy is to enforce: over the delta form of xDS, for the listeners of one sidecar.

const listenerType = "type.googleapis.com/envoy.config.listener.v3.Listener"

// sidecar registers a service with a proxy beside it.
func (s *server) sidecar(name string, port int) {
	s.t.Helper()
	s.must(http.MethodPut, "/v1/agent/service/register",
		fmt.Sprintf(`{"Name":%q,"Port":%d,"Connect":{"SidecarService":{"Port":%d}}}`, name, port, port+1))
}

func (s *server) unregister(name string) {
	s.t.Helper()
	s.must(http.MethodPut, "/v1/agent/service/deregister/"+name, "")
}

// watched is one proxy's subscription to its listeners.
type watched struct {
	stream  discovery.AggregatedDiscoveryService_DeltaAggregatedResourcesClient
	current *listener.Listener            // the public one
	all     map[string]*listener.Listener // by name
	close   func()
}

// watch begins a subscription for a service's sidecar.
func (s *server) watch(ctx context.Context, name string) (*watched, error) {
	conn, err := grpc.NewClient(s.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(metadata.AppendToOutgoingContext(ctx, "x-consul-token", s.Token))
	stream, err := discovery.NewAggregatedDiscoveryServiceClient(conn).DeltaAggregatedResources(ctx)
	w := &watched{stream: stream, all: map[string]*listener.Listener{}, close: func() { cancel(); _ = conn.Close() }}
	if err == nil {
		err = stream.Send(&discovery.DeltaDiscoveryRequest{Node: envoy(name), TypeUrl: listenerType})
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// envoy is who asks: a sidecar of a version that Consul supports.
func envoy(service string) *core.Node {
	return &core.Node{
		Id:            service + "-sidecar-proxy",
		UserAgentName: "envoy",
		UserAgentVersionType: &core.Node_UserAgentBuildVersion{UserAgentBuildVersion: &core.BuildVersion{
			Version: &semver.SemanticVersion{MajorNumber: 1, MinorNumber: 34, Patch: 1},
		}},
	}
}

// next waits for a version of the public listener, and acknowledges it.
func (w *watched) next() error {
	answer, err := w.stream.Recv()
	if err != nil {
		return err
	}
	for _, r := range answer.GetResources() {
		l := &listener.Listener{}
		if err := r.GetResource().UnmarshalTo(l); err != nil {
			return err
		}
		w.all[l.GetName()] = l
		if strings.HasPrefix(l.GetName(), "public_listener") {
			w.current = l
		}
	}
	return w.stream.Send(&discovery.DeltaDiscoveryRequest{TypeUrl: listenerType, ResponseNonce: answer.GetNonce()})
}

// patience is how long proxies may take to be told of what has changed.
const patience = 5 * time.Second

// agrees waits until judge is content with what a service's sidecar is told to enforce, and reports whether it ever was.
func (s *server) agrees(name string, judge func(*rbac.RBAC) bool) bool {
	s.t.Helper()
	return s.listens(name, func(w *watched) bool {
		rules, err := enforced(w.current)
		if err != nil {
			s.t.Fatalf("the listener of %s: %v", name, err)
		}
		return judge(rules)
	})
}

// listens is agrees for all of a sidecar's listeners.
func (s *server) listens(name string, judge func(*watched) bool) bool {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	w, err := s.watch(ctx, name)
	if err != nil {
		s.t.Fatal(err)
	}
	defer w.close()
	for told := false; ; told = w.current != nil {
		switch err := w.next(); {
		case err != nil && told:
			return false // nothing else came
		case err != nil:
			s.t.Fatalf("listeners of %s: %v", name, err)
		case w.current != nil && judge(w):
			return true
		}
	}
}

// enforced returns the rules in the first filter chain, of requests or of connections.
func enforced(l *listener.Listener) (*rbac.RBAC, error) {
	if len(l.GetFilterChains()) == 0 {
		return nil, errors.New("no filter chain")
	}
	for _, filter := range l.GetFilterChains()[0].GetFilters() {
		switch filter.GetName() {
		case "envoy.filters.network.rbac":
			found := &networkrbac.RBAC{}
			err := filter.GetTypedConfig().UnmarshalTo(found)
			return found.GetRules(), err
		case "envoy.filters.network.http_connection_manager":
			return ofRequests(filter.GetTypedConfig())
		}
	}
	return nil, errors.New("no filter enforces intentions")
}

func ofRequests(config *anypb.Any) (*rbac.RBAC, error) {
	manager := &hcm.HttpConnectionManager{}
	if err := config.UnmarshalTo(manager); err != nil {
		return nil, err
	}
	if !manager.GetNormalizePath().GetValue() {
		return nil, errors.New("paths are not normalised")
	}
	for _, filter := range manager.GetHttpFilters() {
		if filter.GetName() == "envoy.filters.http.rbac" {
			found := &httprbac.RBAC{}
			err := proto.UnmarshalOptions{}.Unmarshal(filter.GetTypedConfig().GetValue(), found)
			return found.GetRules(), err
		}
	}
	return nil, errors.New("no filter for requests enforces intentions")
}
