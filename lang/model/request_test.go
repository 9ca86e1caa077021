package model_test

import (
	"fmt"
	"testing"

	"gatehouse/lang/model"
)

func TestRequests(t *testing.T) {
	exact := func(methods, path string) model.Request {
		return model.Request{Methods: methods, Kind: model.PathExact, Path: path}
	}
	prefix := func(methods, path string) model.Request {
		return model.Request{Methods: methods, Kind: model.PathPrefix, Path: path}
	}
	regex := func(methods, path string) model.Request {
		return model.Request{Methods: methods, Kind: model.PathRegex, Path: path}
	}
	for _, test := range []struct {
		covers, disjoint bool
		a, b             model.Request
	}{
		{true, false, model.Request{}, model.Request{}},
		{true, false, model.Request{}, regex("GET", "/.")},
		{false, false, exact("", "/a"), model.Request{}},
		{true, false, exact("", "/a"), exact("GET", "/a")},
		{false, false, exact("GET", "/a"), exact("", "/a")},
		{true, false, exact("GET,POST", "/a"), exact("GET", "/a")},
		{false, false, exact("GET", "/a"), exact("GET,POST", "/a")},
		{false, true, exact("GET", "/a"), exact("POST,PUT", "/a")},
		{false, true, exact("", "/a"), exact("", "/b")},
		{true, false, prefix("", "/a"), exact("", "/a")},
		{true, false, prefix("", "/a"), prefix("", "/ab")},
		{false, false, prefix("", "/ab"), prefix("", "/a")},
		{false, true, prefix("", "/ab"), exact("", "/a")},
		{false, true, exact("", "/a"), prefix("", "/ab")},
		{false, true, prefix("", "/a/"), prefix("", "/b/")},
		{false, false, exact("", "/ab"), prefix("", "/a")},
		{true, false, regex("", "/a"), regex("", "/a")},
		{false, false, regex("", "/a"), regex("", "/b")},
		{false, false, regex("", "/a"), exact("", "/a")},
		{false, false, prefix("", "/"), regex("", "/a")},
		{false, true, regex("GET", "/a"), exact("PUT", "/a")},
	} {
		if got := test.a.Covers(test.b); got != test.covers {
			t.Errorf("%s covers %s: %v", test.a, test.b, got)
		}
		if got := test.a.Disjoint(test.b); got != test.disjoint || test.b.Disjoint(test.a) != got {
			t.Errorf("%s is disjoint from %s: %v", test.a, test.b, got)
		}
	}
}

func ExampleRequest_Covers() {
	api := model.Request{Methods: "GET,POST", Kind: model.PathPrefix, Path: "/v1/"}
	one := model.Request{Methods: "GET", Kind: model.PathExact, Path: "/v1/features"}
	fmt.Println(api, "covers", one, api.Covers(one))
	// Output: GET,POST prefix /v1/ covers GET exact /v1/features true
}
