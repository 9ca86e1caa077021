package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/lang/diag"
)

func explainVerb(w world) *cobra.Command {
	return &cobra.Command{
		Use:   "explain CODE",
		Short: "Say what a diagnostic code means and what to do about it",
		Args:  cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return codes(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			entry, ok := diag.Explain(diag.Code(args[0]))
			if !ok {
				return fmt.Errorf("explain: no code %q: codes stand in brackets behind error and warning", args[0])
			}
			_, err := fmt.Fprintf(w.stdout, "%s\n\n%s\n\n%s\n", entry.Code, entry.Meaning, entry.Remedy)
			return err
		},
	}
}

func codes() []string {
	var out []string
	for _, entry := range diag.Catalogue() {
		out = append(out, string(entry.Code))
	}
	return out
}
