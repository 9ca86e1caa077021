package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/policies"
)

func guardrailsInitVerb(w world) *cobra.Command {
	var flags common
	var from string
	cmd := &cobra.Command{
		Use:     "init [flags] AREA/NAME [DIR]",
		Short:   "Begin a guardrail of your own: a rule that works, and its tests",
		Long:    "Writes a rule, its tests and a word on how to go on into the policy's folder of guardrails. Nothing is overwritten.",
		Example: "  gatehouse guardrails init acme/owner-is-team\n  gatehouse guardrails init acme/small-blast-radius --from reach/blast-radius",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			return initGuardrail(w, flags, args[0], from, dirOf(args, 1))
		},
	}
	flags.variables(cmd)
	cmd.Flags().StringVar(&from, "from", "", "copy this built-in guardrail, to change it")
	_ = cmd.RegisterFlagCompletionFunc("from", cobra.FixedCompletions(policies.Pack("strict"), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func initGuardrail(w world, flags common, id, from, dir string) error {
	files, err := policies.Starter(id, from)
	if err != nil {
		return fmt.Errorf("guardrails init: %w%s", err, meant(from, policies.Pack("strict")))
	}
	s, err := open(w, flags, dir)
	if err != nil {
		return err
	}
	if s.outside() {
		return s.tell(s.result.Diagnostics, true)
	}
	folder, named := ownFolder(s.root, s.result.Policy)
	for _, file := range files {
		path := filepath.Join(s.root, folder, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		err := writeNew(path, file.Text)
		switch {
		case errors.Is(err, fs.ErrExist) && file.Name == "README.md":
		case errors.Is(err, fs.ErrExist):
			return fmt.Errorf("guardrails init: %s exists already; nothing was overwritten", shown(path))
		case err != nil:
			return err
		default:
			fmt.Fprintf(w.stdout, "wrote %s\n", shown(path))
		}
	}
	if !named {
		fmt.Fprintf(w.stdout, "\nAdd the folder to the gatehouse block in %s: guardrails = [%q]\n", s.look().Prefix+s.result.Policy.Decl.Filename, folder)
	}
	_, err = fmt.Fprintf(w.stdout, "\nNext: gatehouse guardrails test%s\n", suffix(shown(dir)))
	return err
}

// ownFolder returns the first folder of guardrails that the policy names, and whether it names one.
func ownFolder(root string, p *model.Policy) (string, bool) {
	for _, folder := range p.Guardrails {
		if !strings.HasSuffix(folder.Value, ".tar.gz") && !strings.HasSuffix(folder.Value, ".tgz") && filepath.IsLocal(filepath.FromSlash(folder.Value)) {
			return folder.Value, true
		}
	}
	return "guardrails", false
}

func guardrailsInputVerb(w world) *cobra.Command {
	var flags common
	var scope, base string
	cmd := &cobra.Command{
		Use:   "input [flags] [DIR]",
		Short: "Print what a guardrail sees of a policy",
		Long: `Prints the document that rules see as input, as JSON. With --scope grant it prints the documents of a hundred grants each that rules of that
scope see one after the other, one on a line. opa eval --input reads them.`,
		Example: "  gatehouse guardrails input | jq '.grants[] | select(.resource.classification == \"restricted\")'",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return printInput(cmd.Context(), w, flags, policies.Scope(scope), base, dirOf(args, 0))
		},
	}
	flags.moment(cmd)
	flags.variables(cmd)
	cmd.Flags().StringVar(&scope, "scope", string(policies.PolicyScope), diag.Listed(scopeNames(), "or"))
	cmd.Flags().StringVar(&base, "base", "", "say what changes against this policy, a folder or a revision, as input.delta")
	_ = cmd.RegisterFlagCompletionFunc("scope", cobra.FixedCompletions(scopeNames(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func scopeNames() []string {
	var out []string
	for _, s := range policies.Scopes() {
		out = append(out, string(s))
	}
	return out
}

func printInput(ctx context.Context, w world, flags common, scope policies.Scope, base, dir string) error {
	if !slices.Contains(policies.Scopes(), scope) {
		return fmt.Errorf("--scope %s: want %s", scope, diag.Listed(scopeNames(), "or"))
	}
	s, err := openSound(w, flags, dir)
	if err != nil {
		return err
	}
	if err := s.compare(ctx, base); err != nil {
		return err
	}
	engine, err := s.engine(ctx)
	if err != nil {
		return err
	}
	documents, err := engine.Documents(ctx, s.judged(), scope)
	if err != nil {
		return s.faulted(err)
	}
	for _, document := range documents {
		if _, err := fmt.Fprintf(w.stdout, "%s\n", document); err != nil {
			return err
		}
	}
	return nil
}
