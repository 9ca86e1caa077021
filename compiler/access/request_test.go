package access

import (
	"fmt"
	"strings"
	"testing"
)

// granted tells the grants of a graph: [ORIGIN>]ENVIRONMENT WORKLOAD ACTION RESOURCE [REQUESTS] [SPANS].
func granted(g *Graph) string {
	var out []string
	for _, grant := range g.Grants {
		text := grant.Environment
		if grant.Origin != grant.Environment {
			text = grant.Origin + ">" + text
		}
		text += fmt.Sprintf(" %s %s %s", grant.Workload.Name, grant.Action, strings.TrimPrefix(strings.TrimPrefix(grant.Resource.String(), "feature_store."), "secret."))
		if grant.Narrowed() {
			text += " [" + RequestText(grant.Request, grant.Except) + "]"
		}
		for _, s := range grant.Spans {
			if s != Always {
				text += fmt.Sprintf(" [%s,%s)", edge(s.Start), edge(s.End))
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func TestGrantsOfTheWholeLanguage(t *testing.T) {
	const ends = "w a prod; w b dev prod; store x prod; offline y prod; secret k prod; "
	for _, test := range []struct{ want, policy string }{
		// A store stands for its surfaces.
		{"prod a read y.offline; prod a read y.online", ends + "allow n from a to y"},
		{"prod a read y.offline", ends + "allow n from a to y.offline"},
		{"prod a read y.online", ends + "allow n from a to y; deny d from a to y.offline"},

		// A grant for each pattern; what a wider one covers is not given again.
		{"prod a read x.online [GET exact /v]", ends + "allow n from a to x http GET=/v"},
		{"prod a read x.online [* exact /v]; prod a read x.online [* prefix /w/]", ends + "allow n from a to x http =/w/*,=/v"},
		{"prod a read x.online", ends + "allow n from a to x http GET=/v; allow m from a to x"},
		{"prod a read x.online [* prefix /v]", ends + "allow n from a to x http GET=/v,=/v*,GET+POST=/v/1"},
		{"prod a read x.online [* prefix /]; prod a read x.online [* regex /.*]", ends + "allow n from a to x http =/*,=/v,=~/.*"},
		{"prod a read x.online [* exact /v] [,3) [7,); prod a read x.online [* prefix /] [3,7)", ends + "allow n from a to x http =/v; allow m from a to x http =/* since 3 until 7"},
		{"prod a read x.online [* exact /v] [,3); prod a read x.online [* prefix /] [3,)", ends + "allow n from a to x http =/v until 5; allow m from a to x http =/* since 3"},

		// Methods of one path are one grant at every moment, without those that a wider path has.
		{"prod a read x.online [GET,POST exact /v]", ends + "allow n from a to x http GET=/v; allow m from a to x http POST=/v"},
		{"prod a read x.online [GET,POST prefix /v]", ends + "allow n from a to x http GET=/v*,POST=/v*,GET+POST=/v/1"},
		{"prod a read x.online [POST exact /v/1]; prod a read x.online [GET prefix /v]", ends + "allow n from a to x http GET=/v*,GET+POST=/v/1"},
		{"prod a read x.online [GET exact /v] [,3); prod a read x.online [GET,POST exact /v] [3,5); prod a read x.online [POST exact /v] [5,)",
			ends + "allow n from a to x http GET=/v until 5; allow m from a to x http POST=/v since 3"},
		{"prod a read x.online [* exact /v] [3,); prod a read x.online [GET exact /v] [,3)", ends + "allow n from a to x http GET=/v; allow m from a to x http =/v since 3"},

		// A deny takes what it covers, leaves what is disjoint, and excepts the rest.
		{"prod a read x.online [* * except GET exact /v]", ends + "allow n from a to x; deny d from a to x http GET=/v"},
		{"", ends + "allow n from a to x http GET=/v; deny d from a to x http GET+PUT=/*"},
		{"prod a read x.online [GET exact /v]", ends + "allow n from a to x http GET=/v; deny d from a to x http POST=/v"},
		{"prod a read x.online [GET exact /v]", ends + "allow n from a to x http GET=/v; deny d from a to x http =/w,=/v/*"},
		{"prod a read x.online [GET prefix /v except GET exact /v/1]", ends + "allow n from a to x http GET=/v*; deny d from a to x http =/v/1,GET=/v/1,PUT=/v/2"},
		{"prod a read x.online [* exact /v except * regex /[a-z]]", ends + "allow n from a to x http =/v; deny d from a to x http =~/[a-z]"},
		{"", ends + "allow n from a to x http GET=~/[a-z]; deny d from a to x http =~/[a-z]"},
		{"prod a read x.online [* * except * exact /v; * prefix /w/]", ends + "allow n from a to x; deny d from a to x http =/v; deny e from a to x http =/w/*,=/w/1"},

		{"", ends + "allow n from a to x http GET+POST=/v; deny d from a to x http GET; deny e from a to x http POST"},
		{"prod a read x.online [POST exact /v]", ends + "allow n from a to x http GET+POST=/v; deny d from a to x http GET"},
		{"prod a read x.online [* exact /v except GET *]", ends + "allow n from a to x http =/v; deny d from a to x http GET"},
		{"prod a read x.online [POST exact /w]", ends + "allow n from a to x http GET=/v,GET+POST=/w; deny d from a to x http GET"},
		{"prod a read x.online [* * except GET,POST exact /v]", ends + "allow n from a to x; deny d from a to x http GET=/v; deny e from a to x http POST=/v"},
		{"prod a read x.online [GET,POST * except POST exact /v; GET prefix /v]", ends + "allow n from a to x http GET+POST; deny d from a to x http GET=/v*; deny e from a to x http =/v"},

		// What crosses is given between the two environments, and nothing inside of them.
		{"dev>prod b read k", ends + "allow n from b to k across dev/prod"},
		{"dev>prod b read k; prod b read k", ends + "allow m from b to k; allow n from b to k across dev/prod"},
		{"", ends + "allow n from a to k across dev/prod"},
		{"", ends + "allow n from b to k across prod/dev"},
		{"", ends + "allow n from b to k across dev/prod; deny d from b to k"},
		{"", ends + "allow n from b to x across dev/prod"},
		{"m>dev c read z.online", "realm m dev; w c m; store z dev; allow n from c to z across m/dev"},
		{"m>dev c read z.online [GET exact /v]", "realm m dev; w c m; store z dev; allow n from c to z across m/dev http GET=/v"},
	} {
		g, _ := Build(sketch(t, test.policy), second(0))
		if got := granted(g); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.policy, got, test.want)
		}
	}
}

func TestLowerRequests(t *testing.T) {
	const ends = "w a prod; store x prod; "
	narrow := meshOnly
	narrow.Requests = true
	for _, test := range []struct{ want, policy string }{
		{"a connect x [GET exact /v]", "allow n from a to x http GET=/v"},
		{"a connect x [* exact /v]; a connect x [GET exact /w]", "allow n from a to x http =/v; allow m from a to x do write http GET=/w"},
		{"a connect x [GET exact /v]", "allow n from a to x do read,write http GET=/v"},
		{"a connect x; coarse-action a", "allow n from a to x; allow m from a to x do write http GET=/w"},
		{"a connect x [* * except * exact /v]", "allow n from a to x do read,write; deny d from a to x http =/v"},
		{"a connect x [* exact /v]; unenforced-expiry a", "allow n from a to x http =/v until 11"},
		{"a connect x [* exact /v]", "allow n from a to x http =/v until 11; allow m from a to x http =/* since 11"},
		{"a connect x [* exact /v]", "allow n from a to x http =/v; allow m from a to x do write http =/* until 10"},
		{"a connect x [* prefix /]", "allow n from a to x http =/v; allow m from a to x do write http =/*"},
		{"a connect x [GET,POST exact /v]", "allow n from a to x http GET=/v; allow m from a to x do write http POST=/v"},
		{"a connect x [GET,POST exact /v]; unenforced-expiry a", "allow n from a to x http GET=/v; allow m from a to x do write http POST=/v until 11"},
		{"a connect x [GET prefix /v]; a connect x [POST exact /v]", "allow n from a to x http GET=/v*; allow m from a to x do write http GET+POST=/v"},
		{"a connect x [* prefix /]; shared-identity a,s", "w s prod=a/a@prod; allow n from a to x http =/v; allow m from s to x http =/*"},
	} {
		g, _ := Build(sketch(t, ends+test.policy), second(10))
		edges := Lower(g, "prod", narrow, second(10))
		if got := lowered(g, narrow); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.policy, got, test.want)
		}
		if len(edges) != len(Canonical(edges)) || !Equal(edges, Canonical(edges)) {
			t.Errorf("%s: not canonical: %v", test.policy, edges)
		}
		for _, e := range Lower(g, "prod", meshOnly, second(10)) {
			if e.Requests != "" {
				t.Errorf("%s: a target that can't narrow is given %v", test.policy, e)
			}
		}
	}
}

