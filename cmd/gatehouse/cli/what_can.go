package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/targets/reach"
)

func whatCanVerb(w world) *cobra.Command {
	var flags common
	var q questioned
	cmd := &cobra.Command{
		Use:   "what-can [flags] WORKLOAD [DIR]",
		Short: "List what a workload reaches, and by which lines",
		Long: `Lists what a workload reaches. Asked of compiled objects, of what is live or of a snapshot, WORKLOAD may also be a remote name: a Consul service,
a member such as user:ann@acme.example, or anyone. What is asked about are the resources that the policy declares: it doesn't know of others.`,
		Example: "  gatehouse what-can fraud-trainer\n  gatehouse what-can serviceAccount:etl@acme-ml-prod.iam.gserviceaccount.com --live",
		Args:    cobra.RangeArgs(1, 2),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return completeAddresses(w, addr.Workload), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error { return whatCan(cmd.Context(), w, flags, q, args) },
	}
	flags.formats(cmd, "markdown")
	flags.moment(cmd)
	flags.variables(cmd)
	q.register(cmd, &flags)
	return cmd
}

func whatCan(ctx context.Context, w world, flags common, q questioned, args []string) error {
	s, err := openSound(w, flags, dirOf(args, 1))
	if err != nil {
		return err
	}
	defer s.close()
	if q.effective(flags) {
		return s.whatCanReally(ctx, q, args[0])
	}
	workloads, err := s.workloadsOf(args[0])
	if err != nil {
		return fmt.Errorf("what-can: %w", err)
	}
	doc := view.NewWhatCan(s.name(), s.at)
	for _, workload := range workloads {
		var answers []access.Answer
		for _, env := range s.result.Graph.Environments {
			if s.selected(env.Name) {
				answers = append(answers, access.WhatCan(s.result.Graph, workload, env.Name, s.at)...)
			}
		}
		doc.Add(workload, answers)
		if flags.format == "text" {
			view.WhatCan(w.stdout, workload, answers, s.look())
		}
	}
	switch flags.format {
	case "json":
		return view.JSON(w.stdout, doc)
	case "markdown":
		view.AnswersMarkdown(w.stdout, fmt.Sprintf("What %s can reach", args[0]), s.moment(), doc.Answers)
	}
	return nil
}

// whatCanReally asks what objects give to whom a word names.
func (s *session) whatCanReally(ctx context.Context, q questioned, word string) error {
	world, err := s.world(ctx, q)
	if err != nil {
		return err
	}
	doc := view.NewReach(s.name(), q.of(s.flags), s.at, world.Unknown)
	var answers []reach.Answer
	for _, p := range s.party(word) {
		answers = append(answers, world.What(p, s.at)...)
	}
	answers = world.Together(answers)
	slices.SortStableFunc(answers, func(a, b reach.Answer) int { return cmp.Compare(a.Environment, b.Environment) })
	doc.Add(slices.DeleteFunc(answers, func(a reach.Answer) bool { return a.Environment != "" && !s.selected(a.Environment) }))
	return s.showReach(doc, fmt.Sprintf("what %s can reach", s.called(word)))
}

// showReach writes what a question on effective access found.
func (s *session) showReach(doc view.ReachDoc, question string) error {
	if s.flags.format == "json" {
		return view.JSON(s.w.stdout, doc)
	}
	if s.flags.format == "markdown" {
		view.ReachMarkdown(s.w.stdout, doc, question)
		return nil
	}
	view.Reach(s.w.stdout, doc, question, s.look())
	return nil
}
