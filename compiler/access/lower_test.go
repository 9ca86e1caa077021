package access

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/lang/model"
)

var (
	meshOnly  = Capabilities{Target: Consul, Kinds: []string{"service"}, Verbs: map[model.Action]Verb{model.Read: Connect, model.Write: Connect}}
	cloudOnly = Capabilities{Target: Google, Kinds: []string{"secret"}, Clock: true, Verbs: map[model.Action]Verb{model.Read: ReadData, model.Write: WriteData}}
)

func TestLower(t *testing.T) {
	const ends = "w a prod; w b prod; w s prod=a/a@prod; store x dev prod=X; secret k prod; "
	for _, test := range []struct {
		want   string
		can    Capabilities
		policy string
	}{
		{"", meshOnly, ends + "allow n from a to k"},
		{"", cloudOnly, ends + "allow n from b to x"},
		{"b connect x", meshOnly, ends + "allow n from b to x,k do read,write"},
		{"b connect x; coarse-action b", meshOnly, ends + "allow n from b to x"},
		{"b connect x; coarse-action b", meshOnly, ends + "allow m from b to x; allow n from b to x do write since 11"},
		{"b connect x; coarse-action b", meshOnly, ends + "allow n from b to x since 10"},
		{"", meshOnly, ends + "allow n from b to x since 11"},
		{"", meshOnly, ends + "allow n from b to x until 10"},
		{"b connect x; unenforced-expiry b", meshOnly, ends + "allow n from b to x do read,write until 11"},
		{"b connect x", meshOnly, ends + "allow m from b to x do read,write until 11; allow n from b to x do read,write"},
		{"b connect x", meshOnly, ends + "allow m from b to x do read; allow n from b to x do read,write until 11"},
		{"b connect x; coarse-action b", meshOnly, ends + "allow m from b to x until 11; allow n from b to x do write since 11"},
		{"a connect x; shared-identity a,s", meshOnly, ends + "allow n from a to x do read,write"},
		{"a connect x; shared-identity a,s", meshOnly, ends + "allow n from a,s to x do read,write"},
		{"a connect x; shared-identity a,s", meshOnly, ends + "allow m from a to x; allow n from s to x do write"},
		{"serviceAccount:b@prod read k", cloudOnly, ends + "allow n from b to k"},
		{"serviceAccount:b@prod read k [11,20)", cloudOnly, ends + "allow n from b to k since 11 until 20"},
		{"", cloudOnly, ends + "allow n from b to k until 10"},
		{"serviceAccount:b@prod read k [,11)", cloudOnly, ends + "allow n from b to k until 11"},
		{"serviceAccount:a@prod read k [,9); shared-identity a,s", cloudOnly, ends + "allow m from a to k until 9; allow n from s to k since 20"},
		{"serviceAccount:b@prod read k; serviceAccount:b@prod write k", cloudOnly, ends + "allow n from b to k do read,write"},
	} {
		g, _ := Build(sketch(t, test.policy), second(10))
		edges := Lower(g, "prod", test.can, second(10))
		if got := lowered(g, test.can); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.policy, got, test.want)
		}
		if !Equal(edges, Canonical(edges)) || len(edges) != len(Canonical(edges)) {
			t.Errorf("%s: not canonical: %v", test.policy, edges)
		}
	}
}

// What a target can't express, or doesn't guard, gives nothing there.
func TestLowerLeavesOutWhatATargetCannotDo(t *testing.T) {
	g, _ := Build(sketch(t, "w a prod; store x prod; secret k prod; allow n from a to x,k do read,write"), second(10))
	reads := map[model.Action]Verb{model.Read: ReadData}
	for _, test := range []struct {
		want string
		can  Capabilities
	}{
		{"serviceAccount:a@prod read k", Capabilities{Target: Google, Kinds: []string{"secret"}, Clock: true, Verbs: reads}},
		{"", Capabilities{Target: Google, Kinds: []string{"dataset"}, Clock: true, Verbs: reads}},
		{"", Capabilities{Target: Consul, Kinds: []string{"service"}}},
	} {
		if got := lowered(g, test.can); got != test.want {
			t.Errorf("%v\n got %s\nwant %s", test.can, got, test.want)
		}
	}
}

