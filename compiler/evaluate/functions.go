package evaluate

import (
	"errors"
	"slices"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// Function is one function that expressions may call. All are pure: none reads a file, the environment, the network or the clock.
type Function struct {
	Name    string
	Usage   string // such as: join(separator, list)
	Doc     string // a sentence
	Example string // an expression
	Result  string // what it gives, as an expression
	call    function.Function
	cost    func(args []cty.Value) (int, error)
}

// Functions returns the table of functions, in order of name.
func Functions() []Function {
	out := slices.Clone(functions)
	slices.SortFunc(out, func(a, b Function) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out
}

// functions are those of Terraform's that a policy has a use for, and mean the same.
var functions = []Function{
	// Lists.
	{"concat", "concat(list, …)", "One list of the elements of several.", `concat(["a"], ["b", "c"])`, `["a", "b", "c"]`, stdlib.ConcatFunc, linear},
	{"compact", "compact(list)", "A list of texts without the empty ones.", `compact(["a", "", "b"])`, `["a", "b"]`, stdlib.CompactFunc, linear},
	{"contains", "contains(list, value)", "Whether a list or set holds a value.", `contains(["a", "b"], "b")`, `true`, stdlib.ContainsFunc, linear},
	{"distinct", "distinct(list)", "A list without its repetitions.", `distinct(["a", "b", "a"])`, `["a", "b"]`, stdlib.DistinctFunc, quadratic},
	{"element", "element(list, index)", "One element of a list, counted from 0, around the end.", `element(["a", "b"], 3)`, `"b"`, stdlib.ElementFunc, linear},
	{"flatten", "flatten(list)", "A list with the lists in it taken apart.", `flatten([["a"], [["b"], "c"]])`, `["a", "b", "c"]`, stdlib.FlattenFunc, linear},
	{"length", "length(value)", "How many elements a list, set or map has, or characters a text.", `length(["a", "b"])`, `2`, lengthFunc, linear},
	{"reverse", "reverse(list)", "A list in the opposite order.", `reverse(["a", "b"])`, `["b", "a"]`, stdlib.ReverseListFunc, linear},
	{"sort", "sort(list)", "A list of texts in order.", `sort(["b", "a"])`, `["a", "b"]`, stdlib.SortFunc, linear},
	{"tolist", "tolist(value)", "A set or tuple as a list.", `tolist(["a", "b"])`, `["a", "b"]`, stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), unifying},

	// Sets.
	{"setintersection", "setintersection(set, …)", "What all of several sets hold.", `tolist(setintersection(["a", "b"], ["b"]))`, `["b"]`, stdlib.SetIntersectionFunc, unifying},
	{"setproduct", "setproduct(list, …)", "Every combination of elements, one of each list.", `setproduct(["a"], ["x", "y"])`, `[["a", "x"], ["a", "y"]]`, stdlib.SetProductFunc, product},
	{"setsubtract", "setsubtract(set, set)", "What the first set holds and the second doesn't.", `tolist(setsubtract(["a", "b"], ["b"]))`, `["a"]`, stdlib.SetSubtractFunc, unifying},
	{"setunion", "setunion(set, …)", "What any of several sets hold.", `tolist(setunion(["a"], ["b"]))`, `["a", "b"]`, stdlib.SetUnionFunc, unifying},
	{"toset", "toset(value)", "A list as a set, without order and repetitions.", `tolist(toset(["b", "a", "b"]))`, `["a", "b"]`, stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), unifying},

	// Maps.
	{"keys", "keys(map)", "The keys of a map, in order.", `keys({ b = 1, a = 2 })`, `["a", "b"]`, stdlib.KeysFunc, linear},
	{"lookup", "lookup(map, key, default)", "What a map holds under a key, or the default.", `lookup({ a = "x" }, "b", "y")`, `"y"`, stdlib.LookupFunc, linear},
	{"merge", "merge(map, …)", "One map of several; of equal keys the last counts.", `merge({ a = 1, b = 1 }, { b = 2 })`, `{ a = 1, b = 2 }`, stdlib.MergeFunc, linear},
	{"tomap", "tomap(value)", "An object as a map.", `tomap({ a = "x" })`, `{ a = "x" }`, stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)), linear},
	{"values", "values(map)", "What a map holds, in order of its keys.", `values({ b = 1, a = 2 })`, `[2, 1]`, stdlib.ValuesFunc, linear},
	{"zipmap", "zipmap(keys, values)", "A map of a list of keys and a list of values.", `zipmap(["a", "b"], [1, 2])`, `{ a = 1, b = 2 }`, stdlib.ZipmapFunc, linear},

	// Texts.
	{"endswith", "endswith(text, suffix)", "Whether a text ends with another.", `endswith("fraud-prod", "-prod")`, `true`, endsWithFunc, linear},
	{"format", "format(format, value, …)", "A text by a format: %s, %d, %q, %v, %05d …", `format("%s-%02d", "job", 7)`, `"job-07"`, stdlib.FormatFunc, formatCost},
	{"join", "join(separator, list)", "The texts of a list as one, with a separator between.", `join("-", ["a", "b"])`, `"a-b"`, stdlib.JoinFunc, joinCost},
	{"lower", "lower(text)", "A text in small letters.", `lower("FRAUD")`, `"fraud"`, stdlib.LowerFunc, linear},
	{"regex", "regex(pattern, text)", "What an RE2 pattern matches in a text; an error where it matches nothing.", `regex("^[a-z]+", "abc1")`, `"abc"`, stdlib.RegexFunc, regexCost},
	{"replace", "replace(text, old, new)", "A text with every occurrence of one replaced by another.", `replace("a_b_c", "_", "-")`, `"a-b-c"`, stdlib.ReplaceFunc, replaceCost},
	{"split", "split(separator, text)", "A text cut at every separator.", `split(",", "a,b")`, `["a", "b"]`, stdlib.SplitFunc, letters},
	{"startswith", "startswith(text, prefix)", "Whether a text begins with another.", `startswith("fraud-prod", "fraud")`, `true`, startsWithFunc, linear},
	{"substr", "substr(text, offset, length)", "A part of a text.", `substr("fraud", 0, 2)`, `"fr"`, stdlib.SubstrFunc, letters},
	{"tostring", "tostring(value)", "A number or truth value as text.", `tostring(7)`, `"7"`, stdlib.MakeToFunc(cty.String), linear},
	{"trimprefix", "trimprefix(text, prefix)", "A text without what it begins with.", `trimprefix("team-fraud", "team-")`, `"fraud"`, stdlib.TrimPrefixFunc, linear},
	{"trimspace", "trimspace(text)", "A text without blanks at its ends.", `trimspace(" fraud ")`, `"fraud"`, stdlib.TrimSpaceFunc, linear},
	{"trimsuffix", "trimsuffix(text, suffix)", "A text without what it ends with.", `trimsuffix("fraud-prod", "-prod")`, `"fraud"`, stdlib.TrimSuffixFunc, linear},
	{"upper", "upper(text)", "A text in capitals.", `upper("fraud")`, `"FRAUD"`, stdlib.UpperFunc, linear},

	// Anything.
	{"alltrue", "alltrue(list)", "Whether all elements are true.", `alltrue([for t in ["a", "b"] : length(t) == 1])`, `true`, allTrueFunc, linear},
	{"anytrue", "anytrue(list)", "Whether any element is true.", `anytrue([false, true])`, `true`, anyTrueFunc, linear},
	{"can", "can(expression)", "Whether an expression can be evaluated.", `can(regex("^[0-9]+$", "abc"))`, `false`, tryfunc.CanFunc, nil},
	{"coalesce", "coalesce(value, …)", "The first value that is neither null nor an empty text.", `coalesce("", "a")`, `"a"`, coalesceFunc, linear},
	{"tobool", "tobool(value)", "A text as true or false.", `tobool("true")`, `true`, stdlib.MakeToFunc(cty.Bool), linear},
	{"tonumber", "tonumber(value)", "A text as a number.", `tonumber("7")`, `7`, stdlib.MakeToFunc(cty.Number), linear},
	{"try", "try(expression, …)", "The first expression that can be evaluated.", `try({ a = "x" }.b, "y")`, `"y"`, tryfunc.TryFunc, nil},
}

