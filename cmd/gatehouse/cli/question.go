package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/targets"
	"gatehouse/targets/reach"
	"gatehouse/targets/snapshot"
)

// questioned says what a question is asked of: the declared policy where nothing is set.
type questioned struct {
	compiled bool
	live     bool
	request  string // METHOD PATH; empty: any
}

func (q *questioned) register(cmd *cobra.Command, flags *common) {
	flags.remote(cmd)
	flags.kept(cmd)
	cmd.Flags().BoolVar(&q.compiled, "compiled", false, "ask the compiled objects, by the remote systems' own rules")
	cmd.Flags().BoolVar(&q.live, "live", false, "ask what is out there now, by the remote systems' own rules (so does --sandbox)")
	cmd.MarkFlagsMutuallyExclusive("compiled", "live", "snapshot")
	cmd.MarkFlagsMutuallyExclusive("compiled", "sandbox")
	cmd.MarkFlagsMutuallyExclusive("snapshot", "sandbox")
}

// narrowable adds --request, for verbs that are about one resource.
func (q *questioned) narrowable(cmd *cobra.Command) {
	cmd.Flags().StringVar(&q.request, "request", "", "only this HTTP request, as METHOD PATH, such as \"GET /v1/features\"")
}

// call reads the request that is asked about, zero for none, and returns what of a resource takes requests: its online surface. What is declared of one
// that speaks another protocol is not told apart by requests; what objects make of it, they know.
func (s *session) call(q questioned, resource addr.Address) (model.Call, addr.Address, error) {
	if q.request == "" {
		return model.Call{}, resource, nil
	}
	c, err := model.ParseCall(q.request)
	if err != nil {
		return c, resource, fmt.Errorf("--request: %w", err)
	}
	for _, r := range s.result.Graph.Surfaces(resource) {
		switch {
		case r.Addr.Surface != addr.Online:
		case q.effective(s.flags) || model.SpeaksHTTP(r.Protocol):
			return c, r.Addr, nil
		default:
			return c, resource, fmt.Errorf("--request: %s speaks %s: requests can be told apart where the protocol is http, http2 or grpc", r.Addr, cmp.Or(r.Protocol, "tcp"))
		}
	}
	return c, resource, fmt.Errorf("--request: %s isn't reached by HTTP requests of the mesh", resource)
}

// effective reports whether the question is about what objects mean.
func (q questioned) effective(flags common) bool {
	return q.compiled || q.live || flags.sandbox || flags.snapshot != ""
}

// of names what was asked, to people.
func (q questioned) of(flags common) string {
	switch {
	case q.compiled:
		return "compiled"
	case flags.snapshot != "":
		return "snapshot"
	case flags.sandbox:
		return "sandbox"
	default:
		return "live"
	}
}

// world reads what the question is asked of.
func (s *session) world(ctx context.Context, q questioned) (reach.World, error) {
	if q.compiled {
		w, err := reach.Compiled(s.sites(), s.result.Graph, s.at)
		return w, s.unproven(err)
	}
	sites, err := s.connected(ctx)
	if err != nil {
		return reach.World{}, err
	}
	views, err := targets.ObserveAll(ctx, sites, s.result.Graph, s.at)
	if err != nil {
		return reach.World{}, s.unproven(err)
	}
	return reach.Observed(views, s.result.Graph), nil
}

// unproven tells what stands in the way of a proof before the verb ends.
func (s *session) unproven(err error) error {
	if failed := (*targets.UnprovenError)(nil); errors.As(err, &failed) {
		return firstError(s.tell(failed.Proof.Report(), true), err)
	}
	return err
}

// loadSnapshot reads the file that --snapshot names, and takes its time where --at names none: it answers for the moment that it was taken.
func (s *session) loadSnapshot() error {
	if s.flags.snapshot == "" {
		return nil
	}
	kept, err := loadNamed(s.w, s.flags.snapshot, snapshot.Load)
	if err != nil {
		return fmt.Errorf("--snapshot %s: %w", s.flags.snapshot, err)
	}
	if s.kept = &kept; s.flags.at == "" {
		s.at = kept.Time
	}
	return nil
}

// moment is the time that was asked about, as a policy writes it.
func (s *session) moment() string { return s.at.Format(time.RFC3339) }

// called says whom a word was taken for, where it names no workload of the policy.
func (s *session) called(word string) string {
	if _, ok := s.declaredWorkload(word); ok || strings.ContainsAny(word, ":@") || word == "anyone" || word == access.Anyone || slices.Contains(everybody, word) {
		return word
	}
	return fmt.Sprintf("%s (no workload of the policy: taken for the name of a Consul service%s)",
		word, meant(word, names(s.result.Graph)))
}

