package access

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"pgregory.net/rapid"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// sketch builds a policy from a line of statements, so that tables stay readable:
//
//	w a dev prod               a workload in two environments, named a there, with the account a@ENVIRONMENT
//	w b prod=a/ops             in prod it is the service a and the account ops; either may be left out
//	store x prod=X             a feature store with an online surface
//	secret k dev prod
//	group g a b                members wherever they exist; g@dev: only there
//	labels g a b               the same by labels
//	allow n from a,g to x,k do read,write in dev since 3 until 9
//	deny n from a to x do write
//	offline y prod             a feature store with both surfaces: y.online and y.offline
//	realm m dev                another environment, on the Consul of dev
//	retired old                an environment that is not in use any more
//	allow n from a to x across dev/prod
//	allow n from a to x http GET=/x,GET+POST=/v1/*,=~/r.*,HEAD
//	test n from a to x in prod do read at 3 http =/x expect deny
//
// A pattern is METHODS=PATH: without methods every one, without a path every one; a path that ends in * is a prefix, and one that begins with ~
// an expression. Stores speak http.
//
// The environments dev (development) and prod (production) always exist. A declaration's range has its address for a file name, a
// name's range is ADDRESS/ENVIRONMENT, expires' is ADDRESS/expires, an element's of an allow ADDRESS/from/NAME, and a pattern's ADDRESS/http/NUMBER.
func sketch(t rapid.TB, text string) *model.Policy {
	t.Helper()
	s := &sketcher{p: &model.Policy{Name: "sketch"}, kinds: map[string]addr.Kind{}}
	for name, tier := range map[string]model.Tier{"dev": model.Development, "prod": model.Production} {
		s.p.Environments = append(s.p.Environments, &model.Environment{
			Name: name, Tier: tier, Decl: place("environment." + name),
			Consul: &model.Consul{Address: "http://consul:8500", Datacenter: name},
			Google: &model.Google{Project: "acme-" + name},
		})
	}
	for statement := range strings.SplitSeq(text, ";") {
		if words := strings.Fields(statement); len(words) > 0 {
			s.statement(t, words)
		}
	}
	return s.p
}

func place(file string) hcl.Range { return hcl.Range{Filename: file} }

type sketcher struct {
	p     *model.Policy
	kinds map[string]addr.Kind
}

func (s *sketcher) statement(t rapid.TB, words []string) {
	name, rest := words[1], words[2:]
	switch words[0] {
	case "w":
		s.p.Workloads = append(s.p.Workloads, s.workload(name, rest))
	case "store":
		s.p.Stores = append(s.p.Stores, s.store(name, rest))
	case "secret":
		s.p.Secrets = append(s.p.Secrets, s.secret(name, rest))
	case "group":
		g := s.group(name, rest)
		for _, w := range s.p.Workloads {
			if slices.Contains(rest, w.Addr.Name) {
				g.Listed = append(g.Listed, model.Ref{Addr: w.Addr})
			}
		}
		s.p.Groups = append(s.p.Groups, g)
	case "labels":
		g := s.group(name, rest)
		g.Match = map[string]string{"in": name}
		s.p.Groups = append(s.p.Groups, g)
	case "allow":
		s.p.Allows = append(s.p.Allows, s.allow(t, name, rest))
	case "deny":
		s.p.Denies = append(s.p.Denies, s.deny(t, name, rest))
	case "offline":
		f := s.store(name, rest)
		f.Offline = &model.Offline{}
		for i := range f.Places {
			f.Places[i].Project, f.Places[i].Dataset = "acme-"+f.Places[i].Environment, model.Text{Value: name}
		}
		s.p.Stores = append(s.p.Stores, f)
	case "retired":
		s.p.Environments = append(s.p.Environments, &model.Environment{Name: name, Tier: model.Staging, Retired: true, Decl: place("environment." + name)})
	case "realm":
		s.p.Environments = append(s.p.Environments, &model.Environment{Name: name, Tier: model.Staging, Decl: place("environment." + name),
			Consul: &model.Consul{Address: "http://consul:8500", Datacenter: rest[0]}})
	case "test":
		s.p.Tests = append(s.p.Tests, s.test(t, name, rest))
	default:
		t.Fatalf("sketch: no statement %q", words[0])
	}
}

