package consul_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/targets"
)

var itemText = cmpopts.IgnoreFields(targets.Item{}, "Why", "Ours")

// TestNormal reads bodies into items: a row is a body, and the items as KEY VALUE.
func TestNormal(t *testing.T) {
	for _, test := range []struct {
		body  string
		items []targets.Item
	}{
		{`{"Kind":"service-intentions","Name":"db","Sources":[{"Name":"b","Action":"deny","Type":"consul","Precedence":9},{"Name":"a","Action":"allow","Description":"x"}]}`,
			[]targets.Item{{Key: `source "a"`, Value: "allow"}, {Key: `source "b"`, Value: "deny"}}},
		{`{"Kind":"service-intentions","Name":"db","Namespace":"ml","Partition":"eu","Sources":[{"Name":"a","Namespace":"ml","Partition":"eu","Action":"allow"},
			{"Name":"a","Namespace":"other","Partition":"eu","Action":"allow"},{"Name":"a","Peer":"default","Action":"deny"},{"Name":"a","SamenessGroup":"g","Action":"deny"}]}`,
			[]targets.Item{{Key: `source "a"`, Value: "allow"}, {Key: `source "a" namespace "other"`, Value: "allow"},
				{Key: `source "a" peer "default"`, Value: "deny"}, {Key: `source "a" sameness-group "g"`, Value: "deny"}}},
		{`{"Kind":"service-intentions","Name":"db","JWT":{"Providers":[{"Name":"okta"}]},"Sources":[{"Name":"a","Permissions":[{"HTTP":{"Methods":["put","GET"],"PathExact":"/"},"Action":"deny"}]}]}`,
			[]targets.Item{{Key: "jwt", Value: `{"Providers":[{"Name":"okta"}]}`},
				{Key: `source "a"`, Value: "deny GET,PUT exact /"}}},
		{`{"Kind":"service-defaults","Name":"db","Protocol":"HTTP2"}`, []targets.Item{{Key: "protocol", Value: "http2"}}},
		{`{"Kind":"service-defaults","Name":"db","Mode":"transparent"}`, nil},
	} {
		if diff := cmp.Diff(test.items, read(t, test.body).Items, itemText); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.body, diff)
		}
	}
}
