package snapshot_test

import (
	"bytes"
	"context"
	"fmt"

	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
	"gatehouse/targets/snapshot"
)

func Example() {
	policy := toy.Policy("home attic ann")
	world := toy.NewWorld("home", "open")
	views, err := targets.ObserveAll(context.Background(), []targets.Site{toy.Site("home", world)}, policy, toy.Noon)
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := snapshot.Save(&file, snapshot.Of(policy.Policy, toy.Noon, views)); err != nil {
		fmt.Println(err)
		return
	}

	// Later, and elsewhere: nobody talks to the house.
	kept, err := snapshot.Load(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	site := toy.Site("home", world)
	if site.Conn, err = kept.Conn("home", toy.Target, "home"); err != nil {
		fmt.Println(err)
		return
	}
	plan, err := targets.MakePlan(context.Background(), []targets.Site{site}, policy, targets.PlanOptions{At: kept.Time})
	fmt.Println(len(plan.Sites[0].Changes), err)
	// Output: 1 <nil>
}
