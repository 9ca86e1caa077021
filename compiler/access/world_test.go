package access

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/lang/model"
)

func TestDiffWorld(t *testing.T) {
	for _, test := range []struct{ want, before, after string }{
		{"", "w a prod", "w a prod"},
		{"added workload.b", "w a prod", "w a prod; w b prod"},
		{"removed secret.k", "secret k prod; w a prod", "w a prod"},
		{"changed workload.a (consul name in prod x → y)", "w a prod=x/m@p", "w a prod=y/m@p"},
		{"", "w a prod; secret k prod; deny d from a to k", "w a prod; secret k prod; deny e from a to k"},
		{"removed deny.d (denies read and write of secret.k to workload.a)", "w a prod; secret k prod; deny d from a to k", "w a prod; secret k prod"},
		{"changed deny.d (denies write of secret.k to workload.a)", "w a prod; secret k prod; deny d from a to k", "w a prod; secret k prod; deny d from a to k do write"},
		{"changed secret.k (secret in dev none → projects/acme-dev/secrets/k)", "secret k prod", "secret k dev prod"},
	} {
		before, _ := Build(sketch(t, test.before), second(0))
		after, _ := Build(sketch(t, test.after), second(0))
		if got := fates(DiffWorld(before, after)); got != test.want {
			t.Errorf("%s\n to %s\n got %s\nwant %s", test.before, test.after, got, test.want)
		}
	}
}

func fates(rows []WorldRow) string {
	var out []string
	for _, r := range rows {
		text := fmt.Sprintf("%s %s", r.Fate, r.Addr)
		if r.Detail != "" {
			text += " (" + r.Detail + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// A pattern that another one covers is nothing gained; what is withheld counts.
func TestDiffRequests(t *testing.T) {
	get, all := model.Request{Methods: "GET", Kind: model.PathPrefix, Path: "/v1/"}, model.Request{}
	admin := model.Request{Kind: model.PathPrefix, Path: "/v1/admin/"}
	for _, test := range []struct {
		want          string
		before, after Grant
	}{
		{"", Grant{Request: all}, Grant{Request: all}},
		{"-* *", Grant{Request: all}, Grant{Request: get}},
		{"+* *", Grant{Request: get}, Grant{Request: all}},
		{"-GET prefix /v1/", Grant{Request: get}, Grant{Request: get, Except: []model.Request{admin}}},
		{"+GET prefix /v1/", Grant{Request: get, Except: []model.Request{admin}}, Grant{Request: get}},
		{"", Grant{Request: get}, Grant{Request: get, Except: []model.Request{{Methods: "POST"}}}}, // takes nothing of it
	} {
		with := func(grant Grant) *Graph {
			g, _ := Build(sketch(t, "w a prod; store x prod; allow n from a to x"), second(0))
			g.Grants[0].Request, g.Grants[0].Except = grant.Request, grant.Except
			return g
		}
		before, after := with(test.before), with(test.after)
		d, got := Diff(before, after), ""
		for _, r := range d.Gained {
			got += "+" + r.Request.String()
		}
		for _, r := range d.Lost {
			got += "-" + r.Request.String()
		}
		if got != test.want {
			t.Errorf("%v to %v: %q, want %q", test.before, test.after, got, test.want)
		}
	}
}

// Changes of time know what they change, and what a deny takes is told with the deny.
func TestDiffTellsTheOtherSide(t *testing.T) {
	const ends = "w a prod; secret k prod; "
	before, _ := Build(sketch(t, ends+"allow n from a to k until 9"), second(0))
	longer, _ := Build(sketch(t, ends+"allow n from a to k until 20"), second(0))
	d := Diff(before, longer)
	if len(d.Gained) != 1 || !d.Gained[0].Extended() || fmt.Sprint(d.Gained[0].Spans, d.Gained[0].Other) != fmt.Sprint(Spans{{9, 20}}, Spans{{MinTime, 9}}) {
		t.Errorf("longer: %+v", d)
	}
	denied, _ := Build(sketch(t, ends+"allow n from a to k until 9; deny d from a to k"), second(0))
	d = Diff(before, denied)
	if len(d.Lost) != 1 || d.Lost[0].Extended() || len(d.Lost[0].Denies) != 1 {
		t.Errorf("denied: %+v", d)
	}
}
