package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/policies"
)

func guardrailsTestVerb(w world) *cobra.Command {
	var flags common
	var coverage, packs bool
	var least float64
	cmd := &cobra.Command{
		Use:   "test [flags] [DIR]",
		Short: "Run the tests of a policy's own guardrails",
		Long: `Runs the rules named test_... in the files of the policy's guardrails that end in _test.rego, in OPA's test format. The exit code is 1 when one
fails, or when there are none.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return testGuardrails(cmd.Context(), w, flags, coverage || least > 0, packs, least, dirOf(args, 0))
		},
	}
	flags.format_(cmd)
	flags.variables(cmd)
	cmd.Flags().BoolVar(&coverage, "coverage", false, "say which lines of the rules no test reaches")
	cmd.Flags().Float64Var(&least, "threshold", 0, "fail when the tests reach fewer lines than this many per cent")
	cmd.Flags().BoolVar(&packs, "packs", false, "run the tests of the built-in guardrails that the policy asks for as well")
	return cmd
}

func testGuardrails(ctx context.Context, w world, flags common, coverage, packs bool, least float64, dir string) error {
	s, err := open(w, flags, dir)
	if err != nil {
		return err
	}
	if s.outside() {
		return s.tell(s.result.Diagnostics, true)
	}
	root, err := os.OpenRoot(s.root)
	if err != nil {
		return err
	}
	defer root.Close()
	options := ownGuardrails(s.result.Policy)
	if packs {
		options.Packs = s.result.Policy.Packs
	}
	options.Root = root.FS()
	suite, diags, err := policies.TestSuite(ctx, options, coverage)
	if err != nil {
		return err
	}
	if err := s.tell(diags, diags.HasErrors()); err != nil {
		return err
	}
	if len(suite.Verdicts) == 0 {
		return fmt.Errorf("guardrails test: the policy's guardrails have no tests: write rules named test_... into files that end in _test.rego")
	}
	return s.showTests(suite, least)
}

func (s *session) showTests(suite policies.Suite, least float64) error {
	if s.flags.format == "json" {
		if err := view.JSON(s.w.stdout, view.RuleTestsDocument(suite)); err != nil {
			return err
		}
	} else {
		view.RuleTests(s.w.stdout, suite, s.look())
	}
	if !suite.Passed() {
		return exit(exitFailed)
	}
	if reached := 100 * suite.Covered(); reached < least {
		return fmt.Errorf("guardrails test: the tests reach %.1f %% of the lines, fewer than %g %%", reached, least)
	}
	return nil
}

func guardrailsBenchVerb(w world) *cobra.Command {
	var flags common
	var largest int
	cmd := &cobra.Command{
		Use:   "bench [flags] [DIR]",
		Short: "Find guardrails that get slow as a policy grows",
		Long: `Copies the policy side by side until it is large, and times every guardrail on ever more copies. One whose time grows faster than the
policy is named, and the exit code is 1.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return benchGuardrails(cmd.Context(), w, flags, largest, dirOf(args, 0))
		},
	}
	flags.format_(cmd)
	flags.moment(cmd)
	flags.variables(cmd)
	cmd.Flags().IntVar(&largest, "grants", 8000, "how many grants the largest policy has")
	return cmd
}

func benchGuardrails(ctx context.Context, w world, flags common, largest int, dir string) error {
	s, err := openSound(w, flags, dir)
	if err != nil {
		return err
	}
	engine, err := s.engine(ctx)
	if err != nil {
		return err
	}
	if len(s.result.Graph.Grants) == 0 {
		return fmt.Errorf("guardrails bench: the policy gives no access: there is nothing to copy")
	}
	grown, err := engine.Grow(ctx, s.judged(), max(largest, 2000), processorTime(w.now))
	if err != nil {
		return s.faulted(err)
	}
	if flags.format == "json" {
		err = view.JSON(w.stdout, view.GrowthDocument(grown))
	} else {
		view.Growth(w.stdout, grown, s.look())
	}
	for _, g := range grown {
		if g.Slow && err == nil {
			return exit(exitFailed)
		}
	}
	return err
}
