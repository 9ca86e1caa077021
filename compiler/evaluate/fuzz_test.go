package evaluate_test

import (
	"strings"
	"testing"
	"time"

	"gatehouse/compiler/evaluate"
	"gatehouse/lang/syntax"
)

// FuzzEvaluate puts an expression where locals, for_each, texts, lists of references and naming templates stand. None may panic, leave an expression
// behind, or take long.
func FuzzEvaluate(f *testing.F) {
	for _, seed := range []string{
		`[for x in local.l : x if x != "a"]`, `{ for k, v in var.m : k => upper(v)... }`, `workload.w`, `workload["w"]`, `workload.many["a"]`, `workload.many`,
		`"${var.m["a"]}-%{ if true }x%{ endif }"`, `local.l[*]`, `concat(local.l, [secret.s])`, `try(local.nope, 1)`, `can(1e99999999)`,
		`true ? [workload.w] : []`, `merge(var.m, { b = null })`, `toset([workload.w, workload.w])`, `each.key`, `format("%s%05d", "x", 3)`,
		`setproduct(local.l, [workload.w])[0]`, `distinct([workload.w, workload.w])`, `[read, write]`, `feature_store.f.online`, `sort(keys(workload.many))`,
		`coalesce(null, "", "a")`, `zipmap(["a"], [workload.w])`, `-(1) + 2 * 3 >= 1 && !false`, `regex("(a)(?P<x>b)", "ab")`, `flatten([[workload.w], [[]]])`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, e string) {
		if strings.Contains(e, "\n") || len(e) > 300 {
			t.Skip()
		}
		late := time.AfterFunc(20*time.Second, func() { panic("takes too long: " + e) })
		defer late.Stop()
		tree, _, _ := syntax.LoadFiles(map[string]string{"a.gate.hcl": strings.ReplaceAll(fuzzed, "EXPR", e)})
		out, diags := evaluate.Evaluate(tree, evaluate.Inputs{})
		for _, d := range diags {
			if strings.HasPrefix(d.Summary, "the expression can't be evaluated") {
				t.Errorf("%s: %+v", e, d)
			}
		}
		for _, b := range out.Blocks {
			leftOver(t, b)
		}
	})
}

// leftOver reports expressions that were not evaluated.
func leftOver(t *testing.T, b *syntax.Block) {
	for _, a := range b.Attrs {
		exprs := []syntax.Expr{a.Expr}
		switch e := a.Expr.(type) {
		case syntax.List:
			exprs = append(exprs, e.Elems...)
		case syntax.Object:
			for _, entry := range e.Entries {
				exprs = append(exprs, entry.Value)
			}
		}
		for _, e := range exprs {
			if _, ok := e.(syntax.Computed); ok {
				t.Errorf("%s of %s %s is not evaluated", a.Name, b.Type, b.Name())
			}
		}
	}
	for _, inner := range b.Blocks {
		leftOver(t, inner)
	}
}

const fuzzed = `
gatehouse {
  policy = "t"
}

environment "prod" {
  tier = "production"

  consul {
    address = "https://consul.example"
    service = "${EXPR}-${name}"
  }
}

variable "m" {
  default = { a = "x" }

  validation {
    condition     = EXPR
    error_message = "no"
  }
}

locals {
  l = ["a", "b"]
  x = EXPR
  y = [local.x, EXPR]
}

workload "w" {
  owner        = EXPR
  environments = [environment.prod]
  labels       = { a = EXPR, b = "${EXPR}" }
}

workload "many" {
  for_each     = toset(["a", "b"])
  environments = [environment.prod]
  interactive  = EXPR
}

group "g" {
  for_each  = EXPR
  workloads = [each.value, EXPR]
}

feature_store "f" {
  classification = "internal"
  environments   = EXPR
  online {}
}

allow "a" {
  from    = [EXPR, local.x]
  to      = EXPR
  actions = EXPR
  expires = EXPR
}
`
