package access

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

func TestWhoCan(t *testing.T) {
	const ends = "w a prod; w b dev prod; w c dev=/c@prod; w c2 prod=/c@prod; store x dev prod; secret k dev prod; "
	for _, test := range []struct{ want, ask, policy string }{
		{"", "read k", ends},
		{"prod:a=declared", "read k", ends + "allow n from a to k"},
		{"dev:b=declared prod:a=declared prod:b=declared", "read k", ends + "allow n from a,b to k"},
		{"prod:a=declared prod:b=declared", "read k prod", ends + "allow n from a,b to k"},
		{"", "write k", ends + "allow n from a to k"},
		{"prod:a=coarse-action", "write x", ends + "allow n from a to x"},
		{"prod:a=declared", "write x", ends + "allow n from a to x do read,write"},
		{"", "read k", ends + "allow n from a to k until 10"},
		{"prod:a=declared", "read k", ends + "allow n from a to k until 11"},
		{"prod:dev/c=shared-identity(c2) prod:c2=declared", "read k", ends + "allow n from c2 to k"},
		{"prod:c2=declared", "read x", ends + "allow n from c2 to x"},                                                   // the mesh names differ
		{"prod:a=declared prod:d=shared-identity(a)", "read x", ends + "w d prod=a; allow n from a to x do read,write"}, // once
		{"prod:a=declared prod:a=shared-identity(d) prod:d=declared", "read k", ends + "w d prod=/a@prod; allow m from a to k until 20; allow n from d to k"},
		{"prod:dev/c=shared-identity(c2) prod:c2=declared", "write k", ends + "allow n from c2 to k do read,write"},
	} {
		words := append(strings.Fields(test.ask), "")
		g, _ := Build(sketch(t, test.policy), second(10))
		var got []string
		for _, a := range WhoCan(g, model.Action(words[0]), named(words[1]), words[2], second(10)) {
			text := a.Environment + ":"
			if a.Home != a.Environment {
				text += a.Home + "/"
			}
			text += a.Workload.Name + "=" + string(a.Means)
			if a.Grantee != a.Workload {
				text += "(" + a.Grantee.Name + ")"
			}
			if a.Means != CoarseAction && string(a.Action) != words[0] {
				t.Errorf("%s: answers with %s", test.ask, a.Action)
			}
			got = append(got, text)
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s\n who can %s\n got %s\nwant %s", test.policy, test.ask, got, test.want)
		}
	}
}

func named(resource string) addr.Address {
	if resource == "x" {
		return addr.New(addr.FeatureStore, "x")
	}
	return addr.New(addr.Secret, resource)
}

func TestWhy(t *testing.T) {
	const ends = "w a prod; w b dev; w c dev prod=/a@prod; store x prod; secret k dev prod; "
	for _, test := range []struct{ want, ask, policy string }{
		{"declared", "a read k prod", ends + "allow n from a to k"},
		{"declared [3,11)", "a read k prod", ends + "allow n from a to k since 3 until 11"},
		{"shared-identity", "c read k prod", ends + "allow n from a to k"},
		{"coarse-action", "a write x prod", ends + "allow n from a to x"},
		{"not-declared nobody", "nobody read k prod", ends},
		{"not-declared z", "a read z prod", ends},
		{"not-declared moon", "a read k moon", ends},
		{"no-common-environment b", "b read x prod", ends},
		{"no-common-environment x", "b read x dev", ends},
		{"denied deny.d", "a read k prod", ends + "allow n from a to k; deny d from a to k"},
		{"denied deny.d", "a read k prod", ends + "deny d from a to k"},
		{"denied deny.d", "c read k prod", ends + "deny d from a to k"}, // by the principal
		{"not-yet [11,)", "a read k prod", ends + "allow n from a to k since 11"},
		{"not-yet [20,30)", "a read k prod", ends + "allow m from a to k until 5; allow n from a to k since 20 until 30"},
		{"expired [3,10)", "a read k prod", ends + "allow n from a to k since 3 until 10"},
		{"other-action", "a write k prod", ends + "allow n from a to k"},
		{"no-allow", "a write k prod", ends + "allow n from a to k until 5"},
		{"no-allow", "a read k prod", ends},
		{"no-allow elsewhere dev", "c read k prod", ends + "allow n from c to k in dev"},
	} {
		words := strings.Fields(test.ask)
		g, _ := Build(sketch(t, test.policy), second(10))
		e := Why(g, addr.New(addr.Workload, words[0]), model.Action(words[1]), named(words[2]), words[3], second(10))
		if got := findings(e); got != test.want {
			t.Errorf("%s\n why %s\n got %s\nwant %s", test.policy, test.ask, got, test.want)
		}
		if yes := e.Verdict == YesDeclared || e.Verdict == YesCoarse || e.Verdict == YesShared; yes != e.Allowed {
			t.Errorf("%s: allowed is %v", test.ask, e.Allowed)
		}
	}
}

// findings tells an explanation: the verdict, what is missing, what denies, when.
func findings(e Explanation) string {
	out := []string{string(e.Verdict)}
	for _, m := range e.Missing {
		out = append(out, m.Name)
	}
	for _, d := range e.Denies {
		out = append(out, d.Addr.String())
	}
	for _, g := range e.Elsewhere {
		out = append(out, "elsewhere "+g.Environment)
	}
	if e.When != (Span{}) && e.When != Always {
		out = append(out, fmt.Sprintf("[%s,%s)", edge(e.When.Start), edge(e.When.End)))
	}
	return strings.Join(out, " ")
}
