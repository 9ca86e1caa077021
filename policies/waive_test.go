package policies_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/policies"
)

// waived prints what a finding of the pack is waived by, for a world where the trainer and the merchants store have no owner.
func waived(t *testing.T, exceptions ...*model.Exception) string {
	t.Helper()
	g := world()
	g.Workloads[1].Owner, g.Resources[1].Owner = "", ""
	g.Exceptions = exceptions
	results, err := prepare(t, baseline()).Evaluate(t.Context(), g, noon)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range results {
		line := r.Guardrail + " " + r.Subject.String()
		if r.Waiver != nil {
			line += " by " + r.Waiver.Exception.String()
		}
		lines = append(lines, line)
	}
	if len(results.Standing())+len(results.Waived()) != len(results) || len(results.Diagnostics()) != len(results.Standing()) {
		t.Errorf("%d stand, %d are waived, of %d", len(results.Standing()), len(results.Waived()), len(results))
	}
	lines = append(lines, fmt.Sprint("refused: ", results.Refused()))
	return strings.Join(lines, "\n")
}

func exception(name, guardrail string, expires time.Time, subjects ...addr.Address) *model.Exception {
	e := &model.Exception{
		Addr: addr.New(addr.Exception, name), Guardrail: model.Text{Value: guardrail, Range: at("security/exceptions.gate.hcl", 2)}, Expires: expires,
		Reason: model.Text{Value: "moves in spring"}, ApprovedBy: model.Text{Value: "security@acme.example"}, Decl: at("security/exceptions.gate.hcl", 1),
	}
	for _, s := range subjects {
		e.Subjects = append(e.Subjects, model.Ref{Addr: s})
	}
	return e
}

func TestExceptionsWaive(t *testing.T) {
	const owner = "ownership/owner-is-set"
	later := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	trainer, merchants := workloadAddr("trainer"), addr.New(addr.FeatureStore, "merchants")
	both := "ownership/owner-is-set feature_store.merchants by exception.x\nownership/owner-is-set workload.trainer by exception.x\nrefused: false"
	none := "ownership/owner-is-set feature_store.merchants\nownership/owner-is-set workload.trainer\n"
	one := "ownership/owner-is-set feature_store.merchants\nownership/owner-is-set workload.trainer by exception.x\nrefused: true"
	for _, c := range []struct {
		name       string
		exceptions []*model.Exception
		want       string
	}{
		{"none", nil, none + "refused: true"},
		{"all", []*model.Exception{exception("x", owner, later, trainer, merchants)}, both},
		{"one of two", []*model.Exception{exception("x", owner, later, trainer)}, one},
		{"the first of two is named", []*model.Exception{exception("x", owner, later, trainer), exception("y", owner, later, trainer)}, one},
		{"a surface stands for no store", []*model.Exception{exception("x", owner, later, trainer, merchants.On(addr.Online))}, one},
		{"expired", []*model.Exception{exception("x", owner, noon, trainer, merchants)}, none + "exceptions/not-expired exception.x\nrefused: true"},
		{"its last second", []*model.Exception{exception("x", owner, noon.Add(time.Second), trainer, merchants)}, both},
		{"another guardrail", []*model.Exception{exception("x", "secrets/rotate", later, trainer)}, none + "exceptions/useful exception.x\nrefused: true"},
		{"another subject", []*model.Exception{exception("x", owner, later, workloadAddr("notebooks"))}, none + "exceptions/useful exception.x\nrefused: true"},
		{"one that doesn't judge", []*model.Exception{exception("x", "role/write-by-name", later, trainer)}, none + "exceptions/useful exception.x\nrefused: true"},
		{"without an end", []*model.Exception{exception("x", owner, time.Time{}, trainer, merchants)}, strings.Replace(both, "refused: false", "exceptions/ends-soon exception.x\nrefused: true", 1)},
		{"itself", []*model.Exception{exception("x", "exceptions/ends-soon", time.Time{}, addr.New(addr.Exception, "x"))}, none + "exceptions/ends-soon exception.x\nexceptions/useful exception.x\nrefused: true"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := waived(t, c.exceptions...); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestAWholeStoreStandsForItsSurfaces(t *testing.T) {
	g := world()
	g.Exceptions = []*model.Exception{exception("x", "team/rule", time.Time{}, addr.New(addr.FeatureStore, "customers"))}
	o := own("a.rego", rule+`deny contains {"subject": "feature_store.customers.online"} if true`)
	results, err := prepare(t, o).Evaluate(t.Context(), g, noon)
	if err != nil || len(results) != 1 || results[0].Waiver == nil {
		t.Error(results, err)
	}
}

func TestExceptionsThatNameNoGuardrail(t *testing.T) {
	for _, c := range []struct{ guardrail, summary, detail string }{
		{"ownership/owner-is-set", "", ""},
		{"role/write-by-name", "", ""}, // there is one, which this policy doesn't ask for
		{"team/rule", "", ""},
		{"ownership/owner-is-sett", `there is no guardrail "ownership/owner-is-sett"`, `Did you mean "ownership/owner-is-set"?`},
		{"ownership/*", `there is no guardrail "ownership/*"`, "An exception waives one guardrail"},
		{"exceptions/useful", "exceptions/useful judges exceptions, and can't be waived by one", "Mend"},
	} {
		g := &access.Graph{Exceptions: []*model.Exception{exception("x", c.guardrail, time.Time{})}}
		o := own("a.rego", rule+`deny contains {"subject": "workload.trainer"} if false`)
		o.Packs = packs("baseline")
		diags := prepare(t, o).CheckExceptions(g)
		switch {
		case c.summary == "" && len(diags) == 0:
		case len(diags) != 1 || diags[0].Summary != c.summary || !strings.HasPrefix(diags[0].Detail, c.detail) || diags[0].Subject.Start.Line != 2:
			t.Errorf("%s: got %v", c.guardrail, diags)
		}
	}
}

func TestJudgeSeesAChange(t *testing.T) {
	base := world()
	base.Grants = base.Grants[:2]
	results, err := prepare(t, policies.Options{Packs: packs("soc2")}).Judge(t.Context(), policies.World{Graph: world(), Time: noon, Base: base})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range results {
		if strings.HasPrefix(r.Guardrail, "merge/") {
			got = append(got, string(r.Level)+" "+r.Detail)
		}
	}
	want := "deny this change lets trainer reach feature_store.customers.online, which is restricted, and allow.training does not say why"
	if strings.Join(got, "\n") != want {
		t.Errorf("got %v", got)
	}
}