func (s *sketcher) workload(name string, places []string) *model.Workload {
	s.kinds[name] = addr.Workload
	a := addr.New(addr.Workload, name)
	w := &model.Workload{Addr: a, Owner: model.Text{Value: "team"}, Decl: place(a.String())}
	for _, p := range places {
		env, names, _ := strings.Cut(p, "=")
		service, account, _ := strings.Cut(names, "/")
		at := place(a.String() + "/" + env)
		w.Places = append(w.Places, model.WorkloadPlace{
			Environment:    env,
			Service:        model.Text{Value: or(service, name), Range: at},
			ServiceAccount: model.Text{Value: or(account, name+"@"+env), Range: at},
		})
	}
	return w
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (s *sketcher) store(name string, places []string) *model.FeatureStore {
	s.kinds[name] = addr.FeatureStore
	a := addr.New(addr.FeatureStore, name)
	f := &model.FeatureStore{Addr: a, Classification: model.Restricted, Online: &model.Online{Protocol: model.Text{Value: "http"}}, Decl: place(a.String())}
	for _, p := range places {
		env, service, _ := strings.Cut(p, "=")
		f.Places = append(f.Places, model.StorePlace{Environment: env, Service: model.Text{Value: or(service, name)}})
	}
	return f
}

func (s *sketcher) secret(name string, places []string) *model.Secret {
	s.kinds[name] = addr.Secret
	a := addr.New(addr.Secret, name)
	f := &model.Secret{Addr: a, Classification: model.Confidential, Decl: place(a.String())}
	for _, env := range places {
		f.Places = append(f.Places, model.SecretPlace{Environment: env, Project: "acme-" + env, Secret: model.Text{Value: name}})
	}
	return f
}

func (s *sketcher) group(name string, members []string) *model.Group {
	name, only, narrowed := strings.Cut(name, "@")
	s.kinds[name] = addr.Group
	g := &model.Group{Addr: addr.New(addr.Group, name), Members: map[string][]addr.Address{}, Decl: place("group." + name)}
	for _, w := range s.p.Workloads {
		for _, p := range w.Places {
			if slices.Contains(members, w.Addr.Name) && (!narrowed || p.Environment == only) {
				g.Members[p.Environment] = append(g.Members[p.Environment], w.Addr)
			}
		}
	}
	return g
}

// clauses reads pairs such as: from a,b.
func clauses(words []string) map[string][]string {
	out := map[string][]string{}
	for i := 0; i+1 < len(words); i += 2 {
		out[words[i]] = strings.Split(words[i+1], ",")
	}
	return out
}

func (s *sketcher) refs(t rapid.TB, names []string) []model.Ref {
	var out []model.Ref
	for _, name := range names {
		name, surface, _ := strings.Cut(name, ".")
		kind, ok := s.kinds[name]
		if !ok {
			t.Fatalf("sketch: nothing is called %q", name)
		}
		out = append(out, model.Ref{Addr: addr.New(kind, name).On(addr.Surface(surface))})
	}
	return out
}

func actions(words []string) []model.Action {
	var out []model.Action
	for _, word := range words {
		out = append(out, model.Action(word))
	}
	return out
}

func (s *sketcher) allow(t rapid.TB, name string, words []string) *model.Allow {
	c := clauses(words)
	at := "allow." + name
	a := &model.Allow{Addr: addr.New(addr.Allow, name), From: listed(s.refs(t, c["from"]), at+"/from/"), To: listed(s.refs(t, c["to"]), at+"/to/"), Actions: actions(c["do"]), Decl: place("allow." + name)}
	if a.Actions == nil {
		a.Actions = []model.Action{model.Read}
	}
	for _, env := range c["in"] {
		a.Environments = append(a.Environments, model.Ref{Addr: addr.New(addr.Environment, env), Range: place(at + "/in/" + env)})
	}
	for _, pair := range c["across"] {
		from, to, _ := strings.Cut(pair, "/")
		a.Across = &model.Across{From: environmentRef(from), To: environmentRef(to), Decl: place("allow." + name + "/across")}
	}
	a.Requests = requests(c["http"])
	a.RequestsAt = patternsAt(a.Requests, at)
	a.Interval.NotBefore = moment(t, c["since"])
	if a.Interval.Expires = moment(t, c["until"]); !a.Interval.Expires.IsZero() {
		a.ExpiresAt = place("allow." + name + "/expires")
	}
	return a
}

func moment(t rapid.TB, words []string) time.Time {
	if words == nil {
		return time.Time{}
	}
	at, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(at, 0)
}

func (s *sketcher) deny(t rapid.TB, name string, words []string) *model.Deny {
	c := clauses(words)
	d := &model.Deny{Addr: addr.New(addr.Deny, name), From: s.refs(t, c["from"]), To: s.refs(t, c["to"]), Actions: actions(c["do"]), Requests: requests(c["http"]), Decl: place("deny." + name)}
	d.RequestsAt = patternsAt(d.Requests, "deny."+name)
	return d
}

func patternsAt(list []model.Request, rule string) []hcl.Range {
	var out []hcl.Range
	for i := range list {
		out = append(out, place(fmt.Sprintf("%s/http/%d", rule, i)))
	}
	return out
}

func listed(refs []model.Ref, list string) []model.Ref {
	for i := range refs {
		refs[i].Range = place(list + refs[i].Addr.Name)
	}
	return refs
}

func environmentRef(name string) model.Ref { return model.Ref{Addr: addr.New(addr.Environment, name)} }

// requests reads patterns such as GET+POST=/v1/*, in canonical order.
func requests(words []string) []model.Request {
	var out []model.Request
	for _, word := range words {
		methods, path, _ := strings.Cut(word, "=")
		r := model.Request{Methods: strings.ReplaceAll(methods, "+", ","), Path: path}
		prefix, isPrefix := strings.CutSuffix(path, "*")
		expression, isExpression := strings.CutPrefix(path, "~")
		switch {
		case path == "":
		case isExpression:
			r.Kind, r.Path = model.PathRegex, expression
		case isPrefix:
			r.Kind, r.Path = model.PathPrefix, prefix
		default:
			r.Kind = model.PathExact
		}
		out = append(out, r)
	}
	slices.SortFunc(out, model.CompareRequest)
	return slices.Compact(out)
}

func (s *sketcher) test(t rapid.TB, name string, words []string) *model.Test {
	c := clauses(words)
	out := &model.Test{Name: model.Text{Value: name, Range: place("test." + name)}, From: s.refs(t, c["from"]), To: s.refs(t, c["to"]),
		Actions: actions(c["do"]), Requests: requests(c["http"]), At: moment(t, c["at"]), Expect: model.Expectation(c["expect"][0])}
	if out.Actions == nil {
		out.Actions = []model.Action{model.Read}
	}
	for _, env := range c["in"] {
		out.Environments = append(out.Environments, environmentRef(env))
	}
	return out
}
