package syntax

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"gatehouse/lang/diag"
)

// The endings of policy files. All other files are passed over.
const (
	NativeSuffix = ".gate.hcl"
	JSONSuffix   = ".gate.json"
)

// IsPolicyFile reports whether a file of that name belongs to a policy. Names that begin with a dot don't: editors keep drafts there.
func IsPolicyFile(name string) bool {
	base := path.Base(name)
	return !strings.HasPrefix(base, ".") && (strings.HasSuffix(base, NativeSuffix) || strings.HasSuffix(base, JSONSuffix))
}

// Load reads all policy files below the root of fsys, in any folder; folders that begin with a dot are passed over, and links to folders and
// files with almost the name of a policy file are too, with a warning. What can't be read, or is no file, is a diagnostic: without it nothing can be
// said about the policy. The tree is whatever could be read, the diagnostics are in order of file and position, and both are the same in every run. That a
// policy has exactly one gatehouse block, in its root folder, is checked here. An error is a root that can't be listed.
func Load(fsys fs.FS) (Tree, Sources, diag.List, error) {
	names, rest, err := policyFiles(fsys)
	if err != nil {
		return Tree{}, Sources{}, nil, fmt.Errorf("list policy files: %w", err)
	}
	files := make([]readFile, len(names))
	each(len(names), func(i int, f *fast) { files[i] = read(fsys, names[i], f) })
	tree, diags := join(append(files, rest...))
	return tree, Sources{fsys: fsys}, diags, nil
}

// LoadFiles is Load on files in memory: names relative to the root with slashes, and their text. Names that no policy file has are passed
// over.
func LoadFiles(texts map[string]string) (Tree, Sources, diag.List) {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(texts)), func(name string) bool { return !IsPolicyFile(name) })
	files := make([]readFile, len(names))
	each(len(names), func(i int, f *fast) { files[i] = parse([]byte(texts[names[i]]), names[i], f) })
	tree, diags := join(files)
	return tree, Sources{texts: texts}, diags
}

// Sources gives the text of the loaded files back, for snippets. It reads a file again when it is asked, since most runs ask for none.
type Sources struct {
	fsys  fs.FS
	texts map[string]string
}

// Bytes returns a file's text, nil where it can't be read any more. It is the function that diag.Render asks for.
func (s Sources) Bytes(file string) []byte {
	if text, ok := s.texts[file]; ok {
		return []byte(text)
	}
	if s.fsys == nil || !regular(s.fsys, file) {
		return nil
	}
	src, err := fs.ReadFile(s.fsys, file)
	if err != nil {
		return nil
	}
	return src
}

// each runs one for every index, on as many goroutines as there are processors to use, each with a reader of its own.
func each(n int, one func(i int, f *fast)) {
	var next sync.Mutex
	var wait sync.WaitGroup
	at := 0
	for range min(runtime.GOMAXPROCS(0), n) {
		wait.Go(func() {
			var f fast
			for {
				next.Lock()
				i := at
				at++
				next.Unlock()
				if i >= n {
					return
				}
				one(i, &f)
			}
		})
	}
	wait.Wait()
}

// readFile is what one file gave.
type readFile struct {
	name    string
	blocks  []*Block
	diags   diag.List
	partial bool
	lost    []string
	noRoot  bool // the gatehouse block may be among what was lost
	nearly  bool // it is: something stands there that was meant to be it, or the file is no text

	kindless []kindless // names in place of references, which the other files may tell more of
}

func read(fsys fs.FS, name string, f *fast) readFile {
	src, err := readLimited(fsys, name, &f.src)
	if err != nil {
		return unreadable(name, err)
	}
	return parse(src, name, f)
}

// readLimited reads a file into the room of the one before, and no more of it than shows that it is too large. It looks before it opens: opening
// a pipe waits for somebody to write.
func readLimited(fsys fs.FS, name string, room *bytes.Buffer) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	room.Reset()
	room.Grow(int(min(info.Size(), maxFile)) + bytes.MinRead)
	_, err = room.ReadFrom(io.LimitReader(f, maxFile+1))
	return room.Bytes(), err
}

// parse reads one file's text in the syntax that its name says, with a reader that may have read others before. Nothing of the text is kept, so that
// the next file may take its room.
func parse(src []byte, name string, f *fast) readFile {
	if refused := limit(src, name); refused != nil {
		return readFile{name: name, diags: diag.List{*refused}, partial: true, noRoot: true, nearly: refused.Code == diag.InvalidText}
	}
	r := &reader{kept: &f.kept}
	src, ok := r.withoutLongNumbers(src, name)
	if !ok {
		return readFile{name: name, diags: r.diags, partial: true, noRoot: true}
	}
	var blocks []*Block
	if strings.HasSuffix(name, JSONSuffix) {
		blocks = r.readJSON(src, name, &f.json)
	} else {
		blocks = r.readNative(src, name, f)
	}
	return readFile{name: name, blocks: blocks, diags: r.diags, partial: r.partial, lost: r.lost, noRoot: r.noRoot || r.partial, nearly: r.noRoot, kindless: r.kindless}
}

// join puts the files' blocks together, in order of name.
func join(files []readFile) (Tree, diag.List) {
	var tree Tree
	var diags diag.List
	var roots []*Block
	var unnamed []kindless
	noRoot, all := false, 0
	for _, f := range files {
		all += len(f.blocks)
	}
	tree.Blocks = make([]*Block, 0, all)
	for _, f := range files {
		diags = append(diags, f.diags...)
		tree.Partial = tree.Partial || f.partial
		tree.Lost = append(tree.Lost, f.lost...)
		unnamed = append(unnamed, f.kindless...)
		noRoot = noRoot || f.noRoot
		for _, b := range f.blocks {
			if isRoot(b) {
				roots = append(roots, b)
				continue
			}
			tree.Blocks = append(tree.Blocks, b)
		}
	}
	tree.mendKinds(unnamed, diags)
	var rootDiags diag.List
	tree.Root, rootDiags = root(roots, noRoot)
	slices.Sort(tree.Lost)
	tree.Lost = slices.Compact(tree.Lost)
	return tree, append(diags, rootDiags...).Sorted()
}
