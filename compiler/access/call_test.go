package access

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// What is true of one request, by Why and by WhoCan.
func TestQuestionsAboutOneRequest(t *testing.T) {
	const ends = "w a prod; w c prod=a; store x prod; "
	for _, test := range []struct{ want, call, policy string }{
		{"declared", "GET /v/1", ends + "allow n from a to x"},
		{"declared", "GET /v/1", ends + "allow n from a to x http GET=/v/*"},
		{"other-request", "POST /v/1", ends + "allow n from a to x http GET=/v/*"},
		{"other-request", "GET /w", ends + "allow n from a to x http GET=/v/*"},
		{"declared", "GET /w", ends + "allow n from a to x http GET=/v/*; allow m from a to x http =/w"},
		{"declared", "GET /run", ends + "allow n from a to x http =~/r.*"},
		{"other-request", "GET /a/run", ends + "allow n from a to x http =~/r.*"},
		{"denied deny.d", "GET /v/1", ends + "allow n from a to x http GET=/v/*; deny d from a to x http =/v/1"},
		{"declared", "GET /v/2", ends + "allow n from a to x http GET=/v/*; deny d from a to x http =/v/1"},
		{"denied deny.d", "GET /v/2", ends + "allow n from a to x http GET=/v/*; deny d from a to x"},
		{"denied deny.d", "GET /v", ends + "deny d from a to x http =/v"},
		{"no-allow", "GET /w", ends + "deny d from a to x http =/v"},
		{"no-allow", "POST /w", ends + "allow n from a to x http =/v; deny d from a to x http =/v"}, // all that is allowed is taken, and it was not this
		{"expired [,5)", "GET /v", ends + "allow n from a to x http =/v until 5"},
		{"no-allow", "GET /w", ends + "allow n from a to x http =/v until 5"},
		{"no-allow", "GET /w", ends + "allow n from a to x http =/v since 15"},
		{"no-allow", "GET /w", ends + "allow n from a to x do write http =/v until 5"},
		{"other-request", "GET /w", ends + "allow n from a to x http =/v; allow m from a to x http =/u until 5"},
		{"coarse-action", "GET /v", ends + "allow n from a to x do write http =/v"},
		{"other-request", "GET /w", ends + "allow n from a to x do write http =/v"},
		{"shared-identity", "GET /v", ends + "allow n from c to x http =/v"},
		{"no-allow", "GET /w", ends + "allow n from c to x http =/v"},
	} {
		call, err := model.ParseCall(test.call)
		if err != nil {
			t.Fatal(err)
		}
		g, _ := Build(sketch(t, test.policy), second(10))
		a, x := addr.New(addr.Workload, "a"), addr.New(addr.FeatureStore, "x").On(addr.Online)
		e := WhyCall(g, call, a, model.Read, x, "prod", second(10))
		if got := findings(e); got != test.want {
			t.Errorf("%s\n why %s\n got %s\nwant %s", test.policy, call, got, test.want)
		}
		lets := slices.ContainsFunc(WhoCan(g, model.Read, x, "prod", second(10)), func(answer Answer) bool { return answer.Workload == a && answer.Lets(call) })
		if lets != e.Allowed {
			t.Errorf("%s\n %s: who can says %t, and why %s", test.policy, call, lets, e.Verdict)
		}
	}
}

// Of what RequestText prints, MayLet says what the patterns say.
func TestTextsOfRequestsSayWhatTheyMean(t *testing.T) {
	pattern := rapid.Custom(func(t *rapid.T) model.Request {
		r := model.Request{Methods: rapid.SampledFrom([]string{"", "GET", "GET,POST", "PUT"}).Draw(t, "methods")}
		if r.Kind = rapid.SampledFrom([]model.PathKind{model.PathAny, model.PathExact, model.PathPrefix, model.PathRegex}).Draw(t, "kind"); r.Kind != model.PathAny {
			r.Path = "/" + rapid.StringMatching(`[ab ;"\\é]{0,3}`).Draw(t, "path")
		}
		if r.Kind == model.PathRegex {
			r.Path = rapid.SampledFrom([]string{"/[ab]+", "/.*", `/a\\|/b`, "/a b|/b;", "/é"}).Draw(t, "regex")
		}
		return r
	})
	rapid.Check(t, func(t *rapid.T) {
		r, except := pattern.Draw(t, "pattern"), rapid.SliceOfN(pattern, 0, 3).Draw(t, "except")
		c := model.Call{Method: rapid.SampledFrom([]string{"GET", "POST", "PUT"}).Draw(t, "method"), Path: "/" + rapid.StringMatching(`[ab ;"\\é]{0,3}`).Draw(t, "asked")}
		if text := RequestText(r, except); MayLet(text, c) != lets(r, except, c) {
			t.Errorf("%s of %s: %t", text, c, MayLet(text, c))
		}
	})
}

// What other hands wrote says more than patterns: what isn't understood may let anything through.
func TestWhatIsNotUnderstoodMayLetThrough(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                    true,
		"* exact /v2":                         false,
		`* exact /v1 header "x" present`:      true,
		`* exact /v2 header "x" present`:      false,
		"* prefix /v1 with token of \"okta\"": true,
		"* exact /v2 with token of \"okta\"":  false,
		`* * except GET exact /v1 header "x" present; * exact /v1`: true,
		`* * except * exact /v1; GET exact /v1 header "x" present`: false,
		"in order: deny * exact /v1; else allow":                   true,
		"unknown: * exact /v2":                                     true,
		"* regex (":                                                true,
		"* suffix /v2":                                             true,
		"GET":                                                      true,
		`* exact "/v2`:                                             true,
	} {
		if got := MayLet(text, model.Call{Method: "GET", Path: "/v1"}); got != want {
			t.Errorf("%s: %t, want %t", text, got, want)
		}
	}
}
