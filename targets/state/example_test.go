package state_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"gatehouse/targets"
	"gatehouse/targets/state"
)

// A target claims before it grants, and marks by its claims what is ours.
func Example() {
	root, err := os.MkdirTemp("", "policy")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(root)
	owner := targets.Owner{Policy: "acme-ml", Environment: "prod"}
	store := state.Open(state.NewFile(state.FilePath(root, owner)), state.Options{
		Owner:   owner,
		Who:     "ci@runner",
		Now:     func() time.Time { return time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) },
		Witness: state.NewFileWitness(filepath.Join(root, "elsewhere")),
	})
	ctx := context.Background()
	secret := targets.Key{Kind: "secret-policy", Name: "warehouse-password"}

	ledger := state.NewLedger(store)
	if err := ledger.Claim(ctx, secret, "roles/secretmanager.secretAccessor fraud@acme"); err != nil {
		fmt.Println(err)
		return
	}
	s, err := store.Read(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Standing, s.Mark.Serial)
	fmt.Println(s.Claims.Ours(secret, "roles/secretmanager.secretAccessor fraud@acme"))
	fmt.Println(s.Claims.Ours(secret, "roles/secretmanager.secretAccessor somebody@acme"))
	// Output:
	// kept 1
	// true
	// false
}

// A listing shows every claim, by container and item.
func ExampleList() {
	since := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	secret := targets.Key{Kind: "secret-policy", Name: "warehouse-password"}
	s := state.State{Standing: state.Kept, Claims: state.Claims{secret: {
		"roles/secretmanager.secretAccessor fraud@acme": {Since: since, By: "ci@runner", Serial: 7},
	}}}
	for _, c := range state.List(s, ".gatehouse/state/prod.json").Containers {
		for _, item := range c.Items {
			fmt.Println(c.Key, item.Item, item.Since.Format(time.DateOnly), item.By)
		}
	}
	// Output:
	// secret-policy/warehouse-password roles/secretmanager.secretAccessor fraud@acme 2026-07-01 ci@runner
}
