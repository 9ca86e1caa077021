package google

import (
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// attributes are the variables and functions of conditions whose values can't be known without the request, each with what that means. Tags
// are unseen: they are the resource's, and nobody reads them here.
// See https://cloud.google.com/iam/docs/conditions-attribute-reference.
var attributes = map[string]doubt{
	"request.time": narrowed, "request.path": narrowed, "request.host": narrowed, "request.auth.access_levels": narrowed,
	"destination.ip": narrowed, "destination.port": narrowed, "api.getAttribute": narrowed, "hasOnly": narrowed,
	"resource.name": narrowed, "resource.type": unseen, "resource.service": unseen,
	"resource.matchTag": unseen, "resource.matchTagId": unseen, "resource.hasTagKey": unseen, "resource.hasTagKeyId": unseen,
}

// conditionLanguage is CEL as IAM knows it: without macros, with its attributes and its function extract. It never changes.
var conditionLanguage = sync.OnceValues(func() (*cel.Env, error) {
	text := []*cel.Type{cel.StringType, cel.StringType}
	return cel.NewEnv(
		cel.ClearMacros(),
		cel.ParserRecursionLimit(100),
		cel.ParserExpressionSizeLimit(20_000),
		cel.Variable("request.time", cel.TimestampType),
		cel.Variable("request.path", cel.StringType),
		cel.Variable("request.host", cel.StringType),
		cel.Variable("request.auth.access_levels", cel.ListType(cel.StringType)),
		cel.Variable("destination.ip", cel.StringType),
		cel.Variable("destination.port", cel.IntType),
		cel.Variable("resource.name", cel.StringType),
		cel.Variable("resource.type", cel.StringType),
		cel.Variable("resource.service", cel.StringType),
		cel.Function("resource.matchTag", cel.Overload("resource_matchTag", text, cel.BoolType)),
		cel.Function("resource.matchTagId", cel.Overload("resource_matchTagId", text, cel.BoolType)),
		cel.Function("resource.hasTagKey", cel.Overload("resource_hasTagKey", text[:1], cel.BoolType)),
		cel.Function("resource.hasTagKeyId", cel.Overload("resource_hasTagKeyId", text[:1], cel.BoolType)),
		cel.Function("api.getAttribute", cel.Overload("api_getAttribute", []*cel.Type{cel.StringType, cel.DynType}, cel.DynType)),
		cel.Function("hasOnly", cel.MemberOverload("dyn_hasOnly", []*cel.Type{cel.DynType, cel.DynType}, cel.BoolType)),
		cel.Function("extract", cel.MemberOverload("string_extract", text, cel.StringType, cel.BinaryBinding(extract))),
	)
})

// extract is IAM's function on strings: what stands in a text in the place of {…} in a template, and "" where it does not fit.
func extract(text, template ref.Val) ref.Val {
	before, rest, _ := strings.Cut(string(template.(types.String)), "{")
	_, after, closed := strings.Cut(rest, "}")
	_, out, found := strings.Cut(string(text.(types.String)), before)
	if !closed || !found {
		return types.String("")
	}
	if after != "" {
		if out, _, found = strings.Cut(out, after); !found {
			return types.String("")
		}
	}
	return types.String(out)
}