// names returns the bare names of a policy's workloads.
func names(g *access.Graph) []string {
	var out []string
	for _, w := range g.Workloads {
		out = append(out, w.Addr.Name)
	}
	return out
}

// surfacesOf returns the surfaces of a resource in an environment, with the verb that an action has there; those of targets that don't know
// the action are left out.
func (s *session) surfacesOf(resource addr.Address, environment string, action model.Action) []askedSurface {
	var out []askedSurface
	for _, r := range s.result.Graph.Surfaces(resource) {
		surface, there := r.Surface(environment)
		for _, known := range remotes() {
			c := known.driver.Capabilities()
			verb, ok := c.Verbs[action]
			if there && ok && s.targeted(known.name()) && c.Target == surface.Target && slices.Contains(c.Kinds, surface.Kind) {
				out = append(out, askedSurface{surface, verb})
			}
		}
	}
	return out
}

// askedSurface is one surface that a question is about.
type askedSurface struct {
	surface access.Surface
	verb    access.Verb
}

// party returns whom a word means, in whatever environment: who is at home in one may reach into another.
func (s *session) party(word string) []access.Principal {
	var out []access.Principal
	for i := range s.result.Graph.Environments {
		out = append(out, s.principalsOf(word, &s.result.Graph.Environments[i])...)
	}
	slices.SortFunc(out, access.ComparePrincipal)
	return slices.Compact(out)
}

// unasked lists the surfaces of a resource that no target was asked about: nobody knows who reaches them.
func (s *session) unasked(resource addr.Address, environment string, action model.Action) []reach.Unknown {
	asked := s.surfacesOf(resource, environment, action)
	var out []reach.Unknown
	for _, r := range s.result.Graph.Surfaces(resource) {
		surface, there := r.Surface(environment)
		if !there || slices.ContainsFunc(asked, func(a askedSurface) bool { return a.surface == surface }) {
			continue
		}
		reason := fmt.Sprintf("gatehouse asks nobody about a %s", surface.Kind)
		if !s.targeted(string(surface.Target)) {
			reason = fmt.Sprintf("--target leaves %s out", surface.Target)
		}
		out = append(out, reach.Unknown{Environment: environment, Target: surface.Target, What: r.Addr.String(), Reason: reason})
	}
	return out
}

// principalsOf returns whom a word means to each target of an environment: a workload of the policy (workload.NAME, or NAME alone), "anyone", or a
// remote name: TARGET:NAME, a Google member such as user:ann@acme.example, or else the name of a Consul service.
func (s *session) principalsOf(word string, env *access.Environment) []access.Principal {
	if w, ok := s.declaredWorkload(word); ok {
		place, _ := w.Place(env.Name)
		if place == nil {
			return nil
		}
		return place.Principals
	}
	var out []access.Principal
	for _, known := range remotes() {
		realm, ok := known.driver.Realm(*env)
		if !ok || !s.targeted(known.name()) {
			continue
		}
		if name, ok := remoteNameOf(word, known.name()); ok {
			if known.driver.Capabilities().Target == access.Google {
				realm = ""
			}
			out = append(out, access.Principal{Target: known.driver.Capabilities().Target, Realm: realm, Name: name})
		}
	}
	return out
}

func (s *session) declaredWorkload(word string) (*access.Workload, bool) {
	if !strings.Contains(word, ".") {
		word = string(addr.Workload) + "." + word
	}
	a, err := addressOf(word)
	if err != nil || a.Kind != addr.Workload {
		return nil, false
	}
	return s.result.Graph.Workload(a)
}

// everybody are Google's members without a name of their own.
var everybody = []string{"allUsers", "allAuthenticatedUsers"}

// member returns a Google member as policies hold it: names are in lower case, but for federated ones.
// https://cloud.google.com/iam/docs/reference/rest/v1/Policy#Binding
func member(word string) string {
	kind, name, named := strings.Cut(word, ":")
	if !named || strings.HasPrefix(kind, "principal") {
		return word
	}
	return kind + ":" + strings.ToLower(name)
}

// remoteNameOf returns what a word names in a target, where it can be a name there.
func remoteNameOf(word, target string) (string, bool) {
	if word == "anyone" || word == access.Anyone {
		return access.Anyone, true
	}
	kind, name, prefixed := strings.Cut(word, ":")
	switch {
	case prefixed && slices.Contains(targetNames(), kind):
		return name, kind == target
	case prefixed || slices.Contains(everybody, word):
		return member(word), target == string(access.Google)
	case strings.HasSuffix(word, ".gserviceaccount.com"):
		return member("serviceAccount:" + word), target == string(access.Google)
	case strings.Contains(word, "@"):
		return member("user:" + word), target == string(access.Google)
	default:
		return word, target == string(access.Consul)
	}
}
