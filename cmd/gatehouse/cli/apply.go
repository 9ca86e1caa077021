package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/targets"
)

type applyFlags struct {
	planFlags
	plan     string // a saved plan
	approved bool
	expect   int
}

func applyVerb(w world) *cobra.Command {
	var flags common
	var how applyFlags
	cmd := &cobra.Command{
		Use:   "apply [flags] [DIR]",
		Short: "Write what a plan shows, and nothing else",
		Long: `Plans, shows the plan, asks, and writes exactly that plan; or writes one that was saved by plan --out. What somebody has changed
since is read again, and left alone unless the same change still means the same. Applying again changes nothing. The exit code is 1
when anything could not be applied, 3 when a guardrail refuses.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return apply(cmd.Context(), w, flags, how, dirOf(args, 0))
		},
	}
	flags.format_(cmd)
	flags.remote(cmd)
	flags.variables(cmd)
	how.register(cmd)
	cmd.Flags().StringVar(&how.plan, "plan", "", "apply this saved plan")
	cmd.Flags().BoolVar(&how.approved, "auto-approve", false, "don't ask")
	cmd.Flags().IntVar(&how.expect, "expect-removals", 0, "the number of items that the plan removes, where it is a large part of all")
	cmd.MarkFlagsMutuallyExclusive("plan", "adopt")
	cmd.MarkFlagsMutuallyExclusive("plan", "release")
	return cmd
}

func apply(ctx context.Context, w world, flags common, how applyFlags, dir string) error {
	s, findings, err := openProven(ctx, w, flags, dir)
	if err != nil {
		return err
	}
	defer s.close()
	if c := findingsCode(findings); c != 0 {
		fmt.Fprintln(w.stderr, "gatehouse: apply: a guardrail refuses the policy; nothing was written")
		return exit(c)
	}
	p, sites, err := s.planned(ctx, how)
	if err != nil {
		return err
	}
	if flags.format == "text" {
		view.Plan(w.stdout, p, s.look())
	}
	if err := s.approve(ctx, p, how); err != nil {
		return err
	}
	outcome, err := s.write(ctx, p, sites, how)
	if err != nil && len(outcome.Results) == 0 {
		return err
	}
	var unsaid error // beside an error, what was written is to be told all the same
	if flags.format == "json" {
		unsaid = view.JSON(w.stdout, view.ApplyDocument(p, outcome))
	} else {
		view.Apply(w.stdout, outcome, s.look())
	}
	if err = firstError(err, unsaid); err != nil || outcome.Complete() {
		return err
	}
	return exit(exitFailed)
}

// planned returns the plan to apply: the saved one, or one made now.
func (s *session) planned(ctx context.Context, how applyFlags) (targets.Plan, []targets.Site, error) {
	if how.plan == "" {
		return s.plan(ctx, how.planFlags)
	}
	p, err := loadNamed(s.w, how.plan, targets.Load)
	if err != nil {
		return targets.Plan{}, nil, fmt.Errorf("--plan %s: %w", how.plan, err)
	}
	if err := s.forgotten(); err != nil {
		return targets.Plan{}, nil, err
	}
	s.narrow(p)
	sites, err := s.connected(ctx)
	if err != nil {
		return targets.Plan{}, nil, err
	}
	p, err = targets.Review(ctx, p, sites, s.result.Graph) // what is shown is what holds, not what the file says
	return p, sites, err
}

// narrow selects the environments of a saved plan where no flag does: no others are connected to, and a token that counts for one Consul
// alone counts as it did when the plan was made.
func (s *session) narrow(p targets.Plan) {
	if len(s.flags.environments) > 0 {
		return
	}
	for _, site := range p.Sites {
		if !slices.Contains(s.flags.environments, site.Environment) {
			s.flags.environments = append(s.flags.environments, site.Environment)
		}
	}
}

// approve asks, unless there is nothing to decide or it was decided already. Without a terminal nobody can be asked.
func (s *session) approve(ctx context.Context, p targets.Plan, how applyFlags) error {
	if how.approved || planWrites(p) == 0 {
		return nil
	}
	if !s.w.canAsk {
		return errors.New("apply: nobody to ask: without a terminal, --auto-approve must say that the plan is meant")
	}
	fmt.Fprint(s.w.stderr, "Write this? Only yes is a yes: ")
	if s.answer(ctx) != "yes" {
		fmt.Fprintln(s.w.stderr, "nothing was written")
		return exit(exitFailed)
	}
	return nil
}

// answer reads one line, or nothing when the user interrupts: a read from a terminal can't be, so it is left behind.
func (s *session) answer(ctx context.Context) string {
	lines := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(s.w.stdin).ReadString('\n')
		lines <- strings.TrimSpace(line)
	}()
	select {
	case line := <-lines:
		return line
	case <-ctx.Done():
		fmt.Fprintln(s.w.stderr)
		return ""
	}
}

func planWrites(p targets.Plan) int {
	n := 0
	for _, site := range p.Sites {
		n += len(site.Changes)
	}
	return n
}

// write applies the plan, under the lock of every state that it may change and with a journal beside it. A plan without changes takes no
// lock and writes nothing at all, unless an interrupted apply has left claims to end.
func (s *session) write(ctx context.Context, p targets.Plan, sites []targets.Site, how applyFlags) (targets.Outcome, error) {
	options := targets.ApplyOptions{Now: s.w.now, Who: who(), ExpectRemovals: how.expect}
	if retires, err := s.retires(); err != nil {
		return targets.Outcome{}, err
	} else if planWrites(p) == 0 && !retires && !untidy(sites) {
		return targets.Apply(ctx, p, sites, s.result.Graph, options, nil, nil)
	}
	if err := os.MkdirAll(filepath.Dir(s.journalPath()), 0o700); err != nil {
		return targets.Outcome{}, err
	}
	locked, unlock, err := s.lock(ctx)
	if err != nil {
		return targets.Outcome{}, fmt.Errorf("apply: %w", err)
	}
	if err := tidy(locked, sites); err != nil {
		return targets.Outcome{}, errors.Join(err, unlock())
	}
	journal, err := targets.OpenJournal(s.journalPath())
	if err != nil {
		return targets.Outcome{}, errors.Join(err, unlock())
	}
	outcome, err := targets.Apply(locked, p, sites, s.result.Graph, options, journal, view.Progress(s.w.stderr, s.w.terminal))
	return outcome, errors.Join(err, journal.Close(), unlock())
}

// untidy reports whether an interrupted apply has left claims behind.
func untidy(sites []targets.Site) bool {
	return slices.ContainsFunc(sites, func(site targets.Site) bool {
		t, ok := site.Conn.(targets.Tidier)
		return ok && t.Untidy()
	})
}

func tidy(ctx context.Context, sites []targets.Site) error {
	for _, site := range sites {
		if t, ok := site.Conn.(targets.Tidier); ok && t.Untidy() {
			if err := t.Tidy(ctx); err != nil {
				return fmt.Errorf("environment %q: %w", site.Environment, err)
			}
		}
	}
	return nil
}

// who is the person or machine account that the journal names.
func who() string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return name + "@" + host
}
