package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
)

func compileVerb(w world) *cobra.Command {
	var flags common
	var out string
	cmd := &cobra.Command{
		Use:   "compile [flags] [DIR]",
		Short: "Print the objects that a policy compiles to, and what the targets can't express",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return compile(cmd.Context(), w, flags, dirOf(args, 0), out)
		},
	}
	flags.format_(cmd)
	flags.moment(cmd)
	flags.variables(cmd)
	flags.sites(cmd)
	cmd.Flags().StringVar(&out, "out", "", "write to this file instead of stdout")
	return cmd
}

func compile(ctx context.Context, w world, flags common, dir, out string) error {
	s, findings, err := openProven(ctx, w, flags, dir)
	if err != nil {
		return err
	}
	write := func(to io.Writer) error {
		if flags.format == "json" {
			return view.JSON(to, view.CompileDocument(findings, s.omissions()))
		}
		look := s.look()
		look.Colour = look.Colour && out == ""
		view.Compile(to, findings.Proofs, s.omissions(), look)
		return nil
	}
	if out == "" {
		return write(w.stdout)
	}
	return writeFile(out, write)
}
