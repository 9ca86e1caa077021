package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// parseEdges reads edges such as: a>s  *-a-b>s  a=b (acts as)  a>s[3,9)  a>s/GET (requests).
func parseEdges(text string) []Edge {
	var out []Edge
	for word := range strings.FieldsSeq(text) {
		e := Edge{Spans: Spans{Always}, Via: []Step{{Detail: word}}}
		word, span, bounded := strings.Cut(word, "[")
		if bounded {
			var s Span
			fmt.Sscanf(span, "%d,%d)", &s.Start, &s.End)
			e.Spans = Spans{s}
		}
		from, to, acts := strings.Cut(word, "=")
		if acts {
			name, requests, _ := strings.Cut(to, "/")
			e.ActsAs, e.Requests = who(name), requests
		} else {
			from, to, _ = strings.Cut(word, ">")
			name, requests, _ := strings.Cut(to, "/")
			e.To, e.Verb, e.Requests = mesh(name), Connect, requests
		}
		names := strings.Split(from, "-")
		e.From, e.Except = who(names[0]), slices.Clip(names[1:])
		out = append(out, e)
	}
	return out
}

// printEdges is the inverse, without steps.
func printEdges(edges []Edge) string {
	var out []string
	for _, e := range edges {
		text := strings.Join(append([]string{e.From.Name}, e.Except...), "-")
		if e.ActsAs != (Principal{}) {
			text += "=" + e.ActsAs.Name
		} else {
			text += ">" + e.To.Name
		}
		if e.Requests != "" {
			text += "/" + e.Requests
		}
		for _, s := range e.Spans {
			if s != Always {
				text += fmt.Sprintf("[%s,%s)", edge(s.Start), edge(s.End))
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func TestSubtract(t *testing.T) {
	for _, test := range []struct{ want, a, b string }{
		{"", "a>s", "a>s"},
		{"a>s", "a>s", ""},
		{"a>s", "a>s", "b>s a>t"},
		{"a>s[3,5)", "a>s[3,9)", "a>s[5,9)"},
		{"", "a>s", "*>s"},
		{"a>s", "a>s", "*-a>s"},
		{"", "a>s", "*-a>s a>s"},
		{"*>s", "*>s", ""},
		{"*-a-b>s", "*>s", "a>s b>s"},
		{"*-a-b>s", "*-a>s", "b>s"},
		{"a>s", "*>s", "*-a>s"},
		{"", "*>s", "*-a>s a>s"},
		{"", "*>s", "*-a>s *-b>s"},
		{"*>s[,3)[5,) *-a>s[3,5)", "*>s", "a>s[3,5)"},
		{"", "a>s/GET", "a>s"},
		{"a>s", "a>s", "a>s/GET"},
		{"a>s/GET", "a>s/GET", "a>s/PUT"},
		{"a=b", "a=b", "a=c b=a"},
		{"", "a=b", "*=b"},
	} {
		if got := printEdges(Subtract(parseEdges(test.a), parseEdges(test.b))); got != test.want {
			t.Errorf("%s less %s: %s, want %s", test.a, test.b, got, test.want)
		}
	}
}

func TestClosure(t *testing.T) {
	for _, test := range []struct{ want, in string }{
		{"a>s", "a>s"},
		{"a=b a>s b>s", "a=b b>s"},
		{"a=b a=c a>s b=c b>s c>s", "a=b b=c c>s"},
		{"a=b a>s b=a b>s", "a=b b=a b>s"}, // a circle
		{"a=b[2,6) a>s[4,6) b>s[4,9)", "a=b[2,6) b>s[4,9)"},
		{"a=b[2,4) b>s[4,9)", "a=b[2,4) b>s[4,9)"},
		{"a=b/night a>s/night b>s", "a=b/night b>s"},
		{"a=b/x a=c/x a>s/x b=a/x b=c/x b>s/x c>s", "a=b/x b=a/x b=c/x c>s"}, // a circle
		{"*>s a=b a>s", "*>s a=b"},
		{"*-b>s a=b", "*-b>s a=b"},
		{"*-a=b *-a>s b>s", "*-a=b b>s"},
	} {
		if got := printEdges(Closure(parseEdges(test.in))); got != test.want {
			t.Errorf("%s: %s, want %s", test.in, got, test.want)
		}
	}
}

func TestClosureTellsOneShortestWay(t *testing.T) {
	for _, test := range []struct{ want, in string }{
		{"[{ a=c} { c>s}]", "a=b b=c a=c c>s"},
		{"[{ a=b} { b>s}]", "a=b a=c b>s c>s"},
		{"[{ a>s}]", "a>s a=b b>s"},
	} {
		for _, e := range Closure(parseEdges(test.in)) {
			if got := fmt.Sprint(e.Via); e.From == who("a") && e.To == mesh("s") && got != test.want {
				t.Errorf("%s: %s, want %s", test.in, got, test.want)
			}
		}
	}
}

func TestReaches(t *testing.T) {
	for _, test := range []struct {
		want  bool
		who   string
		edges string
	}{
		{true, "a", "a>s"},
		{false, "a", "b>s"},
		{true, "a", "*>s"},
		{false, "a", "*-a>s"},
		{true, Anyone, "*-a>s"},
		{false, Anyone, "a>s"},
		{false, "a", "a=b b>s"},
		{true, "a", "a>s[5,6)"},
		{false, "a", "a>s[4,5)"},
		{true, "a", "a>s/GET"},
	} {
		if got := Reaches(parseEdges(test.edges), who(test.who), mesh("s"), Connect, second(5)); got != test.want {
			t.Errorf("%s reaches s by %s: %v", test.who, test.edges, got)
		}
	}
	elsewhere := Principal{Target: Consul, Realm: "other", Name: "a"}
	if Reaches(parseEdges("*>s a>s"), elsewhere, mesh("s"), Connect, second(5)) {
		t.Error("a realm's anyone speaks of another realm")
	}
}

func TestSameOnes(t *testing.T) {
	edge := func(from, to, requests string, spans ...Span) Edge {
		return Edge{From: Principal{Consul, "c", from}, To: Surface{Consul, "c", "service", to}, Verb: Connect, Requests: requests, Spans: spans}
	}
	a, b, c := edge("a", "x", "", Always), edge("b", "x", "", Always), edge("a", "x", "GET *", Always)
	later, but := edge("a", "x", "", Span{5, MaxTime}), edge(Anyone, "x", "", Always)
	but.Except = []string{"a"}
	as := Edge{From: a.From, ActsAs: b.From, Spans: Spans{Always}}
	list := func(edges ...Edge) []Edge { return edges }
	for _, test := range []struct {
		name string
		a, b []Edge
		want bool
	}{
		{"nothing", nil, nil, true},
		{"another order", list(a, b, c, but, as), list(as, c, but, a, b), true},
		{"as often", list(a, c, a), list(a, a, c), true},
		{"not as often", list(a, a, c), list(a, c, c), false},
		{"fewer", list(a, b), list(a), false},
		{"another time", list(a), list(later), false},
		{"another request", list(a), list(c), false},
		{"an exception", list(but), list(edge(Anyone, "x", "", Always)), false},
		{"acting as", list(as), list(Edge{From: a.From, ActsAs: a.From, Spans: Spans{Always}}), false},
	} {
		if got := sameOnes(test.a, test.b); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
		if got := sameOnes(test.b, test.a); got != test.want {
			t.Errorf("%s, the other way round: %t", test.name, got)
		}
	}
}
