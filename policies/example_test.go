package policies_test

import (
	"context"
	"fmt"
	"slices"
	"testing/fstest"
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/policies"
)

// A policy's own rule judges the access graph; the finding stands on the line of what it is about.
func Example() {
	root := fstest.MapFS{"guardrails/owner_is_team.rego": {Data: []byte(`
# METADATA
# title: Owners are teams
# custom:
#   remedy: Set owner to the address of a team.
package guardrails.acme.owner_is_team

warn contains {"subject": workload.address, "detail": sprintf("%s is no team", [workload.owner])} if {
	some workload in input.workloads
	not endswith(workload.owner, "-team@acme.example")
}
`)}}
	engine, diags, err := policies.Prepare(context.Background(), policies.Options{
		Packs:   []model.Text{{Value: "baseline"}},
		Folders: []model.Text{{Value: "guardrails"}},
		Root:    root,
	})
	if err != nil || diags.HasErrors() {
		fmt.Println(diags, err)
		return
	}
	graph := &access.Graph{Policy: "acme-ml", Workloads: []access.Workload{{
		Addr:  addr.New(addr.Workload, "trainer"),
		Owner: "jo@acme.example",
		Decl:  hcl.Range{Filename: "fraud/trainer.gate.hcl", Start: hcl.Pos{Line: 3, Column: 1}},
	}}}
	results, err := engine.Evaluate(context.Background(), graph, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range results {
		fmt.Printf("%s:%d: %s: %s: %s\n%s\n", r.Range.Filename, r.Range.Start.Line, r.Level, r.Guardrail, r.Detail, r.Remedy)
	}
	fmt.Println("refused:", results.Refused())
	// Output:
	// fraud/trainer.gate.hcl:3: warn: acme/owner-is-team: jo@acme.example is no team
	// Set owner to the address of a team.
	// refused: false
}

// The catalogue describes the built-in guardrails.
func ExampleCatalogue() {
	guardrails, err := policies.Catalogue()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range guardrails {
		if slices.Contains(g.Packs, "soc2") && slices.Contains(g.Controls, "SOC 2 CC8.1") {
			fmt.Printf("%s (%s): %s %v\n", g.ID, g.Severity, g.Title, g.Levels)
		}
	}
	// Output:
	// exceptions/not-self-approved (high): Nobody approves an exception for what is their own [deny]
	// merge/restricted-reach-is-explained (high): A change that adds reach to restricted data says why [deny warn]
	// ownership/granted-by-owner (high): Access is granted by whom it belongs to [deny]
}
