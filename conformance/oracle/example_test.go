package oracle_test

import (
	"fmt"

	"gatehouse/conformance/oracle"
)

func Example() {
	p := oracle.Policy{
		Environments: []oracle.Environment{{Name: "prod", Tier: "production", Consul: &oracle.Consul{}}},
		Workloads:    []oracle.Workload{{Name: "trainer", Environments: []string{"prod"}}},
		Stores:       []oracle.Store{{Name: "features", Environments: []string{"prod"}, Online: &oracle.Online{}}},
		Allows:       []oracle.Allow{{Name: "training", From: []string{"workload.trainer"}, To: []string{"feature_store.features"}, Expires: 1_800_000_000}},
	}
	q := oracle.Question{Environment: "prod", Workload: p.Workloads[0], Resource: "feature_store.features.online", Action: "read"}
	fmt.Println(p.Mistakes(), p.Why(q, 1_799_999_999), p.Why(q, 1_800_000_000))
	// Output: [] declared expired
}
