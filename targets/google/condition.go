package google

import (
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"gatehouse/compiler/access"
)

// request is what is known of the requests that a condition is asked about: everything but the time and who asks.
// See https://cloud.google.com/iam/docs/conditions-attribute-reference.
type request struct {
	service, kind string
	name          string // empty: not known
	part          bool   // name is only the beginning of the requests' names: the versions of a secret
}

// doubt is why a condition is neither true nor false. The greater is the worse.
type doubt int

const (
	failing  doubt = iota + 1 // it can't be evaluated, which counts as not holding
	narrowed                  // it holds for some requests and not for others
	unseen                    // it asks for something that isn't known here
)

// truth says when an expression is true and when it is false. At other times it is neither, for the reason that doubt gives.
//
// Times are seconds: a second in which an expression is true at some moment counts as true, one in which it is false at some moment
// counts as false, and a second may be both. So nothing is ever narrower here than in reality, and by less than a second wider.
type truth struct {
	is, isNot access.Spans
	doubt     doubt
}

func constant(value bool) truth {
	if value {
		return truth{is: access.Spans{access.Always}}
	}
	return truth{isNot: access.Spans{access.Always}}
}

func (a truth) and(b truth) truth {
	return truth{a.is.Intersect(b.is), a.isNot.Union(b.isNot), max(a.doubt, b.doubt)}
}

func (a truth) or(b truth) truth {
	return truth{a.is.Union(b.is), a.isNot.Intersect(b.isNot), max(a.doubt, b.doubt)}
}

func (a truth) not() truth { return truth{a.isNot, a.is, a.doubt} }

// doubtful returns when it is not known, or depends, whether the expression is true.
func (a truth) doubtful() access.Spans {
	if a.doubt < narrowed {
		return nil
	}
	return access.Spans{access.Always}.Subtract(a.is.Union(a.isNot))
}

// expression is a condition, ready to be asked.
type expression struct {
	text    string   // canonical, or as it was where it can't be read
	tree    *cel.Ast // nil: it can't be read
	byNames bool     // its truth hangs on the request
}

// conditions evaluates conditions, and remembers what it has read.
type conditions struct {
	language *cel.Env
	read     map[string]*expression
	programs map[string]cel.Program
}

func newConditions() (*conditions, error) {
	language, err := conditionLanguage()
	return &conditions{language, map[string]*expression{}, map[string]cel.Program{}}, err
}

// expression reads a condition.
func (c *conditions) expression(text string) *expression {
	if e := c.read[text]; e != nil {
		return e
	}
	e := &expression{text: strings.Join(strings.Fields(text), " ")}
	if tree, issues := c.language.Compile(text); issues.Err() == nil && tree.OutputType() == cel.BoolType {
		if canonical, err := cel.AstToString(tree); err == nil {
			e.text, e.tree = strings.Join(strings.Fields(canonical), " "), tree
			e.byNames = mentions(tree.NativeRep().Expr(), func(name string) bool { return strings.HasPrefix(name, "resource.") })
		}
	}
	c.read[text] = e
	return e
}

// ask says when a condition holds for requests, and how the narrowing is called at times when that depends.
func (c *conditions) ask(text string, r request) (truth, string) {
	e := c.expression(text)
	if e.tree == nil {
		return truth{doubt: unseen}, unknownCondition + e.text
	}
	t := c.eval(e.tree.NativeRep().Expr(), e.tree.NativeRep().SourceInfo(), r)
	if t.doubt == unseen {
		return t, unknownCondition + e.text
	}
	return t, "condition: " + e.text
}

const unknownCondition = "unknown condition: "

// eval follows the logical operators, and asks what stands between them.
func (c *conditions) eval(e ast.Expr, info *ast.SourceInfo, r request) truth {
	if e.Kind() == ast.CallKind {
		call := e.AsCall()
		args := call.Args()
		switch call.FunctionName() {
		case operators.LogicalAnd:
			return c.eval(args[0], info, r).and(c.eval(args[1], info, r))
		case operators.LogicalOr:
			return c.eval(args[0], info, r).or(c.eval(args[1], info, r))
		case operators.LogicalNot:
			return c.eval(args[0], info, r).not()
		case operators.Conditional:
			when := c.eval(args[0], info, r)
			return when.and(c.eval(args[1], info, r)).or(when.not().and(c.eval(args[2], info, r)))
		}
	}
	return c.atom(e, info, r)
}

// atom says when an expression without logical operators is true.
func (c *conditions) atom(e ast.Expr, info *ast.SourceInfo, r request) truth {
	if t, ok := c.comparison(e, info); ok {
		return t
	}
	if r.part {
		if t, ok := beginning(e, r.name); ok {
			return t
		}
	}
	switch d := doubtOf(e, r); d {
	case 0:
		value, ok := c.value(e, info, r)
		if b, isBool := value.(types.Bool); ok && isBool {
			return constant(bool(b))
		}
		return truth{doubt: failing}
	default:
		return truth{doubt: d}
	}
}

// doubtOf says what keeps an expression from being evaluated; zero where nothing does.
func doubtOf(e ast.Expr, r request) doubt {
	var worst doubt
	mentions(e, func(name string) bool {
		switch name {
		case "resource.service", "resource.type":
			if r.kind == "" {
				worst = max(worst, unseen)
			}
		case "resource.name":
			switch {
			case r.name == "":
				worst = max(worst, unseen)
			case r.part:
				worst = max(worst, narrowed)
			}
		default:
			worst = max(worst, attributes[name])
		}
		return false
	})
	return worst
}

