package access

import (
	"strings"
	"testing"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// A resource that no target guards is told of once, with every environment that it is in.
func TestReportUnappliedOnce(t *testing.T) {
	var omissions []Omission
	for _, environment := range []string{"dev", "lab", "prod"} {
		omissions = append(omissions, Omission{Environment: environment, Resource: addr.New(addr.FeatureStore, "clicks"), Lack: LackKind})
	}
	got := ReportUnapplied(omissions)
	if len(got) != 1 || !strings.HasSuffix(got[0].Detail, ` Nor is anything written for it in "lab" and "prod".`) {
		t.Error(got)
	}
}

// An identity provider is declared, and nothing sets it up: that is told once, of all its environments.
func TestProvidersAreNotApplied(t *testing.T) {
	p := sketch(t, "w a prod; secret k dev prod")
	ref := func(name string) model.Ref { return model.Ref{Addr: addr.New(addr.Environment, name)} }
	p.Providers = []*model.IdentityProvider{{Addr: addr.New(addr.IdentityProvider, "google"), Environments: []model.Ref{ref("dev"), ref("prod")}}}
	g, _ := Build(p, second(0))
	told := ReportUnapplied(append(Unapplied(g, "dev", meshOnly, cloudOnly), Unapplied(g, "prod", meshOnly, cloudOnly)...))
	if len(told) != 1 || told[0].Summary != "the consul target does not apply identity_provider.google" || !strings.Contains(told[0].Detail, `"prod"`) {
		t.Errorf("%v", told)
	}
	able := meshOnly
	able.Logins = true
	if left := Unapplied(g, "prod", able, cloudOnly); len(left) > 0 {
		t.Errorf("of a mesh that sets them up: %v", left)
	}
}
