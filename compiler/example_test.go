package compiler_test

import (
	"fmt"
	"os"
	"testing/fstest"
	"time"

	"gatehouse/compiler"
	"gatehouse/lang/diag"
)

func ExampleCompile() {
	files := fstest.MapFS{
		"acme.gate.hcl": {Data: []byte(`
gatehouse {
  policy = "acme-ml"
}

environment "prod" {
  tier = "production"
  consul {}
}

workload "fraud-trainer" {
  environments = [environment.prod]
}

feature_store "customer-features" {
  classification = "restricted"
  environments   = [environment.prod]
  online {}
}

allow "fraud-training" {
  from   = [workload.fraud-trainer]
  to     = [feature_store.customer-features]
  reason = "nightly fraud model training"
}
`)},
	}
	result, err := compiler.Compile(files, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range result.Graph.Grants {
		fmt.Printf("in %s, %s may %s %s\n", g.Environment, g.Workload, g.Action, g.Resource)
	}
	// Output: in prod, workload.fraud-trainer may read feature_store.customer-features.online
}

func ExampleCompile_mistake() {
	files := fstest.MapFS{
		"acme.gate.hcl": {Data: []byte(`
gatehouse {
  policy = "acme-ml"
}

environment "prod" {
  tier = "production"
}

workload "fraud-trainer" {
  environments = [environment.prd]
}
`)},
	}
	result, err := compiler.Compile(files, time.Time{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = diag.Render(os.Stdout, result.Diagnostics, result.Sources.Bytes, diag.Options{})
	// Output:
	// error[unknown-reference]: environment.prd is not declared
	//   --> acme.gate.hcl:11:19
	//    |
	// 11 |   environments = [environment.prd]
	//    |                   ^^^^^^^^^^^^^^^
	//    = Did you mean environment.prod?
}
