package policies

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/lang/diag"
)

//go:embed input.schema.json
var schemaText []byte

// Schema returns the JSON Schema (draft 7) of the document that guardrails of scope policy see.
func Schema() json.RawMessage { return slices.Clone(schemaText) }

// capabilities is the part of OPA that guardrails may use: what gives the same answer every time and everywhere.
func capabilities() *ast.Capabilities {
	all := ast.CapabilitiesForThisVersion()
	all.AllowNet = []string{}
	all.Builtins = slices.DeleteFunc(all.Builtins, func(b *ast.Builtin) bool {
		return b.Nondeterministic || b.Name == ast.OPARuntime.Name || b.Name == ast.HTTPSend.Name || b.Name == ast.NetLookupIPAddr.Name || b.Name == ast.NowNanos.Name
	})
	return all
}

func parserOptions() ast.ParserOptions {
	return ast.ParserOptions{RegoVersion: ast.RegoV1, ProcessAnnotation: true, Capabilities: capabilities()}
}

// schemaFor returns the schema of a scope's document: that of scope policy less what it lacks.
func schemaFor(scope Scope) (any, error) {
	var schema map[string]any
	if err := json.Unmarshal(schemaText, &schema); err != nil {
		return nil, fmt.Errorf("input.schema.json: %w", err)
	}
	properties, ok := schema["properties"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("input.schema.json: no properties")
	}
	only := map[Scope][]string{GrantScope: chunkFields, ExceptionScope: judgedFields}[scope]
	if only != nil {
		maps.DeleteFunc(properties, func(name string, _ any) bool { return !slices.Contains(only, name) })
		schema["required"] = only
	}
	if scope == ExceptionScope {
		properties["exceptions"] = map[string]any{"type": "array", "items": map[string]any{"$ref": "#/definitions/judged_exception"}}
	}
	return schema, nil
}

// chunkFields is what a document of scope grant holds, judgedFields one of scope exception.
var (
	chunkFields  = []string{"version", "policy", "time", "day", "grants"}
	judgedFields = []string{"version", "policy", "time", "day", "exceptions"}
)

// newCompiler returns a compiler that refuses fields its scope's document doesn't have.
func newCompiler(scope Scope) (*ast.Compiler, error) {
	schema, err := schemaFor(scope)
	if err != nil {
		return nil, err
	}
	set := ast.NewSchemaSet()
	set.Put(ast.SchemaRootRef, schema)
	return ast.NewCompiler().
		WithStrict(true).
		WithCapabilities(capabilities()).
		WithSchemas(set).
		WithDefaultRegoVersion(ast.RegoV1).
		SetErrorLimit(0), nil
}

// compileScope compiles the guardrails of one scope with the libraries they may call.
func compileScope(scope Scope, sources []source) (*ast.Compiler, diag.List) {
	compiler, err := newCompiler(scope)
	if err != nil {
		return nil, diag.List{broken(rangeOf(nil), err.Error(), "This is a defect of Gatehouse.")}
	}
	modules := map[string]*ast.Module{}
	for _, s := range sources {
		modules[s.file.name] = s.module
	}
	if compiler.Compile(modules); compiler.Failed() {
		return nil, regoErrors("", compiler.Errors)
	}
	return compiler, danglingReferences(compiler)
}

// danglingReferences refuses references to data that no rule defines. There is no data but rules, so that such a reference is
// undefined for ever, and the guardrail that rests on it would pass everything.
func danglingReferences(c *ast.Compiler) diag.List {
	var diags diag.List
	for _, name := range sortedKeys(c.Modules) {
		ast.WalkTerms(c.Modules[name], func(t *ast.Term) bool {
			ref, ok := t.Value.(ast.Ref)
			if !ok || !ref[0].Equal(ast.DefaultRootDocument) || len(ref) == 1 {
				return false
			}
			if len(c.GetRulesDynamicWithOpts(ref, ast.RulesOptions{IncludeHiddenModules: true})) == 0 && !isPackage(c, ref) {
				diags = append(diags, broken(rangeOf(t.Location), fmt.Sprintf("%s names no rule that this guardrail can see", ref.GroundPrefix()),
					"Correct the name. Data files are not read, and a guardrail sees libraries and the guardrails of its own scope."))
			}
			return false
		})
	}
	return diags
}

// isPackage admits the package paths of modules themselves.
func isPackage(c *ast.Compiler, ref ast.Ref) bool {
	for _, m := range c.Modules {
		if m.Package.Path.HasPrefix(ref) {
			return true
		}
	}
	return false
}

// split divides sources by the scope they are compiled for. A library goes wherever it is called from; one that nobody calls is
// compiled for the policy's scope, so that its mistakes show.
func split(sources []source) map[Scope][]source {
	out := map[Scope][]source{}
	called := map[string]bool{}
	for _, scope := range Scopes() {
		var chosen, rest []source
		for _, s := range sources {
			if s.guardrail != nil && s.guardrail.Scope == scope {
				chosen = append(chosen, s)
			} else if s.guardrail == nil {
				rest = append(rest, s)
			}
		}
		for i := 0; i < len(chosen); i++ { // chosen grows by what its elements call
			rest = slices.DeleteFunc(rest, func(library source) bool {
				if !calls(chosen[i], library) {
					return false
				}
				chosen = append(chosen, library)
				called[library.file.name] = true
				return true
			})
		}
		out[scope] = chosen
	}
	for _, s := range sources {
		if s.guardrail == nil && !called[s.file.name] {
			out[PolicyScope] = append(out[PolicyScope], s)
		}
	}
	return out
}

// calls says whether a module refers to a library, or shares its package with it.
func calls(s, library source) bool {
	path := library.module.Package.Path
	found := s.module.Package.Path.Equal(path)
	ast.WalkRefs(s.module, func(ref ast.Ref) bool {
		prefix := ref.ConstantPrefix()
		isData := len(prefix) > 0 && prefix[0].Equal(ast.DefaultRootDocument)
		found = found || isData && (prefix.HasPrefix(path) || path.HasPrefix(prefix))
		return found
	})
	return found
}
