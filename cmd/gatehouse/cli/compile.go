package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

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
			return view.JSON(to, view.CompileDocument(findings))
		}
		look := s.look()
		look.Colour = look.Colour && out == ""
		view.Compile(to, findings.Proofs, look)
		return nil
	}
	if out == "" {
		return write(w.stdout)
	}
	return writeFile(out, write)
}

// cause is what went wrong, without the temporary names that it went wrong with.
func cause(err error) error {
	var path *os.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	default:
		return err
	}
}

// writeFile writes beside the file and renames, so that nobody reads half a document.
func writeFile(path string, write func(io.Writer) error) error {
	failed := func(err error) error { return fmt.Errorf("--out %s: %w", path, cause(err)) }
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return failed(errors.New("it is a folder"))
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".gatehouse-*")
	if err != nil {
		return failed(err)
	}
	defer os.Remove(f.Name()) // fails, and means nothing, once renamed
	if err := firstError(write(f), f.Sync(), f.Close()); err != nil {
		return failed(err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return failed(err)
	}
	return nil
}
