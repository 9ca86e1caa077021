package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/targets/reach"
)

func whoCanVerb(w world) *cobra.Command {
	var flags common
	var q questioned
	cmd := &cobra.Command{
		Use:   "who-can [flags] ACTION RESOURCE [DIR]",
		Short: "List who may reach a resource, and by which lines",
		Long: `Lists who may reach a resource: by what the policy declares, or, with --compiled, --live or --snapshot, by what objects mean under the remote
systems' own rules, whoever put them there. With --request the question is about one HTTP request; of objects, what hangs on a header or a token is listed, too.`,
		Example: "  gatehouse who-can read secret.warehouse-password\n  gatehouse who-can read feature_store.customer-features --environment prod\n  gatehouse who-can read feature_store.customer-features --request \"POST /v1/rows\"",
		Args:    cobra.RangeArgs(2, 3),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return []string{"read", "write"}, cobra.ShellCompDirectiveNoFileComp
			}
			return completeAddresses(w, addr.FeatureStore), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error { return whoCan(cmd.Context(), w, flags, q, args) },
	}
	flags.formats(cmd, "markdown")
	flags.moment(cmd)
	flags.variables(cmd)
	q.register(cmd, &flags)
	q.narrowable(cmd)
	return cmd
}

func whoCan(ctx context.Context, w world, flags common, q questioned, args []string) error {
	action, err := actionOf(args[0])
	if err != nil {
		return fmt.Errorf("who-can: %w", err)
	}
	s, err := openSound(w, flags, dirOf(args, 2))
	if err != nil {
		return err
	}
	defer s.close()
	call, resource, err := s.askedOf(q, args[1])
	if err != nil {
		return fmt.Errorf("who-can: %w", err)
	}
	if err := s.isThere(resource); err != nil {
		return fmt.Errorf("who-can: %w", err)
	}
	if q.effective(flags) {
		return s.whoCanReally(ctx, q, call, action, resource)
	}
	var answers []access.Answer
	for _, env := range s.asked(resource) {
		answers = append(answers, access.WhoCan(s.result.Graph, action, resource, env, s.at)...)
	}
	answers = slices.DeleteFunc(answers, func(a access.Answer) bool { return !a.Lets(call) })
	if flags.format == "json" {
		return view.JSON(w.stdout, view.WhoCanDocument(s.name(), action, resource, call, s.at, answers))
	}
	if flags.format == "markdown" {
		doc := view.WhoCanDocument(s.name(), action, resource, call, s.at, answers)
		view.AnswersMarkdown(w.stdout, fmt.Sprintf("Who can %s %s", action, view.Asked(resource, call)), s.moment(), doc.Answers)
		return nil
	}
	view.WhoCan(w.stdout, action, resource, call, answers, s.look())
	return nil
}

// whoCanReally asks whom objects let in.
func (s *session) whoCanReally(ctx context.Context, q questioned, call model.Call, action model.Action, resource addr.Address) error {
	world, err := s.world(ctx, q)
	if err != nil {
		return err
	}
	doc := view.NewReach(s.name(), q.of(s.flags), s.at, world.Unknown).About(call)
	for _, env := range s.asked(resource) {
		for _, a := range s.surfacesOf(resource, env, action) {
			doc.Add(letting(world.Who(a.surface, a.verb, s.at), call))
		}
		doc.Unknown = append(doc.Unknown, s.unasked(resource, env, action)...)
	}
	return s.showReach(doc, fmt.Sprintf("who can %s %s", action, view.Asked(resource, call)))
}

// letting returns the answers that may let a request through; all of them where none was asked about.
func letting(answers []reach.Answer, c model.Call) []reach.Answer {
	return slices.DeleteFunc(slices.Clone(answers), func(a reach.Answer) bool { return !access.MayLet(a.Requests, c) })
}
