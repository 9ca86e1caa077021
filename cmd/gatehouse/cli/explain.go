package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/lang/diag"
	"gatehouse/policies"
)

func explainVerb(w world) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE|GUARDRAIL]",
		Short: "Say what a diagnostic code or a guardrail means and what to do about it",
		Long: `Without a word, lists the codes of all diagnostics. With a code, says what is wrong and why it matters, shows a policy that has the
mistake and the same one mended, where a policy can show it, and says what to do. With the id of a guardrail, built-in or the policy's own, says what it asks for and why.`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return append(codes(), policies.Pack("strict")...), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				view.Codes(w.stdout, diag.Stages(), lookOf(w))
				return nil
			}
			return explainWord(cmd.Context(), w, args[0])
		},
	}
}

func explainWord(ctx context.Context, w world, word string) error {
	word = strings.Trim(strings.ToLower(word), "[] ")
	if page, ok := diag.Page(diag.Code(word)); ok {
		view.Page(w.stdout, page, lookOf(w))
		return nil
	}
	built, err := policies.Catalogue()
	if err != nil {
		return err
	}
	known := append(codes(), idsOf(built)...)
	if slices.Contains(known, word) || isOwnGuardrail(ctx, w, word) {
		return showGuardrail(ctx, w, common{}, false, word, ".")
	}
	return fmt.Errorf("explain: no code or guardrail %q%s; gatehouse explain lists all codes, gatehouse guardrails list all guardrails", word, meant(word, known))
}

// isOwnGuardrail reports whether the policy here has a guardrail of its own of that id. Nothing is said of a policy that can't be read: nobody
// asked about it.
func isOwnGuardrail(ctx context.Context, w world, id string) bool {
	w.stdout, w.stderr = io.Discard, io.Discard
	_, list, err := guardrailsOf(ctx, w, common{}, "", ".")
	return err == nil && slices.Contains(idsOf(list), id)
}

func codes() []string {
	var out []string
	for _, entry := range diag.Catalogue() {
		out = append(out, string(entry.Code))
	}
	return out
}
