package conformance

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"gatehouse/cmd/gatehouse/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gatehouse": func() { os.Exit(cli.Main()) }})
}

// TestScriptsOnSandbox and TestScriptsOnConsul run the same scripts: what differs between the two is a defect of the sandbox. Those below acl
// find a mesh that denies by default and asks for tokens.
func TestScriptsOnSandbox(t *testing.T) {
	runScripts(t, "testdata/script", func(t testing.TB) mesh { return newSandbox(t, false) })
	runScripts(t, "testdata/script/acl", func(t testing.TB) mesh { return newSandbox(t, true) })
}

func TestScriptsOnConsul(t *testing.T) {
	t.Run("open", func(t *testing.T) { runScripts(t, "testdata/script", newPool(t, false).take) })
	t.Run("acl", func(t *testing.T) { runScripts(t, "testdata/script/acl", newPool(t, true).take) })
}

// runScripts runs every script of a folder, each against a mesh that holds nothing. A script sees the mesh as CONSUL_HTTP_ADDR, and what
// is called @ADDRESS@ in its files is that address. It has these commands beside testscript's:
//
//	gatehouse ARG...               the program, which must succeed
//	exits CODE gatehouse ARG...    the program, which must end with this code
//	consul METHOD PATH [FILE]      one request by somebody else, who may do everything; the answer is stdout
//	mark                           remember how the mesh stands
//	unwritten [-sent]              fail if any entry was written since; with -sent, on the sandbox, if any write was as much as sent
//	valid FILE [SCHEMA]            fail unless a document, such as stdout, is as cmd/gatehouse/view/schema.json says, or one of testdata/schemas
//	google seed PROJECT SECRET|EMAIL...
//	                               a project of Google's double, which is GATEHOUSE_GOOGLE_ENDPOINT, with secrets and service accounts
//	google bind RESOURCE ROLE MEMBER
//	google unbind RESOURCE ROLE MEMBER
//	                               one edit of an allow policy by somebody else
//	edit FILE OLD NEW              replace a text that must stand in a file
func runScripts(t *testing.T, dir string, start func(testing.TB) mesh) {
	testscript.Run(t, testscript.Params{
		Dir:                dir,
		RequireUniqueNames: true,
		UpdateScripts:      os.Getenv("GATEHOUSE_UPDATE") != "",
		Setup: func(env *testscript.Env) error {
			m := start(env.T().(testing.TB))
			env.Values["mesh"] = m
			env.Setenv("CONSUL_HTTP_ADDR", m.address())
			for name, value := range m.tokens() {
				env.Setenv(name, value)
			}
			env.Setenv("NO_COLOR", "1")
			if err := startGoogle(env); err != nil {
				return err
			}
			return expandFiles(env.WorkDir, m.address())
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exitsCommand,
			"consul":    consulCommand,
			"mark":      markCommand,
			"unwritten": unwrittenCommand,
			"valid":     validCommand,
			"edit":      editCommand,
			"google":    googleCommand,
		},
	})
}

func meshOf(ts *testscript.TestScript) mesh { return ts.Value("mesh").(mesh) }

// expandFiles writes the mesh's address into a script's files.
func expandFiles(dir, address string) error {
	return filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "@ADDRESS@") {
			return err
		}
		return os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "@ADDRESS@", address)), 0o644)
	})
}

func exitsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || args[1] != "gatehouse" {
		ts.Fatalf("usage: exits CODE gatehouse ARG...")
	}
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	exits(ts, code, args[2:])
}

func exits(ts *testscript.TestScript, want int, args []string) {
	err := ts.Exec("gatehouse", args...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("gatehouse %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

func markCommand(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Setenv("MARK", meshOf(ts).mark(ts))
	ts.Setenv("SENT", fmt.Sprint(meshOf(ts).sent()))
}

func unwrittenCommand(ts *testscript.TestScript, neg bool, args []string) {
	before, now := ts.Getenv("MARK"), meshOf(ts).mark(ts)
	if len(args) > 0 && args[0] == "-sent" {
		before, now = ts.Getenv("SENT")+" "+before, fmt.Sprint(meshOf(ts).sent())+" "+now
	}
	if (before == now) == neg {
		ts.Fatalf("the mesh was at %s, and is at %s", before, now)
	}
}

func consulCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: consul METHOD PATH [FILE]")
	}
	body := ""
	if len(args) > 2 {
		body = ts.ReadFile(args[2])
	}
	status, text, err := meshOf(ts).do(args[0], args[1], body)
	ts.Check(err)
	_, _ = fmt.Fprintln(ts.Stdout(), strings.TrimSpace(text))
	if failed := status != http.StatusOK; failed != neg {
		ts.Fatalf("%s %s: status %d: %s", args[0], args[1], status, text)
	}
}

func editCommand(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s doesn't hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], args[2])), 0o644))
}
