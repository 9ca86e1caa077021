package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/targets"
)

// planFlags say what a plan may do.
type planFlags struct {
	adopt   bool
	release bool
}

func (p *planFlags) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&p.adopt, "adopt", false, "take over objects that exist without a mark of ours")
	cmd.Flags().BoolVar(&p.release, "release", false, "leave no tombstones: what left the policy is deleted even where that opens it")
}

func planVerb(w world) *cobra.Command {
	var flags common
	var how planFlags
	var out string
	cmd := &cobra.Command{
		Use:   "plan [flags] [DIR]",
		Short: "Say what apply would change: the access first, then the objects",
		Long: `Compares what the policy compiles to with what is out there and writes nothing. The exit code is 2 when there are changes, 3 when
a guardrail refuses. With --out the plan is saved, and apply --plan applies exactly that.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return plan(cmd.Context(), w, flags, how, dirOf(args, 0), out)
		},
	}
	flags.format_(cmd)
	flags.moment(cmd)
	flags.variables(cmd)
	flags.remote(cmd)
	flags.kept(cmd)
	how.register(cmd)
	cmd.Flags().StringVar(&out, "out", "", "save the plan in this file")
	return cmd
}

func plan(ctx context.Context, w world, flags common, how planFlags, dir, out string) error {
	s, findings, err := openProven(ctx, w, flags, dir)
	if err != nil {
		return err
	}
	defer s.close()
	p, _, err := s.plan(ctx, how)
	if err != nil {
		return err
	}
	if flags.format == "json" {
		err = targets.Save(w.stdout, p)
	} else {
		view.Plan(w.stdout, p, s.look())
	}
	if err != nil {
		return err
	}
	if out != "" {
		if err := writeFile(out, func(to io.Writer) error { return targets.Save(to, p) }); err != nil {
			return fmt.Errorf("plan: %w", err)
		}
	}
	return code(findingsCode(findings), planCode(p))
}

// plan compares the selected sites with the world.
func (s *session) plan(ctx context.Context, how planFlags) (targets.Plan, []targets.Site, error) {
	if err := s.forgotten(); err != nil {
		return targets.Plan{}, nil, err
	}
	sites, err := s.connected(ctx)
	if err != nil {
		return targets.Plan{}, nil, err
	}
	p, err := targets.MakePlan(ctx, sites, s.result.Graph, targets.PlanOptions{At: s.at, Adopt: how.adopt, Release: how.release})
	return p, sites, err
}

// planCode is 2 when there is something to write, and 1 when something stands in the policy's way.
func planCode(p targets.Plan) int {
	c := 0
	for _, site := range p.Sites {
		if len(site.Changes) > 0 && c == 0 {
			c = exitDiffers
		}
		for _, n := range site.Notices {
			if n.Blocking {
				c = exitFailed
			}
		}
	}
	return c
}
