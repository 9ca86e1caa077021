package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/targets/state"
)

func stateVerb(w world) *cobra.Command {
	var flags common
	var accept bool
	cmd := &cobra.Command{
		Use:   "state [flags] [DIR]",
		Short: "List what is claimed in Google Cloud, and accept a state that was lost or restored",
		Long: `Google's bindings carry no mark, so that claims in the state say which are ours: only those are ever revoked. A state that was lost, or is
older than one that was seen, revokes nothing until it is accepted. Before accepting, look at the plan: apply --adopt claims what is
declared; what nobody claims stays, and drift reports it.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return states(cmd.Context(), w, flags, dirOf(args, 0), accept)
		},
	}
	flags.format_(cmd)
	flags.remote(cmd)
	flags.variables(cmd)
	cmd.Flags().BoolVar(&accept, "accept", false, "accept the state as it stands: its claims are true again, and what it lacks isn't ours")
	return cmd
}

func states(ctx context.Context, w world, flags common, dir string, accept bool) error {
	s, err := openSound(w, flags, dir)
	if err != nil {
		return err
	}
	defer s.close()
	listings := []state.Listing{}
	for i := range s.result.Graph.Environments {
		env := &s.result.Graph.Environments[i]
		if env.Google == nil || !s.selected(env.Name) {
			continue
		}
		store, err := s.state(env)
		if err != nil {
			return fmt.Errorf("environment %q: %w", env.Name, err)
		}
		if accept {
			if err := store.Accept(ctx); err != nil {
				return fmt.Errorf("environment %q: %w", env.Name, err)
			}
		}
		held, err := store.Read(ctx)
		if err != nil {
			return fmt.Errorf("environment %q: %w", env.Name, err)
		}
		listings = append(listings, state.List(held, fmt.Sprint(store)))
	}
	if flags.format == "json" {
		return view.JSON(w.stdout, view.StateDocument(listings))
	}
	view.State(w.stdout, listings, s.look())
	return nil
}
