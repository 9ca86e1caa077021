package cli

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler/access"
)

func testVerb(w world) *cobra.Command {
	var flags common
	var run string
	var coverage bool
	cmd := &cobra.Command{
		Use:   "test [flags] [DIR]",
		Short: "Run the tests of a policy: what its test blocks say about who may reach what",
		Long: `Runs every test block of the policy against the access that the policy declares. It needs no network and no token. The exit code is 1 when a
test fails. With --coverage it tells which allows and denies no test looks at, and of the allows with an end which none looks at while they hold.`,
		Example: "  gatehouse test\n  gatehouse test --run 'notebooks' --coverage\n  gatehouse test --format junit",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return test(w, flags, run, coverage, dirOf(args, 0)) },
	}
	flags.formats(cmd, "junit")
	flags.moment(cmd)
	flags.variables(cmd)
	cmd.Flags().StringVar(&run, "run", "", "only tests whose sentence this regular expression matches")
	cmd.Flags().BoolVar(&coverage, "coverage", false, "also tell what no test looks at")
	return cmd
}

func test(w world, flags common, run string, coverage bool, dir string) error {
	chosen, err := regexp.Compile(run)
	if err != nil {
		return fmt.Errorf("--run %s: %w", run, err)
	}
	s, err := openSound(w, flags, dir)
	if err != nil {
		return err
	}
	results := slices.DeleteFunc(access.RunTests(s.result.Graph, s.at), func(r access.TestResult) bool { return !chosen.MatchString(r.Test.Name.Value) })
	if run != "" && len(results) == 0 {
		return fmt.Errorf("--run %s: no test's sentence matches", run)
	}
	report := view.Tested{Policy: s.name(), Time: s.at, Results: results, Prefix: s.look().Prefix}
	if coverage {
		c := access.CoverageOf(s.result.Graph, results)
		report.Coverage = &c
	}
	switch flags.format {
	case "json":
		err = view.JSON(w.stdout, view.TestDocument(report))
	case "junit":
		err = view.TestJUnit(w.stdout, report)
	default:
		view.Test(w.stdout, report, s.look())
	}
	if err == nil && report.Failed() > 0 {
		err = exit(exitFailed)
	}
	return err
}
