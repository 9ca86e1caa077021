package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
)

func whyVerb(w world) *cobra.Command {
	var flags common
	cmd := &cobra.Command{
		Use:     "why [flags] WORKLOAD ACTION RESOURCE [DIR]",
		Short:   "Say why a workload may reach a resource, or why not",
		Example: "  gatehouse why fraud-trainer read secret.warehouse-password --environment prod",
		Args:    cobra.RangeArgs(3, 4),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			switch len(args) {
			case 0:
				return completeAddresses(w, addr.Workload), cobra.ShellCompDirectiveNoFileComp
			case 1:
				return []string{"read", "write"}, cobra.ShellCompDirectiveNoFileComp
			default:
				return completeAddresses(w, addr.FeatureStore), cobra.ShellCompDirectiveNoFileComp
			}
		},
		RunE: func(_ *cobra.Command, args []string) error { return why(w, flags, args) },
	}
	flags.format_(cmd)
	flags.moment(cmd)
	flags.sites(cmd)
	return cmd
}

func why(w world, flags common, args []string) error {
	s, err := openSound(w, flags, dirOf(args, 3))
	if err != nil {
		return err
	}
	explanations, err := s.explain(args, s.at)
	if err != nil {
		return fmt.Errorf("why: %w", err)
	}
	if flags.format == "json" {
		return view.JSON(w.stdout, view.WhyDocument(s.name(), s.at, explanations))
	}
	for i, e := range explanations {
		if i > 0 {
			fmt.Fprintln(w.stdout)
		}
		view.Why(w.stdout, e, s.look())
	}
	return nil
}

// explain asks the question for every surface of the resource, in every environment that the resource is in.
func (s *session) explain(args []string, at time.Time) ([]access.Explanation, error) {
	workload, err := s.workloadOf(args[0])
	if err != nil {
		return nil, err
	}
	action, err := actionOf(args[1])
	if err != nil {
		return nil, err
	}
	resource, err := s.resourceOf(args[2])
	if err != nil {
		return nil, err
	}
	var out []access.Explanation
	for _, env := range s.asked(resource) {
		for _, r := range s.result.Graph.Surfaces(resource) {
			out = append(out, access.Why(s.result.Graph, workload, action, r.Addr, env, at))
		}
	}
	return out, nil
}
