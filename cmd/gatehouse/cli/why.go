package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/targets/reach"
)

func whyVerb(w world) *cobra.Command {
	var flags common
	var q questioned
	cmd := &cobra.Command{
		Use:   "why [flags] WORKLOAD ACTION RESOURCE [DIR]",
		Short: "Say why a workload may reach a resource, or why not",
		Long: `Says why a workload may reach a resource, or why not: by what the policy declares, or, with --compiled, --live or --snapshot, on which ways
objects let it in. With --request the question is about one HTTP request; of objects, what hangs on a header or a token is listed, too.`,
		Example: "  gatehouse why fraud-trainer read secret.warehouse-password --environment prod\n  gatehouse why fraud-trainer read feature_store.customer-features --request \"POST /v1/rows\"",
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
		RunE: func(cmd *cobra.Command, args []string) error { return why(cmd.Context(), w, flags, q, args) },
	}
	flags.formats(cmd, "markdown")
	flags.moment(cmd)
	flags.variables(cmd)
	q.register(cmd, &flags)
	q.narrowable(cmd)
	return cmd
}

func why(ctx context.Context, w world, flags common, q questioned, args []string) error {
	s, err := openSound(w, flags, dirOf(args, 3))
	if err != nil {
		return err
	}
	defer s.close()
	if q.effective(flags) {
		return s.whyReally(ctx, q, args)
	}
	explanations, err := s.explain(q, args)
	if err != nil {
		return fmt.Errorf("why: %w", err)
	}
	if flags.format == "json" {
		return view.JSON(w.stdout, view.WhyDocument(s.name(), s.at, explanations))
	}
	if flags.format == "markdown" {
		view.WhyMarkdown(w.stdout, view.WhyDocument(s.name(), s.at, explanations), fmt.Sprintf("Why %s can %s %s", args[0], args[1], args[2]+view.With(q.request)))
		return nil
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
func (s *session) explain(q questioned, args []string) ([]access.Explanation, error) {
	workloads, err := s.workloadsOf(args[0])
	if err != nil {
		return nil, err
	}
	action, err := actionOf(args[1])
	if err != nil {
		return nil, err
	}
	call, resource, err := s.askedOf(q, args[2])
	if err != nil {
		return nil, err
	}
	var out []access.Explanation
	for _, env := range s.asked(resource) {
		for _, r := range s.result.Graph.Surfaces(resource) {
			for _, w := range workloads {
				out = append(out, access.WhyCall(s.result.Graph, call, w, action, r.Addr, env, s.at))
			}
		}
	}
	return out, nil
}

// whyReally asks on which ways objects let somebody in: those that hold now, and those that hold at another time.
func (s *session) whyReally(ctx context.Context, q questioned, args []string) error {
	action, err := actionOf(args[1])
	if err != nil {
		return fmt.Errorf("why: %w", err)
	}
	call, resource, err := s.askedOf(q, args[2])
	if err != nil {
		return fmt.Errorf("why: %w", err)
	}
	world, err := s.world(ctx, q)
	if err != nil {
		return err
	}
	doc := view.NewReach(s.name(), q.of(s.flags), s.at, world.Unknown).About(call)
	party := s.party(args[0])
	for _, env := range s.asked(resource) {
		for _, a := range s.surfacesOf(resource, env, action) {
			var ways []reach.Answer
			for _, p := range party {
				ways = append(ways, world.Ways(p, a.surface, a.verb, s.at)...)
			}
			doc.Add(letting(world.Together(ways), call))
		}
		doc.Unknown = append(doc.Unknown, s.unasked(resource, env, action)...)
	}
	if _, ok := s.declaredWorkload(args[0]); ok {
		explanations, err := s.explain(q, args)
		if err != nil {
			return fmt.Errorf("why: %w", err)
		}
		doc.Compare(explanations)
	}
	return s.showReach(doc, fmt.Sprintf("why %s can %s %s", s.called(args[0]), action, view.Asked(resource, call)))
}