// mentions reports whether a name, of a variable or a function, for which found is true occurs in an expression.
func mentions(e ast.Expr, found func(string) bool) bool {
	any := false
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			any = found(e.AsIdent()) || any
		case ast.CallKind:
			any = found(e.AsCall().FunctionName()) || any
		}
	}))
	return any
}

// value evaluates an expression in which nothing is unknown.
func (c *conditions) value(e ast.Expr, info *ast.SourceInfo, r request) (ref.Val, bool) {
	text, err := cel.ExprToString(e, info)
	if err != nil {
		return nil, false
	}
	program, known := c.programs[text]
	if !known {
		if tree, issues := c.language.Compile(text); issues.Err() == nil {
			program, _ = c.language.Program(tree, cel.CostLimit(costliest))
		}
		c.programs[text] = program
	}
	if program == nil {
		return nil, false
	}
	out, _, err := program.Eval(map[string]any{"resource.name": r.name, "resource.type": r.kind, "resource.service": r.service})
	return out, err == nil
}

// costliest bounds the evaluation of one part of a condition, which Google bounds by its size.
const costliest = 100_000

// comparison reads a comparison of request.time with a time.
func (c *conditions) comparison(e ast.Expr, info *ast.SourceInfo) (truth, bool) {
	if e.Kind() != ast.CallKind || len(e.AsCall().Args()) != 2 {
		return truth{}, false
	}
	left, right, operator := e.AsCall().Args()[0], e.AsCall().Args()[1], e.AsCall().FunctionName()
	if isRequestTime(right) {
		left, right, operator = right, left, mirrored[operator]
	}
	if !isRequestTime(left) || mirrored[operator] == "" || mentions(right, isVariable) {
		return truth{}, false
	}
	value, ok := c.value(right, info, request{})
	at, isTime := value.(types.Timestamp)
	if !ok || !isTime {
		return truth{doubt: failing}, true
	}
	return compared(operator, at.Time), true
}

func isVariable(name string) bool { _, ok := attributes[name]; return ok }

func isRequestTime(e ast.Expr) bool {
	return e.Kind() == ast.IdentKind && e.AsIdent() == "request.time"
}

// mirrored are the comparisons, each with its meaning when the sides are exchanged.
var mirrored = map[string]string{
	operators.Less: operators.Greater, operators.LessEquals: operators.GreaterEquals,
	operators.Greater: operators.Less, operators.GreaterEquals: operators.LessEquals,
	operators.Equals: operators.Equals, operators.NotEquals: operators.NotEquals,
}

// compared says in which seconds a comparison of the time with a moment is true, and in which it is false.
func compared(operator string, at time.Time) truth {
	from := at.Unix() // the second that the moment lies in
	whole := at.Nanosecond() == 0
	next := from + 1
	before := access.Span{Start: access.MinTime, End: next} // seconds that have a part before the moment
	if whole {
		before.End = from
	}
	till := access.Span{Start: access.MinTime, End: next}       // that have a part before it, or at it
	since := access.Span{Start: from, End: access.MaxTime}      // that have a part after it, or at it
	now := access.NewSpans(access.Span{Start: from, End: next}) // that it lies in
	switch operator {
	case operators.Less:
		return truth{is: access.NewSpans(before), isNot: access.NewSpans(since)}
	case operators.LessEquals:
		return truth{is: access.NewSpans(till), isNot: access.NewSpans(since)}
	case operators.Greater:
		return truth{is: access.NewSpans(since), isNot: access.NewSpans(till)}
	case operators.GreaterEquals:
		return truth{is: access.NewSpans(since), isNot: access.NewSpans(before)}
	case operators.Equals:
		return truth{is: now, isNot: access.Spans{access.Always}}
	}
	return truth{is: access.Spans{access.Always}, isNot: now}
}

// beginning reads the comparisons of resource.name that can be decided, or not, by the beginning of the name.
func beginning(e ast.Expr, known string) (truth, bool) {
	if e.Kind() != ast.CallKind {
		return truth{}, false
	}
	call := e.AsCall()
	args := call.Args()
	if call.IsMemberFunction() {
		args = append([]ast.Expr{call.Target()}, args...)
	}
	if len(args) != 2 {
		return truth{}, false
	}
	if isName(args[1]) && call.FunctionName() != "startsWith" {
		args = []ast.Expr{args[1], args[0]}
	}
	text, ok := literal(args[1])
	if !isName(args[0]) || !ok {
		return truth{}, false
	}
	switch call.FunctionName() {
	case "startsWith":
		if strings.HasPrefix(known, text) {
			return constant(true), true
		}
		return dependsOn(strings.HasPrefix(text, known)), true
	case operators.Equals:
		return dependsOn(strings.HasPrefix(text, known)), true
	case operators.NotEquals:
		return dependsOn(strings.HasPrefix(text, known)).not(), true
	}
	return truth{}, false
}

// dependsOn is true for some requests, or false.
func dependsOn(possible bool) truth {
	if possible {
		return truth{doubt: narrowed}
	}
	return constant(false)
}

func isName(e ast.Expr) bool { return e.Kind() == ast.IdentKind && e.AsIdent() == "resource.name" }

func literal(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}
