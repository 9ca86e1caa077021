package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
)

func whoCanVerb(w world) *cobra.Command {
	var flags common
	cmd := &cobra.Command{
		Use:     "who-can [flags] ACTION RESOURCE [DIR]",
		Short:   "List who may reach a resource, and by which lines",
		Example: "  gatehouse who-can read secret.warehouse-password\n  gatehouse who-can read feature_store.customer-features --environment prod",
		Args:    cobra.RangeArgs(2, 3),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return []string{"read", "write"}, cobra.ShellCompDirectiveNoFileComp
			}
			return completeAddresses(w, addr.FeatureStore), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error { return whoCan(w, flags, args) },
	}
	flags.format_(cmd)
	flags.moment(cmd)
	flags.sites(cmd)
	return cmd
}

func whoCan(w world, flags common, args []string) error {
	action, err := actionOf(args[0])
	if err != nil {
		return fmt.Errorf("who-can: %w", err)
	}
	s, err := openSound(w, flags, dirOf(args, 2))
	if err != nil {
		return err
	}
	resource, err := s.resourceOf(args[1])
	if err != nil {
		return fmt.Errorf("who-can: %w", err)
	}
	if err := s.isThere(resource); err != nil {
		return fmt.Errorf("who-can: %w", err)
	}
	var answers []access.Answer
	for _, env := range s.asked(resource) {
		answers = append(answers, access.WhoCan(s.result.Graph, action, resource, env, s.at)...)
	}
	if flags.format == "json" {
		return view.JSON(w.stdout, view.WhoCanDocument(s.name(), action, resource, s.at, answers))
	}
	view.WhoCan(w.stdout, action, resource.String(), answers, s.look())
	return nil
}
