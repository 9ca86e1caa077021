package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gatehouse/cmd/gatehouse/recall"
	"gatehouse/compiler"
	"gatehouse/compiler/evaluate"
)

// cacheVariable says where runs are remembered: a folder, or "off".
const cacheVariable = "GATEHOUSE_CACHE"

// cacheFolder returns the folder of remembered runs, "" for none. In CI nothing is remembered unless a folder is named: a fresh checkout has no use for
// it, and a cache that jobs share could hold what another job forged.
func cacheFolder(getenv func(string) string, user func() (string, error)) string {
	switch dir := getenv(cacheVariable); {
	case dir == "off":
		return ""
	case dir != "":
		return dir
	case getenv("CI") != "":
		return ""
	}
	dir, err := user()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "gatehouse", "runs")
}

// memory is one run that may be remembered: what it reads, and when what it finds is true.
type memory struct {
	store        *recall.Store
	key          recall.Key
	trace        *recall.Trace
	since, until time.Time
	told         bool // since and until were
	unsure       bool // the same run may end otherwise
}

// steady takes note of the span in which a run's findings hold.
func (m *memory) steady(since, until time.Time) {
	if m != nil {
		m.since, m.until, m.told = since, until, true
	}
}

// forget keeps a run from being remembered.
func (m *memory) forget() {
	if m != nil {
		m.unsure = true
	}
}

// files returns a file system as this run reads it.
func (w world) files(name string, fsys fs.FS) fs.FS {
	if w.memory == nil {
		return fsys
	}
	return w.memory.trace.FS(name, fsys)
}

// The names of the file systems that a check reads.
const (
	policyTree    = "policy"
	guardrailTree = "guardrails"
)

// rememberedFlags are the flags of a check that a memory is told apart by, and that say all there is to know of it. With any other one
// the run is neither remembered nor recalled: a flag may name a file or a revision that no trace sees.
var rememberedFlags = []string{"format", "at", "environment", "target", "var", "no-cache"}

// remembering runs a verb, or says again what it said the last time: the same bytes and the same exit code. What goes wrong with the
// memory is no failure of the verb.
func remembering(ctx context.Context, w world, flags common, cmd *cobra.Command, dir string, verb func(context.Context, world) error) error {
	root, ok := remembers(w, flags, cmd, dir)
	if !ok {
		return verb(ctx, w)
	}
	at, err := flags.time(w)
	store, unusable := recall.Open(w.cache)
	if err != nil || unusable != nil {
		return verb(ctx, w)
	}
	folder, err := os.OpenRoot(root)
	if err != nil {
		return verb(ctx, w)
	}
	defer folder.Close()
	m := &memory{store: store, key: runKey(w, cmd, dir, root), trace: recall.NewTrace()}
	systems := map[string]fs.FS{policyTree: os.DirFS(root), guardrailTree: folder.FS()}
	if before, ok := store.Load(m.key, at, recall.World{Systems: systems, Getenv: w.getenv}); ok {
		return repeat(w, before, at)
	}
	return m.run(ctx, w, at, cmd, verb)
}

// remembers reports whether a run may be remembered, and the root of the policy that it is about.
func remembers(w world, flags common, cmd *cobra.Command, dir string) (root string, ok bool) {
	if w.cache == "" || flags.check() != nil {
		return "", false
	}
	ok = true
	cmd.Flags().Visit(func(f *pflag.Flag) { ok = ok && slices.Contains(rememberedFlags, f.Name) })
	if off, err := cmd.Flags().GetBool("no-cache"); err != nil || off {
		return "", false
	}
	if format := formatOf(cmd); !ok || format != "text" && format != "json" {
		return "", false // others go to files, or tell of the repository around
	}
	_, root, diags, err := compiler.Open(dir)
	return root, err == nil && len(diags) == 0
}

// formatOf returns what --format says, whether a verb takes one or several.
func formatOf(cmd *cobra.Command) string {
	if several, err := cmd.Flags().GetStringArray("format"); err == nil {
		return cmp.Or(strings.Join(several, ","), "text")
	}
	one, _ := cmd.Flags().GetString("format")
	return cmp.Or(one, "text")
}

// runKey is what a run depends on beside what it reads.
func runKey(w world, cmd *cobra.Command, dir, root string) recall.Key {
	here, _ := os.Getwd() // where it can't be known it isn't shown either
	parts := []string{program(), w.version, cmd.Name(), here, dir, root, fmt.Sprint(w.terminal, w.width)}
	cmd.Flags().Visit(func(f *pflag.Flag) { parts = append(parts, f.Name, f.Value.String()) })
	for _, variable := range w.environ {
		if strings.HasPrefix(variable, evaluate.EnvironmentPrefix) {
			parts = append(parts, variable)
		}
	}
	parts = append(parts, w.variableEntries()...)
	return recall.KeyOf(parts...)
}

// program tells one build from another. The hash of a program would be the best name, and takes longer than all else here.
func program() string {
	var name strings.Builder
	if info, ok := debug.ReadBuildInfo(); ok {
		name.WriteString(info.String())
	}
	if path, err := os.Executable(); err == nil {
		if info, err := os.Stat(path); err == nil {
			fmt.Fprint(&name, info.Size(), info.ModTime().UnixNano())
		}
	}
	return name.String()
}

// run runs the verb and remembers what it said.
func (m *memory) run(ctx context.Context, w world, at time.Time, cmd *cobra.Command, verb func(context.Context, world) error) error {
	var stdout, stderr bytes.Buffer
	w.memory = m
	w.getenv = m.trace.Getenv(w.getenv)
	w.stdout, w.stderr = io.MultiWriter(w.stdout, &stdout), io.MultiWriter(w.stderr, &stderr)
	err := verb(ctx, w)
	var code exit
	if err != nil && !errors.As(err, &code) || !m.told || m.unsure {
		return err
	}
	said, fixed := hollow(stdout.Bytes(), at, formatOf(cmd) == "json", cmd.Flags().Changed("at"))
	if fixed {
		m.since, m.until = at, at.Add(time.Second)
	}
	_ = m.store.Save(m.key, m.trace, recall.Memory{Stdout: said, Stderr: stderr.Bytes(), Code: int(code), Since: m.since, Until: m.until})
	return err
}

// now stands in what is remembered for the moment of a run, which documents for machines name once. No text of a policy holds a NUL.
var now = []byte("\x00now\x00")

// hollow takes the moment out of what a run said. fixed is set where that can't be done, because the moment stands there otherwise: then what
// was said is true of that moment alone. A moment that was given on the command line is part of it.
func hollow(said []byte, at time.Time, isJSON, given bool) (out []byte, fixed bool) {
	moment := []byte(at.Format(time.RFC3339))
	n := bytes.Count(said, moment)
	switch {
	case bytes.IndexByte(said, 0) >= 0:
		return said, true
	case n == 0 || given:
		return said, false
	case n == 1 && isJSON:
		return bytes.Replace(said, moment, now, 1), false
	default:
		return said, true
	}
}

// repeat says what was said before.
func repeat(w world, m recall.Memory, at time.Time) error {
	_, err := w.stdout.Write(bytes.Replace(m.Stdout, now, []byte(at.Format(time.RFC3339)), 1))
	if _, also := w.stderr.Write(m.Stderr); err != nil || also != nil {
		return errors.Join(err, also)
	}
	if m.Code != 0 {
		return exit(m.Code)
	}
	return nil
}
