package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler"
	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
	"gatehouse/policies"
	"gatehouse/targets"
	"gatehouse/targets/consul"
	sandboxgoogle "gatehouse/targets/sandbox/google"
	"gatehouse/targets/snapshot"
	"gatehouse/targets/state"
)

// session is a policy that was read at one moment, and what a verb needs to work with it.
type session struct {
	w      world
	flags  common
	at     time.Time
	root   string // the policy's folder
	files  fs.FS  // the policy's; nil: there is none
	result *compiler.Result
	fresh  *compiler.Result   // result as it was compiled, without what is said of the policy's place
	base   *access.Graph      // what a change is compared with; nil: nothing
	kept   *snapshot.Snapshot // stands for the remote systems; nil: they are asked

	timed bool // guardrails look at the second: what they find is true of this moment alone

	consuls map[string]*consul.Conn // by environment
	stores  map[string]state.Store  // of claims, by environment
	stops   []func()                // what to stop at the end, last first

	google        *sandboxgoogle.Google // nil: not started
	googleAddress string
}

// open reads the policy around dir. Its diagnostics are in result; the graph is nil where there are errors.
func open(w world, flags common, dir string) (*session, error) {
	if err := flags.check(); err != nil {
		return nil, err
	}
	at, err := flags.time(w)
	if err != nil {
		return nil, err
	}
	if err := refuseFile(dir); err != nil {
		return nil, err
	}
	files, root, diags, err := compiler.Open(dir)
	if err != nil {
		return nil, err
	}
	s := &session{
		w: w, flags: flags, at: at, root: root, result: &compiler.Result{Diagnostics: diags},
		consuls: map[string]*consul.Conn{}, stores: map[string]state.Store{},
	}
	if err := s.loadSnapshot(); err != nil {
		return nil, err
	}
	if files == nil {
		s.root = dir
		return s, nil
	}
	s.files = files
	if s.result, err = compileFiles(w, flags, w.files(policyTree, files), s.at); err != nil {
		return nil, err
	}
	s.placed(diags)
	return s, nil
}

// placed adds what is said of where the policy lies, to its block. Of one that this version may not read nothing else is said.
func (s *session) placed(diags diag.List) {
	s.fresh = s.result
	if s.result.Policy.Decl.Filename == "" || len(diags) == 0 {
		return
	}
	result := *s.result
	result.Diagnostics = slices.Clone(result.Diagnostics)
	for _, d := range diags {
		d.Subject = result.Policy.Decl
		result.Diagnostics = append(result.Diagnostics, d)
	}
	result.Diagnostics, s.result = result.Diagnostics.Sorted(), &result
}

// refuseFile refuses what a policy can't be in.
func refuseFile(dir string) error {
	switch info, err := os.Stat(dir); {
	case err != nil:
		return fmt.Errorf("%s is no folder: name the policy's, or one below it", dir)
	case !info.IsDir():
		return fmt.Errorf("%s is no folder: a policy is read whole; name the folder that the file is in, %s", dir, filepath.Dir(dir))
	}
	return nil
}

// compileFiles compiles the files below a policy's root.
func compileFiles(w world, flags common, files fs.FS, at time.Time) (*compiler.Result, error) {
	inputs, err := flags.inputs(w)
	if err != nil {
		return nil, err
	}
	return compiler.CompileWith(files, at, compiler.Options{Version: w.version, Inputs: inputs})
}

// openSound is open for verbs that need a sound policy: diagnostics go to stderr, errors end the verb.
func openSound(w world, flags common, dir string) (*session, error) {
	s, err := open(w, flags, dir)
	if err != nil {
		return nil, err
	}
	if err := s.tell(s.result.Diagnostics, s.result.Diagnostics.HasErrors()); err != nil {
		return nil, err
	}
	return s, s.knowsEnvironments()
}

// openProven is openSound, with guardrails and proofs: what every verb does before it speaks of remote objects. What guardrails say goes
// to stderr; whether a refusal ends the verb is the verb's to decide.
func openProven(ctx context.Context, w world, flags common, dir string) (*session, view.Findings, error) {
	s, err := open(w, flags, dir)
	if err != nil {
		return nil, view.Findings{}, err
	}
	findings, err := s.examine(ctx)
	if err != nil {
		return nil, findings, err
	}
	return s, findings, s.tell(findings.All(), findings.Diagnostics.HasErrors())
}

// tell writes diagnostics beside an answer, to stderr. Where they end the verb and a machine listens, they are the answer.
func (s *session) tell(list diag.List, fatal bool) error {
	if fatal && s.flags.format == "json" {
		return firstError(view.JSON(s.w.stdout, view.DiagnosticsDocument(list)), exit(exitFailed))
	}
	view.Diagnostics(s.w.stderr, list, s.look())
	if fatal {
		return exit(exitFailed)
	}
	return nil
}

func (s *session) name() string {
	if s.result.Policy == nil {
		return ""
	}
	return s.result.Policy.Name
}

