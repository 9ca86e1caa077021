package cli

import (
	"context"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/targets/drift"
)

func driftVerb(w world) *cobra.Command {
	var flags common
	cmd := &cobra.Command{
		Use:   "drift [flags] [DIR]",
		Short: "Report every way in which the world differs from the policy, and what access that means",
		Long: `Compares the objects out there with the policy's, and the access that they give with the access declared: an object that nobody
of ours wrote may open a store just as well. The exit code is 2 when there is drift; notes alone don't count.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return driftOnce(cmd.Context(), w, flags, dirOf(args, 0))
		},
	}
	flags.format_(cmd)
	flags.remote(cmd)
	flags.variables(cmd)
	flags.kept(cmd)
	return cmd
}

func driftOnce(ctx context.Context, w world, flags common, dir string) error {
	s, _, err := openProven(ctx, w, flags, dir)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.forgotten(); err != nil {
		return err
	}
	sites, err := s.connected(ctx)
	if err != nil {
		return err
	}
	report, err := drift.Look(ctx, sites, s.result.Graph, s.at, drift.Options{})
	if err != nil {
		return err
	}
	if flags.format == "json" {
		err = view.JSON(w.stdout, report)
	} else {
		view.Drift(w.stdout, report, s.look())
	}
	if err != nil || !report.Drifted() {
		return err
	}
	return exit(exitDiffers)
}
