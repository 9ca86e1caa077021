package access

import (
	"strings"
	"testing"

	"gatehouse/lang/addr"
)

func TestWhatCan(t *testing.T) {
	const ends = "w a prod; w b dev prod; w c dev=/c@prod; w c2 prod=/c@prod; store x dev prod; secret k dev prod; "
	for _, test := range []struct{ want, ask, policy string }{
		{"", "a", ends},
		{"", "nobody", ends + "allow n from a to k"},
		{"prod:k/read=declared", "a", ends + "allow n from a to k"},
		{"dev:x/read=declared prod:x/read=declared", "b", ends + "allow n from b to x"},
		{"prod:x/read=declared", "b prod", ends + "allow n from b to x"},
		{"prod:k/read=declared prod:k/write=declared", "a", ends + "allow n from a to k do read,write"},
		{"", "a", ends + "allow n from a to k until 10"},
		{"", "a", ends + "allow n from a to k; deny d from a to k"},
		{"prod:k/read=shared-identity(c2)", "c", ends + "allow n from c2 to k"},
		{"", "c", ends + "allow n from c2 to x"}, // the mesh names differ
		{"prod:k/read=declared", "a", ends + "w d prod=a; allow n from a,d to k"},
		{"prod:k/read=declared prod:k/read=shared-identity(d)", "a", ends + "w d prod=/a@prod; allow m from a to k until 20; allow n from d to k"}, // longer
	} {
		words := append(strings.Fields(test.ask), "")
		g, _ := Build(sketch(t, test.policy), second(10))
		var got []string
		for _, a := range WhatCan(g, addr.New(addr.Workload, words[0]), words[1], second(10)) {
			text := a.Environment + ":" + a.Resource.Name + "/" + string(a.Action) + "=" + string(a.Means)
			if a.Grantee != a.Workload {
				text += "(" + a.Grantee.Name + ")"
			}
			got = append(got, text)
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s\n what can %s\n got %s\nwant %s", test.policy, test.ask, got, test.want)
		}
	}
}
