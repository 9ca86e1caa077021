package access

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// brief tells the grants of a graph: environment:workload>resource:action, and the times where they are bounded.
func brief(g *Graph) string {
	var out []string
	for _, grant := range g.Grants {
		text := fmt.Sprintf("%s:%s>%s:%s", grant.Environment, grant.Workload.Name, grant.Resource.Name, grant.Action)
		for _, s := range grant.Spans {
			if s != Always {
				text += "[" + edge(s.Start) + "," + edge(s.End) + ")"
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func edge(t int64) string {
	if t == MinTime || t == MaxTime {
		return ""
	}
	return fmt.Sprint(t)
}

func TestGrants(t *testing.T) {
	for _, test := range []struct{ want, policy string }{
		// Where an allow holds.
		{"prod:a>x:read", "w a dev prod; store x prod; allow n from a to x"},
		{"dev:a>k:read prod:a>k:read", "w a dev prod; secret k dev prod; allow n from a to k"},
		{"prod:a>k:read", "w a dev prod; secret k dev prod; allow n from a to k in prod"},
		{"", "w a dev; store x prod; allow n from a to x"},
		{"prod:a>x:read", "w a prod; store x prod; allow n from a to x.online"},
		{"prod:a>k:read prod:a>k:write", "w a prod; secret k prod; allow n from a to k do read,write"},
		{"", "w a prod; secret k prod; allow n from a to k do fly"},
		// Groups have the members of each environment.
		{"dev:b>k:read prod:a>k:read", "w a prod; w b dev; secret k dev prod; group g a b; allow n from g to k"},
		{"dev:a>k:read", "w a dev prod; secret k dev prod; group g@dev a; allow n from g to k"},
		// Equal grants' times are united.
		{"prod:a>k:read[3,9)", "w a prod; secret k prod; allow n from a to k since 3 until 9"},
		{"prod:a>k:read[3,9)", "w a prod; secret k prod; allow m from a to k since 3 until 5; allow n from a to k since 5 until 9"},
		{"prod:a>k:read[3,5)[6,9)", "w a prod; secret k prod; allow m from a to k since 3 until 5; allow n from a to k since 6 until 9"},
		{"prod:a>k:read", "w a prod; secret k prod; allow m from a to k since 3 until 5; allow n from a to k"},
		{"", "w a prod; secret k prod; allow n from a to k since 5 until 5"},
		// A deny always wins.
		{"", "w a prod; secret k prod; allow n from a to k do read,write; deny d from a to k"},
		{"prod:a>k:read", "w a prod; secret k prod; allow n from a to k do read,write; deny d from a to k do write"},
		{"prod:b>k:read", "w a prod; w b prod; secret k prod; group g a b; allow n from g to k; deny d from a to k"},
		{"", "w a prod; store x prod; allow n from a to x; deny d from a to x.online"},
		{"", "w a prod; store x prod; allow n from a to x.online; deny d from a to x"},
		// It holds against the principals of any environment, and against a group's members of any.
		{"", "w a dev prod; secret k prod; group g@dev a; allow n from a to k; deny d from g to k"},
		{"", "w a prod=/ops; w b dev=/ops; secret k prod; allow n from a to k; deny d from b to k"},
		{"prod:a>x:read", "w a prod=s; w b dev=s; store x prod; allow n from a to x; deny d from b to x"}, // another datacenter
		{"", "w a prod=s; w b prod=s; store x prod; allow n from a to x; deny d from b to x"},
		{"prod:a>k:read", "w a prod=s; w b prod=s; secret k prod; allow n from a to k; deny d from b to k"}, // the service is shared, the account isn't
	} {
		g, _ := Build(sketch(t, test.policy), second(0))
		if got := brief(g); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.policy, got, test.want)
		}
	}
}

func TestBuildDiagnostics(t *testing.T) {
	const two = "w a prod; w b dev prod; store x prod; secret k prod; "
	for _, test := range []struct{ want, policy string }{
		{"", two + "allow n from a to x"},
		{"expired-allow allow.n/expires", two + "allow n from a to x until 10"},
		{"", two + "allow n from a to x until 11"},
		{"empty-group group.g", two + "group g; allow n from a to x"},
		{"ineffective-allow allow.n +allow.n/from/a +allow.n/to/x", "w a dev; store x prod; allow n from a to x"},
		{"ineffective-allow allow.n +allow.n/in/dev", two + "allow n from a to x in dev"},
		{"denied-allow allow.n +deny.d", two + "allow n from a to x; deny d from a to x"},
		{"denied-allow allow.n/from/a +deny.d", two + "allow n from a,b to x; deny d from a to x"},
		{"denied-allow allow.n/to/k +deny.d", two + "allow n from a,b to x,k; deny d from a,b to k"},
		{"", two + "allow n from a,b to x,k; deny d from a to k"},
		{"denied-allow allow.n/http/0 +deny.d", two + "allow n from a to x http =/v,=/w; deny d from a to x http =/v"},
		{"", two + "allow n from a to x http GET+POST=/v,=/w; deny d from a to x http GET=/v"},
		{"denied-allow allow.n +deny.d +deny.e", two + "allow n from a to x http GET+POST=/v; deny d from a to x http GET; deny e from a to x http POST"},

		{"redundant-allow allow.m +allow.n", two + "allow n from a,b to x; allow m from a to x"},
		{"redundant-allow allow.n +allow.m", two + "allow m from a to x; allow n from a to x"},
		{"redundant-allow allow.n +allow.m; redundant-allow allow.o +allow.m", two + "allow m from a to x; allow n from a to x; allow o from a to x"},
		{"redundant-allow allow.n +allow.m +allow.n/expires", two + "allow m from a to x; allow n from a to x until 20"},
		{"redundant-allow allow.n +allow.m", two + "allow m from b to k,x; allow n from b to x in prod"},
		{"", two + "allow m from a to x until 20; allow n from a to x since 15"},
		{"", two + "allow m from a to x,k; allow n from a,b to k"},
		{"", two + "group g a b; allow m from g to x; allow n from a to x,k"},
		{"", two + "allow m from a to k; allow n from a to k do write"},
		{"", two + "allow m from b to k; allow n from b to k across dev/prod"},
		{"shadowed-request allow.n/http/0 +allow.m", two + "allow m from a to x http =/v*; allow n from a to x http GET=/v/1"},
		{"shadowed-request allow.n/http/0 +allow.m", two + "allow m from a to x http =/v; allow n from a to x http =/v"},
		{"shadowed-request allow.n/http/1 +allow.m", two + "allow m from a to x http GET+POST=/v; allow n from a to x http =/u,GET=/v"},
		{"", two + "allow m from a to x http GET=/v*; allow n from a to x http GET+POST=/v"},

		{"redundant-allow allow.n +allow.m", two + "allow m from a to x; allow n from a to x http =/u,GET=/v"},
		{"redundant-allow allow.n +allow.m", two + "group g a b; allow m from g to x; allow n from a,b to x"},
		{"redundant-allow allow.n +allow.m", two + "group g a b; allow m from a,b to x; allow n from g to x"},
		{"", two + "labels g a b; allow m from g to x; allow n from a to x until 20"},
		{"", two + "labels g a b; allow m from a,b to x; allow n from g to x"},
		{"", two + "labels g a b; allow m from g to x http =/v*; allow n from a to x http =/v"},
		{"redundant-allow allow.n +allow.m", two + "labels g a b; allow m from g to x; allow n from g to x"},

		{"denied-allow allow.n +deny.c; shadowed-request deny.d/http/0 +deny.c", two + "allow n from a to x; deny c from a to x; deny d from a to x http =/v"},
		{"shadowed-request deny.d/http/0 +deny.c", two + "allow n from a to x; deny c from a,b to x http =/v*; deny d from a to x http =/v"},
		{"", two + "group g a b; allow n from a to x; deny c from g to x http =/v*; deny d from a to x http =/v"},
		{"", two + "deny c from a to x do write http =/v*; deny d from a to x http =/v; deny e from a to x do read http =/v*"},

		{"ineffective-allow allow.n/in/gone +environment.gone", two + "retired gone; allow n from a to x in prod,gone"},
		{"inseparable-actions allow.n +deny.d", two + "allow n from a to x; deny d from a to x do write"},
		{"inseparable-actions allow.n +deny.d", two + "allow n from a to x do read,write; deny d from a to x do write"},
		{"", two + "allow n from a to k do read; deny d from a to k do write"},
		{"shared-identity workload.b/prod +workload.a/prod", "w a prod=s; w b prod=s"},
		{"shared-identity workload.a/prod +workload.a/dev", "w a dev=/ops prod=/ops"},
		{"shared-identity workload.a/prod +workload.a/dev", "w a dev=/ops prod=/OPS"}, // mail addresses have no case
		{"", "w a dev=s prod=s"}, // two datacenters
		{
			"conflicting-shared-identity allow.n +deny.d +workload.a/prod +workload.b/dev; shared-identity workload.a/prod +workload.b/dev",
			"w a prod=/ops; w b dev=/ops; secret k prod; allow n from a to k; deny d from b to k",
		},
		{
			"inseparable-actions allow.n +deny.d +workload.a/prod +workload.b/prod; shared-identity workload.b/prod +workload.a/prod",
			"w a prod=s; w b prod=s; store x prod; allow n from a to x; deny d from b to x do write",
		},
		{
			"denied-allow allow.n/from/a +deny.d; shared-identity workload.b/prod +workload.a/prod", // both denied: one meaning
			"w a prod=s; w b prod=s; w c prod; store x prod; group g a b; allow n from a,c to x; deny d from g to x",
		},
	} {
		_, diags := Build(sketch(t, test.policy), second(10))
		if got := told(diags); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.policy, got, test.want)
		}
	}
}

