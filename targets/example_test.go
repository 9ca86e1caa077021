package targets_test

import (
	"context"
	"fmt"
	"time"

	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
)

func ExampleProve() {
	policy := toy.Policy("home attic ann")
	proof, err := targets.Prove(toy.Driver{}, policy, "home", toy.Noon)
	fmt.Println(proof.Holds(), err)

	// A compiler that forgets to close the door is caught, under the one default that tells.
	forgetful := toy.Driver{Bend: func(compiled []targets.Container) []targets.Container {
		compiled[0].Items = compiled[0].Items[1:]
		return []targets.Container{toy.WithItems(compiled[0], toy.Owner("home"))}
	}}
	proof, _ = targets.Prove(forgetful, policy, "home", toy.Noon)
	for _, d := range proof.Report() {
		fmt.Println(d.Code)
	}
	for _, f := range proof.Failures {
		fmt.Print(f.Settings, ": ", f)
	}
	// Output:
	// true <nil>
	// proof-failed
	// rest=open: + toy anyone but ann may connect to door "attic"
}

func ExampleMakePlan() {
	world := toy.NewWorld("home", "open") // a door without a list lets everybody in
	sites := []targets.Site{toy.Site("home", world)}
	plan, err := targets.MakePlan(context.Background(), sites, toy.Policy("home attic ann"), targets.PlanOptions{At: toy.Noon})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, site := range plan.Sites {
		for _, e := range site.Delta.Lost {
			fmt.Println("-", targets.Sentence(e))
		}
		for _, c := range site.Changes {
			fmt.Println(c.Class, c.Op, c.Key)
			for _, i := range c.Items {
				fmt.Println(" ", i.Op, i.Key, i.To, i.Why)
			}
		}
	}
	// Output:
	// - toy anyone but ann may connect to door "attic"
	// narrowing create door/attic
	//   create * shut []
	//   create ann open [{allow.line-1 house.gate.hcl 1}]
}

func ExampleApply() {
	policy := toy.Policy("home attic ann", "home cellar bob")
	world := toy.NewWorld("home", "shut")
	sites := []targets.Site{toy.Site("home", world)}
	options := targets.ApplyOptions{Now: func() time.Time { return toy.Noon }, Who: "ada@desk"}
	for range 2 {
		plan, err := targets.MakePlan(context.Background(), sites, policy, targets.PlanOptions{At: toy.Noon})
		if err != nil {
			fmt.Println(err)
			return
		}
		outcome, err := targets.Apply(context.Background(), plan, sites, policy, options, nil, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, r := range outcome.Results {
			fmt.Println(r.Status, r.Key)
		}
		fmt.Println("complete:", outcome.Complete(), "writes:", world.Writes())
	}
	// Output:
	// done door/attic
	// done door/cellar
	// complete: true writes: 2
	// complete: true writes: 2
}

func ExampleReview() {
	policy := toy.Policy("home attic ann")
	world := toy.NewWorld("home", "shut")
	sites := []targets.Site{toy.Site("home", world)}
	plan, err := targets.MakePlan(context.Background(), sites, policy, targets.PlanOptions{At: toy.Noon})
	if err != nil {
		fmt.Println(err)
		return
	}
	plan.Sites[0].Changes[0].Items[1].Key = "eve" // somebody edits the saved plan
	plan, err = targets.Review(context.Background(), plan, sites, policy)
	for _, n := range plan.Sites[0].Notices {
		fmt.Println(n.Kind, n.Key, err)
	}
	// Output:
	// refused door/attic <nil>
}

func ExampleLeftBehind() {
	written := targets.Record{Phase: targets.PhaseBegin, ID: "1", Policy: "house", Environment: "staging", Target: toy.Target,
		Op: targets.Create, Container: targets.Key{Kind: "door", Name: "attic"}}
	ended := targets.Record{Phase: targets.PhaseDone, ID: "1", Policy: "house", Environment: "staging", Target: toy.Target, Result: targets.Done}
	for _, o := range targets.LeftBehind([]targets.Record{written, ended}, "house", []string{"prod"}) {
		fmt.Println(o.Environment, o.Target, o.Containers)
	}
	// Output:
	// staging toy [door/attic]
}