// callable makes the functions that an evaluation calls: each asks for its steps first.
func callable(spend func(int) error) map[string]function.Function {
	out := make(map[string]function.Function, len(functions))
	for _, f := range functions {
		out[f.Name] = f.call
		if f.cost != nil {
			out[f.Name] = metered(f, spend)
		}
	}
	return out
}

// metered is a function that says what it will cost before it runs.
func metered(f Function, spend func(int) error) function.Function {
	return function.New(&function.Spec{
		Params: open(f.call.Params()), VarParam: openRest(f.call.VarParam()),
		Type: func(args []cty.Value) (cty.Type, error) {
			if known(args) {
				steps, err := f.cost(args)
				if err == nil {
					err = spend(steps)
				}
				if errors.Is(err, errLimit) {
					_ = spend(maxAllSteps) // more than there is: it is told as that
				}
				if err != nil {
					return cty.NilType, err
				}
			}
			fitting, err := fit(f.call, args)
			if err != nil {
				return cty.NilType, err
			}
			return f.call.ReturnTypeForValues(fitting)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			fitting, err := fit(f.call, args)
			if err != nil {
				return cty.NilVal, err
			}
			v, err := f.call.Call(fitting)
			if err == nil {
				_, err = size(v, maxSize)
			}
			if errors.Is(err, errLimit) {
				_ = spend(maxAllSteps)
			}
			return v, err
		},
	})
}

// open lets a parameter that takes sets of whatever take all values: fit makes sets of them.
func open(params []function.Parameter) []function.Parameter {
	out := slices.Clone(params)
	for i := range out {
		if out[i].Type.Equals(anySet) {
			out[i].Type = cty.DynamicPseudoType
		}
	}
	return out
}

func openRest(p *function.Parameter) *function.Parameter {
	if p == nil {
		return nil
	}
	return &open([]function.Parameter{*p})[0]
}

var anySet = cty.Set(cty.DynamicPseudoType)

// fit gives arguments the types that a function's parameters have.
func fit(f function.Function, args []cty.Value) ([]cty.Value, error) {
	out := slices.Clone(args)
	for i, v := range out {
		p := f.VarParam()
		if i < len(f.Params()) {
			p = &f.Params()[i]
		}
		if out[i] = alike(v); !p.Type.Equals(anySet) {
			continue
		}
		set, err := convert.Convert(out[i], anySet)
		if err != nil {
			return nil, function.NewArgError(i, err)
		}
		out[i] = set
	}
	return out, nil
}

func known(args []cty.Value) bool {
	return !slices.ContainsFunc(args, func(v cty.Value) bool { return !whollyKnown(v) })
}

// templateFunctions are those that naming templates call: none may give much, because they run for every place.
var templateFunctions = callable(func(steps int) error {
	if steps > maxTemplateSize {
		return errLimit
	}
	return nil
})
