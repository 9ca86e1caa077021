package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/lang/diag"
	"gatehouse/policies"
)

func explainVerb(w world) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE|GUARDRAIL]",
		Short: "Say what a diagnostic code or a built-in guardrail means and what to do about it",
		Long: `Without a word, lists the codes of all diagnostics. With a code, says what is wrong and why it matters, shows a policy that has the
mistake and the same one mended, and says what to do. With a built-in guardrail's id, says what it asks for and why.`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return codes(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				view.Codes(w.stdout, diag.Stages(), lookOf(w))
				return nil
			}
			return explainWord(w, args[0])
		},
	}
}

func explainWord(w world, word string) error {
	code := diag.Code(strings.Trim(strings.ToLower(word), "[] "))
	if page, ok := diag.Page(code); ok {
		view.Page(w.stdout, page, lookOf(w))
		return nil
	}
	guardrails, err := policies.Catalogue()
	if err != nil {
		return err
	}
	known := codes()
	for _, g := range guardrails {
		if g.ID == word {
			_, err := fmt.Fprintf(w.stdout, "%s (%s)\n\n%s\n\n", g.ID, g.Origin, strings.Join([]string{g.Title + ".", g.Description, g.Rationale, g.Remedy}, "\n\n"))
			return err
		}
		known = append(known, g.ID)
	}
	return fmt.Errorf("explain: no code or built-in guardrail %q%s; gatehouse explain lists all codes", word, meant(word, known))
}

func codes() []string {
	var out []string
	for _, entry := range diag.Catalogue() {
		out = append(out, string(entry.Code))
	}
	return out
}
