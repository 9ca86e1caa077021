package state

import (
	"context"
	"fmt"
	"time"

	"gatehouse/targets"
	"gatehouse/targets/consul"
	double "gatehouse/targets/sandbox/consul"
	"gatehouse/targets/state"
)

// An apply locks the state of its environment, which Consul keeps, and claims before it grants.
func Example() {
	d, err := double.Open("", "dc1", double.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	address, stop, err := d.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	conn, err := consul.Connect(consul.Config{Address: address})
	if err != nil {
		fmt.Println(err)
		return
	}
	owner := targets.Owner{Policy: "acme-ml", Environment: "prod"}
	store := state.Open(consul.NewKV(conn, owner), state.Options{Owner: owner, Who: "ci@runner", Now: time.Now})

	held, unlock, err := store.Lock(context.Background(), "apply", 30*time.Second)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = state.NewLedger(store).Claim(held, targets.Key{Kind: "secret-policy", Name: "vault"}, "roles/viewer ann@acme")
	fmt.Println(store, err)
	fmt.Println(unlock())
	// Output:
	// Consul's key gatehouse/acme-ml/prod/state <nil>
	// <nil>
}
