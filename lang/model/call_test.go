package model_test

import (
	"strings"
	"testing"

	"gatehouse/lang/model"
)

func TestParseCall(t *testing.T) {
	for _, test := range []struct{ text, want, wrong string }{
		{"GET /v1/features", "GET /v1/features", ""},
		{" post   /v1/features/ ", "POST /v1/features/", ""},
		{"GET /a%2Fb", "GET /a%2Fb", ""},
		{"", "", "want METHOD PATH"},
		{"GET", "", "want METHOD PATH"},
		{"/v1", "", "want METHOD PATH"},
		{"FETCH /v1", "", "want METHOD PATH"},
		{"GET v1", "", "want METHOD PATH"},
		{"GET /v1?all", "", "up to the question mark"},
		{"GET /v1 /v2", "", "as it stands in a URL"},
		{"GET /v1/../admin", "", `arrives as "/admin"`},
	} {
		got, err := model.ParseCall(test.text)
		switch {
		case test.wrong == "" && (err != nil || got.String() != test.want):
			t.Errorf("%q: %q, %v", test.text, got, err)
		case test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong) || got != (model.Call{})):
			t.Errorf("%q: %q, %v; want an error with %q", test.text, got, err, test.wrong)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, test := range []struct {
		pattern model.Request
		call    string
		want    bool
	}{
		{model.Request{}, "GET /v1", true},
		{model.Request{Methods: "GET,HEAD"}, "HEAD /v1", true},
		{model.Request{Methods: "GET,HEAD"}, "POST /v1", false},
		{model.Request{Kind: model.PathExact, Path: "/v1"}, "GET /v1", true},
		{model.Request{Kind: model.PathExact, Path: "/v1"}, "GET /v1/", false},
		{model.Request{Kind: model.PathPrefix, Path: "/v1"}, "GET /v10/x", true},
		{model.Request{Kind: model.PathPrefix, Path: "/v1/"}, "GET /v10/x", false},
		{model.Request{Kind: model.PathPrefix, Path: "/V1"}, "GET /v1", false},
		{model.Request{Kind: model.PathRegex, Path: "/v[0-9]"}, "GET /v1", true},
		{model.Request{Kind: model.PathRegex, Path: "/v[0-9]"}, "GET /v12", false},
		{model.Request{Kind: model.PathRegex, Path: "/a|/b"}, "GET /bc", false},
		{model.Request{Kind: model.PathRegex, Path: "/a|/b"}, "GET /b", true},
		{model.Request{Kind: model.PathRegex, Path: "/("}, "GET /(", false},
	} {
		call, err := model.ParseCall(test.call)
		if err != nil {
			t.Fatal(err)
		}
		if got := test.pattern.Matches(call); got != test.want {
			t.Errorf("%s of %s: %t, want %t", call, test.pattern, got, test.want)
		}
	}
}
