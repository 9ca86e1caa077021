// Package conformance holds the program against what it promises: its language against a corpus, its command against scripts, its
// sandbox against a real Consul, and its own source against the rules of the house. It is tests and their data, and nothing imports it.
package conformance

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// goFile is one parsed source file.
type goFile struct {
	name   string // relative to the repository's root, with slashes
	folder string
	test   bool
	set    *token.FileSet
	syntax *ast.File
}

func (f goFile) imports() []string {
	var out []string
	for _, spec := range f.syntax.Imports {
		out = append(out, strings.Trim(spec.Path.Value, `"`))
	}
	return out
}

func (f goFile) line(n ast.Node) int { return f.set.Position(n.Pos()).Line }

const root = ".."

// sourceFiles returns the names of all files that are written by hand, below the folders that are ours.
func sourceFiles(t *testing.T) []string {
	t.Helper()
	names, err := walk()
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func walk() ([]string, error) {
	var out []string
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == "bin" || name == ".git" || name == ".cache" || entry.Name() == ".gatehouse"):
			return fs.SkipDir
		case !entry.IsDir() && name != "go.sum" && name != "LICENSE" && !strings.HasSuffix(name, ".test") && !strings.HasSuffix(name, ".prof"):
			out = append(out, name)
		}
		return nil
	})
	return out, err
}

// goFiles returns every Go file, parsed. They are read once for all rules.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	files, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

var parsed = sync.OnceValues(func() ([]goFile, error) {
	names, err := walk()
	if err != nil {
		return nil, err
	}
	var out []goFile
	for _, name := range names {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		set := token.NewFileSet()
		syntax, err := parser.ParseFile(set, filepath.Join(root, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		out = append(out, goFile{name, path.Dir(name), strings.HasSuffix(name, "_test.go"), set, syntax})
	}
	return out, nil
})

// Every package opens with one comment that says what it is.
func TestEveryPackageIsIntroduced(t *testing.T) {
	comments := map[string][]string{}
	for _, f := range goFiles(t) {
		if _, seen := comments[f.folder]; !seen {
			comments[f.folder] = nil
		}
		if f.syntax.Doc != nil {
			comments[f.folder] = append(comments[f.folder], f.syntax.Doc.Text())
			want := "Package " + strings.TrimSuffix(f.syntax.Name.Name, "_test") + " "
			if f.syntax.Name.Name == "main" {
				want = "Command " + path.Base(f.folder) + " "
			}
			if !strings.HasPrefix(f.syntax.Doc.Text(), want) {
				t.Errorf("%s: the package's comment does not begin with %q", f.name, want)
			}
		}
	}
	for folder, found := range comments {
		if len(found) != 1 {
			t.Errorf("%s: %d package comments, want one", folder, len(found))
		}
		for _, text := range found {
			if len(strings.Fields(text)) < 15 {
				t.Errorf("%s: the package's comment says too little: %s", folder, text)
			}
		}
	}
}

// Names are the field's nouns.
func TestNamesSaySomething(t *testing.T) {
	empty := regexp.MustCompile(`^(utils?|common|helpers?|managers?|misc)$`)
	for _, name := range sourceFiles(t) {
		for _, part := range strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("/._-", r) }) {
			if empty.MatchString(strings.ToLower(part)) {
				t.Errorf("%s: %q says nothing", name, part)
			}
		}
	}
}

// Nothing happens before main, and no function is unreadably long.
func TestFunctions(t *testing.T) {
	const longest, longestTest = 60, 150
	for _, f := range goFiles(t) {
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s:%d: init runs before anybody asks", f.name, f.line(fn))
			}
			lines, most := f.set.Position(fn.End()).Line-f.line(fn)+1, longest
			if f.test {
				most = longestTest
			}
			if lines > most {
				t.Errorf("%s:%d: %s has %d lines, more than %d", f.name, f.line(fn), fn.Name.Name, lines, most)
			}
		}
	}
}

// Files are small enough to be read whole.
func TestFiles(t *testing.T) {
	const most = 500
	for _, f := range goFiles(t) {
		if lines := f.set.Position(f.syntax.FileEnd).Line; lines > most {
			t.Errorf("%s: %d lines, more than %d", f.name, lines, most)
		}
	}
}

// Every exported name that others can use has a comment that speaks of it.
func TestExportedNamesAreDocumented(t *testing.T) {
	promised := interfaceMethods(goFiles(t))
	for _, f := range goFiles(t) {
		if f.test || f.syntax.Name.Name == "main" {
			continue
		}
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				kept := d.Recv != nil && promised[f.folder+"."+d.Name.Name]
				if d.Name.IsExported() && receiverIsExported(d) && !kept && !speaksOf(d.Doc, d.Name.Name) {
					t.Errorf("%s:%d: %s has no comment that begins with its name", f.name, f.line(d), d.Name.Name)
				}
			case *ast.GenDecl:
				undocumented(t, f, d)
			}
		}
	}
}