func TestRequestText(t *testing.T) {
	for _, test := range []struct {
		want    string
		request string
		except  string
	}{
		{"", "=", ""},
		{"* * except GET exact /v", "=", "GET=/v"},
		{"GET *", "GET", ""},
		{"GET,POST prefix /v1/", "GET+POST=/v1/*", ""},
		{"* regex /v.*", "=~/v.*", ""},
		{"GET exact /v except GET exact /v; * regex /.", "GET=/v", "GET=/v,=~/."},
	} {
		except := requests(strings.FieldsFunc(test.except, func(c rune) bool { return c == ',' }))
		if got := RequestText(requests([]string{test.request})[0], except); got != test.want {
			t.Errorf("%s: got %q, want %q", test.request, got, test.want)
		}
	}
}

// A policy may name more patterns between two ends than a mesh would ever take: that is an error, and not a long wait.
func TestTooManyPatterns(t *testing.T) {
	var policy strings.Builder
	policy.WriteString("w a prod; store x prod")
	for i := range 3 {
		fmt.Fprintf(&policy, "; allow n%d from a to x http =/%d", i, i)
		for j := range 100 {
			fmt.Fprintf(&policy, ",=/%d/%d", i, j)
		}
	}
	g, diags := Build(sketch(t, policy.String()), second(0))
	if len(g.Grants) != 0 || len(diags) == 0 || diags[0].Code != "over-limit" || len(diags) > 2 {
		t.Errorf("%d grants, %v", len(g.Grants), diags)
	}
}
