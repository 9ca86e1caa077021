package evaluate

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// alike makes a list of a tuple whose elements are all of one type. cty compares each element's type with each other's where it makes a list or set of a
// tuple, which takes a second for ten thousand; of a list it knows the type.
func alike(v cty.Value) cty.Value {
	if !mixable(v) || mixed(v) {
		return v
	}
	return cty.ListVal(v.AsValueSlice())
}

func mixable(v cty.Value) bool {
	return v.Type().IsTupleType() && v.IsKnown() && !v.IsNull() && v.Type().Length() > 1
}

// mixed reports whether a tuple's elements are of several types.
func mixed(v cty.Value) bool {
	types := v.Type().TupleElementTypes()
	for _, t := range types[1:] {
		if !t.Equals(types[0]) {
			return true
		}
	}
	return types[0] == cty.DynamicPseudoType // nulls without a type
}

// mixing is what it costs in steps to find the one type that the elements of a tuple can all have.
func mixing(v cty.Value) int {
	if !mixable(v) || !mixed(v) {
		return 0
	}
	n := v.Type().Length()
	return n * n / 10
}

// unifying is the cost of what makes its arguments' elements one type.
func unifying(args []cty.Value) (int, error) {
	total, err := linear(args)
	for _, v := range args {
		total += mixing(v)
	}
	return total, err
}

// longTuple is how long a result of a conditional is that is taken for a list where it can be. Those of two lengths become lists in any case.
const longTuple = 100

// result is one of the two results of a conditional.
type result struct {
	hclsyntax.Expression
	budget *budget
}

func (r *result) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := r.Expression.Value(ctx)
	if diags.HasErrors() || !mixable(v) || v.Type().Length() < longTuple {
		return v, diags
	}
	if r.budget.spend(mixing(v)) != nil {
		return cty.DynamicVal, overLimit
	}
	return alike(v), diags
}

// whollyKnown is cty's, without a walk through a set, which puts it in order first: a set of something unknown is itself unknown.
func whollyKnown(v cty.Value) bool {
	if v.Type().IsSetType() {
		return v.IsKnown()
	}
	return v.IsWhollyKnown()
}
