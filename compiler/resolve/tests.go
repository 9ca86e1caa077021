package resolve

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

// resolveTests reads the tests of a tree. Their labels are sentences, so that they have no addresses; they are as unique as names.
func (r *resolver) resolveTests(t syntax.Tree) {
	first := map[string]hcl.Range{}
	for _, b := range t.Blocks {
		if b.Type != "test" || len(b.Labels) == 0 {
			continue
		}
		test := r.test(b)
		at, again := first[b.Name()]
		switch {
		case strings.TrimSpace(b.Name()) == "":
			r.error(diag.InvalidName, b.NameRange(), "a test without a name", "Say in a sentence what must hold: test \"notebooks never see customer features\".")
		case again:
			r.error(diag.DuplicateName, b.NameRange(), fmt.Sprintf("two tests are called %q", clipped(b.Name())),
				"A test's sentence names it in reports. Change one of the two.", diag.Related{Message: "the first", Range: at})
			continue
		}
		first[b.Name()] = b.NameRange()
		r.policy.Tests = append(r.policy.Tests, test)
	}
	slices.SortStableFunc(r.policy.Tests, func(a, b *model.Test) int {
		return cmp.Or(cmp.Compare(a.Decl.Filename, b.Decl.Filename), cmp.Compare(a.Decl.Start.Byte, b.Decl.Start.Byte), cmp.Compare(a.Name.Value, b.Name.Value))
	})
}

func (r *resolver) test(b *syntax.Block) *model.Test {
	d := &declaration{addr: addr.New("test", clipped(b.Name())), block: b}
	t := &model.Test{Name: model.Text{Value: b.Name(), Range: b.NameRange()}, Decl: b.Decl, Actions: []model.Action{model.Read}}
	t.Environments = r.testEnvironments(d)
	t.From, t.To = r.ends(d)
	if actions, ok := b.Attr("actions"); ok {
		t.Actions = r.actions(d, actions.Expr)
	}
	t.Requests, _ = r.requests(d)
	r.narrowable(d, t.To)
	t.At, _ = r.moment(b, "at")
	t.Expect = word(r, b, "expect", model.Expectation(""))
	return t
}

// testEnvironments reads environment or environments, of which exactly one stands.
func (r *resolver) testEnvironments(d *declaration) []model.Ref {
	one, single := d.block.Attr("environment")
	list, several := d.block.Attr("environments")
	switch {
	case single && several:
		r.error(diag.InvalidValue, list.Range, "a test has both environment and environments", "Keep one of the two.",
			diag.Related{Message: "the other", Range: one.Range})
	case several:
		return r.references(list.Expr, d.addr, environmentsOnly)
	case single:
		if ref, ok := r.one(one.Expr, environmentsOnly); ok {
			return []model.Ref{ref}
		}
	case !d.block.Partial && !r.partial:
		r.error(diag.MissingAttribute, d.block.Decl, "a test doesn't say where", "Add environment = environment.NAME, or environments = [environment.A, environment.B].")
	}
	return nil
}