// told tells diagnostics: code, subject and related places.
func told(l diag.List) string {
	var out []string
	for _, d := range l {
		text := string(d.Code) + " " + d.Subject.Filename
		for _, r := range d.Related {
			text += " +" + r.Range.Filename
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func TestSourcesAndCuts(t *testing.T) {
	g, _ := Build(sketch(t, "w a prod; secret k prod; group g a; allow m from g,a to k until 9; allow n from a to k; deny d from g to k do write; allow o from a to k do write"), second(0))
	a, k := addr.New(addr.Workload, "a"), addr.New(addr.Secret, "k")
	ref := func(kind addr.Kind, name string) model.Ref { return model.Ref{Addr: addr.New(kind, name)} }
	source := func(allow string, from model.Ref, span Span) Source {
		to := ref(addr.Secret, "k")
		from.Range, to.Range = place("allow."+allow+"/from/"+from.Addr.Name), place("allow."+allow+"/to/k")
		return Source{Allow: addr.New(addr.Allow, allow), Decl: place("allow." + allow), From: from, To: to, Span: span}
	}
	wantGrants := []Grant{{Environment: "prod", Origin: "prod", Workload: a, Resource: k, Action: model.Read, Spans: Spans{Always}, Sources: []Source{
		source("m", ref(addr.Group, "g"), Span{MinTime, 9}),
		source("m", ref(addr.Workload, "a"), Span{MinTime, 9}),
		source("n", ref(addr.Workload, "a"), Always),
	}}}
	wantCuts := []Cut{{Environment: "prod", Origin: "prod", Workload: a, Resource: k, Action: model.Write, Sources: []Source{source("o", ref(addr.Workload, "a"), Always)}, Denies: []DenySource{
		{Deny: addr.New(addr.Deny, "d"), Decl: place("deny.d"), From: ref(addr.Group, "g"), To: ref(addr.Secret, "k")},
	}}}
	if diff := cmp.Diff(wantGrants, g.Grants); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wantCuts, g.Cuts); diff != "" {
		t.Error(diff)
	}
}

func TestRemoteNames(t *testing.T) {
	g, _ := Build(sketch(t, "w a prod=Svc/A@X; store x prod=Feast; secret k prod"), second(0))
	w, _ := g.Workload(addr.New(addr.Workload, "a"))
	at, _ := w.Place("prod")
	realm := "http://consul:8500|prod|default|default"
	if diff := cmp.Diff([]Principal{{Consul, realm, "Svc"}, {Google, "", "serviceAccount:a@x"}}, at.Principals); diff != "" {
		t.Error(diff)
	}
	store, _ := g.Resource(addr.New(addr.FeatureStore, "x").On(addr.Online))
	secret, _ := g.Resource(addr.New(addr.Secret, "k"))
	service, _ := store.Surface("prod")
	payload, _ := secret.Surface("prod")
	if diff := cmp.Diff([]Surface{{Consul, realm, "service", "feast"}, {Google, "", "secret", "projects/acme-prod/secrets/k"}}, []Surface{service, payload}); diff != "" {
		t.Error(diff)
	}
}

func TestRealmOf(t *testing.T) {
	for _, test := range []struct {
		want string
		in   *model.Consul
	}{
		{"", nil},
		{"$CONSUL_HTTP_ADDR|dc1|default|default", &model.Consul{Datacenter: "dc1"}},
		{"https://consul:8501|dc1|default|default", &model.Consul{Address: "HTTPS://Consul:8501/", Datacenter: "dc1"}},
		{"https://consul:8501|dc1|ml|features", &model.Consul{Address: "https://consul:8501", Datacenter: "DC1", Partition: "ml", Namespace: "features"}},
		{"consul:8500|dc1|default|default", &model.Consul{Address: "consul:8500", Datacenter: "dc1"}},
	} {
		if got := RealmOf(Environment{Consul: test.in}); got != test.want {
			t.Errorf("%v: %q, want %q", test.in, got, test.want)
		}
	}
}
