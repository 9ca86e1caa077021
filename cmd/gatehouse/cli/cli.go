// Package cli is the command line: one file a verb, each of them flags, a run and a view. It is where user mistakes
// (diagnostics) and machine failures (errors) meet, and where exit codes are decided. It holds no meaning of its own: what a verb
// prints, a library function has answered.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Exit codes, beside 0. When several hold, 1 comes before 3 and 3 before 2.
const (
	exitFailed  = 1 // bad input, an unreachable or lying target, a failed proof
	exitDiffers = 2 // there are changes, differences, drift
	exitRefused = 3 // a guardrail refuses
)

// exit is how a verb ends with a code after it has printed everything it has to say.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// world is what the program sees of the machine; tests give it another one.
type world struct {
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
	getenv   func(string) string
	environ  []string // as os.Environ gives it
	now      func() time.Time
	terminal bool // stdout is one
	width    int  // its columns; 0: unknown
	canAsk   bool // stdin is a terminal
	version  string
	stopped  <-chan struct{} // closed once the user asks to stop; nil: never
	values   *valueFiles     // that this run has read; nil: they are read each time
	cache    string          // the folder of remembered runs; empty: none
	memory   *memory         // of this run; nil: it isn't remembered
}

// Main runs the program on the real machine and returns its exit code.
func Main() int {
	tuneMemory(os.Getenv)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the first signal asks to stop; a second one, no longer caught, ends the process
	return run(ctx, os.Args[1:], world{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		getenv: os.Getenv, environ: os.Environ(), now: time.Now,
		terminal: isatty.IsTerminal(os.Stdout.Fd()), width: columns(),
		canAsk: isatty.IsTerminal(os.Stdin.Fd()), version: version(),
		cache: cacheFolder(os.Getenv, os.UserCacheDir),
	})
}

// columns asks the terminal how wide it is.
func columns() int {
	width, _, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		return 0
	}
	return width
}

func run(ctx context.Context, args []string, w world) int {
	out := &output{to: w.stdout}
	w.stdout, w.stopped, w.values = out, ctx.Done(), &valueFiles{texts: map[string][]byte{}}
	root := newRoot(w)
	root.SetArgs(args)
	root.SetIn(w.stdin)
	root.SetOut(w.stdout)
	root.SetErr(w.stderr)
	err := root.ExecuteContext(ctx)
	if out.err != nil {
		err = out.err
	}
	var code exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	default:
		fmt.Fprintf(w.stderr, "gatehouse: %v\n", err)
		return exitFailed
	}
}

// output remembers the first failure to write, so that no view need look for it: an answer that nobody received is no answer.
type output struct {
	to  io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.to.Write(p)
	if err != nil {
		o.err = fmt.Errorf("write the answer: %w", err)
	}
	return n, o.err
}

func newRoot(w world) *cobra.Command {
	root := &cobra.Command{
		Use:     "gatehouse",
		Version: w.version,
		Short:   "Who may reach which feature store and which secret, and is that true right now?",
		Long: `Gatehouse compiles a policy written in HCL into Consul intentions and Google Cloud IAM bindings, proves that what it compiled means what was
declared, applies it without losing anybody's change, and reports every way in which reality differs.

A verb that reads a policy takes a DIR: any folder of it, the current one by default.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddGroup(
		&cobra.Group{ID: "write", Title: "Write a policy:"},
		&cobra.Group{ID: "apply", Title: "Bring it to the world:"},
		&cobra.Group{ID: "ask", Title: "Ask:"},
	)
	for _, verb := range []struct {
		group string
		cmd   *cobra.Command
	}{
		{"write", initVerb(w)}, {"write", fmtVerb(w)}, {"write", fixVerb(w)}, {"write", checkVerb(w)}, {"write", testVerb(w)}, {"write", compileVerb(w)}, {"write", diffVerb(w)}, {"write", guardrailsVerb(w)}, {"write", lspVerb(w)},
		{"apply", planVerb(w)}, {"apply", applyVerb(w)}, {"apply", driftVerb(w)}, {"apply", snapshotVerb(w)}, {"apply", stateVerb(w)}, {"apply", sandboxVerb(w)},
		{"ask", whoCanVerb(w)}, {"ask", whatCanVerb(w)}, {"ask", whyVerb(w)}, {"ask", reportVerb(w)}, {"ask", explainVerb(w)}, {"ask", schemaVerb(w)},
		{"", versionVerb(w)},
	} {
		verb.cmd.GroupID = verb.group
		sayUsage(verb.cmd)
		root.AddCommand(verb.cmd)
	}
	return root
}

// flagError says what is wrong with a flag without the parser's own names.
func flagError(cmd *cobra.Command, err error) error {
	text, _, _ := strings.Cut(err.Error(), ": strconv.")
	if cmd.HasParent() {
		return fmt.Errorf("%s: %s", cmd.Name(), text)
	}
	return errors.New(text)
}

// sayUsage makes a wrong number of arguments an error that shows the right one.
func sayUsage(cmd *cobra.Command) {
	for _, inner := range cmd.Commands() {
		sayUsage(inner)
	}
	fits := cmd.Args
	if fits == nil {
		return
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if fits(cmd, args) != nil {
			return fmt.Errorf("%s: %d arguments don't fit: %s", cmd.Name(), len(args), cmd.UseLine())
		}
		return nil
	}
}
