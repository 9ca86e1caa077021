package reach_test

import (
	"fmt"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
	"gatehouse/targets/reach"
)

func ExampleCompiled() {
	policy := toy.Policy("home attic ann", "home cellar ann bob")
	world, err := reach.Compiled([]targets.Site{toy.Site("home", toy.NewWorld("home", "open"))}, policy, toy.Noon)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range world.Who(toy.Door("home", "cellar"), access.Connect, toy.Noon) {
		fmt.Println(a.Principal.Name, a.Holders[0].Workload, a.Declared, a.Way[0].Object)
	}
	// Output:
	// ann workload.ann true door/cellar
	// bob workload.bob true door/cellar
}
