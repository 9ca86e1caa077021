package evaluate

import (
	"fmt"
	"strings"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
)

// The functions that cty's library lacks, or has with another meaning than Terraform.

var lengthFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true}},
	Type: func(args []cty.Value) (cty.Type, error) {
		t := args[0].Type()
		if t == cty.DynamicPseudoType || t == cty.String || t.IsCollectionType() || t.IsTupleType() || t.IsObjectType() {
			return cty.Number, nil
		}
		return cty.NilType, function.NewArgErrorf(0, "a list, set, map or text is wanted")
	},
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if args[0].Type() != cty.String {
			return cty.NumberIntVal(int64(args[0].LengthInt())), nil
		}
		n, err := textseg.TokenCount([]byte(args[0].AsString()), textseg.ScanGraphemeClusters)
		return cty.NumberIntVal(int64(n)), err
	},
})

var (
	startsWithFunc = textTest("prefix", strings.HasPrefix)
	endsWithFunc   = textTest("suffix", strings.HasSuffix)
	allTrueFunc    = truths(true)
	anyTrueFunc    = truths(false)
)

// textTest is a function that asks something of two texts.
func textTest(second string, holds func(text, part string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}, {Name: second, Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(holds(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

// truths is whether no element differs from a truth value: all are true, or else some are. null is not true.
func truths(all bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			for it := args[0].ElementIterator(); it.Next(); {
				_, v := it.Element()
				if (!v.IsNull() && v.True()) != all {
					return cty.BoolVal(!all), nil
				}
			}
			return cty.BoolVal(all), nil
		},
	})
}

// coalesceFunc skips empty texts too, as Terraform's does.
var coalesceFunc = function.New(&function.Spec{
	VarParam: &function.Parameter{Name: "values", Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowNull: true},
	Type: func(args []cty.Value) (cty.Type, error) {
		types := make([]cty.Type, len(args))
		for i, v := range args {
			types[i] = v.Type()
		}
		t, _ := convert.UnifyUnsafe(types)
		if len(args) == 0 || t == cty.NilType {
			return cty.NilType, fmt.Errorf("values of one type are wanted")
		}
		return t, nil
	},
	Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		for _, v := range args {
			v, err := convert.Convert(v, t)
			if err != nil {
				return cty.NilVal, err
			}
			if !v.IsNull() && (t != cty.String || v.AsString() != "") {
				return v, nil
			}
		}
		return cty.NilVal, fmt.Errorf("every value is null or an empty text")
	},
})
