package compiler_test

import (
	"strings"
	"testing"
	"time"

	"gatehouse/compiler"
)

// FuzzTemplate puts an expression into naming templates, which are evaluated for each place: none may panic or take long.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{
		`name`, `labels.team`, `labels["team"]`, `var.m.a`, `lower(join("-", [name, environment]))`, `format("%s-%d", name, labels.n)`, `tonumber(labels.n)`,
		`replace(name, "a", labels.long)`, `1e99`, `try(labels.nope, name)`, `labels.n > 1 ? name : "x"`, `local.l[0]`, `length(labels)`, `merge(labels, { a = name }).a`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, e string) {
		if strings.Contains(e, "\n") || len(e) > 300 {
			t.Skip()
		}
		late := time.AfterFunc(20*time.Second, func() { panic("takes too long: " + e) })
		defer late.Stop()
		compiler.CompileFiles(map[string]string{"a.gate.hcl": strings.ReplaceAll(templated, "EXPR", e)}, time.Time{}, compiler.Options{})
	})
}

const templated = `
gatehouse {
  policy = "t"
}

variable "m" {
  default = { a = "x" }
}

locals {
  l = ["a", "b"]
}

environment "prod" {
  tier = "production"

  consul {
    service = "${EXPR}"
  }
  google {
    project         = "acme-ml-prod"
    service_account = "${EXPR}-${name}@acme-ml-prod.iam.gserviceaccount.com"
  }
}

workload "w" {
  environments = [environment.prod]
  labels       = { team = "fraud", n = "1e99999999", long = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
`