// interfaceMethods returns the methods that an interface of their package, or of the language, says all about: FOLDER.NAME.
func interfaceMethods(files []goFile) map[string]bool {
	out := map[string]bool{}
	for _, f := range files {
		out[f.folder+".Error"] = true
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if i, ok := n.(*ast.InterfaceType); ok && !f.test {
				for _, method := range i.Methods.List {
					for _, name := range method.Names {
						out[f.folder+"."+name.Name] = true
					}
				}
			}
			return true
		})
	}
	return out
}

// undocumented reports the exported types, constants and variables of a declaration that nothing introduces. A group may be introduced
// as a whole.
func undocumented(t *testing.T, f goFile, d *ast.GenDecl) {
	t.Helper()
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			doc := spec.Doc
			if doc == nil {
				doc = d.Doc
			}
			if spec.Name.IsExported() && !speaksOf(doc, spec.Name.Name) {
				t.Errorf("%s:%d: %s has no comment that begins with its name", f.name, f.line(spec), spec.Name.Name)
			}
		case *ast.ValueSpec:
			exported := slices.ContainsFunc(spec.Names, (*ast.Ident).IsExported)
			if exported && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				t.Errorf("%s:%d: %s has no comment", f.name, f.line(spec), spec.Names[0].Name)
			}
		}
	}
}

func speaksOf(doc *ast.CommentGroup, name string) bool {
	if doc == nil {
		return false
	}
	return slices.Contains(strings.Fields(doc.Text())[:1], name) || strings.HasPrefix(doc.Text(), name)
}

func receiverIsExported(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	receiver := d.Recv.List[0].Type
	for {
		switch r := receiver.(type) {
		case *ast.StarExpr:
			receiver = r.X
		case *ast.IndexExpr:
			receiver = r.X
		case *ast.Ident:
			return r.IsExported()
		default:
			return false
		}
	}
}

// The clock, the environment and the terminal are parameters everywhere but at the edges.
func TestTheMiddleIsPure(t *testing.T) {
	edges := []string{"cmd/gatehouse", "conformance", "targets/sandbox"}
	outside := []string{"time.Now", "time.Since", "time.Until", "os.Getenv", "os.LookupEnv", "os.Environ", "os.Stdout", "os.Stderr", "os.Exit", "fmt.Print", "fmt.Printf", "fmt.Println"}
	// A write takes time, and the journal says when each was made; who wants another clock passes one.
	excused := map[string]string{"targets/apply.go": "time.Now"}
	for _, f := range goFiles(t) {
		if f.test || slices.ContainsFunc(edges, func(e string) bool { return f.folder == e || strings.HasPrefix(f.folder, e+"/") }) {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && slices.Contains(outside, x.Name+"."+s.Sel.Name) && excused[f.name] != x.Name+"."+s.Sel.Name {
					t.Errorf("%s:%d: %s.%s belongs to the edges of the program", f.name, f.line(n), x.Name, s.Sel.Name)
				}
			}
			return true
		})
	}
}

// Tests wait for what happens, never for time to pass.
func TestNothingSleeps(t *testing.T) {
	for _, f := range goFiles(t) {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Sleep" {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" {
					t.Errorf("%s:%d: time.Sleep", f.name, f.line(n))
				}
			}
			return true
		})
	}
}

// blemishes are what no text of the repository holds. The words are split here, so that this file holds none of them.
var blemishes = []struct{ what, pattern string }{
	{"a note to finish later", `\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`},
	{"a path of somebody's machine", `(^|[\s"'=:(])/(home/[a-z]|Us` + `ers/|ro` + `ot/|wo` + `rk/)`},
	{"a conflict of a merge", `(?m)^(<<<<` + `<<<|>>>>` + `>>>) `},
}

func TestTextIsClean(t *testing.T) {
	for _, name := range sourceFiles(t) {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blemishes {
			if found := regexp.MustCompile(b.pattern).FindIndex(text); found != nil {
				t.Errorf("%s:%d: %s: %q", name, 1+strings.Count(string(text[:found[0]]), "\n"), b.what, text[found[0]:found[1]])
			}
		}
	}
}

// Commits are text of the repository as well. Where the source came without its history, there is none to read.
func TestHistoryIsClean(t *testing.T) {
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		return
	}
	log, err := exec.CommandContext(t.Context(), "git", "-C", root, "log", "--format=%h %B").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blemishes {
		if found := regexp.MustCompile(b.pattern).Find(log); found != nil {
			t.Errorf("a commit's message holds %s: %q", b.what, found)
		}
	}
}
