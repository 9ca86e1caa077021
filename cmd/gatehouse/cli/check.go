package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler/access"
)

func checkVerb(w world) *cobra.Command {
	var flags common
	cmd := &cobra.Command{
		Use:   "check [flags] [DIR]",
		Short: "Check a policy: its text, its guardrails, and the proof of what it compiles to",
		Long: `Reads the policy, judges it by its guardrails and proves, for every environment and target, that what would be written means
what was declared. It needs no network and no token. The exit code is 1 for a mistake in the policy or a failed proof, and 3 when a
guardrail refuses.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := dirOf(args, 0)
			return remembering(cmd.Context(), w, flags, cmd, dir, func(ctx context.Context, w world) error { return check(ctx, w, flags, dir) })
		},
	}
	cmd.Flags().Bool("no-cache", false, "work everything out anew, and remember nothing of it")
	flags.format_(cmd)
	flags.moment(cmd)
	flags.sites(cmd)
	return cmd
}

func check(ctx context.Context, w world, flags common, dir string) error {
	s, err := open(w, flags, dir)
	if err != nil {
		return err
	}
	findings, err := s.examine(ctx)
	if err != nil {
		return err
	}
	w.memory.steady(s.steady())
	if flags.format == "json" {
		err = view.JSON(w.stdout, view.CheckDocument(findings))
	} else {
		view.Check(w.stdout, findings, s.look())
	}
	if err != nil {
		return err
	}
	return code(findingsCode(findings))
}

// examine is everything that is known of a policy without asking anybody: diagnostics, guardrails, proofs. Later ones are left out
// where earlier ones found errors.
func (s *session) examine(ctx context.Context) (view.Findings, error) {
	f := view.Findings{Policy: s.name(), Time: s.at, Diagnostics: s.result.Diagnostics, Graph: s.result.Graph}
	if f.Diagnostics.HasErrors() {
		return f, nil
	}
	if err := s.knowsEnvironments(); err != nil {
		return f, err
	}
	results, guardrails, diags, err := s.judge(ctx)
	if err != nil {
		return f, err
	}
	f.Guardrails, f.Results = guardrails, results
	f.Diagnostics = slices.Concat(f.Diagnostics, diags, access.ReportTests(access.RunTests(s.result.Graph, s.at)), s.unapplied())
	if f.Proofs, err = s.prove(); err != nil {
		return f, err
	}
	for _, p := range f.Proofs {
		f.Diagnostics = append(f.Diagnostics, p.Report()...)
	}
	f.Diagnostics = f.Diagnostics.Sorted()
	return f, nil
}

func findingsCode(f view.Findings) int {
	switch {
	case f.Diagnostics.HasErrors():
		return exitFailed
	case f.Results.Refused():
		return exitRefused
	default:
		return 0
	}
}
