package access

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// drawPolicy draws a small policy in sketch's words, with shared names, groups and times.
func drawPolicy(t *rapid.T) string {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	some := func(label string, of ...string) string {
		return strings.Join(rapid.SliceOfNDistinct(rapid.SampledFrom(of), 1, 2, rapid.ID).Draw(t, label), ",")
	}
	var out []string
	for _, w := range []string{"a", "b", "c"} {
		places := pick("in", "dev", "prod", "dev prod", "dev prod=s/ops", "dev=s prod=/ops", "prod=s", "dev=/ops")
		out = append(out, "w "+w+" "+places)
	}
	out = append(out, "realm lab dev", "w e lab", "store x "+pick("in", "prod", "dev prod"), "secret k "+pick("in", "dev", "dev prod"))
	out = append(out, "group g a b", "group h@dev b c")
	for i := range rapid.IntRange(0, 4).Draw(t, "allows") {
		line := fmt.Sprintf("allow n%d from %s to %s do %s", i, some("from", "a", "b", "c", "e", "g", "h"), some("to", "x", "k"), pick("do", "read", "write", "read,write"))
		line += pick("in", "", "", " in dev", " in prod", " across dev/prod", " across lab/dev", " across prod/dev") + pick("since", "", " since 3") + pick("until", "", " until 3", " until 7")
		out = append(out, line)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "denies") {
		out = append(out, fmt.Sprintf("deny d%d from %s to %s%s", i, some("from", "a", "b", "c", "g", "h"), some("to", "x", "k"), pick("do", "", " do read", " do write")))
	}
	return strings.Join(out, "; ")
}

// reading is a slow and obvious reader of a policy: no numbers, no sorting, one question at a time.
type reading struct{ p *model.Policy }

func (r reading) members(ref model.Ref, environment string) []addr.Address {
	for _, g := range r.p.Groups {
		if g.Addr == ref.Addr {
			return g.Members[environment]
		}
	}
	for _, w := range r.p.Workloads {
		if w.Addr == ref.Addr && slices.ContainsFunc(w.Places, func(p model.WorkloadPlace) bool { return p.Environment == environment }) {
			return []addr.Address{w.Addr}
		}
	}
	return nil
}

// name is who a workload is to the target that guards a resource: Consul's names belong to a datacenter, Google's to the world.
func (r reading) name(w addr.Address, environment string, resource addr.Kind) string {
	for _, declared := range r.p.Workloads {
		for _, p := range declared.Places {
			if declared.Addr == w && p.Environment == environment {
				if resource == addr.Secret {
					return p.ServiceAccount.Value
				}
				return strings.Replace(environment, "lab", "dev", 1) + "/" + p.Service.Value
			}
		}
	}
	return ""
}

func (r reading) exists(resource addr.Address, environment string) bool {
	for _, s := range r.p.Stores {
		for _, p := range s.Places {
			if s.Addr == resource && p.Environment == environment {
				return true
			}
		}
	}
	for _, s := range r.p.Secrets {
		for _, p := range s.Places {
			if s.Addr == resource && p.Environment == environment {
				return true
			}
		}
	}
	return false
}

func refersTo(refs []model.Ref, a addr.Address) bool {
	return slices.ContainsFunc(refs, func(r model.Ref) bool { return r.Addr == a })
}

// crossing returns where the workloads of an allow come from that reach into an environment, and false where none do. Of the environments lab
// and dev are one Consul, and lab has no project.
func (r reading) crossing(a *model.Allow, environment string, resource addr.Kind) (home string, ok bool) {
	if a.Across == nil {
		return environment, true
	}
	home, there := a.Across.From.Addr.Name, a.Across.To.Addr.Name
	oneMesh := slices.Contains([]string{"lab", "dev"}, home) && slices.Contains([]string{"lab", "dev"}, there)
	return home, there == environment && (resource == addr.Secret && home != "lab" || resource == addr.FeatureStore && oneMesh)
}