// steady returns the span in which everything that is known of the policy without asking anybody stays as it is. Guardrails may look at the
// day, so that it ends with one.
func (s *session) steady() (since, until time.Time) {
	if s.timed {
		return s.at, s.at.Add(time.Second)
	}
	since, until = s.at.Truncate(24*time.Hour), s.at.Truncate(24*time.Hour).Add(24*time.Hour)
	begun, ends := s.result.Policy.Steady(s.at)
	if begun.After(since) {
		since = begun
	}
	if !ends.IsZero() && ends.Before(until) {
		until = ends
	}
	return since, until
}

// look is how text is shown: colours, and the path from here to the policy.
func (s *session) look() view.Look {
	look := lookOf(s.w)
	look.Prefix, look.Source = folderPrefix(shortPath(s.root)), s.result.Sources.Bytes
	if s.files != nil {
		look.Mends = s.mends
	}
	return look
}

// mends counts what gatehouse fix takes away. What can't be read once more isn't counted: that is told where it is in the way.
func (s *session) mends() (n int, sure bool) {
	inputs, err := s.flags.inputs(s.w)
	if err != nil {
		return 0, false
	}
	n, sure, err = compiler.Foresee(s.files, s.fresh, s.at, compiler.Options{Version: s.w.version, Inputs: inputs})
	return n, sure && err == nil
}

// lookOf is how text is shown on this machine.
func lookOf(w world) view.Look {
	return view.Look{Colour: w.terminal && w.getenv("NO_COLOR") == "" && w.getenv("TERM") != "dumb", Width: w.width}
}

// folderPrefix is what stands before the names of a folder's files.
func folderPrefix(dir string) string {
	if dir == "" || strings.HasSuffix(dir, "/") {
		return dir
	}
	return dir + "/"
}

// shortPath shows a folder as a person standing here would write it.
func shortPath(dir string) string {
	here, err := filepath.Abs(".")
	if err != nil {
		return dir
	}
	rel, err := filepath.Rel(here, dir)
	if err != nil || strings.HasPrefix(rel, filepath.Join("..", "..", "..")) {
		return dir
	}
	if rel == "." {
		return ""
	}
	return rel
}

func (s *session) knowsEnvironments() error {
	for _, name := range s.flags.environments {
		if !slices.ContainsFunc(s.result.Graph.Environments, func(e access.Environment) bool { return e.Name == name }) {
			var known []string
			for _, e := range s.result.Graph.Environments {
				known = append(known, e.Name)
			}
			return fmt.Errorf("--environment %s: the policy declares %s%s", name, diag.Listed(known, "and"), meant(name, known))
		}
	}
	return nil
}

// selected reports whether --environment leaves an environment in.
func (s *session) selected(environment string) bool {
	return len(s.flags.environments) == 0 || slices.Contains(s.flags.environments, environment)
}

// judge runs the guardrails, and says which they were.
func (s *session) judge(ctx context.Context) (policies.Results, []policies.Guardrail, diag.List, error) {
	root, err := os.OpenRoot(s.root)
	if err != nil {
		return nil, nil, nil, err
	}
	defer root.Close()
	engine, diags, err := policies.Prepare(ctx, policies.For(s.result.Policy, s.w.files(guardrailTree, root.FS())))
	if err != nil || diags.HasErrors() {
		return nil, nil, diags, err
	}
	s.timed = engine.ReadsTime()
	if diags = append(diags, engine.CheckExceptions(s.result.Graph)...); diags.HasErrors() {
		return nil, engine.Guardrails(), diags, nil
	}
	results, err := engine.Judge(ctx, s.judged())
	if fault := (*policies.Fault)(nil); errors.As(err, &fault) {
		s.w.memory.forget() // it may have run out of time, which another run need not
		return nil, engine.Guardrails(), append(diags, fault.Diagnostic()), nil
	}
	return results, engine.Guardrails(), diags, err
}

// judged is what guardrails see of the policy. What targets can't express is told of all of them, whatever the flags select: a verdict is the
// policy's.
func (s *session) judged() policies.World {
	return policies.World{Graph: s.result.Graph, Time: s.at, Base: s.base, Losses: func() []access.Loss {
		var out []access.Loss
		for _, r := range remotes() {
			for _, env := range s.result.Graph.Environments {
				if _, ok := r.driver.Realm(env); ok {
					out = append(out, access.Losses(s.result.Graph, env.Name, r.driver.Capabilities(), s.at)...)
				}
			}
		}
		return out
	}}
}

// prove runs the proof of every selected site, and returns what it found wrong.
func (s *session) prove() ([]targets.Proof, error) {
	sites := s.sites()
	proofs, errs := make([]targets.Proof, len(sites)), make([]error, len(sites))
	room := make(chan struct{}, runtime.GOMAXPROCS(0))
	var running sync.WaitGroup
	for i, site := range sites {
		room <- struct{}{}
		running.Go(func() {
			proofs[i], errs[i] = targets.Prove(site.Driver, s.result.Graph, site.Environment, s.at)
			<-room
		})
	}
	running.Wait()
	if err := firstError(errs...); err != nil {
		return nil, err
	}
	return proofs, nil
}

// code joins exit codes by their precedence.
func code(codes ...int) error {
	for _, c := range []int{exitFailed, exitRefused, exitDiffers} {
		if slices.Contains(codes, c) {
			return exit(c)
		}
	}
	return nil
}

// firstError returns the first of several errors that is one.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
