package policies

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"

	"gatehouse/lang/diag"
)

// Suite is what came of rule tests.
type Suite struct {
	Verdicts []Verdict      // by file and line
	Coverage []FileCoverage // by file; nil unless it was asked for
}

// Passed reports whether no test failed. One that is put off (todo_test_…) has not.
func (s Suite) Passed() bool {
	return !slices.ContainsFunc(s.Verdicts, func(v Verdict) bool { return !v.Passed && !v.PutOff })
}

// Covered returns which part of the rules' lines the tests have reached, from 0 to 1: 1 where there are none.
func (s Suite) Covered() float64 {
	covered, all := 0, 0
	for _, f := range s.Coverage {
		covered, all = covered+f.Covered, all+f.Covered+f.missed()
	}
	if all == 0 {
		return 1
	}
	return float64(covered) / float64(all)
}

// Verdict is the outcome of one Rego test.
type Verdict struct {
	Name   string // package and rule, such as guardrails.ownership.owner_is_set_test.test_clean
	File   string
	Line   int
	Passed bool
	PutOff bool   // the test is named todo_test_…, and has not run
	Failed string // the expression that was false, where one was
	Output string // what it printed
	Err    error  // what made it fail beside being false; nil otherwise
}

// FileCoverage says which lines of a rule's file its tests have reached.
type FileCoverage struct {
	File    string
	Covered int        // lines
	Missed  []LineSpan // lines that hold something to evaluate, and were not reached; in order
}

// LineSpan is a run of lines, both ends inside.
type LineSpan struct{ From, To int }

func (f FileCoverage) missed() int {
	n := 0
	for _, s := range f.Missed {
		n += s.To - s.From + 1
	}
	return n
}

// Test runs the Rego tests (rules named test_… in *_test.rego) of the packs and folders that Options choose, under the same
// restrictions as evaluation but for the schema, since a test may give a rule less than a whole document. As in Prepare, text that
// doesn't compile is a diagnostic.
func Test(ctx context.Context, o Options) ([]Verdict, diag.List, error) {
	suite, diags, err := TestSuite(ctx, o, false)
	return suite.Verdicts, diags, err
}

// TestSuite is Test, with the coverage of the rules where it is asked for.
func TestSuite(ctx context.Context, o Options, coverage bool) (Suite, diag.List, error) {
	files, diags, err := load(ctx, o, isRuleOrTest)
	if err != nil || diags.HasErrors() {
		return Suite{}, diags, err
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
		return Suite{}, diags.Sorted(), nil
	}
	return runSuite(ctx, modules, coverage)
}

func runSuite(ctx context.Context, modules map[string]*ast.Module, coverage bool) (Suite, diag.List, error) {
	compiler := ast.NewCompiler().WithStrict(true).WithCapabilities(capabilities()).WithDefaultRegoVersion(ast.RegoV1).SetErrorLimit(0).WithEnablePrintStatements(true)
	runner := tester.NewRunner().SetCompiler(compiler).SetModules(modules).RaiseBuiltinErrors(true).CapturePrintOutput(true)
	reached := cover.New()
	if coverage {
		runner.SetCoverageQueryTracer(reached)
	} else {
		runner.EnableTracing(true) // it tells where a test failed; the runner takes one tracer
	}
	suite, err := verdicts(ctx, runner)
	if compiler.Failed() {
		return Suite{}, regoErrors("", compiler.Errors).Sorted(), nil
	}
	if err != nil {
		return Suite{}, nil, fmt.Errorf("policies: run the tests of rules: %w", err)
	}
	if coverage {
		suite.Coverage = fileCoverage(reached.Report(modules))
	}
	return suite, nil, nil
}

func verdicts(ctx context.Context, runner *tester.Runner) (Suite, error) {
	var suite Suite
	store := inmem.New()
	err := storage.Txn(ctx, store, storage.TransactionParams{}, func(txn storage.Transaction) error {
		results, err := runner.SetStore(store).RunTests(ctx, txn)
		if err != nil {
			return err
		}
		for r := range results {
			v := Verdict{
				Name: strings.TrimPrefix(r.Package, "data.") + "." + r.Name, File: r.Location.File, Line: r.Location.Row,
				Passed: r.Pass(), PutOff: r.Skip, Output: string(r.Output), Err: r.Error,
			}
			if !v.Passed {
				v.Failed = failedAt(r)
			}
			suite.Verdicts = append(suite.Verdicts, v)
		}
		return nil
	})
	slices.SortFunc(suite.Verdicts, func(a, b Verdict) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
	})
	return suite, err
}

// failedAt returns the last expression of a test's own file that failed.
func failedAt(r *tester.Result) string {
	for _, e := range slices.Backward(r.Trace) {
		if e.Op == topdown.FailOp && e.Location != nil && e.Location.File == r.Location.File {
			return summary(string(e.Location.Text))
		}
	}
	return ""
}

// fileCoverage translates OPA's report; the tests themselves count for nothing.
func fileCoverage(report cover.Report) []FileCoverage {
	var out []FileCoverage
	for _, name := range sortedKeys(report.Files) {
		if !isRule(name) {
			continue
		}
		r := report.Files[name]
		f := FileCoverage{File: name, Covered: r.CoveredLines}
		for line := 1; line <= lastLine(r); line++ {
			if !r.IsNotCovered(line) || r.IsCovered(line) {
				continue
			}
			if n := len(f.Missed); n > 0 && f.Missed[n-1].To == line-1 {
				f.Missed[n-1].To = line
			} else {
				f.Missed = append(f.Missed, LineSpan{line, line})
			}
		}
		out = append(out, f)
	}
	return out
}

func lastLine(r *cover.FileReport) int {
	last := 0
	for _, one := range r.NotCovered {
		last = max(last, one.End.Row)
	}
	return last
}
