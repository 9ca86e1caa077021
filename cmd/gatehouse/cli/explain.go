package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/lang/diag"
	"gatehouse/policies"
)

func explainVerb(w world) *cobra.Command {
	return &cobra.Command{
		Use:   "explain CODE|GUARDRAIL",
		Short: "Say what a diagnostic code or a built-in guardrail means and what to do about it",
		Args:  cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return codes(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error { return explainWord(w.stdout, args[0]) },
	}
}

func explainWord(w io.Writer, word string) error {
	if entry, ok := diag.Explain(diag.Code(word)); ok {
		_, err := fmt.Fprintf(w, "%s\n\n%s\n\n%s\n", entry.Code, entry.Meaning, entry.Remedy)
		return err
	}
	guardrails, err := policies.Catalogue()
	if err != nil {
		return err
	}
	known := codes()
	for _, g := range guardrails {
		if g.ID == word {
			_, err := fmt.Fprintf(w, "%s (%s)\n\n%s\n\n", g.ID, g.Origin, strings.Join([]string{g.Title + ".", g.Description, g.Rationale, g.Remedy}, "\n\n"))
			return err
		}
		known = append(known, g.ID)
	}
	return fmt.Errorf("explain: no code or built-in guardrail %q%s", word, meant(word, known))
}

func codes() []string {
	var out []string
	for _, entry := range diag.Catalogue() {
		out = append(out, string(entry.Code))
	}
	return out
}
