package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler/access"
	"gatehouse/policies"
)

func diffVerb(w world) *cobra.Command {
	var flags common
	var out string
	cmd := &cobra.Command{
		Use:   "diff [flags] BASE [HEAD]",
		Short: "Say which access a change adds and removes",
		Long: `Compares the access of two policies, for all time. BASE and HEAD are folders or revisions of the git repository that one stands in; without
HEAD it is the files as they are. A...B and A..B are understood as git does: A... compares with where the branch parted from A. Nothing is
checked out. What moves text and changes no access is no difference. The exit code is 2 when access differs.`,
		Example: "  gatehouse diff main\n  gatehouse diff origin/main...\n  gatehouse diff v1.0 v1.1 --format markdown\n  gatehouse diff ../base .",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return diffPolicies(cmd.Context(), w, flags, args, out)
		},
	}
	flags.formats(cmd, "markdown")
	flags.moment(cmd)
	flags.variables(cmd)
	cmd.Flags().StringVar(&out, "out", "", "write to this file instead of stdout")
	return cmd
}

func diffPolicies(ctx context.Context, w world, flags common, args []string, out string) error {
	here, err := open(w, flags, ".")
	if err != nil {
		return err
	}
	c := here.comparer()
	base, head, err := c.sides(ctx, args)
	if err != nil {
		return fmt.Errorf("diff: %w", err)
	}
	if err := sound(w, flags, base, head); err != nil {
		return err
	}
	comparison := view.Comparison{
		Policy: head.policy(base), Time: c.at, Base: base.view(w), Head: head.view(w),
		Delta: access.Diff(base.graph(), head.graph()), World: access.DiffWorld(base.graph(), head.graph()),
	}
	if base.exists && head.exists { // that everything or nothing is judged goes without saying where there is one policy
		comparison.Judges = policies.DiffJudges(base.result.Policy, head.result.Policy)
	}
	if out == "" {
		err = writeDiff(w.stdout, flags.format, comparison)
	} else {
		comparison.Base.Look.Colour, comparison.Head.Look.Colour = false, false
		err = writeFile(out, func(to io.Writer) error { return writeDiff(to, flags.format, comparison) })
	}
	if err != nil || comparison.Delta.Empty() {
		return err
	}
	return exit(exitDiffers)
}

// sound tells of the mistakes of both sides. A machine is told those of one.
func sound(w world, flags common, base, head side) error {
	err := base.sound(w, flags)
	if err != nil && flags.format == "json" {
		return err
	}
	if err != nil && head.result.Diagnostics.HasErrors() {
		fmt.Fprintln(w.stderr)
	}
	return errors.Join(err, head.sound(w, flags))
}

func writeDiff(to io.Writer, format string, c view.Comparison) error {
	switch format {
	case "json":
		return view.JSON(to, view.DiffDocument(c))
	case "markdown":
		view.DiffMarkdown(to, c)
	default:
		view.Diff(to, c)
	}
	return nil
}
