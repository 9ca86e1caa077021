package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/policies"
)

func guardrailsVerb(w world) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "guardrails",
		Short: "List, explain, write and test what judges a policy",
		Long: `Guardrails are rules, written in Rego, that judge the access which a policy declares: built-in ones, by packs, and your own, in folders or OPA
bundles that the gatehouse block names. gatehouse check runs them.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(guardrailsListVerb(w), guardrailsShowVerb(w), guardrailsExceptionsVerb(w), guardrailsTestVerb(w), guardrailsBenchVerb(w), guardrailsInitVerb(w), guardrailsInputVerb(w))
	return cmd
}

func guardrailsListVerb(w world) *cobra.Command {
	var flags common
	var pack string
	cmd := &cobra.Command{
		Use:   "list [flags] [DIR]",
		Short: "List the guardrails that judge a policy, or the built-in ones",
		Long:  "Lists the guardrails that judge a policy. Outside of one, and with --pack, it lists built-in ones.",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return listGuardrails(cmd.Context(), w, flags, pack, dirOf(args, 0))
		},
	}
	flags.format_(cmd)
	flags.variables(cmd)
	cmd.Flags().StringVar(&pack, "pack", "", "list this pack of built-in guardrails: "+diag.Listed(policies.Packs(), "or"))
	_ = cmd.RegisterFlagCompletionFunc("pack", cobra.FixedCompletions(policies.Packs(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func listGuardrails(ctx context.Context, w world, flags common, pack, dir string) error {
	name, list, err := guardrailsOf(ctx, w, flags, pack, dir)
	if err != nil {
		return err
	}
	if flags.format == "json" {
		return view.JSON(w.stdout, view.GuardrailsDocument(name, list))
	}
	view.Guardrails(w.stdout, list)
	return nil
}

// guardrailsOf returns those of a pack, of the policy around a folder, or where there is none every built-in one.
func guardrailsOf(ctx context.Context, w world, flags common, pack, dir string) (policy string, list []policies.Guardrail, err error) {
	if pack != "" {
		return packGuardrails(flags, pack)
	}
	s, err := open(w, flags, dir)
	if err != nil {
		return "", nil, err
	}
	if s.outside() {
		list, err = policies.Catalogue()
		return "", list, err
	}
	engine, err := s.engine(ctx)
	if err != nil {
		return "", nil, err
	}
	return s.name(), engine.Guardrails(), nil
}

func packGuardrails(flags common, pack string) (policy string, list []policies.Guardrail, err error) {
	if err := flags.check(); err != nil {
		return "", nil, err
	}
	if policies.Pack(pack) == nil {
		return "", nil, fmt.Errorf("--pack %s: the packs are %s%s", pack, diag.Listed(policies.Packs(), "and"), meant(pack, policies.Packs()))
	}
	all, err := policies.Catalogue()
	return "", slices.DeleteFunc(all, func(g policies.Guardrail) bool { return !slices.Contains(g.Packs, pack) }), err
}

// outside reports whether no policy is here.
func (s *session) outside() bool {
	return slices.ContainsFunc(s.result.Diagnostics, func(d diag.Diagnostic) bool { return d.Code == diag.NoPolicy })
}

// engine prepares the policy's guardrails, even where the policy itself has mistakes. What is wrong with them ends the verb.
func (s *session) engine(ctx context.Context) (*policies.Engine, error) {
	if s.outside() {
		return nil, s.tell(s.result.Diagnostics, true)
	}
	root, err := os.OpenRoot(s.root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	engine, diags, err := policies.Prepare(ctx, policies.For(s.result.Policy, root.FS()))
	if err != nil {
		return nil, err
	}
	return engine, s.tell(diags, diags.HasErrors())
}

func guardrailsShowVerb(w world) *cobra.Command {
	var flags common
	var source bool
	cmd := &cobra.Command{
		Use:   "show [flags] ID [DIR]",
		Short: "Say what a guardrail is for, and what to do about its findings",
		Args:  cobra.RangeArgs(1, 2),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return policies.Pack("strict"), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return showGuardrail(cmd.Context(), w, flags, source, args[0], dirOf(args, 1))
		},
	}
	flags.format_(cmd)
	flags.variables(cmd)
	cmd.Flags().BoolVar(&source, "source", false, "print the rule itself")
	return cmd
}

func showGuardrail(ctx context.Context, w world, flags common, source bool, id, dir string) error {
	g, err := findGuardrail(ctx, w, flags, id, dir)
	if err != nil {
		return err
	}
	if source {
		text, _, builtIn := policies.Source(id)
		if !builtIn {
			return fmt.Errorf("guardrails show: %s is your own: its source is %s", id, g.File)
		}
		_, err := fmt.Fprint(w.stdout, text)
		return err
	}
	if flags.format == "json" {
		return view.JSON(w.stdout, view.GuardrailsDocument("", []policies.Guardrail{g}))
	}
	view.Guardrail(w.stdout, g, lookOf(w))
	return nil
}

// findGuardrail looks among the built-in ones first, so that they are explained whatever a policy's own rules are like.
func findGuardrail(ctx context.Context, w world, flags common, id, dir string) (policies.Guardrail, error) {
	if err := flags.check(); err != nil {
		return policies.Guardrail{}, err
	}
	known, err := policies.Catalogue()
	if err != nil {
		return policies.Guardrail{}, err
	}
	is := func(g policies.Guardrail) bool { return g.ID == id }
	if i := slices.IndexFunc(known, is); i >= 0 {
		return known[i], nil
	}
	_, own, err := guardrailsOf(ctx, w, flags, "", dir)
	if err != nil {
		return policies.Guardrail{}, err
	}
	if i := slices.IndexFunc(own, is); i >= 0 {
		return own[i], nil
	}
	return policies.Guardrail{}, fmt.Errorf("guardrails show: there is no guardrail %q%s", id, meant(id, idsOf(slices.Concat(known, own))))
}

func idsOf(list []policies.Guardrail) []string {
	var ids []string
	for _, g := range list {
		ids = append(ids, g.ID)
	}
	return ids
}

func guardrailsExceptionsVerb(w world) *cobra.Command {
	var flags common
	cmd := &cobra.Command{
		Use:   "exceptions [flags] [DIR]",
		Short: "List the exceptions of a policy, and what each waives",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return listExceptions(cmd.Context(), w, flags, dirOf(args, 0))
		},
	}
	flags.format_(cmd)
	flags.moment(cmd)
	flags.variables(cmd)
	return cmd
}

func listExceptions(ctx context.Context, w world, flags common, dir string) error {
	s, err := openSound(w, flags, dir)
	if err != nil {
		return err
	}
	results, _, diags, err := s.judge(ctx)
	if err != nil {
		return err
	}
	if err := s.tell(diags, diags.HasErrors()); err != nil {
		return err
	}
	list := policies.Exceptions(s.result.Graph, s.at, results)
	if flags.format == "json" {
		return view.JSON(w.stdout, view.ExceptionsDocument(s.name(), s.at, list))
	}
	view.Exceptions(w.stdout, list, s.look())
	return nil
}

// own are the options for the user's own guardrails alone.
func ownGuardrails(p *model.Policy) policies.Options {
	return policies.Options{Folders: p.Guardrails}
}

// faulted shows a rule that failed while it ran as the diagnostic that it is.
func (s *session) faulted(err error) error {
	if fault := (*policies.Fault)(nil); errors.As(err, &fault) {
		return s.tell(diag.List{fault.Diagnostic()}, true)
	}
	return err
}
