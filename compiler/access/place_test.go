package access

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/lang/addr"
)

// What is written once for many is told of only where it is of use to none of them. Allows and denies whose names differ behind a dot are of one block.
func TestWrittenForMany(t *testing.T) {
	const ends = "w a prod; w b prod; store x prod; group g a b; "
	for _, test := range []struct{ want, policy string }{
		{"", "allow n.a from a to x until 20; allow n.b from b to x until 20; allow o from a to x"},
		{"redundant-allow allow.n +allow.o", "allow n.a from a to x; allow n.b from b to x; allow o from g to x"},
		{"", "allow n.a from a to x; allow n.g from g to x"},
		{"", "allow n.a from a to x http =/v,=/w; allow n.b from b to x http =/v,=/w; deny d from a to x http =/v"},
		{"denied-allow allow.n +deny.d", "allow n.a from a to x; allow n.b from b to x; deny d from a to x"},
		{"denied-allow allow.n/from/a +deny.d", "allow n.a from a,b to x; allow n.b from b,a to x; deny d from a to x"},
		{"", "allow n.a from a to x http GET=/v,=/w; allow n.b from b to x http GET=/v,=/w; allow o from a to x http =/v"},
		{"shadowed-request allow.n/http/0 +allow.o", "allow n.a from a to x http =/v,=/w; allow n.b from b to x http =/v,=/w; allow o from g to x http =/v"},
		{"", "allow n.a from a to x http =/v; allow n.b from g to x http =/v*"},
		{"", "deny n.a from a to x http =/v; deny n.b from b to x http =/v; deny o from a to x http =/v*"},
		{"", "deny n.a from a to x http =/v; deny n.b from a,b to x http =/v*"},
		{"shadowed-request deny.n/http/0 +deny.o", "deny n.a from a to x http =/v; deny n.b from b to x http =/v; deny o from a,b to x http =/v*"},
	} {
		p := sketch(t, ends+test.policy)
		for _, a := range p.Allows {
			block, _, _ := strings.Cut(a.Addr.Name, ".")
			a.Decl, a.RequestsAt = place("allow."+block), patternsAt(a.Requests, "allow."+block)
			a.From, a.To = listed(a.From, "allow."+block+"/from/"), listed(a.To, "allow."+block+"/to/")
		}
		for _, d := range p.Denies {
			block, _, _ := strings.Cut(d.Addr.Name, ".")
			d.Decl, d.RequestsAt = place("deny."+block), patternsAt(d.Requests, "deny."+block)
		}
		_, diags := Build(p, second(10))
		if got := told(diags); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.policy, got, test.want)
		}
	}
}

// One expression may stand for more elements than are told apart.
func TestElementsBeyondTheFirst(t *testing.T) {
	for _, test := range []struct {
		elements, denied int
		want             string
	}{
		{32, 32, "denied-allow allow.n/from"},
		{32, 31, ""},
		{33, 32, ""},
		{33, 33, ""},
	} {
		text, names := "w z prod; store x prod; ", []string{}
		for i := range test.elements {
			names = append(names, fmt.Sprintf("w%d", i))
			text += fmt.Sprintf("w w%d prod; ", i)
		}
		text += fmt.Sprintf("allow n from %s,z to x; deny d from %s to x", strings.Join(names, ","), strings.Join(names[:test.denied], ","))
		p := sketch(t, text)
		for i, ref := range p.Allows[0].From {
			if ref.Addr != addr.New(addr.Workload, "z") {
				p.Allows[0].From[i].Range = place("allow.n/from")
			}
		}
		_, diags := Build(p, second(10))
		if got, _, _ := strings.Cut(told(diags), " +"); got != test.want {
			t.Errorf("%d of %d are denied: got %s, want %s", test.denied, test.elements, got, test.want)
		}
	}
}
