package evaluate_test

import (
	"fmt"

	"gatehouse/compiler/evaluate"
	"gatehouse/lang/syntax"
)

func ExampleEvaluate() {
	tree, _, _ := syntax.LoadFiles(map[string]string{"acme.gate.hcl": `
gatehouse {
  policy = "acme-ml"
}

variable "teams" {
  type    = set(string)
  default = ["fraud"]
}

workload "trainer" {
  for_each     = var.teams
  owner        = "${each.key}-ml@acme.example"
  environments = []
}
`})
	out, diags := evaluate.Evaluate(tree, evaluate.Inputs{Flags: []evaluate.Flag{{Name: "teams", Value: `["fraud", "churn"]`}}})
	for _, b := range out.Blocks {
		owner, _ := b.Attr("owner")
		fmt.Println(b.Type, b.Name(), owner.Expr.(syntax.String).Value)
	}
	fmt.Println(len(diags), "mistakes")
	// Output:
	// workload trainer-churn churn-ml@acme.example
	// workload trainer-fraud fraud-ml@acme.example
	// 0 mistakes
}

func ExampleFunctions() {
	for _, f := range evaluate.Functions()[:2] {
		fmt.Printf("%s: %s is %s\n", f.Usage, f.Example, f.Result)
	}
	// Output:
	// alltrue(list): alltrue([for t in ["a", "b"] : length(t) == 1]) is true
	// anytrue(list): anytrue([false, true]) is true
}
