package model_test

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/lang/model"
)

// patterns reads METHODS KIND PATH with "; " between.
func patterns(text string) []model.Request {
	var out []model.Request
	for pattern := range strings.SplitSeq(text, "; ") {
		if words := strings.Fields(pattern); len(words) > 0 {
			words = append(words, "", "")
			out = append(out, model.Request{Methods: strings.Trim(words[0], "*"), Kind: model.PathKind(strings.Trim(words[1], "*")), Path: words[2]})
		}
	}
	return out
}

func spoken(list []model.Request) string {
	var out []string
	for _, r := range list {
		out = append(out, r.String())
	}
	return strings.Join(out, "; ")
}

func TestUnite(t *testing.T) {
	for _, test := range []struct{ want, of string }{
		{"", ""},
		{"* *", "* *; GET exact /a"},
		{"GET,POST exact /a", "POST exact /a; GET exact /a; GET exact /a"},
		{"* exact /a", "POST exact /a; * exact /a"},
		{"GET prefix /a", "GET prefix /a; GET exact /a/b; GET prefix /a/"},
		{"POST exact /a/b; GET prefix /a", "GET prefix /a; GET,POST exact /a/b"},
		{"* exact /a/b; GET prefix /a", "GET prefix /a; * exact /a/b"},
		{"GET,POST prefix /a", "GET prefix /a; POST prefix /a; GET,POST exact /a/b"},
		{"GET regex /a; GET regex /b", "GET regex /b; GET regex /a"},
		{"POST regex /a; GET *", "GET *; GET,POST regex /a"},
	} {
		got := spoken(model.Unite(patterns(test.of)))
		if sorted := spoken(model.Unite(patterns(test.want))); got != sorted {
			t.Errorf("%s: got %s, want %s", test.of, got, sorted)
		}
		if len(strings.Split(got, ";")) != len(strings.Split(test.want, ";")) {
			t.Errorf("%s: got %s, want %s", test.of, got, test.want)
		}
	}
}

func TestLeftAndMeeting(t *testing.T) {
	for _, test := range []struct{ left, meeting, of, denied string }{
		{"GET exact /a", "", "GET exact /a", ""},
		{"none", "GET,POST *", "GET,POST exact /a", "GET *; POST *"},
		{"POST exact /a", "GET *", "GET,POST exact /a", "GET *"},
		{"* exact /a", "GET *", "* exact /a", "GET *"},
		{"GET prefix /a", "GET exact /a/b", "GET prefix /a", "* exact /a/b; POST prefix /a"},
		{"GET prefix /a", "GET regex /.*", "GET prefix /a", "* regex /.*; GET exact /b"},
		{"none", "* *", "* *", "* *; GET exact /a"},
	} {
		r, denied := patterns(test.of)[0], patterns(test.denied)
		got := "none"
		if left, some := r.Left(denied); some {
			got = left.String()
		}
		if got != test.left || r.CoveredBy(denied) != (test.left == "none") {
			t.Errorf("%s without %s: got %s, want %s", test.of, test.denied, got, test.left)
		}
		if got := spoken(r.Meeting(denied)); got != test.meeting {
			t.Errorf("%s meets %s: got %s, want %s", test.of, test.denied, got, test.meeting)
		}
	}
}

func TestMethodsIn(t *testing.T) {
	if got := strings.Join(model.MethodsIn(patterns("POST *; GET,PUT exact /a"), patterns("* *")), " "); got != "GET POST PUT *" {
		t.Error(got)
	}
	every, some := patterns("* exact /a")[0], patterns("GET exact /a")[0]
	if !every.Makes(model.OtherMethod) || some.Makes(model.OtherMethod) || !some.Makes("GET") || some.Makes("POST") {
		t.Error("what patterns make")
	}
	if got := every.WithMethods([]string{"PUT", "GET"}).String(); got != "GET,PUT exact /a" {
		t.Error(got)
	}
}

func ExampleUnite() {
	get := model.Request{Methods: "GET", Kind: model.PathPrefix, Path: "/v1/"}
	post := model.Request{Methods: "POST", Kind: model.PathPrefix, Path: "/v1/"}
	one := model.Request{Methods: "GET,PUT", Kind: model.PathExact, Path: "/v1/features"}
	for _, r := range model.Unite([]model.Request{get, post, one}) {
		fmt.Println(r)
	}
	// Output:
	// PUT exact /v1/features
	// GET,POST prefix /v1/
}
