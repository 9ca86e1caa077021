package recall

import (
	"cmp"
	"crypto/sha256"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// World is where a trace is compared: the file systems by the names that Trace.FS gave them, and the variables.
type World struct {
	Systems map[string]fs.FS
	Getenv  func(string) string
}

// glance is a world at one moment, of which each thing is read once, however many memories ask for it.
type glance struct {
	World
	mu   sync.Mutex
	seen map[read]bool // what was compared, the hash with it
}

func newGlance(w World) *glance { return &glance{World: w, seen: map[read]bool{}} }

// agrees reports whether reading everything again finds the same. It looks at cheap things first.
func (g *glance) agrees(reads []read) bool {
	var files []read
	for _, r := range reads {
		known, differs := g.known(r)
		switch {
		case differs:
			return false
		case known:
		case r.Kind == content:
			files = append(files, r)
		case !g.same(r):
			return false
		}
	}
	var next atomic.Int64
	var differs atomic.Bool
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(files)) && !differs.Load(); i = next.Add(1) - 1 {
				if !g.same(files[i]) {
					differs.Store(true)
				}
			}
		})
	}
	workers.Wait()
	return !differs.Load()
}

// known returns what an earlier comparison of the same reading came to.
func (g *glance) known(r read) (known, differs bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	same, known := g.seen[r]
	return known, known && !same
}

func (g *glance) same(r read) bool {
	same := g.World.same(r)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen[r] = same
	return same
}

func (w World) same(r read) bool {
	if r.Kind == variable {
		return hashText(w.Getenv(r.Name)) == r.Hash
	}
	fsys := w.Systems[r.System]
	if fsys == nil {
		return false
	}
	switch r.Kind {
	case stat:
		return hashInfo(fs.Stat(fsys, r.Name)) == r.Hash
	case listing:
		return hashEntries(fs.ReadDir(fsys, r.Name)) == r.Hash
	case content:
		return sameContent(fsys, r)
	default:
		return false
	}
}

// sameContent reads no more of a file than the run did, and one byte to see that it ends there.
func sameContent(fsys fs.FS, r read) bool {
	info, err := fs.Stat(fsys, r.Name) // opening a pipe would wait
	if err == nil && !info.Mode().IsRegular() {
		return false
	}
	file, err := fsys.Open(r.Name)
	if err != nil {
		return hashText("error: "+err.Error()) == r.Hash
	}
	defer file.Close()
	h := sha256.New()
	if n, err := io.Copy(h, io.LimitReader(file, r.Size)); err != nil || n != r.Size || sum(h) != r.Hash {
		return false
	}
	if !r.Whole {
		return true
	}
	n, err := file.Read(make([]byte, 1))
	return n == 0 && err == io.EOF
}

func compareReads(a, b read) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), strings.Compare(a.System, b.System), strings.Compare(a.Name, b.Name))
}
