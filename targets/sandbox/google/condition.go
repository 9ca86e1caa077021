package google

import (
	"fmt"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"google.golang.org/genproto/googleapis/type/expr"
)

// conditions compiles and evaluates IAM conditions.
type conditions struct {
	modelled *cel.Env
	known    *cel.Env // with the attributes that Google has and the double hasn't
}

// request is what a condition sees; an empty name, kind or service means that the service offers no such attribute, and a condition
// that asks for it fails: https://cloud.google.com/iam/docs/conditions-attribute-reference.
type request struct {
	time                time.Time
	name, kind, service string
}

func newConditions() (*conditions, error) {
	modelled, err := cel.NewEnv(
		cel.ClearMacros(), // IAM conditions have none
		cel.Variable("request.time", cel.TimestampType),
		cel.Variable("resource.name", cel.StringType),
		cel.Variable("resource.type", cel.StringType),
		cel.Variable("resource.service", cel.StringType),
		cel.Function("extract", cel.MemberOverload("string_extract_string", []*cel.Type{cel.StringType, cel.StringType}, cel.StringType,
			cel.BinaryBinding(func(text, template ref.Val) ref.Val {
				return types.String(extract(string(text.(types.String)), string(template.(types.String))))
			}))),
	)
	if err != nil {
		return nil, fmt.Errorf("sandbox: set up conditions: %w", err)
	}
	known, err := modelled.Extend(unmodelledAttributes()...)
	if err != nil {
		return nil, fmt.Errorf("sandbox: set up conditions: %w", err)
	}
	return &conditions{modelled, known}, nil
}

// unmodelledAttributes declares them without giving them any meaning, so that a condition which uses them can be told from a wrong one.
func unmodelledAttributes() []cel.EnvOption {
	tag := func(name string, args ...*cel.Type) cel.EnvOption {
		return cel.Function("resource."+name, cel.Overload("resource_"+name, args, cel.BoolType))
	}
	return []cel.EnvOption{
		cel.Variable("request.auth.access_levels", cel.ListType(cel.StringType)),
		cel.Variable("request.host", cel.StringType),
		cel.Variable("request.path", cel.StringType),
		cel.Variable("destination.ip", cel.StringType),
		cel.Variable("destination.port", cel.IntType),
		tag("matchTag", cel.StringType, cel.StringType),
		tag("matchTagId", cel.StringType, cel.StringType),
		tag("hasTagKey", cel.StringType),
		tag("hasTagKeyId", cel.StringType),
		cel.Function("api.getAttribute", cel.Overload("api_getAttribute", []*cel.Type{cel.StringType, cel.DynType}, cel.DynType)),
		cel.Function("hasOnly", cel.MemberOverload("dyn_hasOnly", []*cel.Type{cel.DynType, cel.DynType}, cel.BoolType)),
	}
}

// maxOperators is the number of logical operators that a condition may hold: https://cloud.google.com/iam/quotas.
const maxOperators = 12

// check refuses a condition that IAM would refuse.
func (c *conditions) check(e *expr.Expr) error {
	if e.GetTitle() == "" {
		return invalid("Condition title is required.")
	}
	if strings.TrimSpace(e.GetExpression()) == "" {
		return invalid("Condition %q: expression is required.", e.GetTitle())
	}
	tree, issues := c.modelled.Compile(e.GetExpression())
	if err := issues.Err(); err != nil {
		if _, other := c.known.Compile(e.GetExpression()); other.Err() == nil {
			return unmodelled("condition " + e.GetExpression())
		}
		return invalid("Expression compilation failed for condition %q: %v", e.GetTitle(), err)
	}
	if tree.OutputType() != cel.BoolType {
		return invalid("Expression of condition %q is of type %v, not bool.", e.GetTitle(), tree.OutputType())
	}
	if n := logicalOperators(tree.NativeRep().Expr()); n > maxOperators {
		return invalid("Condition %q has %d logical operators; the limit is %d.", e.GetTitle(), n, maxOperators)
	}
	return nil
}

func logicalOperators(tree ast.Expr) int {
	n := 0
	ast.PreOrderVisit(tree, ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind {
			return
		}
		switch e.AsCall().FunctionName() {
		case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot:
			n++
		}
	}))
	return n
}

// holds reports whether a condition holds for a request. One that cannot be evaluated does not.
func (c *conditions) holds(e *expr.Expr, r request) bool {
	if e == nil {
		return true
	}
	tree, issues := c.modelled.Compile(e.GetExpression())
	if issues.Err() != nil {
		return false
	}
	program, err := c.modelled.Program(tree)
	if err != nil {
		return false
	}
	values := map[string]any{"request.time": r.time}
	for key, value := range map[string]string{"resource.name": r.name, "resource.type": r.kind, "resource.service": r.service} {
		if value != "" {
			values[key] = value
		}
	}
	out, _, err := program.Eval(values)
	return err == nil && out == types.True
}

// extract is IAM's string function: the part of text in the place of {…} in a template, and "" where the template does not match.
func extract(text, template string) string {
	before, rest, ok := strings.Cut(template, "{")
	if !ok {
		return ""
	}
	_, after, ok := strings.Cut(rest, "}")
	if !ok {
		return ""
	}
	_, part, ok := strings.Cut(text, before)
	if !ok {
		return ""
	}
	if after == "" {
		return part
	}
	part, _, ok = strings.Cut(part, after)
	if !ok {
		return ""
	}
	return part
}
