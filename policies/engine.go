package policies

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"

	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
)

// Engine is a set of compiled guardrails. It is safe for use by several goroutines.
type Engine struct {
	guardrails []Guardrail // by id
	questions  map[Scope][]question
	reads      *reads // by guardrails of scope policy, of their document
	store      storage.Store
	timeout    time.Duration
	memory     uint64
}

// question asks one guardrail for its findings of one level.
type question struct {
	guardrail *Guardrail
	level     Level
	where     *ast.Location // of the first rule of that level
	compiler  *ast.Compiler
	query     ast.QueryCompiler
	body      ast.Body
	looks     looks // scope grant: what tells grants apart for it
}

// answer is the variable that a question's query binds.
const answer = ast.Var("answer")

// build compiles understood files into an engine.
func build(sources []source) (*Engine, diag.List) {
	e := &Engine{questions: map[Scope][]question{}, store: inmem.New()}
	var diags diag.List
	parts := split(sources)
	for _, scope := range Scopes() {
		compiler, more := compileScope(scope, parts[scope])
		diags = append(diags, more...)
		if compiler == nil {
			continue
		}
		for _, s := range parts[scope] {
			if s.guardrail == nil {
				continue
			}
			e.guardrails = append(e.guardrails, *s.guardrail)
			asked, more := ask(compiler, s)
			e.questions[scope] = append(e.questions[scope], asked...)
			diags = append(diags, more...)
		}
		if scope == PolicyScope {
			e.reads = inputRead(compiler)
		}
	}
	slices.SortFunc(e.guardrails, func(a, b Guardrail) int { return cmp.Compare(a.ID, b.ID) })
	return e, diags
}

// ask prepares the questions to one guardrail.
func ask(compiler *ast.Compiler, s source) ([]question, diag.List) {
	var out []question
	var diags diag.List
	apart := everything
	if s.guardrail.Scope == GrantScope {
		apart = deciding(compiler, compiler.Modules[s.file.name])
	}
	for _, level := range s.guardrail.Levels {
		ref := s.module.Package.Path.Append(ast.StringTerm(string(level)))
		query := compiler.QueryCompiler()
		body, err := query.Compile(ast.NewBody(ast.Equality.Expr(ast.NewTerm(ref), ast.NewTerm(answer))))
		if err != nil {
			diags = append(diags, regoErrors(s.file.name, err)...)
			continue
		}
		out = append(out, question{s.guardrail, level, firstRule(s.module, level), compiler, query, body, apart})
	}
	return out, diags
}

func firstRule(m *ast.Module, level Level) *ast.Location {
	for _, rule := range m.Rules {
		if ruleName(rule) == string(level) {
			return rule.Head.Location
		}
	}
	return m.Package.Location
}

// Evaluate judges a graph alone: Judge without a base and without losses.
func (e *Engine) Evaluate(ctx context.Context, g *access.Graph, at time.Time) (Results, error) {
	return e.Judge(ctx, World{Graph: g, Time: at})
}

// Judge judges a world: the findings are in order of file, position and guardrail, each once. Those that an exception waives are marked.
//
// The error is a *Fault for a rule that fails while it runs, for a finding about something that the policy doesn't declare, and for running
// out of time. No findings come with an error: nothing was judged. Exceptions that name no guardrail waive nothing: CheckExceptions tells.
func (e *Engine) Judge(ctx context.Context, w World) (Results, error) {
	return within(ctx, e.allowance(len(w.Graph.Grants)), func(ctx context.Context) (Results, error) { return e.judgeAll(ctx, w) })
}

func (e *Engine) judgeAll(ctx context.Context, w World) (Results, error) {
	cancel := topdown.NewCancel()
	defer context.AfterFunc(ctx, cancel.Cancel)()

	p, places := project(w), sync.OnceValue(func() subjects { return newSubjects(w.Graph) })
	results, err := e.judge(ctx, cancel, e.tasks(ctx, cancel, p), places)
	if err != nil {
		return nil, err
	}
	known := e.scopes()
	waives := waive(w.Graph, w.Time, results, known)
	if len(e.questions[ExceptionScope]) == 0 {
		return results, nil
	}
	input := func() *ast.Term { return p.judged(func(id string) bool { return known[id] != "" }, waives) }
	more, err := e.judge(ctx, cancel, []task{{input, e.questions[ExceptionScope]}}, places)
	if err != nil {
		return nil, err
	}
	results = append(results, more...)
	slices.SortFunc(results, compareResults)
	return results, nil
}

// scopes returns the scope of each guardrail that judges.
func (e *Engine) scopes() map[string]Scope {
	out := map[string]Scope{}
	for _, g := range e.guardrails {
		out[g.ID] = g.Scope
	}
	return out
}

// judge does tasks and finds the places of what they found.
func (e *Engine) judge(ctx context.Context, cancel topdown.Cancel, tasks []task, places func() subjects) (Results, error) {
	found, err := e.work(ctx, cancel, tasks)
	if err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}
	if len(found) == 0 { // the places of all that a policy declares are many
		return nil, nil
	}
	results, err := places().resolve(found)
	if err != nil {
		return nil, fmt.Errorf("policies: %w", err)
	}
	return results, nil
}

// allowance is what all guardrails may take together. Time is ten times what the built-in ones need on two slow processors, which is some 20 µs a
// grant, and never less than ten seconds.
func (e *Engine) allowance(grants int) allowance {
	b := allowance{DefaultTimeout + time.Duration(grants)*200*time.Microsecond, memoryBound + uint64(grants)*memoryOfGrant, time.Second}
	if e.timeout > 0 {
		b.time = e.timeout
	}
	if e.memory > 0 {
		b.memory = e.memory
	}
	return b
}

// run asks one question about one document.
func (q *question) run(ctx context.Context, cancel topdown.Cancel, store storage.Store, input *ast.Term) ([]finding, error) {
	defer began(ctx, q)()
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return nil, q.failed(ctx, err)
	}
	defer store.Abort(ctx, txn)
	answers, err := topdown.NewQuery(q.body).
		WithCompiler(q.compiler).
		WithQueryCompiler(q.query).
		WithStore(store).
		WithTransaction(txn).
		WithInput(input).
		WithCancel(cancel).
		WithStrictBuiltinErrors(true).
		Run(ctx)
	if err != nil {
		return nil, q.failed(ctx, err)
	}
	if len(answers) != 1 {
		return nil, q.fault(q.where, string(q.level)+" has no value", nil)
	}
	return q.findings(answers[0][answer])
}
