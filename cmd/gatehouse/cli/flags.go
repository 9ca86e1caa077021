package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/lang/diag"
)

// common are the flags that most verbs share.
type common struct {
	environments []string
	targets      []string
	at           string
	format       string
	known        []string // formats
	sandbox      bool
	snapshot     string
	vars         []string // NAME=VALUE
	varFiles     []string
	lenient      bool // names of variables may be those of another revision
}

func (c *common) format_(cmd *cobra.Command) { c.formats(cmd) }

// formats adds --format for a verb that knows others beside text and json.
func (c *common) formats(cmd *cobra.Command, others ...string) {
	c.known = append([]string{"text", "json"}, others...)
	cmd.Flags().StringVar(&c.format, "format", "text", diag.Listed(c.known, "or"))
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(c.known, cobra.ShellCompDirectiveNoFileComp))
}

// exactly adds --format for a verb with formats of its own, the first of which is the default.
func (c *common) exactly(cmd *cobra.Command, formats ...string) {
	c.known = formats
	cmd.Flags().StringVar(&c.format, "format", formats[0], diag.Listed(formats, "or"))
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

func (c *common) moment(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.at, "at", "", "evaluate another moment, such as 2027-03-01T00:00:00Z")
}

func (c *common) sites(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&c.environments, "environment", nil, "only this environment (repeatable)")
	cmd.Flags().StringArrayVar(&c.targets, "target", nil, "only this target (repeatable): "+strings.Join(targetNames(), ", "))
	_ = cmd.RegisterFlagCompletionFunc("environment", completeEnvironments)
	_ = cmd.RegisterFlagCompletionFunc("target", cobra.FixedCompletions(targetNames(), cobra.ShellCompDirectiveNoFileComp))
}

func (c *common) remote(cmd *cobra.Command) {
	c.sites(cmd)
	cmd.Flags().BoolVar(&c.sandbox, "sandbox", false, "talk to the sandbox, which lives in .gatehouse/ below the policy's root")
}

// kept lets a verb that only reads take a snapshot in place of the remote systems.
func (c *common) kept(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.snapshot, "snapshot", "", "read this file, which gatehouse snapshot wrote, in place of the remote systems")
}

// completeEnvironments offers the environments of the policy that the shell stands in.
func completeEnvironments(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	s, err := open(world{getenv: func(string) string { return "" }, now: time.Now}, common{}, ".")
	if err != nil || s.result.Graph == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, env := range s.result.Graph.Environments {
		names = append(names, env.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// check refuses flag values before any work is done.
func (c *common) check() error {
	if c.format != "" && !slices.Contains(c.known, c.format) {
		return fmt.Errorf("--format %s: want %s", c.format, diag.Listed(c.known, "or"))
	}
	for _, t := range c.targets {
		if !slices.Contains(targetNames(), t) {
			return fmt.Errorf("--target %s: want %s", t, strings.Join(targetNames(), " or "))
		}
	}
	return nil
}

// time returns the moment to evaluate, in whole UTC seconds.
func (c *common) time(w world) (time.Time, error) {
	if c.at == "" {
		return w.now().UTC().Truncate(time.Second), nil
	}
	t, err := time.Parse(time.RFC3339, c.at)
	if err != nil {
		return time.Time{}, fmt.Errorf("--at %s: write a time as 2027-03-01T00:00:00Z", c.at)
	}
	return t.UTC().Truncate(time.Second), nil
}

// dirOf returns the DIR argument, which comes last and may be left out.
func dirOf(args []string, before int) string {
	if len(args) > before {
		return args[before]
	}
	return "."
}
