package conformance

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestInterpretersAreApart holds every target to what its proof rests on: what Interpret runs is written apart from what Compile and Merge run.
// Both are followed through their package, functions, methods and types alike. What both come to stands here, each with its reason.
func TestInterpretersAreApart(t *testing.T) {
	for _, target := range []struct {
		folder string
		shared map[string]string
	}{
		{"targets/consul", map[string]string{
			"Driver": "the target itself, which has no fields",
		}},
		{"targets/google", map[string]string{
			"Driver": "the target itself, which has no fields",
		}},
	} {
		t.Run(target.folder, func(t *testing.T) {
			p := readPackage(t, target.folder)
			interpreter, compiler := p.reached("Driver.Interpret"), p.reached("Driver.Compile", "Driver.Merge")
			if len(interpreter) < 20 || len(compiler) < 20 {
				t.Fatalf("the interpreter is made of %d declarations and the compiler of %d: that can't be all", len(interpreter), len(compiler))
			}
			for _, name := range slices.Sorted(keysOf(compiler)) {
				if interpreter[name] && target.shared[name] == "" {
					t.Errorf("both the compiler and the interpreter use %s", name)
				}
			}
			for name := range target.shared {
				if !interpreter[name] || !compiler[name] {
					t.Errorf("%s is not shared any more", name)
				}
			}
		})
	}
}

func keysOf(m map[string]bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// declared is a package's functions, methods and types by name, methods as TYPE.NAME, with what each mentions.
type declared struct {
	nodes map[string]ast.Node
	info  *types.Info
	pkg   *types.Package
}

// readPackage checks the types of one package. What it imports is not looked into, so that expressions of foreign types stay unknown, and are
// passed over: only names of the package itself matter.
func readPackage(t *testing.T, folder string) declared {
	t.Helper()
	p := declared{nodes: map[string]ast.Node{}, info: &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}}
	set := token.NewFileSet()
	var files []*ast.File
	for _, f := range goFiles(t) {
		if f.folder != folder || f.test {
			continue
		}
		syntax, err := parser.ParseFile(set, filepath.Join(root, f.name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, syntax)
	}
	config := types.Config{Importer: nothing{}, Error: func(error) {}, FakeImportC: true}
	p.pkg, _ = config.Check("gatehouse/"+folder, set, files, p.info) // what is imported is not there
	for _, f := range files {
		for _, d := range f.Decls {
			p.declare(d)
		}
	}
	return p
}

// nothing imports packages as empty ones.
type nothing struct{}

// Import fails, which leaves everything of the package unknown.
func (nothing) Import(path string) (*types.Package, error) { return nil, errors.New(path) }

func (p declared) declare(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if object := p.info.Defs[d.Name]; object != nil {
			p.nodes[nameOf(object)] = d
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if s, ok := s.(*ast.TypeSpec); ok {
				p.nodes[s.Name.Name] = s
			}
		}
	}
}

// nameOf is NAME, or TYPE.NAME of a method.
func nameOf(object types.Object) string {
	fn, ok := object.(*types.Func)
	if !ok {
		return object.Name()
	}
	receiver := fn.Signature().Recv()
	if receiver == nil {
		return object.Name()
	}
	of := receiver.Type()
	if pointer, ok := of.(*types.Pointer); ok {
		of = pointer.Elem()
	}
	name := fmt.Sprint(of)
	return name[strings.LastIndexByte(name, '.')+1:] + "." + object.Name()
}

// own reports whether an object is one of the package's declarations, and no field or local of the same name.
func (p declared) own(object types.Object) bool {
	if object.Pkg() != p.pkg {
		return false
	}
	fn, ok := object.(*types.Func)
	return object.Parent() == p.pkg.Scope() || ok && fn.Signature().Recv() != nil
}

// reached returns the names that some functions come to.
func (p declared) reached(from ...string) map[string]bool {
	out := map[string]bool{}
	for queue := from; len(queue) > 0; queue = queue[1:] {
		node := p.nodes[queue[0]]
		if node == nil || out[queue[0]] {
			continue
		}
		out[queue[0]] = true
		ast.Inspect(node, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if object := p.info.Uses[id]; object != nil && p.own(object) {
					queue = append(queue, nameOf(object))
				}
			}
			return true
		})
	}
	return out
}
