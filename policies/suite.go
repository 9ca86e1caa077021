package policies

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"

	"gatehouse/lang/diag"
)

// Verdict is the outcome of one Rego test.
type Verdict struct {
	Name   string // package and rule, such as guardrails.ownership.owner_is_set_test.test_clean
	File   string
	Line   int
	Passed bool
	Err    error // what made it fail beside being false; nil otherwise
}

// Test runs the Rego tests (rules named test_… in *_test.rego) of the packs and folders that Options choose, under the same
// restrictions as evaluation but for the schema, since a test may give a rule less than a whole document. The verdicts are sorted by
// file and line. As in Prepare, text that doesn't compile is a diagnostic.
func Test(ctx context.Context, o Options) ([]Verdict, diag.List, error) {
	files, diags, err := load(ctx, o, isRuleOrTest)
	if err != nil || diags.HasErrors() {
		return nil, diags, err
	}
	modules := map[string]*ast.Module{}
	for _, f := range files {
		module, err := ast.ParseModuleWithOpts(f.name, f.text, parserOptions())
		if err != nil {
			diags = append(diags, regoErrors(f.name, err)...)
			continue
		}
		if d := tooDeep(module); d != nil {
			diags = append(diags, *d)
		}
		modules[f.name] = module
	}
	if diags.HasErrors() {
		return nil, diags.Sorted(), nil
	}
	return runSuite(ctx, modules)
}

func runSuite(ctx context.Context, modules map[string]*ast.Module) ([]Verdict, diag.List, error) {
	compiler := ast.NewCompiler().WithStrict(true).WithCapabilities(capabilities()).WithDefaultRegoVersion(ast.RegoV1).SetErrorLimit(0)
	store := inmem.New()
	var verdicts []Verdict
	err := storage.Txn(ctx, store, storage.TransactionParams{}, func(txn storage.Transaction) error {
		results, err := tester.NewRunner().
			SetCompiler(compiler).
			SetStore(store).
			SetModules(modules).
			RaiseBuiltinErrors(true).
			RunTests(ctx, txn)
		if err != nil {
			return err
		}
		for r := range results {
			verdicts = append(verdicts, Verdict{r.Package[len("data."):] + "." + r.Name, r.Location.File, r.Location.Row, r.Pass(), r.Error})
		}
		return nil
	})
	if compiler.Failed() {
		return nil, regoErrors("", compiler.Errors).Sorted(), nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("policies: run the tests of rules: %w", err)
	}
	slices.SortFunc(verdicts, func(a, b Verdict) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
	})
	return verdicts, nil, nil
}
