package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler/access"
)

func diffVerb(w world) *cobra.Command {
	var flags common
	cmd := &cobra.Command{
		Use:   "diff [flags] BASE [HEAD]",
		Short: "Say which access a change adds and removes",
		Long: `Compares the access of two policies: BASE and HEAD are folders, HEAD the current one by default. What moves text and changes no
access is no difference. The exit code is 2 when access differs.`,
		Example: "  git worktree add ../base main && gatehouse diff ../base",
		Args:    cobra.RangeArgs(1, 2),
		RunE:    func(_ *cobra.Command, args []string) error { return diffPolicies(w, flags, args) },
	}
	flags.format_(cmd)
	flags.moment(cmd)
	return cmd
}

func diffPolicies(w world, flags common, args []string) error {
	base, err := openSound(w, flags, args[0])
	if err != nil {
		return fmt.Errorf("diff: %s: %w", args[0], err)
	}
	head, err := openSound(w, flags, dirOf(args, 1))
	if err != nil {
		return err
	}
	delta := access.Diff(base.result.Graph, head.result.Graph)
	if flags.format == "json" {
		err = view.JSON(w.stdout, view.DiffDocument(delta))
	} else {
		view.Diff(w.stdout, delta, base.look(), head.look())
	}
	if err != nil || delta.Empty() {
		return err
	}
	return exit(exitDiffers)
}
