package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/lsp"
	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
)

func lspVerb(w world) *cobra.Command {
	var flags common
	cmd := &cobra.Command{
		Use:   "lsp",
		Short: "Serve an editor: diagnostics, completion, who reaches what (Language Server Protocol)",
		Long: `Speaks the Language Server Protocol with an editor on standard input and output until it says exit. An editor starts it; there is nothing to see
for a person. cmd/gatehouse/lsp/EDITORS.md says how to set up VS Code, Neovim and Helix.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return serveEditor(cmd.Context(), w, flags) },
	}
	cmd.Flags().Bool("stdio", true, "speak on standard input and output; there is no other way, and editors that say so are right")
	flags.variables(cmd)
	return cmd
}

// serveEditor ends with the code that the protocol asks for.
func serveEditor(ctx context.Context, w world, flags common) error {
	keepMemory(w.getenv)
	inputs, err := flags.inputs(w)
	if err != nil {
		return err
	}
	options := lsp.Options{Version: w.version, Inputs: inputs, Now: w.now, Pause: lsp.Pause, Log: w.stderr, Targets: askTargets}
	if c := lsp.Serve(ctx, w.stdin, w.stdout, options); c != 0 {
		return exit(c)
	}
	return nil
}

// askTargets says what every target of every environment can't express, and what none applies.
func askTargets(g *access.Graph, at time.Time) (losses []access.Loss, unapplied diag.List) {
	var omitted []access.Omission
	for _, env := range g.Environments {
		var can []access.Capabilities
		for _, r := range remotes() {
			if _, ok := r.driver.Realm(env); ok {
				can = append(can, r.driver.Capabilities())
				losses = append(losses, access.Losses(g, env.Name, r.driver.Capabilities(), at)...)
			}
		}
		omitted = append(omitted, access.Unapplied(g, env.Name, can...)...)
	}
	return losses, access.ReportUnapplied(omitted)
}
