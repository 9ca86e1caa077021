package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"gatehouse/targets"
	"gatehouse/targets/snapshot"
)

func snapshotVerb(w world) *cobra.Command {
	var flags common
	var out string
	cmd := &cobra.Command{
		Use:   "snapshot [flags] --out FILE [DIR]",
		Short: "Save what is out there in one file, for whoever has no credentials",
		Long: `Reads the remote systems as plan does and keeps what decides access in one file. plan, drift, who-can, what-can, why and report take it
with --snapshot in place of the systems, and answer for the moment at which it was taken. It holds no secret's payload and no credential.`,
		Example: "  gatehouse snapshot --out live.snapshot.json\n  gatehouse who-can read secret.warehouse-password --snapshot live.snapshot.json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return takeSnapshot(cmd.Context(), w, flags, dirOf(args, 0), out)
		},
	}
	flags.remote(cmd)
	flags.variables(cmd)
	cmd.Flags().StringVar(&out, "out", "", "the file to write; - for standard output")
	return cmd
}

func takeSnapshot(ctx context.Context, w world, flags common, dir, out string) error {
	if out == "" {
		return errors.New("snapshot: --out FILE says where to keep it; - is standard output")
	}
	s, err := openSound(w, flags, dir)
	if err != nil {
		return err
	}
	defer s.close()
	sites, err := s.connected(ctx)
	if err != nil {
		return err
	}
	views, err := targets.ObserveAll(ctx, sites, s.result.Graph, s.at)
	if err != nil {
		return s.unproven(err)
	}
	kept := snapshot.Of(s.name(), s.at, views)
	if out == "-" {
		return snapshot.Save(w.stdout, kept)
	}
	if err := writeFile(out, func(to io.Writer) error { return snapshot.Save(to, kept) }); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return nil
}