// lowered tells the edges of prod at the second 10, then the losses with their workloads.
func lowered(g *Graph, can Capabilities) string {
	var out []string
	for _, e := range Lower(g, "prod", can, second(10)) {
		to := e.To.Name[strings.LastIndex(e.To.Name, "/")+1:]
		text := fmt.Sprintf("%s %s %s", e.From.Name, e.Verb, to)
		if e.Requests != "" {
			text += " [" + e.Requests + "]"
		}
		if s := e.Spans[0]; s != Always {
			text += fmt.Sprintf(" [%s,%s)", edge(s.Start), edge(s.End))
		}
		out = append(out, text)
	}
	for _, l := range Losses(g, "prod", can, second(10)) {
		var workloads []string
		for _, w := range l.Workloads {
			workloads = append(workloads, w.Name)
		}
		out = append(out, string(l.Kind)+" "+strings.Join(workloads, ","))
	}
	return strings.Join(out, "; ")
}

func TestDiff(t *testing.T) {
	const ends = "w a prod; secret k dev prod; store x prod; "
	for _, test := range []struct{ want, before, after string }{
		{"", ends + "allow n from a to k", ends + "allow n from a to k"},
		{"", ends + "allow n from a to k", ends + "group g a; allow m from g to k"},
		{"", ends + "allow n from a to k", "w z prod=a/a@prod; secret k prod; allow n from z to k"}, // renamed here, not there
		{"+a@prod read k", ends, ends + "allow n from a to k"},
		{"-a@prod read k", ends + "allow n from a to k", ends + "allow n from a to k; deny d from a to k"},
		{"+a@prod read k[9,20)", ends + "allow n from a to k until 9", ends + "allow n from a to k until 20"},
		{"+a@prod read k[,5) -a@prod read k[9,)", ends + "allow n from a to k since 5", ends + "allow n from a to k until 9"},
		{"+a@prod write k -a@prod read k", ends + "allow n from a to k", ends + "allow n from a to k do write"},
		{"+b@prod read k -a@prod read k", ends + "allow n from a to k", "w a prod=/b@prod; secret k prod; allow n from a to k"},
		{"", ends + "allow n from a to x http GET+POST=/v", ends + "allow n from a to x http GET=/v; allow m from a to x http POST=/v"},
		{"", ends + "allow n from a to x; deny d from a to x http GET+POST=/v", ends + "allow n from a to x; deny d from a to x http GET=/v,POST=/v"},
		{"-a read x[POST exact /v]", ends + "allow n from a to x http GET+POST=/v", ends + "allow n from a to x http GET=/v"},
		{"+a read x[POST exact /v]", ends + "allow n from a to x http GET=/v*", ends + "allow n from a to x http GET=/v*,GET+POST=/v"},
		{"-a read x[GET *]", ends + "allow n from a to x", ends + "allow n from a to x; deny d from a to x http GET=/v"},
		{"+a read x[* exact /v]", ends + "allow n from a to x http GET=/v", ends + "allow n from a to x http =/v"},
		{"-a read x[GET exact /v] by d -a read x[GET exact /w] by e", ends + "allow n from a to x http GET=/v,GET=/w,GET=/u",
			ends + "allow n from a to x http GET=/v,GET=/w,GET=/u; deny d from a to x http =/v; deny e from a to x http =/w"},
		{"-l@dev read k by d", "w l dev; secret k prod; allow n from l to k across dev/prod", "w l dev; secret k prod; allow n from l to k across dev/prod; deny d from l to k"},
	} {
		before, _ := Build(sketch(t, test.before), second(0))
		after, _ := Build(sketch(t, test.after), second(0))
		d := Diff(before, after)
		if got := strings.TrimSpace(changes("+", d.Gained) + changes(" -", d.Lost)); got != test.want {
			t.Errorf("%s\n to %s\n got %s\nwant %s", test.before, test.after, got, test.want)
		}
		if d.Empty() != (test.want == "") {
			t.Errorf("%s: empty is %v", test.want, d.Empty())
		}
	}
}

func changes(mark string, rows []DeltaRow) string {
	out := ""
	for _, r := range rows {
		text := fmt.Sprintf("%s%s %s %s", mark, strings.TrimPrefix(r.Principal.Name, "serviceAccount:"), r.Action, r.Resource.Name)
		if r.Request != (model.Request{}) {
			text += "[" + r.Request.String() + "]"
		}
		for _, d := range r.Denies {
			if mark == " -" && (r.Request != (model.Request{}) || d.Deny.Name == "d" && r.Origin != r.Environment) {
				text += " by " + d.Deny.Name
			}
		}
		if s := r.Spans[0]; s != Always {
			text += fmt.Sprintf("[%s,%s)", edge(s.Start), edge(s.End))
		}
		if len(r.Sources) == 0 || r.Tier != model.Production || r.Classification != model.Confidential && r.Surface.Target == Google {
			text += fmt.Sprint(" incomplete: ", r)
		}
		out += text
	}
	return out
}
