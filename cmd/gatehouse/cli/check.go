package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler/access"
	"gatehouse/targets"
)

func checkVerb(w world) *cobra.Command {
	var flags common
	var out reports
	var base string
	cmd := &cobra.Command{
		Use:   "check [flags] [DIR]",
		Short: "Check a policy: its text, its guardrails, its tests, and the proof of what it compiles to",
		Long: `Reads the policy, judges it by its guardrails, runs its tests and proves, for every environment and target, that what would be written
means what was declared. It needs no network and no token. The exit code is 1 for a mistake in the policy, a failed test or a failed
proof, and 3 when a guardrail refuses.

A report for machines goes to a file, and the text to the terminal: --format sarif=FILE, as often as there are reports to write.
With --base the guardrails that judge a change see what it adds and removes.`,
		Example: "  gatehouse check\n  gatehouse check --format sarif=gatehouse.sarif --format junit=gatehouse.xml\n  gatehouse check --base origin/main... --format markdown",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := dirOf(args, 0)
			return remembering(cmd.Context(), w, flags, cmd, dir, func(ctx context.Context, w world) error { return check(ctx, w, flags, out, base, dir) })
		},
	}
	cmd.Flags().Bool("no-cache", false, "work everything out anew, and remember nothing of it")
	out.register(cmd)
	cmd.Flags().StringVar(&base, "base", "", "compare with this folder or git revision, such as origin/main...")
	flags.moment(cmd)
	flags.variables(cmd)
	flags.sites(cmd)
	return cmd
}

func check(ctx context.Context, w world, flags common, out reports, base, dir string) error {
	if err := out.parse(); err != nil {
		return fmt.Errorf("check: %w", err)
	}
	if err := firstError(flags.check(), out.clear()); err != nil {
		return err
	}
	findings, look, err := examine(ctx, w, flags, base, dir)
	var told exit
	if errors.As(err, &told) {
		findings.Failure = "the policy that it is compared with has mistakes"
	} else if err != nil {
		findings.Failure = err.Error()
	}
	if wrote := out.write(w, findings, look); err == nil {
		err = wrote
	}
	if err != nil {
		return err
	}
	return code(findingsCode(findings))
}

// examine opens a policy and looks at it. With an error come the findings so far, which are not to be relied on.
func examine(ctx context.Context, w world, flags common, base, dir string) (view.Findings, view.Look, error) {
	none := view.Findings{Repository: repositoryPrefix(dir)}
	none.Time, _ = flags.time(w) // a moment that can't be read is told by open
	s, err := open(w, flags, dir)
	if err != nil {
		return none, lookOf(w), err
	}
	none.Policy, none.Repository = s.name(), repositoryPrefix(s.root)
	if err := s.compare(ctx, base); err != nil {
		return none, s.look(), err
	}
	findings, err := s.examine(ctx)
	if s.result.Policy != nil {
		w.memory.steady(s.steady())
	}
	findings.Repository, findings.Source = none.Repository, s.result.Sources.Bytes
	return findings, s.look(), err
}

// compare reads what --base names.
func (s *session) compare(ctx context.Context, base string) error {
	if base == "" {
		return nil
	}
	before, _, err := s.comparer().sides(ctx, []string{base})
	if err != nil {
		return fmt.Errorf("--base: %w", err)
	}
	if err := before.sound(s.w, common{}); err != nil {
		return err
	}
	s.base = before.graph()
	return nil
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
	var proofs []targets.Proof
	var unproven error
	var meanwhile sync.WaitGroup // guardrails and proofs know nothing of each other
	meanwhile.Go(func() { proofs, unproven = s.prove() })
	results, guardrails, diags, err := s.judge(ctx)
	meanwhile.Wait()
	if err := firstError(err, unproven); err != nil {
		return f, err
	}
	f.Guardrails, f.Results, f.Proofs = guardrails, results, proofs
	f.Diagnostics = slices.Concat(f.Diagnostics, diags, access.ReportTests(access.RunTests(s.result.Graph, s.at)), s.unapplied())
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
