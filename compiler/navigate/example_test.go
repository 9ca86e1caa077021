package navigate_test

import (
	"fmt"
	"strings"
	"time"

	"gatehouse/compiler"
	"gatehouse/compiler/navigate"
	"gatehouse/lang/syntax"
)

const policy = `gatehouse {
  policy = "shop"
}

environment "prod" {
  tier = "production"
  consul {}
}

workload "trainer" {
  environments = [environment.prod]
}

feature_store "customers" {
  classification = "restricted"
  environments   = [environment.prod]
  online {}
}

allow "training" {
  from    = [workload.trainer]
  to      = [feature_store.customers]
  expires = "2027-03-01T00:00:00Z"
}
`

// viewOf understands a policy of one file.
func viewOf(text string) *navigate.View {
	v := &navigate.View{At: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	result := compiler.CompileFiles(map[string]string{"policy.gate.hcl": text}, v.At, compiler.Options{Read: func(tree syntax.Tree) {
		v.Index = navigate.NewIndex(navigate.ReadTree(tree, func(string) string { return text })...)
	}})
	v.Policy, v.Graph = result.Policy, result.Graph
	return v
}

func ExampleView_Hover() {
	v := viewOf(policy)
	card, _ := v.Hover(v.Index.File("policy.gate.hcl"), strings.Index(policy, "feature_store.customers"))
	fmt.Println(card.Markdown[strings.Index(card.Markdown, "**"):])
	// Output:
	// **Who reaches this**
	//
	// - `workload.trainer`: read in prod, until 2027-03-01 (allow.training)
}

// What may be written is known while the text around is broken.
func ExampleView_Complete() {
	v := viewOf(policy)
	text := "deny \"no-training\" {\n  from = [work"
	proposals, _ := v.Complete(navigate.ReadFile("new.gate.hcl", text), len(text))
	for _, p := range proposals {
		fmt.Println(p.Label)
	}
	// Output: workload.trainer
}

func ExampleIndex_Rename() {
	v := viewOf(policy)
	renaming, err := v.Index.Rename("policy.gate.hcl", strings.Index(policy, "workload.trainer"), "nightly")
	fmt.Println(len(renaming.Edits), err)
	_, err = v.Index.Rename("policy.gate.hcl", strings.Index(policy, "workload.trainer"), "Nightly run")
	fmt.Println(err)
	// Output:
	// 2 <nil>
	// "Nightly run" is no name: at most 63 of a-z, 0-9, - and _, a letter first
}

func ExampleIndex_Occurrences() {
	v := viewOf(policy)
	o, _ := v.Index.At("policy.gate.hcl", strings.Index(policy, "workload.trainer"))
	for _, place := range v.Index.Occurrences(o.Name) {
		fmt.Println(o.Name, "line", 1+strings.Count(policy[:place.Span.Start], "\n"))
	}
	// Output:
	// workload.trainer line 10
	// workload.trainer line 21
}
