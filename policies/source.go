package policies

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/lang/diag"
)

// source is one understood file: a guardrail, or a library that guardrails call.
type source struct {
	file      file
	module    *ast.Module
	guardrail *Guardrail // nil for a library
}

// understand parses files and checks them against the contract of guardrails, one by one and together.
func understand(files []file) ([]source, diag.List) {
	var sources []source
	var diags diag.List
	first := map[string]source{}
	for _, f := range files {
		module, err := ast.ParseModuleWithOpts(f.name, f.text, parserOptions())
		if err != nil {
			diags = append(diags, regoErrors(f.name, err)...)
			continue
		}
		if d := tooDeep(module); d != nil {
			diags = append(diags, *d)
			continue
		}
		s := source{file: f, module: module}
		diags = append(diags, s.classify()...)
		if s.guardrail != nil {
			if other, twice := first[s.guardrail.ID]; twice {
				diags = append(diags, declaredTwice(s, other))
				continue
			}
			first[s.guardrail.ID] = s
		}
		sources = append(sources, s)
	}
	return sources, diags
}

// maxDepth bounds nested terms: OPA's compiler takes time that grows with the square of the depth, minutes for a sum of 50,000 terms.
const maxDepth = 200

func tooDeep(m *ast.Module) *diag.Diagnostic {
	var found *diag.Diagnostic
	depth := 0
	ast.NewBeforeAfterVisitor(
		func(x any) bool {
			term, ok := x.(*ast.Term)
			if !ok {
				return found != nil
			}
			if depth++; depth > maxDepth && found == nil {
				d := broken(rangeOf(term.Location), fmt.Sprintf("terms are nested deeper than %d", maxDepth), "Divide the expression: name its parts by rules or functions.")
				d.Code, found = diag.TooDeep, &d
			}
			return found != nil
		},
		func(x any) {
			if _, ok := x.(*ast.Term); ok {
				depth--
			}
		},
	).Walk(m)
	return found
}

func declaredTwice(s, other source) diag.Diagnostic {
	d := broken(rangeOf(s.module.Package.Location), fmt.Sprintf("the guardrail %s is declared twice", s.guardrail.ID),
		"A guardrail is one file. Give one of them another package.")
	d.Related = []diag.Related{{Message: "declared here first", Range: rangeOf(other.module.Package.Location)}}
	return d
}

// classify finds out what a module is, by its package, and refuses what would pass in silence.
func (s *source) classify() diag.List {
	where := rangeOf(s.module.Package.Location)
	words, ok := packageWords(s.module.Package)
	judges := s.levels()
	switch {
	case !ok || words[0] != "guardrails":
		if len(judges) > 0 {
			return diag.List{broken(where, fmt.Sprintf("the package %s declares %s, but is no guardrail", packageName(s.module), judges[0]),
				"Guardrails are packages of the form guardrails.AREA.NAME; the engine asks no others.")}
		}
		return nil
	case len(words) != 3:
		return diag.List{broken(where, fmt.Sprintf("the package %s is not the name of a guardrail", packageName(s.module)),
			"Write guardrails.AREA.NAME, in lower case with underscores: guardrails.ownership.owner_is_set is the guardrail ownership/owner-is-set.")}
	case len(judges) == 0:
		return diag.List{broken(where, fmt.Sprintf("the guardrail %s has neither deny nor warn", guardrailID(words)),
			`Write deny contains {"subject": …, "detail": …} if { … }. Packages of functions alone belong outside guardrails, such as in lib.`)}
	}
	meta, diags := metadata(s.module)
	meta.ID, meta.Origin, meta.File, meta.Levels = guardrailID(words), s.file.origin, s.file.name, judges
	if meta.Origin == builtIn {
		meta.Packs = packsOf(meta.ID)
	}
	if meta.Title == "" {
		meta.Title = meta.ID
	}
	s.guardrail = &meta
	return append(diags, s.checkHeads()...)
}

// levels returns which of deny and warn a module declares, in that order.
func (s *source) levels() []Level {
	var out []Level
	for _, level := range []Level{Deny, Warn} {
		for _, rule := range s.module.Rules {
			if ruleName(rule) == string(level) {
				out = append(out, level)
				break
			}
		}
	}
	return out
}

// checkHeads refuses deny := true and its kin, which hold no subject.
func (s *source) checkHeads() diag.List {
	var diags diag.List
	for _, rule := range s.module.Rules {
		name := ruleName(rule)
		if name != string(Deny) && name != string(Warn) {
			continue
		}
		if rule.Head.RuleKind() != ast.MultiValue || len(rule.Head.Ref()) != 1 || rule.Default {
			diags = append(diags, broken(rangeOf(rule.Head.Location), fmt.Sprintf("%s is not a set of findings", name),
				fmt.Sprintf(`Write %s contains {"subject": …, "detail": …} if { … }.`, name)))
		}
	}
	return diags
}

func ruleName(rule *ast.Rule) string {
	ref := rule.Head.Ref()
	if len(ref) == 0 {
		return ""
	}
	name, _ := ref[0].Value.(ast.Var)
	return string(name)
}

var word = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// packageWords returns the parts of a package's path after data, and whether all of them are plain words.
func packageWords(p *ast.Package) ([]string, bool) {
	var words []string
	plain := true
	for _, term := range p.Path[1:] {
		s, _ := term.Value.(ast.String)
		plain = plain && word.MatchString(string(s))
		words = append(words, string(s))
	}
	return words, plain && len(words) > 0
}

// guardrailID turns guardrails.ownership.owner_is_set into ownership/owner-is-set.
func guardrailID(words []string) string {
	return strings.ReplaceAll(strings.Join(words[1:], "/"), "_", "-")
}

func packageName(m *ast.Module) string { return strings.TrimPrefix(m.Package.Path.String(), "data.") }
