package drift_test

import (
	"context"
	"fmt"
	"time"

	"gatehouse/targets"
	"gatehouse/targets/drift"
	"gatehouse/targets/internal/toy"
)

func ExampleLook() {
	policy := toy.Policy("home attic ann")
	world := toy.NewWorld("home", "shut")
	sites := []targets.Site{toy.Site("home", world)}
	plan, _ := targets.MakePlan(context.Background(), sites, policy, targets.PlanOptions{At: toy.Noon})
	_, _ = targets.Apply(context.Background(), plan, sites, policy, targets.ApplyOptions{Now: func() time.Time { return toy.Noon }}, nil, nil)

	// Somebody lets Mallory in by hand.
	world.Put("door", "attic", toy.Body{Owner: toy.Owner("home"), List: map[string]string{"ann": "open", "mallory": "open", "*": "shut"}})

	report, err := drift.Look(context.Background(), sites, policy, toy.Noon, drift.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range report.Rows {
		fmt.Println(row.Kind, row.Object, row.Detail)
		for _, e := range row.Access.Gives {
			fmt.Println("+", targets.Sentence(e))
		}
		fmt.Println(row.Remedy)
	}
	fmt.Println("drifted:", report.Drifted())
	// Output:
	// extra door/attic mallory is there (open), and nothing declares it.
	// + toy "mallory" may connect to door "attic"
	// Run gatehouse apply to remove it, or declare it.
	// drifted: true
}