// allowed asks for a workload as it is in home, and resources as they are in environment.
func (r reading) allowed(home, environment string, w, resource addr.Address, action model.Action, t int64) bool {
	return slices.ContainsFunc(r.p.Allows, func(a *model.Allow) bool {
		origin, ok := r.crossing(a, environment, resource.Kind)
		from := ok && origin == home && slices.ContainsFunc(a.From, func(f model.Ref) bool { return slices.Contains(r.members(f, home), w) })
		in := a.Environments == nil || refersTo(a.Environments, addr.New(addr.Environment, environment))
		since := a.Interval.NotBefore.IsZero() || a.Interval.NotBefore.Unix() <= t
		until := a.Interval.Expires.IsZero() || t < a.Interval.Expires.Unix()
		return from && in && since && until && refersTo(a.To, resource) && r.exists(resource, environment) && slices.Contains(a.Actions, action)
	})
}

func (r reading) denied(environment string, w, resource addr.Address, action model.Action) bool {
	return slices.ContainsFunc(r.p.Denies, func(d *model.Deny) bool {
		if !refersTo(d.To, resource) || d.Actions != nil && !slices.Contains(d.Actions, action) {
			return false
		}
		for _, from := range d.From {
			for _, member := range slices.Concat(r.members(from, "dev"), r.members(from, "prod"), r.members(from, "lab")) {
				for _, e := range []string{"dev", "prod", "lab"} {
					if r.name(member, e, resource.Kind) == r.name(w, environment, resource.Kind) {
						return true
					}
				}
			}
		}
		return false
	})
}

func TestBuildAgreesWithReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawPolicy(t)
		p := sketch(t, text)
		g, _ := Build(p, second(0))
		r := reading{p}
		for _, q := range questions(p) {
			for at := int64(0); at <= horizon; at++ {
				var allowed, held, cut bool
				for _, home := range []string{"dev", "prod", "lab"} {
					yes, denied := r.allowed(home, q.environment, q.workload, q.resource, q.action, at), r.denied(home, q.workload, q.resource, q.action)
					allowed, held, cut = allowed || yes, held || yes && !denied, cut || yes && denied
				}
				e := Why(g, q.workload, q.action, q.resource, q.environment, second(at))
				if got := e.Verdict == YesDeclared; got != held {
					t.Fatalf("%s\n%v at %d: %v, want %v", text, q, at, got, held)
				}
				if got := slices.ContainsFunc(e.Cuts, func(c Cut) bool { return spansOf(c.Sources).Contains(second(at)) }); got != cut {
					t.Fatalf("%s\n%v at %d: cut is %v", text, q, at, got)
				}
			}
		}
	})
}

// question is one thing that can be asked of a drawn policy.
type question struct {
	environment        string
	workload, resource addr.Address
	action             model.Action
}

func questions(p *model.Policy) []question {
	var out []question
	for _, environment := range []string{"dev", "prod"} {
		for _, w := range p.Workloads {
			for _, resource := range []addr.Address{named("x"), named("k")} {
				for _, action := range model.Actions() {
					out = append(out, question{environment, w.Addr, resource, action})
				}
			}
		}
	}
	return out
}

func spansOf(sources []Source) Spans {
	var spans []Span
	for _, s := range sources {
		spans = append(spans, s.Span)
	}
	return NewSpans(spans...)
}

func TestBuildIsCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := sketch(t, drawPolicy(t))
		g, diags := Build(p, second(5))
		mixed := *p
		seed := rapid.Uint64().Draw(t, "seed")
		mixed.Environments, mixed.Workloads, mixed.Groups = mix(p.Environments, seed), mix(p.Workloads, seed), mix(p.Groups, seed)
		mixed.Allows, mixed.Denies = mix(p.Allows, seed), mix(p.Denies, seed)
		again, same := Build(&mixed, second(5))
		if diff := cmp.Diff(g, again) + cmp.Diff(diags, same); diff != "" {
			t.Fatal("the order of declarations shows:\n" + diff)
		}
		if !Diff(g, again).Empty() {
			t.Fatal("a policy differs from itself")
		}
	})
}

func mix[T any](declarations []T, seed uint64) []T {
	out := slices.Clone(declarations)
	rand.New(rand.NewPCG(seed, seed)).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
